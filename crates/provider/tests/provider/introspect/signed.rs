//! Signed responses (RFC 9701).

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::JwkSet;
use countersign_jose::jws::CompactJws;
use countersign_provider::settings::SigningAlgorithm;
use countersign_testing::{
    Answer, ClientPersona, ISSUER, Options, TestProvider, basic, claims_of, header_of,
};
use http::StatusCode;
use serde_json::json;

use super::{api, jwt};

const MEDIA_TYPE: &str = "application/token-introspection+jwt";

async fn asked(op: &TestProvider, credentials: &str, accept: &str, token: &str) -> Answer {
    let headers = [
        ("authorization", credentials.to_owned()),
        ("accept", accept.to_owned()),
    ];
    op.browser()
        .post_with("/introspect", &[("token", token)], &headers)
        .await
}

fn confidential() -> String {
    basic("confidential", ClientPersona::secret_of("confidential"))
}

#[tokio::test]
async fn the_response_is_a_jwt_for_the_caller_and_useless_as_anything_else() {
    // RFC 9701, section 5.
    let op = TestProvider::start().await;
    let token = jwt(&op, "openid").await.access_token;
    let credentials = api(&op, r#", "introspection_signed_response_alg": "ES256""#).await;
    for (credentials, client_id, algorithm) in [
        // Section 6: "The default, if omitted, is RS256."
        (confidential(), "confidential", SignatureAlgorithm::RS256),
        (credentials, "api", SignatureAlgorithm::ES256),
    ] {
        let answer = asked(&op, &credentials, MEDIA_TYPE, &token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("content-type"), MEDIA_TYPE);
        assert_eq!(answer.header("cache-control"), "no-store");
        let header = header_of(&answer.body);
        assert_eq!(header["typ"], "token-introspection+jwt");
        assert_eq!(header["alg"], algorithm.as_str());
        let jwks = op.browser().get("/jwks").await;
        let jwks = JwkSet::from_json(jwks.body.as_bytes()).expect("a set");
        let key = jwks
            .select(header["kid"].as_str(), algorithm)
            .expect("published");
        let jws = CompactJws::decode(&answer.body).expect("a JWS");
        jws.verify(&key).expect("verifies");

        let claims = claims_of(&answer.body);
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(claims["aud"], client_id);
        assert_eq!(claims["iat"], op.provider.now());
        let plain = asked(&op, &credentials, "*/*", &token).await.json();
        assert_eq!(claims["token_introspection"], plain);
        // Neither `sub` nor `exp`, by which it could be mistaken for an access token (sections 5
        // and 8.1).
        assert_eq!(claims.as_object().expect("an object").len(), 4, "{claims}");
        let answer = op.userinfo(&answer.body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn of_what_is_not_active_the_jwt_tells_nothing_else() {
    // RFC 9701, section 5: "MUST set the value of the active member in the token_introspection claim
    // to false and other members MUST NOT be included".
    let op = TestProvider::start().await;
    let token = jwt(&op, "openid").await.access_token;
    op.clock.advance(600);
    for token in [token.as_str(), "x"] {
        let answer = asked(&op, &confidential(), MEDIA_TYPE, token).await;
        let claims = claims_of(&answer.body);
        assert_eq!(claims["token_introspection"], json!({ "active": false }));
    }
}

#[tokio::test]
async fn it_is_sent_only_to_a_caller_that_asks_for_it() {
    // RFC 9701, section 4; RFC 9110, sections 12.4.2 and 12.5.1.
    let op = TestProvider::start().await;
    let token = jwt(&op, "openid").await.access_token;
    for (accept, signed) in [
        ("application/token-introspection+jwt", true),
        ("Application/Token-Introspection+JWT", true),
        ("application/token-introspection+jwt;q=0.1", true),
        (
            "text/html, application/token-introspection+jwt; q=0.9",
            true,
        ),
        (
            "application/json;q=0.5, application/token-introspection+jwt",
            true,
        ),
        ("application/token-introspection+jwt, */*;q=0.1", true),
        (
            "application/json, application/token-introspection+jwt;q=0.5",
            false,
        ),
        ("application/token-introspection+jwt;q=0", false),
        ("application/token-introspection+jwt;q=0.000", false),
        ("application/json", false),
        ("*/*", false),
        ("application/jwt", false),
        ("application/token-introspection+jwtx", false),
        ("", false),
    ] {
        let answer = asked(&op, &confidential(), accept, &token).await;
        let expected = if signed {
            MEDIA_TYPE
        } else {
            "application/json"
        };
        assert_eq!(answer.header("content-type"), expected, "{accept}");
    }
}

#[tokio::test]
async fn a_refusal_is_json_whatever_was_asked_for() {
    let op = TestProvider::start().await;
    let answer = asked(&op, &basic("confidential", "wrong"), MEDIA_TYPE, "x").await;
    crate::expect::refused(&answer, "invalid_client");
}

#[tokio::test]
async fn without_a_key_of_the_algorithm_the_client_is_told_to_register_another() {
    // Unsigned claims in place of signed ones would be a downgrade.
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.keys.algorithms = vec![SigningAlgorithm::ES256];
    }))
    .await;
    let answer = asked(&op, &confidential(), MEDIA_TYPE, "x").await;
    assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE, "{answer:?}");
    assert_eq!(answer.error(), "invalid_request");
    let credentials = api(&op, r#", "introspection_signed_response_alg": "ES256""#).await;
    let answer = asked(&op, &credentials, MEDIA_TYPE, "x").await;
    assert_eq!(answer.header("content-type"), MEDIA_TYPE);
}
