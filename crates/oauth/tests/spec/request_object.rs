//! OpenID Connect Core, section 6, and RFC 9101.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_oauth::client_signature::ClientVerificationKeys;
use countersign_oauth::parameters::{Limits, Parameters};
use countersign_oauth::request_object::{
    RequestObject, RequestObjectExpectation, RequestObjectFault, VerifiedRequestObject,
};
use serde_json::{Value, json};

use crate::signed::{EC, FOREIGN, ISSUER, KEYS, NOW, RSA, sign, sign_with_header, with};

const EXPECTED: RequestObjectExpectation<'static> = RequestObjectExpectation {
    client_id: "app",
    issuer: ISSUER,
    algorithms: &[SignatureAlgorithm::RS256, SignatureAlgorithm::ES256],
};

fn claims() -> Value {
    json!({
        "iss": "app", "aud": ISSUER, "client_id": "app", "response_type": "code",
        "redirect_uri": "https://app.example/callback", "scope": "openid", "state": "inside",
        "max_age": 86400, "claims": { "id_token": { "name": null } },
        "resource": ["https://a.example/", "https://b.example/"], "exp": NOW + 60,
    })
}

fn judged(object: &str) -> Result<VerifiedRequestObject, RequestObjectFault> {
    let keys = ClientVerificationKeys::Public(&*KEYS);
    RequestObject::read(object)?.verify(keys, &EXPECTED, NOW)
}

fn signed(claims: &Value) -> String {
    sign_with_header(&EC, json!({ "kid": EC.kid() }), claims)
}

fn outside(query: &str) -> Parameters {
    Parameters::parse_query(query, Limits::default(), &["resource"]).unwrap()
}

fn joined(claims: &Value, query: &str, alone: bool) -> Result<Parameters, RequestObjectFault> {
    let object = judged(&signed(claims)).unwrap();
    object.parameters(&outside(query), alone, Limits::default(), &["resource"])
}

#[test]
fn what_the_object_says_comes_first() {
    let query = "client_id=app&response_type=code&state=outside&nonce=n&request=x&resource=c";
    let parameters = joined(&claims(), query, false).unwrap();
    for (name, value) in [
        ("client_id", Some("app")),
        ("state", Some("inside")),
        ("max_age", Some("86400")),
        ("claims", Some(r#"{"id_token":{"name":null}}"#)),
        // OpenID Connect Core, section 6.1: the rest may be outside.
        ("nonce", Some("n")),
        ("request", None),
        ("iss", None),
        ("exp", None),
    ] {
        assert_eq!(parameters.get(name), value, "{name}");
    }
    let resources: Vec<&str> = parameters.all("resource").collect();
    assert_eq!(resources, ["https://a.example/", "https://b.example/"]);
}

#[test]
fn alone_it_is_the_whole_request() {
    // RFC 9101, section 6.3.
    let parameters = joined(&claims(), "client_id=app&nonce=n&state=outside", true).unwrap();
    assert_eq!(parameters.get("nonce"), None);
    assert_eq!(parameters.get("state"), Some("inside"));
    let without = with(claims(), "client_id", Value::Null);
    let parameters = joined(&without, "client_id=app", true).unwrap();
    assert_eq!(parameters.get("client_id"), Some("app"));
}

#[test]
fn response_type_and_client_id_are_the_same_on_both_sides() {
    // OpenID Connect Core, section 6.1.
    for (query, name) in [
        ("client_id=app&response_type=id_token", "response_type"),
        ("client_id=other&response_type=code", "client_id"),
    ] {
        let refused = joined(&claims(), query, false).unwrap_err();
        assert_eq!(refused, RequestObjectFault::Differs { name });
    }
    let numeric = with(claims(), "client_id", json!(7));
    assert!(joined(&numeric, "client_id=7", false).is_err());
}

#[test]
fn a_member_of_no_use_as_a_parameter_is_refused_and_an_unknown_one_ignored() {
    for (member, value) in [
        ("scope", json!(["openid"])),
        ("state", json!({})),
        ("resource", json!([1])),
        ("redirect_uri", json!("https://app.example/\u{0}")),
    ] {
        let refused = joined(&with(claims(), member, value), "client_id=app", false);
        assert!(refused.is_err(), "{member}");
    }
    let unknown = with(claims(), "verified", json!({ "a": [1] }));
    assert!(joined(&unknown, "client_id=app", false).is_ok());
    let absent = with(claims(), "max_age", json!(null));
    let parameters = joined(&absent, "client_id=app", false).unwrap();
    assert_eq!(parameters.get("max_age"), None);
}

#[test]
fn only_the_clients_own_signature_counts() {
    assert!(judged(&signed(&claims())).is_ok());
    assert!(
        judged(&sign_with_header(
            &RSA,
            json!({ "kid": RSA.kid() }),
            &claims()
        ))
        .is_ok()
    );
    let foreign = sign_with_header(&FOREIGN, json!({ "kid": FOREIGN.kid() }), &claims());
    let refused = judged(&foreign).unwrap_err();
    assert!(
        matches!(refused, RequestObjectFault::Signature(_)),
        "{refused:?}"
    );
    assert!(refused.keys_may_be_stale());
    // RFC 9101, section 10.1: an unsigned object proves nothing.
    let unsigned = "eyJhbGciOiJub25lIn0.eyJjbGllbnRfaWQiOiJhcHAifQ.";
    assert!(matches!(judged(unsigned), Err(RequestObjectFault::Jws(_))));
    let mac = SigningKey::hmac(SignatureAlgorithm::HS256, &[7; 32]).unwrap();
    let mac = sign_with_header(&mac, json!({}), &claims());
    assert!(matches!(
        judged(&mac),
        Err(RequestObjectFault::Signature(_))
    ));
    for no_jwt in ["", "a.b", "a.b.c", "{}"] {
        assert!(judged(no_jwt).is_err(), "{no_jwt}");
    }
}

#[test]
fn a_mac_is_verified_under_any_of_the_clients_secrets() {
    let expectation = RequestObjectExpectation {
        algorithms: &[SignatureAlgorithm::HS256],
        ..EXPECTED
    };
    let mac = SigningKey::hmac(SignatureAlgorithm::HS256, &[7; 32]).unwrap();
    let object = sign_with_header(&mac, json!({}), &claims());
    let object = RequestObject::read(&object).unwrap();
    assert!(object.alg().is_symmetric());
    let judged = |secrets: &[&[u8]]| {
        object.verify(ClientVerificationKeys::Secrets(secrets), &expectation, NOW)
    };
    assert!(judged(&[&[1; 32], &[7; 32]]).is_ok());
    assert!(judged(&[&[1; 32]]).is_err());
    assert!(judged(&[]).is_err());
}

#[test]
fn it_is_for_us_from_the_client_and_for_now() {
    for (member, value, fault) in [
        ("iss", json!("other"), Some(RequestObjectFault::OtherIssuer)),
        (
            "aud",
            json!("https://rs.example"),
            Some(RequestObjectFault::OtherAudience),
        ),
        ("aud", json!(["https://rs.example", ISSUER]), None),
        ("aud", json!(null), None),
        ("iss", json!(null), None),
        // RFC 9101, section 10.8: so no one passes off one for the other.
        (
            "sub",
            json!("app"),
            Some(RequestObjectFault::ClientAssertion),
        ),
        ("request", json!("x"), Some(RequestObjectFault::Nested)),
        (
            "request_uri",
            json!("https://a.example"),
            Some(RequestObjectFault::Nested),
        ),
        ("exp", json!(null), None),
        ("exp", json!(NOW - 29), None),
        ("nbf", json!(NOW + 29), None),
    ] {
        let judged = judged(&signed(&with(claims(), member, value.clone())));
        assert_eq!(judged.err(), fault, "{member} {value}");
    }
    for (member, value) in [
        ("exp", json!(NOW - 31)),
        ("exp", json!("soon")),
        ("nbf", json!(NOW + 61)),
        ("iat", json!(NOW + 61)),
    ] {
        let judged = judged(&signed(&with(claims(), member, value.clone())));
        assert!(
            matches!(judged, Err(RequestObjectFault::Jwt(_))),
            "{member} {value}"
        );
    }
}

#[test]
fn its_type_is_its_own() {
    for (typ, taken) in [
        ("oauth-authz-req+jwt", true),
        ("application/oauth-authz-req+jwt", true),
        ("JWT", true),
        ("client-authentication+jwt", false),
        ("at+jwt", false),
        ("logout+jwt", false),
        ("dpop+jwt", false),
    ] {
        let header = json!({ "kid": EC.kid(), "typ": typ });
        let object = sign_with_header(&EC, header, &claims());
        assert_eq!(RequestObject::read(&object).is_ok(), taken, "{typ}");
    }
    let object = sign(&EC, "JWT", &claims());
    assert!(judged(&object).is_ok());
}
