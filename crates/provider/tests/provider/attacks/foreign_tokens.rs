//! Attack case 60: clients that ask about or revoke tokens of others (RFC 7662, section 4; RFC 7009,
//! section 2.1).

use std::sync::Arc;

use countersign_store::memory::Memory;
use countersign_testing::{ALICE, ObservedStore, Options, TestProvider, Tokens, callback};
use http::StatusCode;
use serde_json::json;

use crate::expect;

async fn victims(op: &TestProvider) -> Vec<(&'static str, Tokens)> {
    let mut victims = Vec::new();
    for (client_id, redirect_uri) in [
        ("confidential", callback::CONFIDENTIAL),
        ("posting", callback::POSTING),
        ("public", callback::PUBLIC),
    ] {
        let tokens = op.tokens(&ALICE, client_id, redirect_uri, "openid").await;
        victims.push((client_id, tokens));
    }
    victims
}

#[tokio::test]
async fn attack_60_another_clients_token_is_not_active() {
    let op = TestProvider::start().await;
    for (owner, tokens) in victims(&op).await {
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        for asking in ["confidential", "posting", "first-party"] {
            if asking == owner {
                continue;
            }
            for token in [&tokens.access_token, &refresh_token] {
                let answer = op.introspect(asking, token).await;
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
                assert_eq!(
                    answer.json(),
                    json!({ "active": false }),
                    "{asking}: {owner}"
                );
            }
        }
    }
}

#[tokio::test]
async fn attack_60_another_clients_token_is_not_revoked() {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    let op = TestProvider::start_with(options).await;
    for (owner, tokens) in victims(&op).await {
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        for revoking in ["confidential", "posting", "first-party", "public", "native"] {
            if revoking == owner {
                continue;
            }
            for token in [&tokens.access_token, &refresh_token] {
                store.take_acts();
                let unknown = op.revoke(revoking, "x").await;
                let answer = op.revoke(revoking, token).await;
                // It can't be told from a token that does not exist.
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
                assert_eq!(answer.status, unknown.status);
                assert_eq!(answer.body, unknown.body);
                assert!(!store.take_acts().contains(&"deny_access_token"));
            }
        }
        assert!(
            expect::is_accepted(&op, &tokens.access_token).await,
            "{owner}"
        );
        let answer = op.refresh(owner, &refresh_token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
}

#[tokio::test]
async fn attack_60_a_client_may_not_allow_itself_to_ask() {
    // What the operator says of a client counts, and no word of the client's own.
    let op = TestProvider::start().await;
    let (owner, tokens) = victims(&op).await.remove(0);
    for form in [
        vec![
            ("token", tokens.access_token.as_str()),
            ("may_introspect", "true"),
        ],
        vec![("token", &tokens.access_token), ("client_id", owner)],
    ] {
        let answer = op.post_as("posting", "/introspect", &form).await;
        let active = answer.json()["active"] == true;
        assert!(!active, "{answer:?}");
    }
    let answer = op.introspect("public", &tokens.access_token).await;
    expect::refused(&answer, "invalid_client");
}
