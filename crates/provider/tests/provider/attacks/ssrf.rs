//! Attack case 44: addresses that a client chose, and that are fetched (RFC 9700, section 4.14;
//! OWASP ASVS 5, V15.3.2). Each is tried at `jwks_uri` and `request_uri`; those of logout tokens
//! are in `logout_tokens.rs`, and the fetcher itself has its own tests.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_fetch::{AllowList, Outbound, Policy};
use countersign_testing::{Options, TestProvider};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::asserting::{KEYS, KeyServer, add_client_named, claims, jwks, present, signed, with};
use crate::expect;
use crate::rebinding::{Rebinding, silent_listener};

const CALLBACK: &str = "https://app.example/callback";

/// Whose address is fetched.
#[derive(Debug, Clone, Copy)]
enum Fetched {
    JwksUri,
    RequestUri,
}

const EACH: [Fetched; 2] = [Fetched::JwksUri, Fetched::RequestUri];

impl Fetched {
    /// Has `uri` fetched as a client of its own registered it, and expects that it comes to
    /// nothing.
    async fn is_refused(self, op: &TestProvider, uri: &str) {
        let client_id = format!("{self:?} {uri}").replace([':', '@'], "-");
        self.register(op, &client_id, uri).await;
        self.is_refused_again(op, &client_id, uri).await;
    }

    async fn register(self, op: &TestProvider, client_id: &str, uri: &str) {
        // Past the rules of registration, as an old record might be.
        let members = match self {
            Fetched::JwksUri => json!({ "jwks_uri": uri }),
            Fetched::RequestUri => json!({
                "redirect_uris": [CALLBACK], "grant_types": ["authorization_code"],
                "jwks": jwks(&[&KEYS[0]]), "request_uris": [uri],
            }),
        };
        add_client_named(op, client_id, members).await;
    }

    async fn is_refused_again(self, op: &TestProvider, client_id: &str, uri: &str) {
        match self {
            Fetched::JwksUri => {
                let named = |member, claims| with(claims, member, json!(client_id));
                let claims = named("iss", named("sub", claims(op)));
                let answer = present(op, &signed(&KEYS[0], &claims)).await;
                expect::refused(&answer, "invalid_client");
            }
            Fetched::RequestUri => {
                let mut request = op.authorization(client_id, CALLBACK, "openid");
                request.push(("request_uri", uri.to_owned()));
                let answer = op.browser().get_with("/authorize", &request).await;
                expect::sent_back(&answer, CALLBACK, "invalid_request_uri");
            }
        }
    }

    /// What a server that means well would return for it.
    fn good_response(self) -> Value {
        match self {
            Fetched::JwksUri => jwks(&[&KEYS[0]]),
            Fetched::RequestUri => json!("a request object"),
        }
    }
}

fn with_policy(policy: Policy) -> Options {
    Options {
        outbound: Outbound::new(policy),
        ..Options::default()
    }
}

#[tokio::test]
async fn attack_44_no_address_of_a_client_reaches_anything_inside() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("sets");
    let op = TestProvider::start().await;
    for fetched in EACH {
        for host in [
            "127.0.0.1",
            "127.8.8.8",
            "localhost",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "0.0.0.0",
            "[::]",
            "169.254.169.254",
            "2852039166",
            "10.0.0.1",
        ] {
            for scheme in ["http", "https"] {
                let uri = format!("{scheme}://{host}:{port}/jwks");
                fetched.is_refused(&op, &uri).await;
            }
        }
        for uri in [
            "file:///etc/passwd",
            "gopher://127.0.0.1/x",
            "ftp://127.0.0.1/x",
            "data:application/json,{}",
            "https://user:password@127.0.0.1/jwks",
            "not a URL",
        ] {
            fetched.is_refused(&op, uri).await;
        }
    }
    assert!(listener.accept().is_err(), "nothing was connected");
}

#[tokio::test]
async fn attack_44_no_address_of_a_client_is_followed_to_another() {
    // Even what the operator lets it reach leads nowhere else.
    for fetched in EACH {
        let inside = KeyServer::start(&fetched.good_response()).await;
        let outside = KeyServer::start(&json!({})).await;
        outside.redirect(&inside.uri);
        let op = TestProvider::start_with(crate::asserting::options()).await;
        for (number, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
            outside.publish(status, "");
            let uri = format!("{}?{status}", outside.uri);
            fetched.is_refused(&op, &uri).await;
            assert_eq!(outside.requests(), number + 1, "{fetched:?}");
        }
        assert_eq!(inside.requests(), 0, "{fetched:?}");
    }
}

#[tokio::test]
async fn attack_44_a_name_that_rebinds_reaches_nothing_inside() {
    for fetched in EACH {
        // The first lookup leads to a listed address, every later one to an internal one.
        let (listed, seen) = silent_listener("127.0.0.2:0").await;
        let (_, inside) = silent_listener(&format!("127.0.0.1:{}", listed.port())).await;
        let op = TestProvider::start_with(with_policy(Policy {
            allow: AllowList::parse(["127.0.0.2"]).expect("is valid"),
            resolver: Arc::new(Rebinding::new(&["127.0.0.2", "127.0.0.1"])),
            ..Policy::default()
        }))
        .await;
        let uri = format!("https://rebinding.example:{}/keys", listed.port());
        fetched.register(&op, "rebinding", &uri).await;
        for _ in 0..3 {
            fetched.is_refused_again(&op, "rebinding", &uri).await;
            op.clock.advance(600);
        }
        assert_eq!(seen.connections(), 1, "{fetched:?}: the first lookup's");
        assert_eq!(inside.connections(), 0, "{fetched:?}");
    }
}

#[tokio::test]
async fn attack_44_slow_and_endless_responses_are_given_up_on() {
    for fetched in EACH {
        let op = TestProvider::start_with(with_policy(Policy {
            total_timeout: Duration::from_millis(300),
            max_response_bytes: 10_000,
            allow: AllowList::loopback(),
            ..Policy::default()
        }))
        .await;
        let slow = KeyServer::start(&fetched.good_response()).await;
        slow.delay(Duration::from_secs(60));
        let large = KeyServer::start(&json!({ "keys": [], "filler": "x".repeat(20_000) })).await;
        let began = Instant::now();
        fetched.is_refused(&op, &slow.uri).await;
        fetched.is_refused(&op, &large.uri).await;
        for body in ["Content-Length: 10737418240\r\n\r\n{", "\r\n{"] {
            let uri = crate::rebinding::dripping(body).await;
            fetched.is_refused(&op, &uri).await;
        }
        let uri = crate::rebinding::endless().await;
        fetched.is_refused(&op, &uri).await;
        assert!(began.elapsed() < Duration::from_secs(20), "{fetched:?}");
    }
}

/// What a client that registers itself with this sector is told.
async fn sector_refused(op: &TestProvider, sector_identifier_uri: &str) {
    let metadata = json!({
        "redirect_uris": ["https://shop.example/callback"],
        "sector_identifier_uri": sector_identifier_uri,
    });
    let json = [("content-type", "application/json".to_owned())];
    let body = Some(metadata.to_string());
    let mut browser = op.browser();
    let answer = browser.send(Method::POST, "/register", &json, body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    assert_eq!(answer.error(), "invalid_client_metadata");
}

fn open_registration(outbound: Outbound) -> Options {
    let options = Options::with(|settings| {
        settings.registration.open = true;
        settings.registration.clients_per_network = 1000;
    });
    Options {
        outbound,
        ..options
    }
}

#[tokio::test]
async fn attack_44_a_sector_identifier_uri_reaches_nothing_inside() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("sets");
    let op = TestProvider::start_with(open_registration(Outbound::default())).await;
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            sector_refused(&op, &format!("{scheme}://{host}:{port}/uris")).await;
        }
    }
    for uri in ["file:///etc/passwd", "gopher://127.0.0.1/x", "not a URL"] {
        sector_refused(&op, uri).await;
    }
    assert!(listener.accept().is_err(), "nothing was connected");
}

#[tokio::test]
async fn attack_44_a_sector_identifier_uri_is_bounded_and_not_followed() {
    let policy = Policy {
        total_timeout: Duration::from_millis(300),
        max_response_bytes: 10_000,
        allow: AllowList::loopback(),
        ..Policy::default()
    };
    let op = TestProvider::start_with(open_registration(Outbound::new(policy))).await;
    let listed = json!(["https://shop.example/callback"]);
    let began = Instant::now();
    let slow = KeyServer::start(&listed).await;
    slow.delay(Duration::from_secs(60));
    sector_refused(&op, &slow.uri).await;
    let large = json!(["https://shop.example/callback", "x".repeat(20_000)]);
    sector_refused(&op, &KeyServer::start(&large).await.uri).await;
    let moved = KeyServer::start(&listed).await;
    moved.publish(307, listed.to_string());
    sector_refused(&op, &moved.uri).await;
    assert_eq!(moved.requests(), 1);
    for other in [
        json!(["https://shop.example/callback/"]),
        json!([]),
        json!({ "redirect_uris": ["https://shop.example/callback"] }),
        json!([["https://shop.example/callback"]]),
    ] {
        sector_refused(&op, &KeyServer::start(&other).await.uri).await;
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn attack_44_who_may_not_register_has_nothing_fetched() {
    let server = KeyServer::start(&json!([])).await;
    let op = TestProvider::start_with(crate::asserting::options()).await;
    let metadata = json!({
        "redirect_uris": ["https://shop.example/callback"],
        "sector_identifier_uri": server.uri,
    });
    for token in [
        None,
        Some("cs_ia_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(token.map(|token| ("authorization", format!("Bearer {token}"))));
        let body = Some(metadata.to_string());
        let mut browser = op.browser();
        let answer = browser
            .send(Method::POST, "/register", &headers, body)
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(server.requests(), 0);
}
/// A logo is fetched when a page shows its client, and then only from outside.
#[tokio::test]
async fn attack_44_a_logo_uri_reaches_nothing_inside() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("sets");
    let op = TestProvider::start().await;
    for (number, logo_uri) in [
        format!("http://127.0.0.1:{port}/logo.png"),
        format!("https://127.0.0.1:{port}/logo.png"),
        format!("https://localhost:{port}/logo.png"),
        format!("https://127.1:{port}/logo.png"),
        format!("https://2130706433:{port}/logo.png"),
        format!("https://[::1]:{port}/logo.png"),
        format!("https://[::ffff:127.0.0.1]:{port}/logo.png"),
        "https://169.254.169.254/logo.png".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/x".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let client_id = format!("logo-{number}");
        let callback = "https://app.example/callback";
        let metadata = json!({ "redirect_uris": [callback], "logo_uri": logo_uri });
        op.add_client_with(&client_id, Some("secret"), &metadata.to_string())
            .await;
        let request = op.authorization(&client_id, callback, "openid");
        let page = op.browser().get_with("/authorize", &request).await;
        assert_eq!(page.page_kind(), "login", "{page:?}");
        assert!(!page.body.contains("<img class=\"logo\""), "{logo_uri}");
    }
    assert!(listener.accept().is_err(), "nothing was connected");
}
