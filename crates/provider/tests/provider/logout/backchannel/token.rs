//! The logout token and how it is sent: Back-Channel Logout, sections 2.4, 2.5 and 2.6.

use std::time::{Duration, Instant};

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::JwkSet;
use countersign_oauth::key_source::KeySource;
use countersign_testing::{ALICE, ISSUER, Receiver, header_of};
use serde_json::{Value, json};

use super::stage::{Stage, memory, sign_out};

#[tokio::test]
async fn it_has_every_claim_that_the_specification_asks_for_and_no_nonce() {
    // Section 2.4: iss, aud, iat, exp, jti, events are REQUIRED; sub or sid, and both may be there;
    // "nonce PROHIBITED".
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    let sid = stage.signed_out("app").await;
    let taken = app.wait_for(1).await;
    let claims = taken[0].claims();
    let now = stage.op.provider.now();
    let jti = claims["jti"].as_str().expect("a text");
    assert!(jti.len() >= 16, "{jti}");
    let expected = json!({
        "iss": ISSUER,
        "aud": "app",
        "iat": now,
        "exp": now + 120,
        "jti": jti,
        "sub": ALICE.sub,
        "sid": sid,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn it_is_signed_as_the_clients_id_tokens_are_under_a_type_of_its_own() {
    // Section 2.4: "typ" is "logout+jwt"; section 2.6: alg "MUST NOT" be none, and is the client's
    // id_token_signed_response_alg, whose default is RS256 (Registration, section 2).
    let stage = Stage::start().await;
    for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
        let app = Receiver::start().await;
        let metadata = super::stage::metadata(&app.uri(), "").replace("EdDSA", alg);
        stage.op.add_client_with(alg, None, &metadata).await;
        stage.signed_out(alg).await;
        let taken = app.wait_for(1).await;
        let token = taken[0].token();
        let header = header_of(token);
        assert_eq!(header["typ"], "logout+jwt");
        assert_eq!(header["alg"], alg);
        let jwks = stage.op.browser().get("/jwks").await;
        let set: JwkSet = serde_json::from_value(jwks.json()).expect("a JWK set");
        let algorithm: SignatureAlgorithm = alg.parse().expect("an algorithm");
        let kid = header["kid"].as_str();
        let key = set.verifying_key(kid, algorithm).expect("a published key");
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let signature = countersign_jose::base64url::decode(signature).expect("base64url");
        assert!(key.verifies(signed.as_bytes(), &signature), "{alg}");
    }
}

#[tokio::test]
async fn it_is_posted_as_a_form_and_arrives_within_a_second() {
    // Section 2.5: POST, application/x-www-form-urlencoded, logout_token.
    let stage = Stage::with(memory(), |settings| {
        // So long that only being woken explains it.
        settings.logout.backchannel_poll_milliseconds = 60_000;
    })
    .await;
    let app = stage.receiver("app").await;
    let mut browser = stage.op.browser();
    stage.open(&mut browser, &ALICE, "app").await;
    let ended = Instant::now();
    sign_out(&mut browser).await;
    let [taken] = &app.wait_for(1).await[..] else {
        panic!("one call");
    };
    assert!(ended.elapsed() < Duration::from_secs(1));
    assert_eq!(taken.path, "/logout");
    assert_eq!(
        taken.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert!(!taken.headers.contains_key("cookie"));
    assert!(!taken.headers.contains_key("authorization"));
    assert_eq!(taken.token().split('.').count(), 3);
}

#[tokio::test]
async fn an_application_gets_a_sid_whether_it_requires_one_or_not() {
    // Section 2.2: with backchannel_logout_session_required the sid must be there. Without, it may:
    // a token without a sid would mean all sessions of the user (section 2.4), which did not end.
    let stage = Stage::start().await;
    for required in ["true", "false"] {
        let app = Receiver::start().await;
        let more = format!(r#", "backchannel_logout_session_required": {required}"#);
        stage.application(required, &app.uri(), &more).await;
        let sid = stage.signed_out(required).await;
        let taken = app.wait_for(1).await;
        assert_eq!(taken[0].claim("sid"), sid);
        assert_eq!(taken[0].claim("sub"), ALICE.sub);
    }
}

#[tokio::test]
async fn a_query_of_the_address_is_kept() {
    // Section 2.2: the URL "MAY contain port, path, and query parameter components".
    let stage = Stage::start().await;
    let app = Receiver::start().await;
    let uri = format!("{}?tenant=1", app.uri());
    stage.application("app", &uri, "").await;
    stage.signed_out("app").await;
    let taken = app.wait_for(1).await;
    assert_eq!(taken[0].path, "/logout?tenant=1");
}

#[tokio::test]
async fn discovery_says_that_applications_are_told() {
    // Section 2.1.
    let stage = Stage::start().await;
    let document = stage
        .op
        .browser()
        .get("/.well-known/openid-configuration")
        .await;
    let document: Value = document.json();
    for member in [
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
    ] {
        assert_eq!(document[member], true, "{member}");
    }
}
