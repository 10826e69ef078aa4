//! `grant_type=client_credentials` (RFC 6749, section 4.4).

use countersign_testing::{ISSUER, TestProvider, Tokens, claims_of, header_of};
use http::StatusCode;

use crate::expect;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

async fn own(op: &TestProvider, client_id: &str, scope: &str) -> Tokens {
    let answer = op.token(client_id, &[GRANT, ("scope", scope)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.tokens()
}

#[tokio::test]
async fn a_client_gets_a_token_for_itself_and_nothing_else() {
    let op = TestProvider::start().await;
    let tokens = own(&op, "confidential", "reports").await;
    // RFC 6749, section 4.4.3: "A refresh token SHOULD NOT be included".
    assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
    assert_eq!(tokens.body["scope"], "reports");
    assert_eq!(header_of(&tokens.access_token)["typ"], "at+jwt");
    let claims = claims_of(&tokens.access_token);
    // RFC 9068, section 2.2
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], ISSUER);
    assert_eq!(claims["sub"], "confidential");
    assert_eq!(claims["client_id"], "confidential");
    assert_eq!(claims["scope"], "reports");
    assert!(claims["exp"].is_i64() && claims["iat"].is_i64() && claims["jti"].is_string());
    assert!(claims["auth_time"].is_null(), "nobody signed in");
}

#[tokio::test]
async fn scopes_that_are_not_the_clients_are_refused() {
    let op = TestProvider::start().await;
    for (client_id, scope) in [
        ("confidential", "nothing_like_it"),
        ("confidential", "openid nothing_like_it"),
        ("confidential", "reports nothing_like_it"),
        ("confidential", "reports\\email"),
        ("first-party", "phone"), // known here, and not this client's
    ] {
        let answer = op.token(client_id, &[GRANT, ("scope", scope)]).await;
        expect::refused(&answer, "invalid_scope");
    }
}

#[tokio::test]
async fn scopes_that_mean_nothing_without_a_user_are_dropped_and_the_response_says_so() {
    // RFC 6749, section 3.3: the server may ignore part of the scope, and then "MUST include the
    // "scope" response parameter"; zitadel/oidc sends openid with every request.
    let op = TestProvider::start().await;
    for (scope, granted) in [
        ("openid", ""),
        ("openid offline_access", ""),
        ("reports openid", "reports"),
        ("openid reports email", "reports email"),
    ] {
        let tokens = own(&op, "confidential", scope).await;
        assert_eq!(tokens.body["scope"], granted, "{scope}");
        assert!(tokens.id_token.is_none() && tokens.refresh_token.is_none());
        let in_token = claims_of(&tokens.access_token)["scope"].clone();
        match granted {
            "" => assert!(in_token.is_null(), "{in_token}"),
            _ => assert_eq!(in_token, granted),
        }
    }
}

#[tokio::test]
async fn without_scope_the_clients_default_applies() {
    let op = TestProvider::start().await;
    // Its default is "openid profile"; openid means nothing here.
    let answer = op.token("first-party", &[GRANT]).await.tokens();
    assert_eq!(answer.body["scope"], "profile");
    // Without a default the token carries no scope, and the response names none.
    let answer = op.token("confidential", &[GRANT]).await.tokens();
    assert!(answer.body["scope"].is_null(), "{}", answer.body);
    assert!(claims_of(&answer.access_token)["scope"].is_null());
}

#[tokio::test]
async fn a_token_of_a_disabled_client_is_refused_at_once_and_stays_refused() {
    let op = TestProvider::start().await;
    for client_id in ["confidential", "posting"] {
        let tokens = own(&op, client_id, "reports").await;
        assert_eq!(
            op.userinfo(&tokens.access_token).await.status,
            StatusCode::FORBIDDEN
        );
        op.disable_client(client_id).await;
        expect::token_refused(&op.userinfo(&tokens.access_token).await);
        op.enable_client(client_id).await;
        expect::token_refused(&op.userinfo(&tokens.access_token).await);
        own(&op, client_id, "reports").await;
    }
}

#[tokio::test]
async fn a_jwt_writes_nothing() {
    let store = std::sync::Arc::new(countersign_testing::ObservedStore::new(
        std::sync::Arc::new(countersign_store::memory::Memory::new()),
    ));
    let options = countersign_testing::Options {
        store: store.clone(),
        ..countersign_testing::Options::default()
    };
    let op = TestProvider::start_with(options).await;
    own(&op, "confidential", "reports").await;
    store.take_acts();
    own(&op, "confidential", "reports").await;
    assert_eq!(store.take_acts(), ["client_standing"]);
    own(&op, "posting", "reports").await;
    assert!(
        store.take_acts().contains(&"insert_access_token"),
        "an opaque one has its row"
    );
}
