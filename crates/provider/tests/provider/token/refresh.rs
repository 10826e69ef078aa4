//! `grant_type=refresh_token` (RFC 6749, section 6, OpenID Connect Core, section 12). Reuse and
//! endings are among the attacks.

use countersign_testing::{ALICE, TestProvider, callback, claims_of};
use http::StatusCode;

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;

#[tokio::test]
async fn a_new_id_token_keeps_what_the_first_one_said() {
    // OpenID Connect Core, section 12.2: iss, sub, aud, auth_time and azp are the same; iat is new;
    // no nonce.
    let op = TestProvider::start().await;
    let first = op
        .tokens(&ALICE, "confidential", CALLBACK, "openid email")
        .await;
    op.clock.advance(100);
    let refresh_token = first.refresh_token.expect("a refresh token");
    let second = op.refresh("confidential", &refresh_token).await.tokens();
    let before = claims_of(&first.id_token.expect("an ID token"));
    let after = claims_of(&second.id_token.expect("an ID token"));
    for claim in ["iss", "sub", "aud", "azp", "auth_time", "sid", "amr", "acr"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert_eq!(after["iat"], op.provider.now());
    assert!(after["nonce"].is_null(), "{after}");
    assert_ne!(before["at_hash"], after["at_hash"]);
}

#[tokio::test]
async fn a_refresh_without_scope_gives_all_of_the_grant_and_with_scope_a_part_of_it() {
    let op = TestProvider::start().await;
    let first = op
        .tokens(&ALICE, "confidential", CALLBACK, "openid email profile")
        .await;
    let mut refresh_token = first.refresh_token.expect("a refresh token");
    for (asked, granted) in [
        (None, "openid email profile"),
        (Some("openid"), "openid"),
        (Some("profile openid"), "profile openid"),
        (None, "openid email profile"), // a narrower token does not narrow the grant
        (Some(""), "openid email profile"),
    ] {
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh_token),
        ];
        form.extend(asked.map(|scope| ("scope", scope)));
        let tokens = op.token("confidential", &form).await.tokens();
        assert_eq!(tokens.body["scope"], granted, "{asked:?}");
        assert_eq!(claims_of(&tokens.access_token)["scope"], granted);
        refresh_token = tokens.refresh_token.expect("a successor");
    }
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &refresh_token),
        ("scope", "email"),
    ];
    let tokens = op.token("confidential", &form).await.tokens();
    assert!(tokens.id_token.is_none(), "none without openid");
}

#[tokio::test]
async fn a_scope_that_was_taken_from_the_client_is_gone_with_the_next_refresh() {
    // RFC 6749, section 3.3: what is granted can be less than what was asked for, and is told.
    let op = TestProvider::start().await;
    let first = op
        .tokens(&ALICE, "confidential", CALLBACK, "openid email profile")
        .await;
    let refresh_token = first.refresh_token.expect("a refresh token");
    op.set_client_scope("confidential", "openid profile").await;
    for asked in [None, Some("openid email")] {
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh_token),
        ];
        form.extend(asked.map(|scope| ("scope", scope)));
        let tokens = op.token("confidential", &form).await.tokens();
        let granted = asked.map_or("openid profile", |_| "openid");
        assert_eq!(tokens.body["scope"], granted, "{asked:?}");
        let claims = op.userinfo(&tokens.access_token).await;
        assert!(claims.json()["email"].is_null(), "{asked:?}");
    }
}

#[tokio::test]
async fn where_no_scope_is_left_the_refresh_is_refused_and_costs_no_token() {
    // RFC 6749, section 5.1: a response without scope would say that everything requested is
    // granted.
    let op = TestProvider::start().await;
    let first = op
        .tokens(&ALICE, "confidential", CALLBACK, "openid email")
        .await;
    let refresh_token = first.refresh_token.expect("a refresh token");
    op.set_client_scope("confidential", "profile").await;
    let answer = op.refresh("confidential", &refresh_token).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["error"], "invalid_scope");
    op.set_client_scope("confidential", "openid").await;
    let tokens = op.refresh("confidential", &refresh_token).await.tokens();
    assert_eq!(tokens.body["scope"], "openid");
}

#[tokio::test]
async fn a_confidential_clients_refresh_token_stays_unless_it_is_told_to_rotate() {
    let op = TestProvider::start().await;
    let first = op
        .tokens(&ALICE, "posting", callback::POSTING, "openid")
        .await;
    let refresh_token = first.refresh_token.expect("a refresh token");
    for _ in 0..3 {
        op.clock.advance(60);
        let tokens = op.refresh("posting", &refresh_token).await.tokens();
        assert_eq!(
            tokens.refresh_token.as_deref(),
            Some(refresh_token.as_str())
        );
        assert!(expect::is_accepted(&op, &tokens.access_token).await);
    }
}

#[tokio::test]
async fn a_client_that_is_not_registered_for_it_gets_no_refresh_token() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "first-party", callback::FIRST_PARTY, "openid")
        .await;
    assert!(tokens.refresh_token.is_none());
    let refused = op.refresh("first-party", "x").await;
    expect::refused(&refused, "unauthorized_client");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let op = TestProvider::start().await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let swapped = code.replacen("cs_ac_", "cs_rt_", 1);
    for other in [
        tokens.access_token.as_str(),
        &code,
        &swapped, // a grant that has no family yet
        &refresh_token[..70],
        &format!("{refresh_token}A"),
        &refresh_token.to_uppercase(),
        "x",
    ] {
        expect::refused(&op.refresh("confidential", other).await, "invalid_grant");
    }
    let missing = op
        .token("confidential", &[("grant_type", "refresh_token")])
        .await;
    expect::refused(&missing, "invalid_request");
    assert_eq!(
        op.refresh("confidential", &refresh_token).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_access_token_from_before_the_refresh_lives_on_to_its_own_end() {
    let op = TestProvider::start().await;
    let first = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let refresh_token = first.refresh_token.expect("a refresh token");
    op.clock.advance(300);
    let second = op.refresh("confidential", &refresh_token).await.tokens();
    assert!(expect::is_accepted(&op, &first.access_token).await);
    op.clock.advance(300);
    assert!(!expect::is_accepted(&op, &first.access_token).await);
    assert!(expect::is_accepted(&op, &second.access_token).await);
}

#[tokio::test]
async fn a_client_has_its_own_grace_where_the_operator_gives_it_one() {
    // The server's is 10 seconds.
    let op = TestProvider::start().await;
    for (grace, last, first_refused) in [
        (Some(300), Some(299), 300),
        (Some(0), None, 0),
        (None, Some(9), 10),
    ] {
        let client_id = format!("client-{grace:?}");
        let redirect_uri = "https://grace.example/callback";
        let grace = grace.map_or_else(String::new, |seconds| {
            format!(r#", "refresh_grace_seconds": {seconds}"#)
        });
        let metadata = format!(
            r#"{{"redirect_uris": ["{redirect_uri}"], "token_endpoint_auth_method": "none",
                "grant_types": ["authorization_code", "refresh_token"]{grace}}}"#
        );
        op.add_client_with(&client_id, None, &metadata).await;
        for (seconds, repeats) in [(last, true), (Some(first_refused), false)] {
            let Some(seconds) = seconds else { continue };
            let tokens = op.tokens(&ALICE, &client_id, redirect_uri, "openid").await;
            let old = tokens.refresh_token.expect("a refresh token");
            let successor = op.refresh(&client_id, &old).await.tokens().refresh_token;
            op.clock.advance(seconds);
            let answer = op.refresh(&client_id, &old).await;
            match repeats {
                true => assert_eq!(answer.tokens().refresh_token, successor),
                false => expect::refused(&answer, "invalid_grant"),
            }
        }
    }
}
