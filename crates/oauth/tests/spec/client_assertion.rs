//! RFC 7523, sections 2.2 and 3, RFC 7521, section 4.2, and OpenID Connect Core, section 9.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::key::{SigningKey, VerifyingKey};
use countersign_oauth::client_assertion::{
    CLIENT_ASSERTION_TYPE, ClientAssertion, ClientAssertionExpectation,
};
use countersign_oauth::client_signature::ClientVerificationKeys;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::signed::{EC, FOREIGN, ISSUER, KEYS, NOW, RSA, sign, sign_with_header, with};

const TOKEN_ENDPOINT: &str = "https://op.example/token";
const PAR_ENDPOINT: &str = "https://op.example/par";
const OFFERED: &[SignatureAlgorithm] = &[SignatureAlgorithm::RS256, SignatureAlgorithm::ES256];
const EXPECTED: ClientAssertionExpectation<'static> = ClientAssertionExpectation {
    audiences: &[ISSUER, TOKEN_ENDPOINT, PAR_ENDPOINT],
    single_audience: false,
    algorithms: OFFERED,
};

fn claims() -> Value {
    json!({
        "iss": "app", "sub": "app", "aud": ISSUER, "jti": "j1", "exp": NOW + 60, "iat": NOW,
    })
}

fn presented(assertion: &str) -> Result<ClientAssertion<'_>, &'static str> {
    ClientAssertion::read(Some(CLIENT_ASSERTION_TYPE), Some(assertion), None)
        .map_err(|fault| fault.code())
}

fn judged_as(assertion: &str, expectation: &ClientAssertionExpectation<'_>) -> &'static str {
    let outcome = presented(assertion).and_then(|assertion| {
        let verified = assertion.verify(ClientVerificationKeys::Public(&*KEYS), expectation, NOW);
        verified.map_err(|fault| fault.code())
    });
    outcome.map_or_else(|code| code, |_| "believed")
}

fn judged(assertion: &str) -> &'static str {
    judged_as(assertion, &EXPECTED)
}

fn signed(claims: &Value) -> String {
    sign_with_header(&EC, json!({ "kid": EC.kid() }), claims)
}

#[test]
fn a_valid_assertion_names_and_proves_its_client() {
    for key in [&RSA, &EC] {
        let assertion = sign_with_header(key, json!({ "kid": key.kid() }), &claims());
        let assertion = presented(&assertion).unwrap();
        assert_eq!(assertion.client_id(), "app");
        assert_eq!(assertion.alg(), key.alg());
        let verified = assertion
            .verify(ClientVerificationKeys::Public(&*KEYS), &EXPECTED, NOW)
            .unwrap();
        assert_eq!((verified.client_id(), verified.jti()), ("app", "j1"));
        // Its last acceptable instant, with the leeway: until then its jti is remembered.
        assert!((NOW + 60..NOW + 120).contains(&verified.acceptable_until()));
    }
}

#[test]
fn the_type_is_exactly_that_of_a_jwt() {
    // RFC 7523, section 2.2; RFC 7521, section 4.2: both parameters are REQUIRED.
    let assertion = signed(&claims());
    let read = |kind, assertion| {
        ClientAssertion::read(kind, assertion, None).map_or_else(|fault| fault.code(), |_| "read")
    };
    let assertion = Some(assertion.as_str());
    assert_eq!(read(Some(CLIENT_ASSERTION_TYPE), assertion), "read");
    for other in [
        "",
        "jwt",
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        "URN:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer ",
    ] {
        let outcome = read(Some(other), assertion);
        assert_eq!(outcome, "client_assertion_type_unknown", "{other}");
    }
    assert_eq!(read(None, assertion), "client_assertion_type_missing");
    let kind = Some(CLIENT_ASSERTION_TYPE);
    assert_eq!(read(kind, None), "client_assertion_missing");
}

#[test]
fn a_client_id_beside_it_is_the_same() {
    // RFC 7521, section 4.2: "MUST identify the same client as is identified by the client
    // assertion".
    let assertion = signed(&claims());
    for (client_id, outcome) in [
        (None, "read"),
        (Some("app"), "read"),
        (Some("App"), "client_assertion_client_id_differs"),
        (Some(""), "client_assertion_client_id_differs"),
        (Some("another"), "client_assertion_client_id_differs"),
    ] {
        let read = ClientAssertion::read(Some(CLIENT_ASSERTION_TYPE), Some(&assertion), client_id);
        assert_eq!(read.map_or_else(|fault| fault.code(), |_| "read"), outcome);
    }
}

#[test]
fn issuer_and_subject_are_the_client() {
    // RFC 7523, section 3, points 1 and 2; OpenID Connect Core, section 9: both are REQUIRED and
    // the client_id. Case 23.
    for (member, value) in [
        ("iss", json!(null)),
        ("iss", json!("another")),
        ("iss", json!(ISSUER)),
        ("iss", json!(["app"])),
        ("sub", json!(null)),
        ("sub", json!("another")),
        ("sub", json!(7)),
        ("sub", json!("")),
    ] {
        let outcome = judged(&signed(&with(claims(), member, value.clone())));
        assert_eq!(outcome, "client_assertion_subject", "{member}: {value}");
    }
    let empty = with(with(claims(), "iss", json!("")), "sub", json!(""));
    assert_eq!(judged(&signed(&empty)), "client_assertion_subject");
}

#[test]
fn the_audience_is_this_server() {
    // RFC 7523, section 3, point 3; RFC 9126, section 2: the issuer, the token endpoint or the
    // endpoint that is called. Case 23.
    let foreign = "https://other.example";
    let rows = [
        (json!(ISSUER), "believed"),
        (json!(TOKEN_ENDPOINT), "believed"),
        (json!(PAR_ENDPOINT), "believed"),
        (json!([ISSUER]), "believed"),
        (json!([ISSUER, TOKEN_ENDPOINT]), "believed"),
        (json!(null), "jwt_claim_missing"),
        (json!([]), "jwt_claim_missing"),
        (json!(""), "jwt_aud_wrong"),
        (json!(foreign), "jwt_aud_wrong"),
        (json!([foreign]), "jwt_aud_wrong"),
        // The other server could pass it on.
        (json!([ISSUER, foreign]), "jwt_aud_not_alone"),
        (json!("https://op.example/"), "jwt_aud_wrong"),
        (json!("https://OP.example"), "jwt_aud_wrong"),
        (json!("https://op.example/token?x"), "jwt_aud_wrong"),
        (json!({ "a": ISSUER }), "jwt_claim_malformed"),
    ];
    for (aud, outcome) in rows {
        let judged = judged(&signed(&with(claims(), "aud", aud.clone())));
        assert_eq!(judged, outcome, "{aud}");
    }
}

#[test]
fn a_strict_client_names_the_issuer_alone_as_one_string() {
    // FAPI 2.0 Security Profile, section 5.3.2.1, point 6.
    let strict = ClientAssertionExpectation {
        audiences: &[ISSUER],
        single_audience: true,
        ..EXPECTED
    };
    for (aud, outcome) in [
        (json!(ISSUER), "believed"),
        (json!([ISSUER]), "jwt_aud_is_array"),
        (json!(TOKEN_ENDPOINT), "jwt_aud_wrong"),
        (json!(PAR_ENDPOINT), "jwt_aud_wrong"),
    ] {
        let judged = judged_as(&signed(&with(claims(), "aud", aud.clone())), &strict);
        assert_eq!(judged, outcome, "{aud}");
    }
}

#[test]
fn it_expires_and_soon() {
    // RFC 7523, section 3, point 4: exp is REQUIRED, and one "unreasonably far in the future" may
    // be refused. Case 23.
    let far = 365 * 86_400;
    for (exp, outcome) in [
        (json!(null), "jwt_claim_missing"),
        (json!("soon"), "jwt_claim_malformed"),
        (json!(NOW - 60), "jwt_expired"),
        (json!(NOW - far), "jwt_expired"),
        (json!(NOW + 1), "believed"),
        (json!(NOW + 600), "believed"),
        (json!(NOW + 3600), "believed"),
        (json!(NOW + 3700), "jwt_lives_too_long"),
        (json!(NOW + far), "jwt_lives_too_long"),
    ] {
        let judged = judged(&signed(&with(claims(), "exp", exp.clone())));
        assert_eq!(judged, outcome, "{exp}");
    }
}

#[test]
fn clocks_may_differ_by_ten_seconds_and_not_by_sixty() {
    // RFC 7523, section 3, points 5 and 6; FAPI 2.0 Security Profile, section 5.3.2.1, point 13:
    // 0 to 10 seconds MUST be accepted, more than 60 MUST be rejected.
    for (member, outcome) in [
        ("nbf", "jwt_not_yet_valid"),
        ("iat", "jwt_issued_in_the_future"),
    ] {
        for (ahead, outcome) in [
            (-600, "believed"),
            (0, "believed"),
            (8, "believed"),
            (10, "believed"),
            (61, outcome),
            (3600, outcome),
        ] {
            let judged = judged(&signed(&with(claims(), member, json!(NOW + ahead))));
            assert_eq!(judged, outcome, "{member} {ahead}");
        }
        let absent = with(claims(), member, json!(null));
        assert_eq!(judged(&signed(&absent)), "believed", "no {member}");
    }
}

#[test]
fn it_has_an_identifier() {
    // OpenID Connect Core, section 9: jti is REQUIRED.
    for (jti, outcome) in [
        (json!(null), "jwt_claim_missing"),
        (json!(""), "client_assertion_jti_empty"),
        (json!(7), "jwt_claim_malformed"),
        (json!("j"), "believed"),
    ] {
        let judged = judged(&signed(&with(claims(), "jti", jti.clone())));
        assert_eq!(judged, outcome, "{jti}");
    }
}

#[test]
fn a_token_of_another_kind_is_no_assertion() {
    // Case 24; RFC 8725, section 3.11: what names another type is of another type.
    for typ in [
        "oauth-authz-req+jwt",
        "at+jwt",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "",
    ] {
        let outcome = judged(&sign(&EC, typ, &claims()));
        assert_eq!(outcome, "client_assertion_typ", "{typ}");
    }
    for typ in ["JWT", "jwt", "client-authentication+jwt"] {
        assert_eq!(judged(&sign(&EC, typ, &claims())), "believed", "{typ}");
    }
    // RFC 9101, section 10.8: an old request object has no typ, and its sub is not the client.
    let request = json!({ "iss": "app", "aud": ISSUER, "client_id": "app", "exp": NOW + 60 });
    assert_eq!(judged(&signed(&request)), "client_assertion_subject");
}

#[test]
fn the_algorithm_is_one_that_was_agreed_on() {
    // OpenID Connect Registration, section 2: "none" MUST NOT be used; cases 27 and 28.
    let header = base64url::encode(r#"{"alg":"none"}"#);
    let payload = base64url::encode(claims().to_string());
    assert_eq!(judged(&format!("{header}.{payload}.")), "jws_alg_none");
    let secret = b"a secret of at least thirty-two octets";
    let mac = SigningKey::hmac(SignatureAlgorithm::HS256, secret).unwrap();
    let with_mac = sign(&mac, "JWT", &claims());
    assert_eq!(judged(&with_mac), "client_signature_alg");
    let listed = ClientAssertionExpectation {
        algorithms: &[SignatureAlgorithm::HS256],
        ..EXPECTED
    };
    // Public keys never verify a MAC, even where it is listed.
    assert_eq!(judged_as(&with_mac, &listed), "client_signature_alg");
    let only_rs256 = ClientAssertionExpectation {
        algorithms: &[SignatureAlgorithm::RS256],
        ..EXPECTED
    };
    let outcome = judged_as(&signed(&claims()), &only_rs256);
    assert_eq!(outcome, "client_signature_alg");
}

#[test]
fn the_signature_is_the_clients() {
    // Cases 29 to 31: what the header points at is not looked at.
    let foreign_jwk: Value =
        serde_json::from_str(&FOREIGN.public_jwk().unwrap().to_public_json()).unwrap();
    let rows = [
        (
            json!({ "kid": FOREIGN.kid() }),
            "client_signature_key_unknown",
        ),
        (json!({ "kid": EC.kid() }), "jws_signature_bad"),
        (json!({ "jwk": foreign_jwk }), "jws_signature_bad"),
        (
            json!({ "jku": "https://evil.example/jwks", "kid": EC.kid() }),
            "jws_signature_bad",
        ),
        (
            json!({ "kid": "../../etc/passwd" }),
            "client_signature_key_unknown",
        ),
        (
            json!({ "kid": "' OR 1=1 --" }),
            "client_signature_key_unknown",
        ),
        (json!({ "crit": ["x"], "x": 1 }), "jws_crit_not_understood"),
    ];
    for (header, outcome) in rows {
        let assertion = sign_with_header(&FOREIGN, header.clone(), &claims());
        assert_eq!(judged(&assertion), outcome, "{header}");
    }
    for (assertion, outcome) in [
        ("", "jws_not_three_parts"),
        ("e30.e30.x", "jws_alg_missing"),
        ("a.b.c.d.e", "jws_encrypted"),
    ] {
        assert_eq!(judged(assertion), outcome, "{assertion}");
    }
}

#[test]
fn only_an_unknown_key_is_a_reason_to_fetch_again() {
    let stale = |assertion: &str| {
        let assertion = presented(assertion).unwrap();
        let outcome = assertion.verify(ClientVerificationKeys::Public(&*KEYS), &EXPECTED, NOW);
        outcome.unwrap_err().keys_may_be_stale()
    };
    let unknown_kid = sign_with_header(&FOREIGN, json!({ "kid": "new" }), &claims());
    assert!(stale(&unknown_kid));
    // Without a kid, a key of the same kind may have replaced the one that is known.
    let no_kid = sign_with_header(&FOREIGN, json!({}), &claims());
    assert!(stale(&no_kid));
    let known_kid = sign_with_header(&FOREIGN, json!({ "kid": EC.kid() }), &claims());
    assert!(!stale(&known_kid));
    let expired = signed(&with(claims(), "exp", json!(NOW - 600)));
    assert!(!stale(&expired));
}

#[test]
fn a_mac_is_made_with_one_of_the_clients_secrets() {
    // OpenID Connect Core, section 9: client_secret_jwt; RFC 7518, section 3.2.
    let expectation = ClientAssertionExpectation {
        algorithms: &[SignatureAlgorithm::HS256, SignatureAlgorithm::HS512],
        ..EXPECTED
    };
    let secrets = ["1", "2", "3"].map(|digit| digit.repeat(64));
    let judged = |key: &SigningKey, known: &[String]| {
        let assertion = sign(key, "JWT", &claims());
        let assertion = presented(&assertion).unwrap();
        let secrets: Vec<&[u8]> = known.iter().map(|secret| secret.as_bytes()).collect();
        let outcome =
            assertion.verify(ClientVerificationKeys::Secrets(&secrets), &expectation, NOW);
        outcome.map_or_else(|fault| fault.code(), |_| "believed")
    };
    for alg in [SignatureAlgorithm::HS256, SignatureAlgorithm::HS512] {
        let mac = SigningKey::hmac(alg, secrets[1].as_bytes()).unwrap();
        assert_eq!(judged(&mac, &secrets), "believed");
        assert_eq!(judged(&mac, &secrets[1..]), "believed");
        assert_eq!(judged(&mac, &secrets[..1]), "jws_signature_bad");
        assert_eq!(judged(&mac, &[]), "client_signature_key_unknown");
    }
    let unlisted = SigningKey::hmac(SignatureAlgorithm::HS384, secrets[0].as_bytes()).unwrap();
    assert_eq!(judged(&unlisted, &secrets), "client_signature_alg");
    // A secret verifies no signature of a key.
    assert_eq!(judged(&EC, &secrets), "client_signature_alg");
    // Nor is one too short for the algorithm used.
    let short = vec!["s".repeat(31)];
    assert!(VerifyingKey::hmac(SignatureAlgorithm::HS256, short[0].as_bytes()).is_err());
    let mac = SigningKey::hmac(SignatureAlgorithm::HS256, secrets[0].as_bytes()).unwrap();
    assert_eq!(judged(&mac, &short), "client_signature_key_unknown");
}

#[test]
fn claims_are_json_without_repeated_members() {
    // Case 31.
    let repeated = format!(r#"{{"iss":"app","sub":"app","sub":"b","aud":"{ISSUER}"}}"#);
    let mut header = serde_json::Map::new();
    header.insert("kid".to_owned(), json!(EC.kid()));
    for payload in [repeated.as_str(), "[]", "", "\"app\""] {
        let assertion = EC.sign_with_header(&header, payload.as_bytes()).unwrap();
        assert_eq!(judged(&assertion), "client_assertion_claims", "{payload}");
    }
}

proptest! {
    #[test]
    fn any_text_is_refused(assertion in "\\PC{0,80}") {
        prop_assert!(presented(&assertion).is_err());
    }
}
