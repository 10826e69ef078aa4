//! Attack case 44: addresses that a client chose, and that are fetched (RFC 9700, section 4.14;
//! OWASP ASVS 5, V15.3.2).

use std::net::TcpListener;
use std::time::{Duration, Instant};

use countersign_fetch::{AllowList, Outbound, Policy};
use countersign_testing::{Options, TestProvider};
use http::{Method, StatusCode};
use serde_json::json;

use crate::asserting::{KEYS, KeyServer, add_client_named, claims, jwks, present, signed, with};
use crate::expect;

async fn refused_at(op: &TestProvider, jwks_uri: &str) {
    add_client_named(op, jwks_uri, json!({ "jwks_uri": jwks_uri })).await;
    let named = |member, claims| with(claims, member, json!(jwks_uri));
    let claims = named("iss", named("sub", claims(op)));
    let answer = present(op, &signed(&KEYS[0], &claims)).await;
    expect::refused(&answer, "invalid_client");
}

#[tokio::test]
async fn attack_44_a_jwks_uri_reaches_nothing_inside() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("sets");
    let op = TestProvider::start().await;
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            refused_at(&op, &format!("{scheme}://{host}:{port}/jwks")).await;
        }
    }
    for uri in [
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
        "https://user:password@127.0.0.1/jwks",
        "not a URL",
    ] {
        refused_at(&op, uri).await;
    }
    assert!(listener.accept().is_err(), "nothing was connected");
}

#[tokio::test]
async fn attack_44_a_jwks_uri_that_redirects_is_not_followed() {
    // The status is that of a redirect, and there is nowhere that it could lead.
    let inside = KeyServer::start(&jwks(&[&KEYS[0]])).await;
    inside.publish(307, "");
    let op = TestProvider::start_with(crate::asserting::options()).await;
    refused_at(&op, &inside.uri).await;
    assert_eq!(inside.requests(), 1);
}

#[tokio::test]
async fn attack_44_a_slow_or_endless_jwks_uri_is_given_up_on() {
    let policy = Policy {
        total_timeout: Duration::from_millis(300),
        max_response_bytes: 10_000,
        allow: AllowList::loopback(),
        ..Policy::default()
    };
    let options = Options {
        outbound: Outbound::new(policy),
        ..Options::default()
    };
    let op = TestProvider::start_with(options).await;
    let slow = KeyServer::start(&jwks(&[&KEYS[0]])).await;
    slow.delay(Duration::from_secs(60));
    let large = KeyServer::start(&json!({ "keys": [], "filler": "x".repeat(20_000) })).await;
    let began = Instant::now();
    refused_at(&op, &slow.uri).await;
    refused_at(&op, &large.uri).await;
    assert!(began.elapsed() < Duration::from_secs(5));
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
