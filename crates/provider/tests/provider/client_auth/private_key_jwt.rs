//! RFC 7523, sections 2.2 and 3; OpenID Connect Core, section 9.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_testing::{Options, TestProvider};
use http::StatusCode;
use serde_json::{Value, json};

use crate::asserting::{
    ASSERTION_TYPE, KEYS, add_client, add_client_named, claims, jwks, present, signed, with,
};
use crate::expect;

async fn stage(members: Value) -> TestProvider {
    let op = TestProvider::start().await;
    let mut all = json!({ "jwks": jwks(&[&KEYS[0]]) });
    for (name, value) in members.as_object().expect("an object") {
        all[name] = value.clone();
    }
    add_client(&op, all).await;
    op
}

#[tokio::test]
async fn an_assertion_takes_the_place_of_a_secret() {
    let op = stage(json!({})).await;
    let answer = present(&op, &signed(&KEYS[0], &claims(&op))).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    // RFC 7521, section 4.2: client_id is optional, and "MUST identify the same client".
    for (client_id, accepted) in [("asserting", true), ("confidential", false)] {
        let assertion = signed(&KEYS[0], &claims(&op));
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
            ("client_id", client_id),
        ];
        let answer = op.browser().post("/token", &form).await;
        match accepted {
            true => assert_eq!(answer.status, StatusCode::OK, "{answer:?}"),
            false => expect::refused(&answer, "invalid_client"),
        }
    }
}

#[tokio::test]
async fn it_may_name_the_issuer_or_the_token_endpoint() {
    // RFC 7523, section 3, point 3: "The token endpoint URL of the authorization server MAY be
    // used"; OpenID Connect Core, section 9.
    let op = stage(json!({})).await;
    for aud in [
        json!("https://op.example"),
        json!("https://op.example/token"),
        json!(["https://op.example/token", "https://op.example"]),
    ] {
        let claims = with(claims(&op), "aud", aud.clone());
        let answer = present(&op, &signed(&KEYS[0], &claims)).await;
        assert_eq!(answer.status, StatusCode::OK, "{aud}: {answer:?}");
    }
}

#[tokio::test]
async fn below_a_path_the_token_endpoint_has_it_too() {
    let op = TestProvider::start_with(Options::at("https://op.example/tenant")).await;
    add_client(&op, json!({ "jwks": jwks(&[&KEYS[0]]) })).await;
    for (aud, accepted) in [
        ("https://op.example/tenant", true),
        ("https://op.example/tenant/token", true),
        ("https://op.example", false),
        ("https://op.example/token", false),
    ] {
        let assertion = signed(&KEYS[0], &with(claims(&op), "aud", json!(aud)));
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        let answer = op.browser().post("/tenant/token", &form).await;
        assert_eq!(
            answer.status == StatusCode::OK,
            accepted,
            "{aud}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_strict_client_names_the_issuer_alone() {
    // FAPI 2.0 Security Profile, section 5.3.2.1, point 6.
    let op = stage(json!({ "strict_client_assertion_audience": true })).await;
    for (aud, accepted) in [
        (json!("https://op.example"), true),
        (json!(["https://op.example"]), false),
        (json!("https://op.example/token"), false),
    ] {
        let assertion = signed(&KEYS[0], &with(claims(&op), "aud", aud.clone()));
        let answer = present(&op, &assertion).await;
        match accepted {
            true => assert_eq!(answer.status, StatusCode::OK, "{answer:?}"),
            false => expect::refused(&answer, "invalid_client"),
        }
    }
}

#[tokio::test]
async fn the_registered_algorithm_is_the_only_one() {
    // OpenID Connect Registration, section 2: token_endpoint_auth_signing_alg, "the JWS alg that
    // MUST be used".
    let eddsa = SigningKey::generate(SignatureAlgorithm::EdDSA).expect("a key");
    let keys = jwks(&[&KEYS[0], &eddsa]);
    let members = json!({ "jwks": keys, "token_endpoint_auth_signing_alg": "EdDSA" });
    let op = stage(members).await;
    let answer = present(&op, &signed(&eddsa, &claims(&op))).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let answer = present(&op, &signed(&KEYS[0], &claims(&op))).await;
    expect::refused(&answer, "invalid_client");
}

#[tokio::test]
async fn without_a_registered_algorithm_any_that_is_listed_is_accepted() {
    let op = TestProvider::start().await;
    let metadata = op.browser().get("/.well-known/openid-configuration").await;
    let listed = metadata.json()["token_endpoint_auth_signing_alg_values_supported"].clone();
    let listed: Vec<String> = serde_json::from_value(listed).expect("a list");
    assert!(!listed.contains(&"none".to_owned()), "{listed:?}");
    // RSA keys take long to make, and differ in nothing that is checked here.
    let asymmetric = listed.iter().filter(|name| !name.starts_with("HS"));
    let quick = asymmetric.filter(|name| !name.starts_with('R') && !name.starts_with('P'));
    for name in quick {
        let key = SigningKey::generate(name.parse().expect("an algorithm")).expect("a key");
        let members = json!({ "jwks": jwks(&[&key]) });
        add_client_named(&op, name, members).await;
        let claims = with(with(claims(&op), "iss", json!(name)), "sub", json!(name));
        let answer = present(&op, &signed(&key, &claims)).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn a_code_is_redeemed_with_it() {
    let op = stage(json!({
        "redirect_uris": ["https://asserting.example/callback"],
        "grant_types": ["authorization_code"],
    }))
    .await;
    let mut browser = op.browser();
    let redirect_uri = "https://asserting.example/callback";
    let alice = &countersign_testing::ALICE;
    let code = op.code(&mut browser, alice, "asserting", redirect_uri, "openid");
    let code = code.await;
    let redeem = |assertion: String| {
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.clone()),
            ("redirect_uri", redirect_uri.to_owned()),
            ("code_verifier", countersign_testing::VERIFIER.to_owned()),
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", assertion),
        ];
        let mut browser = op.browser();
        async move {
            let form: Vec<_> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
            browser.post("/token", &form).await
        }
    };
    // A refused assertion costs no code.
    let answer = redeem(signed(&KEYS[1], &claims(&op))).await;
    expect::refused(&answer, "invalid_client");
    let answer = redeem(signed(&KEYS[0], &claims(&op))).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}
