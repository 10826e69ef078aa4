//! One person signs in to one application.

use countersign_testing::{ALICE, ISSUER, TestProvider, claims_of};
use http::StatusCode;

const CONFIDENTIAL: &str = "https://confidential.example/callback";

#[tokio::test]
async fn a_person_signs_in_allows_the_client_and_the_client_gets_tokens_about_them() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", CONFIDENTIAL, "openid profile email");

    let login = browser.get_with("/authorize", &request).await;
    assert_eq!(login.status, StatusCode::OK);
    assert_eq!(login.page_kind(), "login");

    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");

    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{back:?}");
    assert_eq!(
        back.location_parameter("state").as_deref(),
        Some("the-state")
    );
    // RFC 9207, section 2
    assert_eq!(back.location_parameter("iss").as_deref(), Some(ISSUER));
    let code = back.location_parameter("code").expect("a code");

    let tokens = op.redeem("confidential", CONFIDENTIAL, &code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{tokens:?}");
    assert_eq!(tokens.header("cache-control"), "no-store");
    let tokens = tokens.tokens();
    assert_eq!(tokens.body["token_type"], "Bearer");
    assert_eq!(tokens.body["expires_in"], 600);
    assert_eq!(tokens.body["scope"], "openid profile email");

    // OpenID Connect Core, section 2
    let id_token = claims_of(tokens.id_token.as_deref().expect("an ID token"));
    assert_eq!(id_token["iss"], ISSUER);
    assert_eq!(id_token["sub"], ALICE.sub);
    assert_eq!(id_token["aud"], "confidential");
    assert_eq!(id_token["nonce"], "the-nonce");
    assert_eq!(id_token["auth_time"], id_token["iat"]);
    assert!(id_token["sid"].is_string());

    // RFC 9068, section 2.2
    let access_token = claims_of(&tokens.access_token);
    for claim in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        assert!(
            !access_token[claim].is_null(),
            "{claim} is missing: {access_token}"
        );
    }

    let userinfo = op.userinfo(&tokens.access_token).await;
    assert_eq!(userinfo.status, StatusCode::OK, "{userinfo:?}");
    let userinfo = userinfo.json();
    assert_eq!(userinfo["sub"], ALICE.sub);
    assert_eq!(userinfo["name"], ALICE.name);
    assert_eq!(userinfo["email"], ALICE.email);
    assert_eq!(
        userinfo["department"],
        serde_json::Value::Null,
        "no scope releases it"
    );
}

#[tokio::test]
async fn the_second_authorization_asks_nothing_because_session_and_consent_are_remembered() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    op.code(
        &mut browser,
        &ALICE,
        "confidential",
        CONFIDENTIAL,
        "openid email",
    )
    .await;

    let mut request = op.authorization("confidential", CONFIDENTIAL, "openid");
    request.push(("prompt", "none".to_owned()));
    let silent = browser.get_with("/authorize", &request).await;
    assert_eq!(silent.status, StatusCode::SEE_OTHER, "{silent:?}");
    assert!(silent.location_parameter("code").is_some(), "{silent:?}");
}

#[tokio::test]
async fn a_refresh_rotates_and_logout_ends_what_hangs_under_the_session() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "confidential", CONFIDENTIAL, "openid")
        .await;
    let first = op
        .redeem("confidential", CONFIDENTIAL, &code)
        .await
        .tokens();
    let refresh_token = first.refresh_token.expect("a refresh token");

    let second = op.refresh("confidential", &refresh_token).await.tokens();
    let successor = second.refresh_token.expect("a successor");
    assert_ne!(refresh_token, successor);
    assert!(claims_of(second.id_token.as_deref().expect("an ID token"))["nonce"].is_null());

    let hint = second.id_token.expect("an ID token");
    let logout = [
        ("id_token_hint", hint.as_str()),
        (
            "post_logout_redirect_uri",
            "https://confidential.example/bye",
        ),
        ("state", "s"),
    ];
    let bye = browser.get_with("/logout", &logout).await;
    assert_eq!(bye.status, StatusCode::SEE_OTHER, "{bye:?}");
    assert_eq!(
        bye.location().expect("a place").as_str(),
        "https://confidential.example/bye?state=s"
    );

    assert_eq!(
        op.refresh("confidential", &successor).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        op.userinfo(&second.access_token).await.status,
        StatusCode::UNAUTHORIZED
    );
}
