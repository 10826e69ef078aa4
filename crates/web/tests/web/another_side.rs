//! A gateway that is written without the provider: its own state, causes, kinds of errors, pages
//! and texts on the shared machinery.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::response::Response;
use axum::routing::{get, post};
use countersign_jose::random::SeededRandom;
use countersign_jose::seal::{Keyring, SealingKey};
use countersign_oauth::issuer::Issuer;
use countersign_store::Epoch;
use countersign_store::memory::Memory;
use countersign_store::subjects::Subjects;
use countersign_web::catalogue::{Area, Catalogue};
use countersign_web::clock::Clock;
use countersign_web::exchange::Incoming;
use countersign_web::guard::guard;
use countersign_web::pages::view::{Value, context_of};
use countersign_web::pages::{ErrorKind, ErrorView, Language, PageSet, Pages, View};
use countersign_web::session::SignIn;
use countersign_web::settings::Requests;
use countersign_web::{Site, SiteParts, SiteSettings, causes, instance, respond};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde::Serialize;
use tower::ServiceExt;

/// What is behind the gateway cannot be reached.
const UPSTREAM_DOWN: ErrorKind = ErrorKind::new("upstream_down", 502);

causes! {
    /// Why the gateway has no response of what is behind it.
    pub enum GatewayFault {
        UpstreamDown = "gateway_upstream_down" TemporarilyUnavailable Hidden status 502 page UPSTREAM_DOWN {
            rule: "A gateway passes on what is behind it (RFC 9110, section 15.6.3).",
            received: "No connection.",
            expected: "A connection.",
            fix: "Start what is behind the gateway.",
        }
    }
}

/// Who is signed in.
#[derive(Serialize)]
struct HelloView<'a> {
    sub: &'a str,
}

impl View for HelloView<'_> {
    fn template(&self) -> &'static str {
        "hello.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}

const PAGES: PageSet = PageSet {
    templates: &[(
        "hello.html",
        "{% extends \"base.html\" %}{% block content %}<h1>{{ t.hello(name=sub) }}</h1>{% endblock %}",
    )],
    texts: |language| match language {
        Language::English => {
            "hello = Hello { $name }\nerror-upstream-down-heading = Not there\nerror-upstream-down-text = Try again.\n"
        }
        Language::German => {
            "hello = Hallo { $name }\nerror-upstream-down-heading = Nicht da\nerror-upstream-down-text = Bitte noch einmal.\n"
        }
    },
    samples: |visit| {
        visit(&HelloView { sub: "alice" })?;
        visit(&ErrorView::new(UPSTREAM_DOWN, "request"))
    },
};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> i64 {
        1_700_000_000
    }

    fn monotonic_milliseconds(&self) -> u64 {
        0
    }
}

#[derive(Clone)]
struct Gateway {
    site: Site,
}

impl FromRef<Gateway> for Site {
    fn from_ref(gateway: &Gateway) -> Site {
        gateway.site.clone()
    }
}

async fn hello(State(gateway): State<Gateway>, incoming: Incoming) -> Response {
    let exchange = &incoming.exchange;
    match gateway.site.current_session(exchange).await {
        Ok(Some(session)) => gateway
            .site
            .page(&HelloView { sub: &session.sub }, exchange),
        Ok(None) => respond::redirect("/sign-in"),
        Err(failure) => gateway.site.error_page(&failure, exchange),
    }
}

async fn down(State(gateway): State<Gateway>, incoming: Incoming) -> Response {
    gateway
        .site
        .error_for(&GatewayFault::UpstreamDown.into(), &incoming.exchange)
}

async fn form(State(gateway): State<Gateway>, incoming: Incoming) -> Response {
    match incoming.form(&gateway.site, &[]) {
        Ok(_) => respond::empty(StatusCode::NO_CONTENT),
        Err(failure) => gateway.site.error_json(&failure),
    }
}

async fn site() -> Site {
    site_over(Arc::new(Memory::new())).await
}

async fn site_over(store: Arc<Memory>) -> Site {
    let random = Arc::new(SeededRandom::new(1));
    let issuer = Issuer::parse("https://gateway.example").expect("an issuer");
    let sealing = Keyring::new(SealingKey::new(1, [9; 32]));
    let instance = instance::adopt(&*store, &issuer, &sealing, &*random, Noon.now()).await;
    let catalogue = Catalogue::new().with([Area::new("The gateway").with(GatewayFault::entries())]);
    assert_eq!(catalogue.check(), Ok(()));
    Site::new(SiteParts {
        issuer,
        instance_id: instance.expect("the database is new").id,
        settings: SiteSettings {
            requests: Requests {
                max_body_bytes: 10,
                ..Requests::default()
            },
            ..SiteSettings::default()
        },
        sessions: store.clone(),
        throttle: store,
        clock: Arc::new(Noon),
        random,
        sealing,
        pages: Pages::new(&[PAGES], None).expect("the pages compile"),
        catalogue,
    })
}

fn router(site: &Site) -> Router {
    let gateway = Gateway { site: site.clone() };
    Router::new()
        .route("/hello", get(hello))
        .route("/down", get(down))
        .route("/form", post(form))
        .layer(axum::middleware::from_fn_with_state(site.clone(), guard))
        .with_state(gateway)
}

async fn send(site: &Site, request: http::request::Builder, body: &str) -> (Response, String) {
    let request = request
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let response = router(site).oneshot(request).await.expect("a response");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8(body.to_vec()).expect("text");
    (Response::from_parts(parts, Body::empty()), text)
}

#[tokio::test]
async fn a_fault_of_its_own_has_a_page_in_its_own_words_and_json_for_programs() {
    let site = site().await;
    let browser = Request::get("/down")
        .header(header::ACCEPT, "text/html")
        .header(header::ACCEPT_LANGUAGE, "de");
    let (page, html) = send(&site, browser, "").await;
    assert_eq!(page.status(), StatusCode::BAD_GATEWAY);
    assert!(html.contains("Nicht da"), "{html}");
    assert!(page.headers().contains_key("x-request-id"));
    assert!(
        page.headers()
            .contains_key(header::STRICT_TRANSPORT_SECURITY)
    );

    let (answer, json) = send(&site, Request::get("/down"), "").await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(json.contains("temporarily_unavailable"), "{json}");
    assert!(!json.contains("gateway_upstream_down"), "hidden: {json}");
    let cause = site.catalogue.named("gateway_upstream_down");
    assert_eq!(cause, Some(GatewayFault::UpstreamDown.entry()));
}

#[tokio::test]
async fn a_session_that_the_site_started_is_seen_in_its_handlers() {
    let store = Arc::new(Memory::new());
    let site = site_over(store.clone()).await;
    let (stranger, _) = send(&site, Request::get("/hello"), "").await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);

    let user_epoch = Epoch::generate(&*site.random);
    let created = store.create_subject("alice", user_epoch, Noon.now()).await;
    assert!(created.expect("creates"));
    let proof = SignIn {
        sub: "alice".to_owned(),
        user_epoch,
        amr: vec!["pwd".to_owned()],
        proved_in: None,
    };
    let (_, token) = site.sign_in(None, proof).await.expect("signs in");
    let cookie = format!("{}={}", site.cookies.session, token.expose());
    let signed_in = Request::get("/hello").header(header::COOKIE, cookie);
    let (_, html) = send(&site, signed_in, "").await;
    assert!(html.contains("Hello <bdi>alice</bdi>"), "{html}");
}

#[tokio::test]
async fn the_limits_of_the_site_hold_in_its_handlers() {
    let site = site().await;
    for (body, status) in [("a=1", 204), ("a=1&a=2", 400), ("a=12345678901", 413)] {
        let form = Request::post("/form")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (response, _) = send(&site, form, body).await;
        assert_eq!(response.status(), status, "{body}");
    }
}

#[test]
fn a_template_of_any_crate_can_be_replaced_and_is_compiled_before_it_is_needed() {
    let replaced = |name: &str, source: &str| {
        let overrides = HashMap::from([(name.to_owned(), source.to_owned())]);
        Pages::new(&[PAGES], Some(overrides))
    };
    let pages = replaced("hello.html", "<p>{{ sub }}</p>").expect("compiles");
    let page = pages.render(&HelloView { sub: "<alice>" }, Language::English);
    assert_eq!(page.expect("renders").html, "<p>&lt;alice&gt;</p>");

    for (name, source, word) in [
        ("hello.html", "{{ subject }}", "hello.html"),
        ("error.html", "{% block %}", "error.html"),
        ("helo.html", "", "hello.html"),
    ] {
        let error = replaced(name, source).expect_err(source).to_string();
        assert!(error.contains(word), "{error}");
    }
}
