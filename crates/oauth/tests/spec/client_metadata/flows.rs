use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::ClientPolicy;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_type::ResponseType;
use serde_json::json;

use super::{judged, offered, operator, read, with};

#[test]
fn grant_types_and_response_types_fit_each_other() {
    // RFC 7591, section 2.1.
    let both = json!({
        "redirect_uris": ["https://app.example/cb"],
        "grant_types": ["authorization_code", "implicit"],
        "response_types": ["code id_token", "id_token"],
    });
    let rows = [
        (
            json!(["authorization_code"]),
            Some(json!(["code"])),
            "valid",
        ),
        (
            json!(["authorization_code", "refresh_token"]),
            None,
            "valid",
        ),
        (json!(["client_credentials"]), None, "valid"),
        (json!(["client_credentials"]), Some(json!([])), "valid"),
        (
            json!(["client_credentials"]),
            Some(json!(["code"])),
            "client_metadata_response_type_needs_grant",
        ),
        (
            json!(["authorization_code"]),
            Some(json!([])),
            "client_metadata_grant_needs_response_type",
        ),
        (
            json!(["refresh_token"]),
            Some(json!(["code"])),
            "client_metadata_response_type_needs_grant",
        ),
        (
            json!(["implicit"]),
            Some(json!(["id_token"])),
            "client_metadata_grant_type_not_supported",
        ),
        (
            json!(["password"]),
            None,
            "client_metadata_grant_type_not_supported",
        ),
        (
            json!(["urn:ietf:params:oauth:grant-type:device_code"]),
            None,
            "client_metadata_grant_type_not_supported",
        ),
        (
            json!(["authorization_code"]),
            Some(json!(["token"])),
            "client_metadata_response_type_not_supported",
        ),
        (json!(["code"]), None, "client_metadata_unknown_value"),
        (
            json!(["authorization_code"]),
            Some(json!(["code code"])),
            "client_metadata_unknown_value",
        ),
        (
            json!("authorization_code"),
            None,
            "client_metadata_malformed",
        ),
    ];
    for (grants, responses, expected) in rows {
        let mut metadata = with("grant_types", grants);
        if let Some(responses) = responses {
            metadata["response_types"] = responses;
        }
        assert_eq!(operator(&metadata), expected, "{metadata}");
    }
    let mut policy = ClientPolicy::operator(offered());
    policy.offered.grant_types.push(GrantType::Implicit);
    policy.offered.response_types.extend(ResponseType::ALL);
    assert_eq!(judged(&both, &policy), "valid");
    let mut without_implicit = both.clone();
    without_implicit["grant_types"] = json!(["authorization_code"]);
    assert_eq!(
        judged(&without_implicit, &policy),
        "client_metadata_response_type_needs_grant"
    );
    let mut idle = both;
    idle["response_types"] = json!(["code"]);
    assert_eq!(
        judged(&idle, &policy),
        "client_metadata_grant_needs_response_type"
    );
}

#[test]
fn methods_of_authentication_are_known_and_offered() {
    let rows = [
        ("none", "valid"),
        ("client_secret_basic", "valid"),
        ("client_secret_post", "valid"),
        (
            "client_secret_jwt",
            "client_metadata_auth_method_not_supported",
        ),
        (
            "private_key_jwt",
            "client_metadata_auth_method_not_supported",
        ),
        (
            "tls_client_auth",
            "client_metadata_auth_method_not_supported",
        ),
        (
            "self_signed_tls_client_auth",
            "client_metadata_auth_method_not_supported",
        ),
        ("client_secret", "client_metadata_unknown_value"),
        ("None", "client_metadata_unknown_value"),
    ];
    for (method, expected) in rows {
        let metadata = with("token_endpoint_auth_method", json!(method));
        assert_eq!(operator(&metadata), expected, "{method}");
    }
    let mut policy = ClientPolicy::operator(offered());
    policy
        .offered
        .auth_methods
        .push(ClientAuthMethod::PrivateKeyJwt);
    let mut metadata = with("token_endpoint_auth_method", json!("private_key_jwt"));
    metadata["jwks_uri"] = json!("https://app.example/jwks.json");
    assert_eq!(judged(&metadata, &policy), "valid");
    // RFC 6749, section 4.4: "MUST only be used by confidential clients".
    let public =
        json!({ "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"] });
    assert_eq!(
        operator(&public),
        "client_metadata_grant_needs_confidential_client"
    );
}

#[test]
fn id_tokens_are_signed_with_something_that_is_offered() {
    let rows = [
        ("RS256", "valid"),
        ("PS256", "valid"),
        ("ES256", "valid"),
        ("EdDSA", "valid"),
        ("none", "client_metadata_algorithm_none"),
        ("nOnE", "client_metadata_algorithm_none"),
        ("HS256", "client_metadata_algorithm_not_supported"),
        ("RS512", "client_metadata_algorithm_not_supported"),
        ("rs256", "client_metadata_algorithm_not_supported"),
    ];
    for (alg, expected) in rows {
        let metadata = with("id_token_signed_response_alg", json!(alg));
        assert_eq!(operator(&metadata), expected, "{alg}");
    }
    let fault = read(&with("id_token_signed_response_alg", json!("HS256")))
        .validate(&ClientPolicy::operator(offered()))
        .unwrap_err();
    assert!(
        fault
            .to_string()
            .ends_with("supported are RS256, PS256, ES256, EdDSA"),
        "{fault}"
    );
    // OpenID Connect Core, section 10.1: the key of a MAC is the client's secret; a public client
    // has none.
    let mut policy = ClientPolicy::operator(offered());
    policy.offered.id_token_algs.push(SignatureAlgorithm::HS256);
    let mut metadata = with("id_token_signed_response_alg", json!("HS256"));
    assert_eq!(judged(&metadata, &policy), "valid");
    metadata["token_endpoint_auth_method"] = json!("none");
    assert_eq!(
        judged(&metadata, &policy),
        "client_metadata_algorithm_not_supported"
    );
}

#[test]
fn a_client_that_names_no_algorithm_gets_rs256_where_that_is_offered() {
    // OIDC Registration, section 2: the default is RS256.
    let mut policy = ClientPolicy::operator(offered());
    let metadata = read(&json!({ "redirect_uris": ["https://app.example/cb"] }));
    let registered = metadata.validate(&policy).unwrap();
    assert_eq!(
        registered.id_token_signed_response_alg.as_deref(),
        Some("RS256")
    );

    policy.offered.id_token_algs = vec![SignatureAlgorithm::ES256, SignatureAlgorithm::HS256];
    let refused = metadata.validate(&policy).unwrap_err();
    assert_eq!(refused.code(), "client_metadata_algorithm_missing");
    assert!(
        refused.to_string().ends_with("choose one of ES256, HS256"),
        "{refused}"
    );
    let public = read(&with("token_endpoint_auth_method", json!("none")));
    let refused = public.validate(&policy).unwrap_err();
    assert!(
        refused.to_string().ends_with("choose one of ES256"),
        "{refused}"
    );
    let named = with("id_token_signed_response_alg", json!("ES256"));
    assert_eq!(judged(&named, &policy), "valid");

    // No one signs in to this one.
    let machine = read(&json!({ "grant_types": ["client_credentials"] }));
    let registered = machine.validate(&policy).unwrap();
    assert_eq!(registered.id_token_signed_response_alg, None);
}

#[test]
fn a_public_clients_refresh_tokens_rotate_unless_they_are_bound_to_a_key() {
    // RFC 9700, section 2.2.2; RFC 9449, section 5.
    let client = |auth_method: &str, rotate: Option<bool>, dpop: Option<bool>| {
        let mut metadata = with("token_endpoint_auth_method", json!(auth_method));
        metadata["rotate_refresh_tokens"] = json!(rotate);
        metadata["dpop_bound_access_tokens"] = json!(dpop);
        metadata
    };
    let mut policy = ClientPolicy::operator(offered());
    policy.offered.members.push("dpop_bound_access_tokens");
    let refused = "client_metadata_public_client_without_rotation";
    let rows = [
        ("none", None, None, "valid"),
        ("none", Some(true), None, "valid"),
        ("none", Some(false), None, refused),
        ("none", Some(false), Some(false), refused),
        ("none", Some(false), Some(true), "valid"),
        ("client_secret_basic", Some(false), None, "valid"),
    ];
    for (auth_method, rotate, dpop, expected) in rows {
        let metadata = client(auth_method, rotate, dpop);
        assert_eq!(judged(&metadata, &policy), expected, "{metadata}");
    }
    let bound = client("none", Some(false), Some(true));
    assert_eq!(operator(&bound), "client_metadata_member_not_supported");
}

#[test]
fn keys_are_given_once_and_are_public() {
    // RFC 7591, section 2: jwks and jwks_uri "MUST NOT both be present".
    let key = json!({ "kty": "EC", "crv": "P-256", "x": "x", "y": "y" });
    let mut twice = with("jwks", json!({ "keys": [key] }));
    twice["jwks_uri"] = json!("https://app.example/jwks");
    assert_eq!(operator(&twice), "client_metadata_jwks_twice");
    let rows = [
        (json!({ "keys": [key] }), "valid"),
        (json!({ "keys": [] }), "valid"),
        (json!({ "keys": key }), "client_metadata_jwks_invalid"),
        (json!([key]), "client_metadata_jwks_invalid"),
        (json!({ "keys": ["x"] }), "client_metadata_jwks_invalid"),
        (
            json!({ "keys": [{ "crv": "P-256" }] }),
            "client_metadata_jwks_invalid",
        ),
        (
            json!({ "keys": [{ "kty": "EC", "d": "x" }] }),
            "client_metadata_jwks_invalid",
        ),
        (
            json!({ "keys": [{ "kty": "oct", "k": "x" }] }),
            "client_metadata_jwks_invalid",
        ),
        (
            json!({ "keys": vec![key.clone(); 51] }),
            "client_metadata_too_many",
        ),
    ];
    for (jwks, expected) in rows {
        assert_eq!(operator(&with("jwks", jwks.clone())), expected, "{jwks}");
    }
}
