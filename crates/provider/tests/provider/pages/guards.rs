//! What keeps the pages safe: text from outside is inert, the policy names what may run and where a
//! form may lead.

use countersign_provider::pages::{
    ApplicationView, ConsentView, LoggedOutView, LoginView, LogoutView, ScopeView,
    SelectAccountView, SetupDoneView, SetupView, YourAccountView,
};
use countersign_web::pages::{
    AccountView, ClientView, ErrorView, Explanation, FormPostView, Language, RepostView, Script,
    View, WayOn, error_kind,
};

use super::{consent, html, login, logout, pages};

const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&{{ 7*7 }}";

#[test]
fn attack_47_text_from_outside_is_inert_on_every_page() {
    let hostile_client = ClientView {
        name: HOSTILE,
        logo: Some("javascript:alert(1)"),
        client_uri: Some("javascript:alert(1)"),
        policy_uri: Some("javascript:alert(1)"),
        tos_uri: Some("data:text/html,<script>alert(1)</script>"),
        unverified: true,
    };
    let account = AccountView {
        name: HOSTILE,
        username: HOSTILE,
    };
    let scopes = [
        ScopeView::new(HOSTILE, None, None),
        ScopeView::new("x", Some(HOSTILE), Some(HOSTILE)),
    ];
    let explain = Explanation {
        cause: HOSTILE,
        rule: HOSTILE,
        value: Some(HOSTILE),
        received: Some(HOSTILE),
        expected: Some(HOSTILE),
        fix: Some(HOSTILE),
        command: Some(HOSTILE),
        docs_url: Some("javascript:alert(1)"),
    };
    let parameters = [("state", HOSTILE), (HOSTILE, "value")];
    let views: [&dyn View; 11] = [
        &LoginView {
            action: HOSTILE,
            interaction: HOSTILE,
            client: Some(hostile_client),
            username: HOSTILE,
            confirming: Some(account),
            ..login()
        },
        &LoginView {
            client: Some(hostile_client),
            username: HOSTILE,
            ..login()
        },
        &SelectAccountView {
            client: Some(hostile_client),
            account,
            ..SelectAccountView::default()
        },
        &ConsentView {
            client: hostile_client,
            account,
            ..consent(&scopes)
        },
        &LogoutView {
            client: Some(hostile_client),
            account: Some(account),
            ..logout()
        },
        &LoggedOutView {
            client: Some(hostile_client),
            continue_url: Some("javascript:alert(1)"),
            ..LoggedOutView::default()
        },
        &ErrorView {
            explain: Some(explain),
            way_on: WayOn {
                application: Some("javascript:alert(1)"),
                place: None,
                account: Some("//evil.example"),
            },
            ..ErrorView::new(error_kind::INVALID_REQUEST, HOSTILE)
        },
        &FormPostView {
            redirect_uri: "https://client.example/cb?\"><script>alert(1)</script>",
            parameters: &parameters,
            client: hostile_client,
        },
        &RepostView {
            action: HOSTILE,
            parameters: &parameters,
        },
        &SetupView {
            token: HOSTILE,
            name: HOSTILE,
            email: HOSTILE,
            username: HOSTILE,
            ..SetupView::default()
        },
        &YourAccountView {
            account,
            email: Some(HOSTILE),
            applications: &[ApplicationView::new(HOSTILE, Some("javascript:alert(1)"))],
            tokens_url: Some("/account/tokens"),
            sign_out_action: HOSTILE,
            interaction: HOSTILE,
        },
    ];
    let pages = pages();
    for view in views {
        for language in Language::ALL {
            let html = pages.render(view, language).expect("renders").html;
            let name = view.template();
            assert!(!html.contains("<script>alert"), "{name}: {html}");
            assert!(!html.contains("<img src=x"), "{name}: {html}");
            assert!(!html.contains("href=\"javascript:"), "{name}: {html}");
            assert!(!html.contains("href=\"data:"), "{name}: {html}");
            assert!(!html.contains("href=\"//"), "{name}: {html}");
            assert!(!html.contains("src=\"javascript:"), "{name}: {html}");
            assert!(
                !html.contains(HOSTILE) && !html.contains("\"'>"),
                "{name}: {html}"
            );
        }
    }
}

#[test]
fn no_page_has_inline_styles_handlers_or_anything_from_elsewhere() {
    let scopes = [ScopeView::new("openid", None, None)];
    let parameters = [("code", "x")];
    let views: [&dyn View; 8] = [
        &login(),
        &consent(&scopes),
        &logout(),
        &LoggedOutView::default(),
        &ErrorView::new(error_kind::NOT_FOUND, "id"),
        &SetupDoneView {
            name: "Alice",
            continue_url: None,
            account_url: "/account",
        },
        &RepostView {
            action: "/authorize",
            parameters: &parameters,
        },
        &FormPostView {
            redirect_uri: "https://client.example/cb",
            parameters: &parameters,
            client: ClientView::default(),
        },
    ];
    for view in views {
        let html = html(view);
        let name = view.template();
        assert!(
            !html.contains(" style=") && !html.contains("<style"),
            "{name}: inline style"
        );
        for tag in html
            .split('<')
            .skip(1)
            .filter_map(|rest| rest.split('>').next())
        {
            assert!(
                !tag.contains(" on") && !tag.contains("javascript:"),
                "{name}: <{tag}>"
            );
        }
        for attribute in ["src=\"", "<link rel=\"stylesheet\" href=\""] {
            for rest in html.split(attribute).skip(1) {
                assert!(
                    rest.starts_with("/assets/"),
                    "{name}: {attribute}{}",
                    &rest[..30]
                );
            }
        }
        assert_eq!(
            html.matches("<script").count(),
            usize::from(view.script().is_some()),
            "{name}"
        );
    }
}

#[test]
fn attack_49_every_page_carries_the_guarding_headers() {
    let response = pages()
        .render(&LoggedOutView::default(), Language::German)
        .expect("renders")
        .into_http();
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("(none)")
    };
    for (name, expected) in [
        ("content-type", "text/html; charset=utf-8"),
        ("content-language", "de"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ] {
        assert_eq!(header(name), expected, "{name}");
    }
    assert!(
        response
            .body()
            .starts_with("<!doctype html>\n<html lang=\"de\">")
    );
}

#[test]
fn a_page_whose_form_may_end_at_a_client_does_not_say_where_forms_lead_and_every_other_does() {
    // CSP Level 3, section 6.4.1: form-action is checked against every redirect that follows the
    // post.
    let parameters = [("code", "x")];
    let form_post = FormPostView {
        redirect_uri: "https://client.example/cb",
        parameters: &parameters,
        ..FormPostView::default()
    };
    let select = SelectAccountView::default();
    let cases: [(&dyn View, bool); 12] = [
        (&login(), true),
        (
            &LoginView {
                client: None,
                ..login()
            },
            false,
        ),
        (
            &SelectAccountView {
                client: login().client,
                ..select
            },
            true,
        ),
        (&select, false),
        (&consent(&[]), true),
        (
            &LogoutView {
                returns_to_client: true,
                ..logout()
            },
            true,
        ),
        (
            &LogoutView {
                client: login().client,
                ..logout()
            },
            false,
        ),
        (&form_post, true),
        (&RepostView::default(), true),
        (&SetupView::default(), false),
        (&YourAccountView::default(), false),
        (&ErrorView::new(error_kind::INVALID_REQUEST, "id"), false),
    ];
    for (view, may_lead_to_client) in cases {
        let page = pages().render(view, Language::English).expect("renders");
        let policy = page.policy.to_string();
        let name = view.template();
        assert_eq!(
            policy.contains("form-action"),
            !may_lead_to_client,
            "{name}: {policy}"
        );
        assert_eq!(
            policy.contains("form-action 'self';"),
            !may_lead_to_client,
            "{name}"
        );
        for rule in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(rule), "{name}: {policy}");
        }
    }
}

#[test]
fn the_script_of_a_page_is_the_one_that_its_policy_names() {
    let parameters = [("submit", "x"), ("action", "y")];
    let view = FormPostView {
        redirect_uri: "com.example.app:/cb",
        parameters: &parameters,
        client: ClientView::default(),
    };
    let page = pages().render(&view, Language::English).expect("renders");
    // A parameter named "submit" must not hide the form's method of that name.
    let script = allowed_script(&page.html, &page.policy.to_string());
    assert!(script.starts_with("HTMLFormElement.prototype.submit.call("));
    assert!(
        page.html.contains("id=\"submit-continue\""),
        "a button for browsers without JavaScript"
    );
    assert!(
        page.html
            .contains("<input type=\"hidden\" name=\"submit\" value=\"x\">")
    );
}

#[test]
fn passwords_can_be_shown_where_scripts_run_and_nothing_is_missing_where_they_do_not() {
    let views: [&dyn View; 2] = [&login(), &SetupView::default()];
    for view in views {
        assert_eq!(view.script(), Some(Script::ShowPasswords));
        let page = pages().render(view, Language::English).expect("renders");
        allowed_script(&page.html, &page.policy.to_string());
        assert!(
            !page.html.contains("class=\"reveal\""),
            "the script adds the button"
        );
        assert!(page.html.contains("data-show=\"Show\" data-hide=\"Hide\""));
    }
}

/// The page's one script, which its policy must name by its hash.
fn allowed_script(html: &str, policy: &str) -> String {
    let rest = html.split("<script>").nth(1).expect("a script");
    let script = rest.split("</script>").next().expect("its end");
    let hash =
        countersign_jose::base64url::encode(countersign_jose::digest::sha256(script.as_bytes()));
    let hash = hash.replace('-', "+").replace('_', "/");
    let allowed = format!("script-src 'sha256-{hash}=';");
    assert!(policy.contains(&allowed), "{policy}");
    script.to_owned()
}
