//! JWT access tokens that are remembered (`persist_access_tokens`): a hash of the `jti`, and
//! nothing else of the token.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_store::access_tokens::CheckAccessToken;
use countersign_store::grants::TokenState;
use countersign_store::{GrantId, SecretHash};
use countersign_testing::{
    ALICE, CLIENTS, ClientPersona, Forger, TestProvider, callback, claims_of,
};
use serde_json::{Value, json};

use crate::expect;
use crate::introspect::{api, ask};

const CALLBACK: &str = callback::CONFIDENTIAL;

fn metadata(persist: bool) -> String {
    let mut metadata: Value =
        serde_json::from_str(ClientPersona::named("confidential").metadata).expect("JSON");
    metadata["persist_access_tokens"] = json!(persist);
    metadata.to_string()
}

async fn is_active(op: &TestProvider, api: &str, token: &str) -> bool {
    ask(op, api, token).await.json()["active"] == true
}

#[tokio::test]
async fn one_that_was_not_remembered_is_refused_everywhere() {
    let op = TestProvider::start().await;
    let api = api(&op, "").await;
    let scope = "openid offline_access";
    let before = op.tokens(&ALICE, "confidential", CALLBACK, scope).await;
    let form = [("grant_type", "client_credentials")];
    let own = op.token("confidential", &form).await.tokens().access_token;
    assert!(expect::is_accepted(&op, &before.access_token).await);
    assert!(is_active(&op, &api, &own).await);

    // From now on there must be a row, which neither has.
    op.update_client("confidential", &metadata(true)).await;
    assert!(!expect::is_accepted(&op, &before.access_token).await);
    assert!(!is_active(&op, &api, &before.access_token).await);
    assert!(!is_active(&op, &api, &own).await);

    // Every way to a token writes one.
    let refresh_token = before.refresh_token.expect("a refresh token");
    let refreshed = op.refresh("confidential", &refresh_token).await.tokens();
    let redeemed = op.tokens(&ALICE, "confidential", CALLBACK, scope).await;
    let own = op.token("confidential", &form).await.tokens().access_token;
    for token in [&refreshed.access_token, &redeemed.access_token] {
        assert!(expect::is_accepted(&op, token).await);
        assert!(is_active(&op, &api, token).await);
    }
    assert!(is_active(&op, &api, &own).await);
}

#[tokio::test]
async fn a_token_under_our_own_key_with_another_jti_was_not_issued() {
    let op = TestProvider::start().await;
    let client_id = "first-party";
    let persona = CLIENTS.iter().find(|client| client.client_id == client_id);
    assert!(persona.is_some_and(|client| client.metadata.contains("persist_access_tokens")));
    let tokens = op.tokens(&ALICE, client_id, callback::FIRST_PARTY, "openid");
    let token = tokens.await.access_token;
    assert!(expect::is_accepted(&op, &token).await);
    let forger = Forger::of(&op, SignatureAlgorithm::ES256).await;
    let mut claims = claims_of(&token);
    claims["jti"] = json!("another");
    expect::token_refused(&op.userinfo(&forger.sign("at+jwt", &claims)).await);
}

#[tokio::test]
async fn the_row_is_found_by_a_hash_and_goes_with_the_grant() {
    let op = TestProvider::start().await;
    let tokens = op.tokens(&ALICE, "first-party", callback::FIRST_PARTY, "openid");
    let token = tokens.await.access_token;
    let claims = claims_of(&token);
    let text = |name: &str| claims[name].as_str().expect("a text");
    let check = |jti: &str| CheckAccessToken::Jwt {
        grant: text("grant_id").parse::<GrantId>().expect("an id"),
        jti: SecretHash::of(jti.as_bytes()),
        must_be_kept: true,
    };
    let store = &op.provider.store;
    let now = op.provider.now();
    let found = store.check_access_token(&check(text("jti")), now).await;
    assert!(matches!(found, Ok(TokenState::Active(_))), "{found:?}");
    let other = store.check_access_token(&check("other"), now).await;
    assert!(matches!(other, Ok(TokenState::Unknown)), "{other:?}");
    op.disable_person(&ALICE).await;
    assert!(!expect::is_accepted(&op, &token).await);
}
