use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::key::SigningKey;
use countersign_oauth::access_token::{
    AccessTokenClaims, AccessTokenExpectation, verify_jwt_access_token,
};
use countersign_oauth::audience::Audience;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::signed::{EC, FOREIGN, ISSUER, KEYS, NOW, RSA, sign, sign_with_header, with};

const OFFERED: &[SignatureAlgorithm] = &[SignatureAlgorithm::RS256, SignatureAlgorithm::ES256];
const EXPECTED: AccessTokenExpectation<'static> = AccessTokenExpectation {
    issuer: ISSUER,
    audiences: &["https://api.example"],
    algorithms: OFFERED,
    leeway_seconds: 0,
};

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": "https://api.example", "exp": NOW + 600, "iat": NOW,
        "jti": "j1", "client_id": "app", "scope": "openid email",
    })
}

fn judged(token: &str) -> &'static str {
    verify_jwt_access_token(token, &*KEYS, &EXPECTED, NOW)
        .map_or_else(|fault| fault.code(), |_| "believed")
}

#[test]
fn a_valid_token_is_accepted() {
    // RFC 9068, section 2.1: with or without the prefix of the media type.
    for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
        for key in [&RSA, &EC] {
            let claims = with(claims(), "groups", json!(["staff"]));
            let verified =
                verify_jwt_access_token(&sign(key, typ, &claims), &*KEYS, &EXPECTED, NOW).unwrap();
            assert_eq!(verified.claims().client_id, "app");
            assert!(verified.claims().scope.as_ref().unwrap().contains("email"));
            assert_eq!(verified.into_claims().other["groups"], json!(["staff"]));
        }
    }
    let several = with(
        claims(),
        "aud",
        json!(["https://other.example", "https://api.example"]),
    );
    assert_eq!(judged(&sign(&EC, "at+jwt", &several)), "believed");
}

#[test]
fn the_type_is_that_of_an_access_token() {
    // RFC 9068, section 4; case 33: an ID token is no access token.
    for typ in ["JWT", "logout+jwt", "at+jwtx", ""] {
        assert_eq!(judged(&sign(&EC, typ, &claims())), "jwt_typ_wrong", "{typ}");
    }
    let untyped = sign_with_header(&EC, json!({ "kid": EC.kid() }), &claims());
    assert_eq!(judged(&untyped), "jwt_typ_wrong");
}

#[test]
fn issuer_audience_and_times_are_checked() {
    // RFC 9068, section 4; case 34.
    let rows = [
        ("iss", json!("https://evil.example"), "jwt_iss_wrong"),
        ("iss", json!("https://op.example/"), "jwt_iss_wrong"),
        ("aud", json!("https://other.example"), "jwt_aud_wrong"),
        ("aud", json!(["https://other.example"]), "jwt_aud_wrong"),
        ("aud", json!("https://api.example/"), "jwt_aud_wrong"),
        ("aud", json!(""), "jwt_aud_wrong"),
        ("exp", json!(NOW), "jwt_expired"),
        ("exp", json!(NOW + 1), "believed"),
        ("nbf", json!(NOW + 1), "jwt_not_yet_valid"),
        ("nbf", json!(NOW), "believed"),
        ("iat", json!(NOW + 1), "jwt_issued_in_the_future"),
    ];
    for (member, value, outcome) in rows {
        let claims = with(claims(), member, value);
        assert_eq!(judged(&sign(&EC, "at+jwt", &claims)), outcome, "{claims}");
    }
    let tolerant = AccessTokenExpectation {
        leeway_seconds: 10,
        ..EXPECTED
    };
    for (exp, believed) in [(NOW - 9, true), (NOW - 10, false)] {
        let token = sign(&EC, "at+jwt", &with(claims(), "exp", json!(exp)));
        let outcome = verify_jwt_access_token(&token, &*KEYS, &tolerant, NOW);
        assert_eq!(outcome.is_ok(), believed);
    }
}

#[test]
fn every_claim_of_2_2_is_required() {
    for member in ["iss", "exp", "aud", "sub", "iat", "jti"] {
        let token = sign(&EC, "at+jwt", &with(claims(), member, json!(null)));
        assert_eq!(judged(&token), "jwt_claim_missing", "{member}");
    }
    let token = sign(&EC, "at+jwt", &with(claims(), "client_id", json!(null)));
    assert_eq!(judged(&token), "jwt_claims_unexpected");
    for member in ["sub", "client_id", "jti"] {
        let token = sign(&EC, "at+jwt", &with(claims(), member, json!("")));
        assert_eq!(judged(&token), "access_token_claim_empty", "{member}");
    }
    let token = sign(&EC, "at+jwt", &with(claims(), "scope", json!("a\\b")));
    assert_eq!(judged(&token), "jwt_claims_unexpected");
}

#[test]
fn the_signature_is_the_issuers() {
    // Cases 27 to 29.
    let none = base64url::encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    let payload = base64url::encode(claims().to_string());
    let mac = SigningKey::hmac(
        SignatureAlgorithm::HS256,
        b"a secret of at least thirty-two octets",
    )
    .unwrap();
    let foreign_jwk: Value =
        serde_json::from_str(&FOREIGN.public_jwk().unwrap().to_public_json()).unwrap();
    let embedded = json!({ "typ": "at+jwt", "jwk": foreign_jwk });
    let pointing = json!({ "typ": "at+jwt", "jku": "https://evil.example/jwks", "kid": EC.kid() });
    let traversal = json!({ "typ": "at+jwt", "kid": "../../etc/passwd" });
    let rows = [
        (format!("{none}.{payload}."), "jws_alg_none"),
        (
            sign(&mac, "at+jwt", &claims()),
            "access_token_alg_not_expected",
        ),
        (
            sign(&FOREIGN, "at+jwt", &claims()),
            "access_token_key_unknown",
        ),
        (
            sign_with_header(&FOREIGN, embedded, &claims()),
            "jws_signature_bad",
        ),
        (
            sign_with_header(&FOREIGN, pointing, &claims()),
            "jws_signature_bad",
        ),
        (
            sign_with_header(&FOREIGN, traversal, &claims()),
            "access_token_key_unknown",
        ),
        (
            sign_with_header(
                &EC,
                json!({ "typ": "at+jwt", "crit": ["x"], "x": 1 }),
                &claims(),
            ),
            "jws_crit_not_understood",
        ),
        ("cs_at_opaque".to_owned(), "jws_not_three_parts"),
    ];
    for (token, outcome) in rows {
        assert_eq!(judged(&token), outcome, "{token}");
    }
    let narrow = AccessTokenExpectation {
        algorithms: &[SignatureAlgorithm::RS256],
        ..EXPECTED
    };
    let fault = verify_jwt_access_token(&sign(&EC, "at+jwt", &claims()), &*KEYS, &narrow, NOW);
    assert_eq!(fault.unwrap_err().code(), "access_token_alg_not_expected");
}

#[test]
fn a_mac_is_refused_even_where_it_is_listed() {
    let secret = b"a secret of at least thirty-two octets";
    let mac = SigningKey::hmac(SignatureAlgorithm::HS256, secret).unwrap();
    let listed = AccessTokenExpectation {
        algorithms: &[SignatureAlgorithm::HS256],
        ..EXPECTED
    };
    let fault = verify_jwt_access_token(&sign(&mac, "at+jwt", &claims()), &*KEYS, &listed, NOW);
    assert_eq!(fault.unwrap_err().code(), "access_token_alg_not_expected");
}

#[test]
fn a_resource_without_a_name_accepts_nothing() {
    let nameless = AccessTokenExpectation {
        audiences: &[],
        ..EXPECTED
    };
    let fault = verify_jwt_access_token(&sign(&EC, "at+jwt", &claims()), &*KEYS, &nameless, NOW);
    assert_eq!(
        fault.unwrap_err().code(),
        "access_token_no_audience_expected"
    );
}

#[test]
fn claims_are_written_as_rfc_9068_3_shows() {
    let claims = AccessTokenClaims {
        iss: ISSUER.to_owned(),
        sub: "app".to_owned(),
        aud: Audience::one(ISSUER),
        exp: NOW + 600,
        iat: NOW,
        jti: "j".to_owned(),
        client_id: "app".to_owned(),
        ..AccessTokenClaims::default()
    };
    assert_eq!(
        serde_json::to_value(&claims).unwrap(),
        json!({
            "iss": ISSUER, "sub": "app", "aud": ISSUER, "exp": NOW + 600, "iat": NOW, "jti": "j",
            "client_id": "app",
        })
    );
    let many = Audience::many(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(serde_json::to_value(&many).unwrap(), json!(["a", "b"]));
    assert!(many.contains("a") && many.len() == 2 && !many.is_empty());
    assert!(serde_json::from_value::<Audience>(json!(7)).is_err());
}

proptest! {
    #[test]
    fn any_text_is_refused(token in "\\PC{0,80}") {
        prop_assert!(verify_jwt_access_token(&token, &*KEYS, &EXPECTED, NOW).is_err());
    }
}
