//! The pages as a browser receives them: ids, languages, policy, inert text from outside, overrides.

use std::collections::{HashMap, HashSet};

use countersign_provider::pages::{
    AccountView, ClientView, ConsentView, ErrorKind, ErrorView, Explanation, FormPostView,
    HomeView, Language, LoggedOutView, LoginAlert, LoginView, LogoutView, Pages, PagesError,
    RepostView, ScopeView, SelectAccountView, SetupDoneView, SetupProblem, SetupView, View, assets,
};

const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&{{ 7*7 }}";

fn pages() -> Pages {
    Pages::new(None).expect("the embedded pages compile")
}

fn html(view: &dyn View) -> String {
    pages()
        .render(view, Language::English)
        .expect("renders")
        .html
}

fn client(name: &str) -> ClientView<'_> {
    ClientView {
        name,
        ..ClientView::default()
    }
}

fn alice() -> AccountView<'static> {
    AccountView {
        name: "Alice",
        username: "alice@example.com",
    }
}

fn login() -> LoginView<'static> {
    LoginView {
        action: "/login",
        interaction: "sealed",
        client: Some(client("Demo")),
        redirect_uri: Some("https://client.example/cb"),
        cancel: true,
        ..LoginView::default()
    }
}

fn consent<'a>(scopes: &'a [ScopeView<'a>]) -> ConsentView<'a> {
    ConsentView {
        action: "/consent",
        interaction: "sealed",
        client: client("Demo"),
        redirect_uri: Some("https://client.example/cb"),
        account: alice(),
        scopes,
    }
}

fn logout() -> LogoutView<'static> {
    LogoutView {
        action: "/logout",
        interaction: "sealed",
        ..LogoutView::default()
    }
}

#[test]
fn the_stable_ids_and_names_are_there() {
    let cases: [(String, &[&str]); 5] = [
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
                account: alice(),
                cancel: true,
                ..SelectAccountView::default()
            }),
            &[
                "id=\"account-continue\" name=\"decision\" value=\"continue\"",
                "id=\"account-other\" name=\"decision\" value=\"other\"",
                "id=\"account-cancel\" name=\"decision\" value=\"cancel\"",
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
        (1, Language::English, "Please wait a second"),
        (30, Language::English, "Please wait <bdi>30</bdi> seconds"),
        (600, Language::English, "Please wait <bdi>10</bdi> minutes"),
        (1, Language::German, "Bitte warten Sie eine Sekunde"),
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
        received: Some(HOSTILE),
        expected: Some(HOSTILE),
        fix: Some(HOSTILE),
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
            return_url: Some("javascript:alert(1)"),
            ..ErrorView::new(ErrorKind::InvalidRequest, HOSTILE)
        },
        &FormPostView {
            redirect_uri: "https://client.example/cb?\"><script>alert(1)</script>",
            parameters: &parameters,
            client: Some(hostile_client),
        },
        &RepostView {
            action: HOSTILE,
            parameters: &parameters,
            redirect_uri: None,
        },
        &SetupView {
            token: HOSTILE,
            name: HOSTILE,
            email: HOSTILE,
            username: HOSTILE,
            ..SetupView::default()
        },
        &HomeView {
            issuer: HOSTILE,
            discovery_url: HOSTILE,
            account: Some(account),
            logout_url: Some(HOSTILE),
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
        &ErrorView::new(ErrorKind::NotFound, "id"),
        &SetupDoneView {
            name: "Alice",
            continue_url: None,
        },
        &RepostView {
            action: "/authorize",
            parameters: &parameters,
            redirect_uri: None,
        },
        &FormPostView {
            redirect_uri: "https://client.example/cb",
            parameters: &parameters,
            client: None,
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
            usize::from(view.submits_itself()),
            "{name}"
        );
    }
}

#[test]
fn attack_49_every_page_carries_the_guarding_headers() {
    let response = pages()
        .render(&login(), Language::German)
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
             form-action 'self' https://client.example; frame-ancestors 'none'; base-uri 'none'",
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
fn the_policy_also_lets_a_callback_go_on_to_the_applications_home_page() {
    // CSP Level 3, 6.4.1: form-action is checked against every redirect that follows the post.
    let client = ClientView {
        name: "Demo",
        client_uri: Some("https://app.example/start"),
        ..ClientView::default()
    };
    let page = pages()
        .render(
            &LoginView {
                client: Some(client),
                ..login()
            },
            Language::English,
        )
        .expect("renders");
    let policy = page.policy.to_string();
    assert!(
        policy.contains("form-action 'self' https://client.example https://app.example;"),
        "{policy}"
    );
}

#[test]
fn the_script_of_self_submitting_pages_is_the_one_that_the_policy_names() {
    let parameters = [("submit", "x"), ("action", "y")];
    let view = FormPostView {
        redirect_uri: "com.example.app:/cb",
        parameters: &parameters,
        client: None,
    };
    let page = pages().render(&view, Language::English).expect("renders");
    let script = page
        .html
        .split("<script>")
        .nth(1)
        .and_then(|rest| rest.split("</script>").next());
    // A parameter named "submit" must not hide the form's method of that name.
    let script = script.expect("a script");
    assert!(script.starts_with("HTMLFormElement.prototype.submit.call("));
    let hash =
        countersign_jose::base64url::encode(countersign_jose::digest::sha256(script.as_bytes()));
    let hash = hash.replace('-', "+").replace('_', "/");
    assert_eq!(
        page.policy.to_string(),
        format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'sha256-{hash}='; \
             form-action 'self' com.example.app:; frame-ancestors 'none'; base-uri 'none'"
        )
    );
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
fn each_kind_of_error_has_a_fixed_text_of_its_own_and_the_request_id() {
    let pages = pages();
    for language in Language::ALL {
        let mut headings = HashSet::new();
        for kind in ErrorKind::ALL {
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
        received: Some("https://a.example/cb/"),
        expected: Some("https://a.example/cb"),
        fix: Some("Register it."),
        docs_url: Some("https://docs.example/errors#x"),
    };
    let html = html(&ErrorView {
        explain: Some(explain),
        ..ErrorView::new(ErrorKind::RedirectUriNotRegistered, "req-1")
    });
    for part in [
        "<code id=\"error-cause\">redirect_uri_not_registered</code>",
        "A redirect URI is compared as a string.",
        "https://a.example/cb/",
        "Register it.",
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
        "Know that it is you",
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
fn assets_are_below_the_base_path_under_the_address_of_their_bytes() {
    let pages = pages()
        .with_base_path("/auth/")
        .with_site_name("Example <ID>");
    let html = pages
        .render(&login(), Language::English)
        .expect("renders")
        .html;
    for asset in assets() {
        assert!(
            html.contains(&format!("\"/auth{}\"", asset.path)),
            "{} in\n{html}",
            asset.path
        );
        let hash =
            countersign_jose::base64url::encode(countersign_jose::digest::sha256(asset.body));
        assert!(asset.path.contains(&hash[..22]) && asset.etag == format!("\"{}\"", &hash[..22]));
        let headers = asset.headers();
        assert_eq!(
            headers["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["content-type"], asset.content_type);
    }
    assert!(html.contains("Example &lt;ID&gt;"));
}

fn overrides(name: &str, source: &str) -> Option<HashMap<String, String>> {
    Some(HashMap::from([(name.to_owned(), source.to_owned())]))
}

#[test]
fn an_override_replaces_one_page_and_cannot_print_text_unescaped() {
    let source =
        "<p>{% autoescape false %}{{ client.name }}{% endautoescape %}{{ t.login_submit }}";
    let pages = Pages::new(overrides("logged_out.html", "<p>bye</p>")).expect("compiles");
    let html = pages
        .render(&LoggedOutView::default(), Language::English)
        .expect("renders")
        .html;
    assert_eq!(html, "<p>bye</p>");

    let pages = Pages::new(overrides("_mine.html", source)).expect("names of one's own");
    assert!(pages.render(&login(), Language::English).is_ok());

    let source =
        "{% if client %}{% autoescape false %}{{ client.name }}{% endautoescape %}{% endif %}";
    let pages = Pages::new(overrides("login.html", source)).expect("compiles");
    let view = LoginView {
        client: Some(client("<b>")),
        ..login()
    };
    assert_eq!(
        pages
            .render(&view, Language::English)
            .expect("renders")
            .html,
        "&lt;b&gt;"
    );
}

#[test]
fn an_override_that_cannot_work_is_refused_at_start_with_file_and_line() {
    for (name, source, line) in [
        ("login.html", "<p>\n{% if %}\n", 2),
        ("login.html", "<p>\n\n{{ t.no_such_message }}", 3),
        ("consent.html", "\n{{ clinet.name }}", 2),
        ("error.html", "{{ request_id | safe }}", 1),
        (
            "login.html",
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
            1,
        ),
        ("base.html", "<p>\n{% include 'nothing.html' %}", 2),
        ("client_logo.html", "\n\n{{ nothing }}", 3),
    ] {
        match Pages::new(overrides(name, source)).expect_err(source) {
            PagesError::Template {
                name: found,
                line: at,
                ..
            } => {
                assert_eq!((found.as_str(), at), (name, line), "{source}");
            }
            other => panic!("{source}: {other}"),
        }
    }
    let error = Pages::new(overrides("logn.html", "")).expect_err("a misspelt name");
    assert!(error.to_string().contains("logn.html") && error.to_string().contains("login.html"));
}
