//! Keys that a client publishes at its `jwks_uri` (RFC 7591, section 2; OpenID Connect Core,
//! section 10.1.1).

use std::sync::Arc;
use std::time::Duration;

use countersign_jose::key::SigningKey;
use countersign_testing::{Answer, TestProvider};
use http::StatusCode;
use serde_json::json;

use crate::asserting::{
    KEYS, KeyServer, add_client, add_client_named, claims, jwks, options, present, signed, with,
};
use crate::expect;

async fn stage() -> (TestProvider, KeyServer) {
    let server = KeyServer::start(&jwks(&[&KEYS[0]])).await;
    let op = TestProvider::start_with(options()).await;
    add_client(&op, json!({ "jwks_uri": server.uri })).await;
    (op, server)
}

async fn try_with(op: &TestProvider, key: &SigningKey) -> Answer {
    present(op, &signed(key, &claims(op))).await
}

#[track_caller]
fn accepted(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn keys_are_fetched_once_and_then_known() {
    let (op, server) = stage().await;
    assert_eq!(
        server.requests(),
        0,
        "nothing is fetched before it is needed"
    );
    for _ in 0..3 {
        accepted(&try_with(&op, &KEYS[0]).await);
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_rotated_key_is_found_within_a_minute() {
    // OpenID Connect Core, section 10.1.1: an unfamiliar kid makes the keys be fetched again.
    let (op, server) = stage().await;
    accepted(&try_with(&op, &KEYS[0]).await);
    server.publish(200, jwks(&[&KEYS[1]]).to_string());
    op.clock.advance(59);
    accepted(&try_with(&op, &KEYS[1]).await);
    assert_eq!(server.requests(), 2);
    // What was taken out is accepted no longer.
    expect::refused(&try_with(&op, &KEYS[0]).await, "invalid_client");
}

#[tokio::test]
async fn unknown_kids_cause_few_requests() {
    let (op, server) = stage().await;
    accepted(&try_with(&op, &KEYS[0]).await);
    for _ in 0..20 {
        expect::refused(&try_with(&op, &KEYS[2]).await, "invalid_client");
    }
    assert_eq!(server.requests(), 1, "they were fetched a moment ago");
    op.clock.advance(20);
    for _ in 0..20 {
        expect::refused(&try_with(&op, &KEYS[2]).await, "invalid_client");
    }
    assert_eq!(server.requests(), 2);
    // Another client's interval is its own.
    add_client_named(&op, "another", json!({ "jwks_uri": server.uri })).await;
    let named = |member, claims| with(claims, member, json!("another"));
    let claims = named("iss", named("sub", claims(&op)));
    accepted(&present(&op, &signed(&KEYS[0], &claims)).await);
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_withdrawn_key_is_accepted_for_five_minutes_at_most() {
    let (op, server) = stage().await;
    accepted(&try_with(&op, &KEYS[0]).await);
    server.publish(200, jwks(&[&KEYS[1]]).to_string());
    op.clock.advance(299);
    accepted(&try_with(&op, &KEYS[0]).await);
    op.clock.advance(1);
    expect::refused(&try_with(&op, &KEYS[0]).await, "invalid_client");
}

#[tokio::test]
async fn known_keys_outlast_an_address_that_does_not_respond_for_an_hour() {
    let (op, server) = stage().await;
    accepted(&try_with(&op, &KEYS[0]).await);
    server.publish(503, "");
    op.clock.advance(3599);
    accepted(&try_with(&op, &KEYS[0]).await);
    op.clock.advance(1);
    expect::refused(&try_with(&op, &KEYS[0]).await, "invalid_client");
    // It recovers by itself.
    server.publish(200, jwks(&[&KEYS[0]]).to_string());
    op.clock.advance(15);
    accepted(&try_with(&op, &KEYS[0]).await);
}

#[tokio::test]
async fn an_address_that_fails_is_not_asked_at_once_again() {
    let (op, server) = stage().await;
    for (status, body) in [
        (404, String::new()),
        (302, String::new()),
        (200, "<html>".to_owned()),
        (200, r#"{"keys": {}}"#.to_owned()),
        (200, r#"{"keys": [{"kty": "oct", "k": "AA"}]}"#.to_owned()),
        (200, "x".repeat(600 * 1024)),
        (200, "[".repeat(10_000)),
    ] {
        server.publish(status, body);
        let before = server.requests();
        for _ in 0..3 {
            expect::refused(&try_with(&op, &KEYS[0]).await, "invalid_client");
        }
        assert_eq!(server.requests(), before + 1);
        op.clock.advance(15);
    }
    server.publish(200, jwks(&[&KEYS[0]]).to_string());
    accepted(&try_with(&op, &KEYS[0]).await);
}

#[tokio::test]
async fn requests_at_once_share_one_fetch() {
    let (op, server) = stage().await;
    server.delay(Duration::from_millis(200));
    let op = Arc::new(op);
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let op = Arc::clone(&op);
            tokio::spawn(async move { try_with(&op, &KEYS[0]).await })
        })
        .collect();
    for task in tasks {
        accepted(&task.await.expect("ends well"));
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_take_the_keys_from_the_others() {
    let (op, server) = stage().await;
    server.delay(Duration::from_millis(200));
    let op = Arc::new(op);
    let impatient = {
        let op = Arc::clone(&op);
        tokio::spawn(async move { try_with(&op, &KEYS[0]).await })
    };
    while server.requests() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    impatient.abort();
    accepted(&try_with(&op, &KEYS[0]).await);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_client_without_keys_is_refused() {
    let op = TestProvider::start().await;
    add_client(&op, json!({})).await;
    expect::refused(&try_with(&op, &KEYS[0]).await, "invalid_client");
}
