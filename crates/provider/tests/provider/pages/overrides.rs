//! Assets, and the operator's templates instead of ours.

use std::collections::HashMap;

use countersign_provider::pages::{LoggedOutView, LoginView, PAGES};
use countersign_web::pages::{Language, Pages, PagesError, assets};

use super::{client, login, pages};

fn overrides(name: &str, source: &str) -> Option<HashMap<String, String>> {
    Some(HashMap::from([(name.to_owned(), source.to_owned())]))
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

#[test]
fn an_override_replaces_one_page_and_cannot_print_text_unescaped() {
    let source =
        "<p>{% autoescape false %}{{ client.name }}{% endautoescape %}{{ t.login_submit }}";
    let pages = Pages::new(&[PAGES], overrides("logged_out.html", "<p>bye</p>")).expect("compiles");
    let html = pages
        .render(&LoggedOutView::default(), Language::English)
        .expect("renders")
        .html;
    assert_eq!(html, "<p>bye</p>");

    let pages = Pages::new(&[PAGES], overrides("_mine.html", source)).expect("names of one's own");
    assert!(pages.render(&login(), Language::English).is_ok());

    let source =
        "{% if client %}{% autoescape false %}{{ client.name }}{% endautoescape %}{% endif %}";
    let pages = Pages::new(&[PAGES], overrides("login.html", source)).expect("compiles");
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
        match Pages::new(&[PAGES], overrides(name, source)).expect_err(source) {
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
    let error = Pages::new(&[PAGES], overrides("logn.html", "")).expect_err("a misspelt name");
    assert!(error.to_string().contains("logn.html") && error.to_string().contains("login.html"));
}
