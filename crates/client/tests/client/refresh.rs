//! Refresh: RFC 6749, section 6; OpenID Connect Core, section 12.2.

use countersign_client::{Client, RefreshToken, SignedInUser, TokenError, TokenSet};
use serde_json::{Map, Value, json};

use crate::provider::{NOW, Provider, REFRESH_TOKEN, Reply, SUBJECT, token_cause};

async fn signed_in(provider: &Provider, client: &Client) -> SignedInUser {
    let tokens = provider
        .sign_in(client, |_| {})
        .await
        .expect("she signs in");
    tokens
        .id_token
        .expect("openid was asked for")
        .signed_in_user()
}

/// A refresh whose ID token is like the first one, later, without nonce, and then as the test says.
async fn refresh(
    provider: &Provider,
    client: &Client,
    user: &SignedInUser,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Result<TokenSet, TokenError> {
    let mut claims = provider.claims("");
    claims.remove("nonce");
    claims.insert("iat".into(), (NOW + 10).into());
    change(&mut claims);
    let body = json!({
        "access_token": "second", "token_type": "Bearer", "expires_in": 60,
        "refresh_token": "second_refresh", "id_token": provider.sign(&claims),
    });
    provider.with(|shared| shared.token = Reply::json(200, &body));
    let later = client.clone().with_clock(|| NOW + 10);
    later
        .refresh(&RefreshToken::new(REFRESH_TOKEN))
        .signed_in_user(user)
        .send()
        .await
}

#[tokio::test]
async fn a_refresh_brings_new_tokens_of_the_same_user() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let user = signed_in(&provider, &client).await;
    let tokens = refresh(&provider, &client, &user, |_| {})
        .await
        .expect("it is refreshed");
    assert_eq!(tokens.access_token.reveal(), "second");
    assert_eq!(tokens.expires_at, Some(NOW + 70));
    assert_eq!(
        tokens.refresh_token.as_ref().map(|token| token.reveal()),
        Some("second_refresh")
    );
    assert_eq!(
        tokens
            .id_token
            .map(|token| token.subject().to_owned())
            .as_deref(),
        Some(SUBJECT)
    );
    let (_, form) = provider.with(|shared| shared.token_requests.pop().expect("it came"));
    assert_eq!(form["grant_type"], "refresh_token");
    assert_eq!(form["refresh_token"], REFRESH_TOKEN);
    assert!(!form.contains_key("scope"));
}

#[tokio::test]
async fn a_new_id_token_about_someone_else_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let user = signed_in(&provider, &client).await;
    let result = refresh(&provider, &client, &user, |claims| {
        drop(claims.insert("sub".into(), "bob".into()))
    });
    assert_eq!(token_cause(result.await), "id_token_sub_changed");
}

#[tokio::test]
async fn what_stays_the_same_over_a_refresh_must_stay() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let user = signed_in(&provider, &client).await;
    for (claim, value, expected) in [
        ("azp", json!("shop"), "id_token_changed_by_refresh"),
        ("auth_time", json!(NOW), "id_token_changed_by_refresh"),
        ("iat", json!(NOW - 1000), "id_token_changed_by_refresh"),
        ("nonce", json!("x"), "id_token_nonce_mismatch"),
        ("iss", json!("https://evil.example"), "jwt_iss_wrong"),
        ("aud", json!("other"), "id_token_aud_without_client"),
    ] {
        let result = refresh(&provider, &client, &user, |claims| {
            drop(claims.insert(claim.into(), value))
        });
        assert_eq!(token_cause(result.await), expected, "{claim}");
    }
}

#[tokio::test]
async fn what_may_be_left_out_after_a_refresh_may_be() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let user = signed_in(&provider, &client).await;
    let result = refresh(&provider, &client, &user, |claims| {
        drop(claims.remove("auth_time"))
    });
    assert!(result.await.is_ok());
}

#[tokio::test]
async fn without_rotation_the_refresh_token_stays() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let body = json!({"access_token": "second", "token_type": "Bearer"});
    provider.with(|shared| shared.token = Reply::json(200, &body));
    let token = RefreshToken::new(REFRESH_TOKEN);
    let tokens = client
        .refresh(&token)
        .scope("read")
        .send()
        .await
        .expect("it is refreshed");
    assert_eq!(
        tokens.refresh_token.as_ref().map(|token| token.reveal()),
        Some(REFRESH_TOKEN)
    );
    assert!(tokens.id_token.is_none());
    let (_, form) = provider.with(|shared| shared.token_requests.pop().expect("it came"));
    assert_eq!(form["scope"], "read");
}

#[tokio::test]
async fn an_id_token_with_no_one_to_compare_it_with_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let body = provider.tokens(&provider.sign(&provider.claims("n")));
    provider.with(|shared| shared.token = Reply::json(200, &body));
    let result = client
        .refresh(&RefreshToken::new(REFRESH_TOKEN))
        .send()
        .await;
    assert_eq!(token_cause(result), "token_id_token_unexpected");
}

#[tokio::test]
async fn an_ended_grant_says_that_the_user_has_to_sign_in_again() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    provider.with(|shared| shared.token = Reply::json(400, &json!({"error": "invalid_grant"})));
    let error = client
        .refresh(&RefreshToken::new(REFRESH_TOKEN))
        .send()
        .await
        .expect_err("it ended");
    assert!(error.is_invalid_grant());
}

#[tokio::test]
async fn a_signed_in_user_survives_being_stored() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let user = signed_in(&provider, &client).await;
    let stored = serde_json::to_string(&user).expect("it is JSON");
    assert_eq!(
        serde_json::from_str::<SignedInUser>(&stored).expect("it is read"),
        user
    );
}
