//! What each method of authentication needs to be registered: keys, and algorithms (OpenID Connect
//! Registration, section 2; OpenID Connect Core, section 9).

use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::ClientPolicy;
use serde_json::{Value, json};

use super::{judged, offered, read, with};
use crate::signed::{EC, RSA};

/// A server with every method.
fn operator(metadata: &Value) -> &'static str {
    let mut offered = offered();
    offered.auth_methods = ClientAuthMethod::ALL.to_vec();
    judged(metadata, &ClientPolicy::operator(offered))
}

fn public_key(key: &countersign_jose::key::SigningKey) -> Value {
    serde_json::from_str(&key.public_jwk().unwrap().to_public_json()).unwrap()
}

fn of(method: &str, members: Value) -> Value {
    let mut metadata = with("token_endpoint_auth_method", json!(method));
    for (name, value) in members.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    metadata
}

#[test]
fn private_key_jwt_needs_keys_by_value_or_by_reference() {
    let by_value = json!({ "keys": [public_key(&EC)] });
    let by_reference = "https://app.example/jwks.json";
    for (members, outcome) in [
        (json!({ "jwks": by_value }), "valid"),
        (json!({ "jwks_uri": by_reference }), "valid"),
        (json!({}), "client_metadata_keys_missing"),
        // RFC 7591, section 2: "MUST NOT both be present in the same request or response".
        (
            json!({ "jwks": by_value, "jwks_uri": by_reference }),
            "client_metadata_jwks_twice",
        ),
        (
            json!({ "jwks_uri": "http://app.example/jwks.json" }),
            "client_metadata_uri_not_https",
        ),
        (
            json!({ "jwks": { "keys": [] } }),
            "client_metadata_no_signing_key",
        ),
    ] {
        let metadata = of("private_key_jwt", members);
        assert_eq!(operator(&metadata), outcome, "{metadata}");
    }
}

#[test]
fn one_of_the_keys_is_for_an_agreed_algorithm() {
    let keys = |key: Value| json!({ "keys": [key] });
    let rsa = public_key(&RSA);
    let mut encrypting = rsa.clone();
    encrypting["use"] = json!("enc");
    encrypting["alg"] = json!("RSA-OAEP-256");
    let unusable = json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" });
    for (jwks, alg, outcome) in [
        (keys(rsa.clone()), Some("RS256"), "valid"),
        (keys(rsa.clone()), None, "valid"),
        (
            keys(rsa.clone()),
            Some("ES256"),
            "client_metadata_no_signing_key",
        ),
        (keys(public_key(&EC)), Some("ES256"), "valid"),
        (keys(encrypting), None, "client_metadata_no_signing_key"),
        (keys(unusable), None, "client_metadata_no_signing_key"),
        (
            json!({ "keys": [rsa.clone(), public_key(&EC)] }),
            Some("ES256"),
            "valid",
        ),
    ] {
        let metadata = of(
            "private_key_jwt",
            json!({ "jwks": jwks, "token_endpoint_auth_signing_alg": alg }),
        );
        assert_eq!(operator(&metadata), outcome, "{metadata}");
    }
}

#[test]
fn the_algorithm_suits_the_method() {
    // OpenID Connect Registration, section 2: token_endpoint_auth_signing_alg; "none" MUST NOT be
    // used.
    let jwks = json!({ "keys": [public_key(&RSA), public_key(&EC)] });
    for (method, alg, outcome) in [
        ("private_key_jwt", "RS256", "valid"),
        ("private_key_jwt", "ES256", "valid"),
        (
            "private_key_jwt",
            "HS256",
            "client_metadata_algorithm_not_supported",
        ),
        ("private_key_jwt", "none", "client_metadata_algorithm_none"),
        ("private_key_jwt", "None", "client_metadata_algorithm_none"),
        (
            "private_key_jwt",
            "rs256",
            "client_metadata_algorithm_not_supported",
        ),
        (
            "private_key_jwt",
            "ES512",
            "client_metadata_algorithm_not_supported",
        ),
        ("client_secret_jwt", "HS256", "valid"),
        (
            "client_secret_jwt",
            "RS256",
            "client_metadata_algorithm_not_supported",
        ),
        (
            "client_secret_jwt",
            "none",
            "client_metadata_algorithm_none",
        ),
        (
            "client_secret_basic",
            "none",
            "client_metadata_algorithm_none",
        ),
    ] {
        let metadata = of(
            method,
            json!({ "jwks": jwks, "token_endpoint_auth_signing_alg": alg }),
        );
        assert_eq!(operator(&metadata), outcome, "{metadata}");
    }
}

#[test]
fn client_secret_jwt_needs_no_keys() {
    let metadata = of("client_secret_jwt", json!({}));
    assert_eq!(operator(&metadata), "valid");
    assert!(read(&metadata).auth_method().unwrap().uses_secret());
}

#[test]
fn a_client_may_ask_for_a_stricter_audience_of_its_assertions() {
    let jwks = json!({ "keys": [public_key(&EC)] });
    let metadata = of(
        "private_key_jwt",
        json!({ "jwks": jwks, "strict_client_assertion_audience": true }),
    );
    let mut offered = offered();
    offered.auth_methods = ClientAuthMethod::ALL.to_vec();
    let self_registered = ClientPolicy::self_registered(offered);
    assert_eq!(judged(&metadata, &self_registered), "valid");
    assert!(read(&metadata).is_strict_about_assertion_audience());
    let without = of("private_key_jwt", json!({ "jwks": jwks }));
    assert!(!read(&without).is_strict_about_assertion_audience());
}

#[test]
fn tls_client_auth_needs_exactly_one_name() {
    // RFC 8705, section 2.1.2: "MUST use exactly one of the below metadata parameters".
    for (members, outcome) in [
        (
            json!({ "tls_client_auth_subject_dn": "CN=client,O=Bank" }),
            "valid",
        ),
        (
            json!({ "tls_client_auth_san_dns": "client.example" }),
            "valid",
        ),
        (
            json!({ "tls_client_auth_san_uri": "urn:client:1" }),
            "valid",
        ),
        (json!({ "tls_client_auth_san_ip": "192.0.2.7" }), "valid"),
        (json!({ "tls_client_auth_san_ip": "2001:db8::7" }), "valid"),
        (
            json!({ "tls_client_auth_san_email": "robot@client.example" }),
            "valid",
        ),
        (json!({}), "client_metadata_certificate_name"),
        (
            json!({ "tls_client_auth_san_dns": "a.example", "tls_client_auth_san_uri": "urn:a" }),
            "client_metadata_certificate_name",
        ),
        (
            json!({ "tls_client_auth_subject_dn": "/CN=client" }),
            "client_metadata_certificate_name",
        ),
        (
            json!({ "tls_client_auth_san_dns": "*.client.example" }),
            "client_metadata_certificate_name",
        ),
        (
            json!({ "tls_client_auth_san_dns": "https://client.example" }),
            "client_metadata_certificate_name",
        ),
        (
            json!({ "tls_client_auth_san_uri": "client" }),
            "client_metadata_certificate_name",
        ),
        (
            json!({ "tls_client_auth_san_ip": "192.0.2.0/24" }),
            "client_metadata_certificate_name",
        ),
        (
            json!({ "tls_client_auth_san_email": "client.example" }),
            "client_metadata_certificate_name",
        ),
    ] {
        let metadata = of("tls_client_auth", members);
        assert_eq!(operator(&metadata), outcome, "{metadata}");
    }
}

#[test]
fn self_signed_tls_client_auth_needs_a_certificate() {
    // RFC 8705, section 2.2.2: in the x5c of a key in jwks or at jwks_uri.
    let mut with_certificate = public_key(&EC);
    with_certificate["x5c"] = json!(["MIIB"]);
    let mut broken = public_key(&EC);
    broken["x5c"] = json!(["!"]);
    let mut empty = public_key(&EC);
    empty["x5c"] = json!([]);
    for (members, outcome) in [
        (json!({ "jwks": { "keys": [with_certificate] } }), "valid"),
        (json!({ "jwks_uri": "https://app.example/jwks" }), "valid"),
        (json!({}), "client_metadata_keys_missing"),
        (
            json!({ "jwks": { "keys": [public_key(&EC)] } }),
            "client_metadata_no_certificate",
        ),
        (
            json!({ "jwks": { "keys": [broken, empty] } }),
            "client_metadata_no_certificate",
        ),
    ] {
        let metadata = of("self_signed_tls_client_auth", members);
        assert_eq!(operator(&metadata), outcome, "{metadata}");
    }
}
