//! What is told of a refresh token: to its own client only, since an API that took it for an access
//! token would let it in.

use countersign_testing::{ALICE, Options, TestProvider, callback};
use http::StatusCode;

use super::{api, ask, inactive, jwt, opaque, read, told};

#[tokio::test]
async fn it_is_told_to_its_own_client_and_never_as_an_access_token() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.tokens.refresh_token_lifetime_seconds = 1000;
        settings.tokens.refresh_token_idle_seconds = 300;
    }))
    .await;
    let start = op.provider.now();
    let refresh_token = jwt(&op, "openid profile").await.refresh_token.expect("one");
    let told_of = told(&op, "confidential", &refresh_token).await;
    assert_eq!(told_of["active"], true);
    assert_eq!(told_of["client_id"], "confidential");
    assert_eq!(told_of["scope"], "openid profile");
    assert_eq!(told_of["sub"], ALICE.sub);
    assert_eq!(told_of["username"], ALICE.username);
    assert_eq!(told_of["iat"], start);
    assert_eq!(told_of["exp"], start + 300, "the idle limit comes first");
    // RFC 7662, section 2.2: the type "as defined in Section 5.1 of OAuth 2.0", which is that of an
    // access token; and a refresh token is for the authorization server alone.
    for member in ["token_type", "aud", "jti"] {
        assert!(told_of[member].is_null(), "{member}: {told_of}");
    }
    let credentials = api(&op, "").await;
    inactive(&read(&ask(&op, &credentials, &refresh_token).await));
    inactive(&told(&op, "posting", &refresh_token).await);

    op.clock.advance(299);
    let rotated = op.refresh("confidential", &refresh_token).await.tokens();
    let rotated = rotated.refresh_token.expect("a successor");
    let told_of = told(&op, "confidential", &rotated).await;
    assert_eq!(told_of["iat"], start + 299);
    assert_eq!(told_of["exp"], start + 599);
    op.clock.advance(300);
    inactive(&told(&op, "confidential", &rotated).await);
}

#[tokio::test]
async fn one_that_was_rotated_is_inactive_and_asking_about_it_ends_nothing() {
    // RFC 9700, section 4.14.2 has its use end the grant; a question is no use.
    let op = TestProvider::start().await;
    let first = jwt(&op, "openid").await.refresh_token.expect("one");
    let second = op.refresh("confidential", &first).await.tokens();
    let second = second.refresh_token.expect("a successor");
    for seconds in [0, 60] {
        op.clock.advance(seconds);
        inactive(&told(&op, "confidential", &first).await);
        assert_eq!(told(&op, "confidential", &second).await["active"], true);
    }
    let answer = op.refresh("confidential", &second).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn one_that_does_not_rotate_stays_active() {
    let op = TestProvider::start().await;
    let token = opaque(&op, "openid").await.refresh_token.expect("one");
    op.refresh("posting", &token).await;
    assert_eq!(told(&op, "posting", &token).await["active"], true);
}

#[tokio::test]
async fn a_wrong_secret_to_a_known_grant_is_unknown() {
    let op = TestProvider::start().await;
    let token = jwt(&op, "openid").await.refresh_token.expect("one");
    let guess = format!("{}{}", &token[..28], "A".repeat(43));
    inactive(&told(&op, "confidential", &guess).await);
    // The id alone is in every token of the grant: a code before its redemption has no family.
    let mut browser = op.browser();
    let code = op
        .code(
            &mut browser,
            &ALICE,
            "confidential",
            callback::CONFIDENTIAL,
            "openid",
        )
        .await;
    let swapped = code.replacen("cs_ac_", "cs_rt_", 1);
    inactive(&told(&op, "confidential", &swapped).await);
    assert_eq!(told(&op, "confidential", &token).await["active"], true);
}
