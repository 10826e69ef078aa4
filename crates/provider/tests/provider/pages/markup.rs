//! What is on the pages: ids, names, texts, fields.

use std::collections::HashSet;

use countersign_provider::pages::{
    ConsentView, DestinationView, DeviceApprovalView, DeviceCodeView, LoginAlert, LoginView,
    ScopeView, SelectAccountView, SetupProblem, SetupView, error_kind,
};
use countersign_web::pages::error_kind as shared_kinds;
use countersign_web::pages::{ClientView, ErrorView, Explanation, Language, WayOn};

use super::{alice, client, consent, html, login, logout, pages};

#[test]
fn the_stable_ids_and_names_are_there() {
    let cases: [(String, &[&str]); 7] = [
        (
            html(&login()),
            &[
                "id=\"login-username\" name=\"username\"",
                "id=\"login-password\" name=\"password\" type=\"password\"",
                "id=\"login-submit\" name=\"decision\" value=\"sign_in\"",
                "id=\"login-cancel\" name=\"decision\" value=\"cancel\" formnovalidate",
                "name=\"interaction\" value=\"sealed\"",
                "action=\"/login\"",
                "autocomplete=\"username\"",
                "autocomplete=\"current-password\"",
            ],
        ),
        (
            html(&consent(&[])),
            &[
                "id=\"consent-allow\" name=\"decision\" value=\"allow\"",
                "id=\"consent-deny\" name=\"decision\" value=\"deny\"",
                "id=\"consent-other\" name=\"decision\" value=\"other\" formnovalidate",
                "name=\"interaction\" value=\"sealed\"",
            ],
        ),
        (
            html(&logout()),
            &[
                "id=\"logout-confirm\" name=\"decision\" value=\"confirm\"",
                "id=\"logout-cancel\" name=\"decision\" value=\"cancel\"",
            ],
        ),
        (
            html(&SelectAccountView {
                action: "/login",
                interaction: "sealed",
                client: Some(client("Demo")),
                account: alice(),
            }),
            &[
                "id=\"account-continue\" name=\"decision\" value=\"continue\"",
                "id=\"account-other\" name=\"decision\" value=\"other\"",
                "id=\"account-cancel\" name=\"decision\" value=\"cancel\"",
            ],
        ),
        (
            html(&DeviceCodeView {
                action: "/device",
                interaction: "sealed",
                ..DeviceCodeView::default()
            }),
            &[
                "id=\"device-code\" name=\"user_code\"",
                "id=\"device-continue\"",
                "name=\"interaction\" value=\"sealed\"",
                "autocomplete=\"off\"",
            ],
        ),
        (
            html(&DeviceApprovalView {
                action: "/device/approval",
                interaction: "sealed",
                client: client("Demo"),
                account: alice(),
                ..DeviceApprovalView::default()
            }),
            &[
                "id=\"device-deny\" name=\"decision\" value=\"deny\"",
                "id=\"device-allow\" name=\"decision\" value=\"allow\"",
                "id=\"device-other\" name=\"decision\" value=\"other\" formnovalidate",
                "id=\"device-warning\"",
                "name=\"interaction\" value=\"sealed\"",
            ],
        ),
        (
            html(&SetupView {
                action: "/setup",
                token: "t",
                ..SetupView::default()
            }),
            &[
                "id=\"setup-name\" name=\"name\"",
                "id=\"setup-email\" name=\"email\"",
                "id=\"setup-username\" name=\"username\"",
                "id=\"setup-password\" name=\"password\" type=\"password\"",
                "id=\"setup-password-again\" name=\"password_again\" type=\"password\"",
                "id=\"setup-submit\"",
                "name=\"token\" value=\"t\"",
                "autocomplete=\"new-password\"",
            ],
        ),
    ];
    for (html, expected) in cases {
        for part in expected {
            assert!(html.contains(part), "{part} is missing in\n{html}");
        }
    }
}

#[test]
fn the_enter_key_signs_in_because_that_button_comes_first() {
    // WHATWG HTML, 4.10.22.2: implicit submission takes the first submit button in tree order.
    let html = html(&login());
    let submit = html.find("id=\"login-submit\"").expect("submit");
    let cancel = html.find("id=\"login-cancel\"").expect("cancel");
    assert!(submit < cancel);
}

#[test]
fn all_failures_to_sign_in_look_alike_and_are_tied_to_the_fields() {
    let html = html(&LoginView {
        alert: Some(LoginAlert::Rejected),
        username: "bob",
        ..login()
    });
    assert!(html.contains("role=\"alert\" id=\"login-alert\""));
    assert_eq!(
        html.matches("aria-describedby=\"login-alert\" aria-invalid=\"true\"")
            .count(),
        2
    );
    assert!(html.contains("<title>Sign-in failed"));
    assert!(!html.contains("unknown") && !html.contains("disabled"));
}

#[test]
fn a_throttled_sign_in_says_how_long_to_wait() {
    let pages = pages();
    for (seconds, language, expected) in [
        (1, Language::English, "Please wait 1 second, then"),
        (30, Language::English, "Please wait <bdi>30</bdi> seconds"),
        (600, Language::English, "Please wait <bdi>10</bdi> minutes"),
        (1, Language::German, "Bitte warten Sie 1 Sekunde"),
        (
            600,
            Language::German,
            "Bitte warten Sie <bdi>10</bdi> Minuten",
        ),
    ] {
        let view = LoginView {
            alert: Some(LoginAlert::throttled(seconds)),
            ..login()
        };
        let page = pages.render(&view, language).expect("renders");
        assert_eq!(page.status, 429);
        assert!(
            page.html.contains(expected),
            "{expected} is missing in\n{}",
            page.html
        );
    }
}

#[test]
fn each_kind_of_error_has_a_fixed_text_of_its_own_and_the_request_id() {
    let pages = pages();
    for language in Language::ALL {
        let mut headings = HashSet::new();
        for kind in shared_kinds::ALL.iter().chain(error_kind::ALL) {
            let page = pages
                .render(&ErrorView::new(*kind, "req-1"), language)
                .expect("renders");
            assert_eq!(page.status, kind.status());
            assert!(
                page.html
                    .contains("<code id=\"error-request-id\">req-1</code>")
            );
            assert!(
                !page.html.contains("error-cause"),
                "no cause unless it is to be explained"
            );
            let heading = page
                .html
                .split("<h1 id=\"error-heading\">")
                .nth(1)
                .expect("a heading");
            let heading = heading.split("</h1>").next().expect("its end").to_owned();
            assert!(
                headings.insert(heading.clone()),
                "{kind:?} and another share {heading:?}"
            );
        }
    }
}

#[test]
fn an_explained_error_shows_cause_rule_and_documentation() {
    let explain = Explanation {
        cause: "redirect_uri_not_registered",
        rule: "A redirect URI is compared as a string.",
        value: Some("https://a.example/cb/"),
        received: Some("It is not registered."),
        expected: Some("https://a.example/cb"),
        fix: Some("Register it with `countersign client update`."),
        command: Some("countersign client update 'a&b'"),
        docs_url: Some("https://docs.example/errors#x"),
    };
    let html = html(&ErrorView {
        explain: Some(explain),
        ..ErrorView::new(error_kind::REDIRECT_URI_NOT_REGISTERED, "req-1")
    });
    for part in [
        "<code id=\"error-cause\">redirect_uri_not_registered</code>",
        "A redirect URI is compared as a string.",
        "<code class=\"value\" id=\"error-value\"><bdi>https://a.example/cb/</bdi></code>",
        "It is not registered.",
        "Register it with <code>countersign client update</code>.",
        "<code class=\"value\" id=\"error-command\">countersign client update &#39;a&amp;b&#39;</code>",
        "href=\"https://docs.example/errors#x\"",
    ] {
        assert!(html.contains(part), "{part} is missing in\n{html}");
    }
}

#[test]
fn the_consent_page_explains_scopes_and_shows_the_operators_own_words() {
    let scopes = [
        ScopeView::new("openid", None, None),
        ScopeView::new("offline_access", None, None),
        ScopeView::new("email", Some("Your address for invoices"), None),
        ScopeView::new(
            "invoices:read",
            Some("Read your invoices"),
            Some("Of the last year."),
        ),
        ScopeView::new("invoices:pay", None, None),
    ];
    let html = html(&ConsentView {
        client: ClientView {
            name: "Demo",
            policy_uri: Some("https://client.example/policy"),
            tos_uri: Some("https://client.example/tos"),
            ..ClientView::default()
        },
        ..consent(&scopes)
    });
    for part in [
        "<bdi>Demo</bdi> wants to sign you in and to:",
        "Keep this access while you are away",
        "Your address for invoices",
        "Read your invoices",
        "Of the last year.",
        "invoices:pay",
        "Alice",
        "alice@example.com",
        "href=\"https://client.example/policy\"",
        "href=\"https://client.example/tos\"",
    ] {
        assert!(html.contains(part), "{part} is missing in\n{html}");
    }
    assert!(!html.contains("role=\"note\""), "verified by default");
}

#[test]
fn setup_problems_stand_at_their_fields_and_the_first_has_the_focus() {
    let problems = [SetupProblem::EmailInvalid, SetupProblem::PasswordsDiffer];
    let page = pages()
        .render(
            &SetupView {
                email: "nonsense",
                problems: &problems,
                minimum_password_length: 12,
                ..SetupView::default()
            },
            Language::English,
        )
        .expect("renders");
    assert_eq!(page.status, 422);
    let html = page.html;
    assert_eq!(html.matches("aria-invalid=\"true\"").count(), 2);
    assert_eq!(html.matches(" autofocus").count(), 1);
    let email = html
        .split("<input")
        .find(|input| input.contains("id=\"setup-email\""))
        .expect("email");
    assert!(
        email.contains("aria-describedby=\"setup-email-problem1 \"") && email.contains("autofocus")
    );
    assert!(html.contains("href=\"#setup-password-again\""));
    assert!(html.contains("value=\"nonsense\""));
    assert!(!html.contains("type=\"password\" value=\"x"));
}

#[test]
fn openid_is_part_of_the_sentence_and_no_point_of_the_list() {
    let openid = ScopeView::new("openid", None, None);
    let email = ScopeView::new("email", None, None);
    for (scopes, expected, points) in [
        (
            &[openid][..],
            "wants to sign you in. It receives an identifier",
            0,
        ),
        (&[openid, email], "wants to sign you in and to:", 1),
        (&[email], "asks for access to your account", 1),
    ] {
        let html = html(&consent(scopes));
        assert!(html.contains(expected), "{expected} is missing in\n{html}");
        assert_eq!(html.matches("<li>").count(), points, "{html}");
    }
}

#[test]
fn consent_says_where_the_person_goes_and_lets_another_sign_in() {
    for (redirect_uri, expected) in [
        (
            "https://shop.example:8443/cb",
            "You will then be sent to <bdi>shop.example:8443</bdi>.",
        ),
        (
            "http://127.0.0.1:4000/cb",
            "to a program on this device (<bdi>127.0.0.1</bdi>).",
        ),
        (
            "com.example.app:/cb",
            "to a program on this device (<bdi>com.example.app</bdi>).",
        ),
    ] {
        let destination = DestinationView::of(redirect_uri);
        let html = html(&ConsentView {
            destination: destination.as_ref(),
            ..consent(&[])
        });
        assert!(html.contains(expected), "{expected} is missing in\n{html}");
        assert!(html.contains("Not you?"), "{html}");
        assert!(html.contains("<span class=\"initial\" aria-hidden=\"true\">A</span>"));
    }
}

#[test]
fn a_person_who_confirms_types_the_password_only_and_can_be_another() {
    let html = html(&LoginView {
        confirming: Some(alice()),
        ..login()
    });
    let username = "name=\"username\" type=\"text\" value=\"alice@example.com\" autocomplete=\"username\" aria-label=\"Username or email\" hidden>";
    assert!(html.contains(username), "{html}");
    // The Enter key takes the first button (WHATWG HTML, section 4.10.22.2).
    let submit = html.find("id=\"login-submit\"").expect("submit");
    let other = html.find("id=\"login-other\" name=\"decision\" value=\"other\" formnovalidate");
    assert!(submit < other.expect("another account"));
}

#[test]
fn an_error_page_offers_the_ways_on_that_it_was_given() {
    for (application, account) in [
        (None, None),
        (Some("https://shop.example/"), None),
        (None, Some("/account")),
        (Some("https://shop.example/"), Some("/account")),
    ] {
        let html = html(&ErrorView {
            way_on: WayOn {
                application,
                account,
                place: None,
            },
            ..ErrorView::new(shared_kinds::OTHER_BROWSER, "req-1")
        });
        assert_eq!(html.contains("id=\"error-return\""), application.is_some());
        assert_eq!(html.contains("id=\"error-account\""), account.is_some());
    }
}
