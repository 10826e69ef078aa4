//! API tokens that people make: where they are accepted, and what is told of them.

use countersign_management::personal_tokens::TokenChanges;
use countersign_store::grants::EndCause;
use countersign_testing::{ALICE, ISSUER, Options, TestProvider, callback};
use http::StatusCode;
use serde_json::json;

use crate::api_tokens::{A, DAY, create, start, tokens};
use crate::expect;
use crate::introspect::{api, ask};

#[tokio::test]
async fn it_opens_userinfo_and_is_told_at_introspection_within_its_scope() {
    let op = start().await;
    let (id, token) = create(&op, &ALICE, "backup", "openid profile a:read").await;
    let answer = op.userinfo(&token).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.json()["sub"], ALICE.sub);
    assert_eq!(answer.json()["name"], ALICE.name);
    assert!(answer.json()["email"].is_null(), "email was not granted");
    let api = api(&op, "").await;
    let told = ask(&op, &api, &token).await.json();
    assert_eq!(told["active"], true);
    assert_eq!(told["scope"], "openid profile a:read");
    assert_eq!(told["sub"], ALICE.sub);
    assert_eq!(told["username"], ALICE.username);
    assert_eq!(told["client_id"], "personal-tokens");
    assert_eq!(told["aud"], json!([ISSUER, A]));
    assert_eq!(told["exp"], op.provider.now() + DAY);
    assert!(told["auth_time"].is_null(), "no one signed in for it");
    op.clock.advance(DAY);
    expect::token_refused(&op.userinfo(&token).await);
    assert_eq!(
        ask(&op, &api, &token).await.json(),
        json!({ "active": false })
    );
    let (_, without) = create(&op, &ALICE, id.to_string().as_str(), "a:read").await;
    expect::token_refused(&op.userinfo(&without).await);
}

#[tokio::test]
async fn another_end_counts_at_once() {
    let op = start().await;
    let (id, token) = create(&op, &ALICE, "backup", "openid").await;
    let lifetime = |seconds| TokenChanges {
        lifetime_seconds: Some(seconds),
        name: None,
    };
    let (tokens, now) = (tokens(&op), op.provider.now());
    let longer = tokens.update(ALICE.sub, &id, lifetime(2 * DAY), now);
    longer.await.expect("is changed");
    op.clock.advance(DAY + 1);
    assert!(expect::is_accepted(&op, &token).await);
    let now = op.provider.now();
    let shorter = tokens.update(ALICE.sub, &id, lifetime(300), now);
    shorter.await.expect("is changed");
    op.clock.advance(300);
    assert!(!expect::is_accepted(&op, &token).await);
}

#[tokio::test]
async fn it_survives_a_sign_out_and_ends_when_it_is_revoked() {
    let op = start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let (id, token) = create(&op, &ALICE, "backup", "openid").await;
    let page = browser.get("/logout").await;
    browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(expect::is_accepted(&op, &token).await);
    let cause = EndCause::RevokedByUser;
    let now = op.provider.now();
    let revoked = tokens(&op).revoke(ALICE.sub, &id, cause, now).await;
    revoked.expect("is revoked");
    assert!(!expect::is_accepted(&op, &token).await);
}

#[tokio::test]
async fn where_none_are_allowed_none_is_accepted() {
    let on = start().await;
    let (_, token) = create(&on, &ALICE, "backup", "openid").await;
    assert!(expect::is_accepted(&on, &token).await);
    let off = TestProvider::share(&on).await;
    assert!(!expect::is_accepted(&off, &token).await);
    // Under another prefix it is the same token.
    let other = token.replace("cs_pt_", "cs_at_");
    assert!(!expect::is_accepted(&off, &other).await);
}

#[tokio::test]
async fn no_one_can_act_as_its_client() {
    let op = start().await;
    create(&op, &ALICE, "backup", "openid").await;
    for secret in ["", "personal-tokens"] {
        let form = [
            ("client_id", "personal-tokens"),
            ("client_secret", secret),
            ("grant_type", "client_credentials"),
        ];
        expect::refused(&op.browser().post("/token", &form).await, "invalid_client");
    }
    let form = [
        ("client_id", "personal-tokens"),
        ("grant_type", "client_credentials"),
    ];
    expect::refused(&op.browser().post("/token", &form).await, "invalid_client");
    let request = op.authorization("personal-tokens", callback::CONFIDENTIAL, "openid");
    expect::page(&op.browser().get_with("/authorize", &request).await);
}

#[tokio::test]
async fn two_providers_that_start_at_once_share_its_client() {
    let first = start().await;
    let options = Options {
        store: first.provider.store.clone(),
        ..Options::with(crate::api_tokens::settings)
    };
    let second = TestProvider::joining(options).await;
    let (_, one) = create(&first, &ALICE, "one", "openid").await;
    let (_, two) = create(&second, &ALICE, "two", "openid").await;
    for token in [&one, &two] {
        assert!(expect::is_accepted(&first, token).await);
        assert!(expect::is_accepted(&second, token).await);
    }
}
