use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_type::ResponseType;
use serde_json::json;

use super::{judged, offered, operator, read, with};

#[test]
fn a_member_that_the_server_does_not_act_on_is_refused() {
    for member in ClientPolicy::NOT_YET {
        let value = if member.starts_with("require") || member.ends_with("access_tokens") {
            json!(true)
        } else {
            json!("https://app.example/x")
        };
        let value = match *member {
            "introspection_signed_response_alg" | "userinfo_signed_response_alg" => json!("ES256"),
            "request_object_signing_alg" => json!("HS256"),
            _ => value,
        };
        let mut metadata = with(member, value);
        if *member == "require_signed_request_object" {
            metadata["jwks_uri"] = json!("https://app.example/jwks");
        }
        assert_eq!(
            operator(&metadata),
            "client_metadata_member_not_supported",
            "{member}"
        );
        let mut policy = ClientPolicy::operator(offered());
        policy.offered.members.push(member);
        assert_eq!(judged(&metadata, &policy), "valid", "{member}");
    }
    // RFC 7591, section 2.2: a language tag changes nothing.
    let tagged = with("logo_uri#de", json!("https://app.example/logo.png"));
    assert_eq!(operator(&tagged), "client_metadata_member_not_supported");
    assert_eq!(
        operator(&with("dpop_bound_access_tokens", json!(false))),
        "valid"
    );
    assert_eq!(operator(&with("subject_type", json!("public"))), "valid");
    let pairwise = with("subject_type", json!("pairwise"));
    assert_eq!(operator(&pairwise), "client_metadata_member_not_supported");
    assert_eq!(
        operator(&with("subject_type", json!("x"))),
        "client_metadata_unknown_value"
    );
}

#[test]
fn a_client_cannot_grant_itself_an_exception() {
    let members = [
        ("insecure_skip_consent", json!(true)),
        ("insecure_plain_pkce", json!(true)),
        ("insecure_id_token_is_access_token", json!(true)),
        ("accept_json_token_requests", json!(true)),
        ("persist_access_tokens", json!(false)),
        ("rotate_refresh_tokens", json!(false)),
        ("access_token_format", json!("opaque")),
        ("may_introspect", json!(true)),
        ("refresh_grace_seconds", json!(0)),
    ];
    for (member, value) in members {
        let metadata = with(member, value);
        let own = judged(&metadata, &ClientPolicy::self_registered(offered()));
        assert_eq!(own, "client_metadata_operator_only", "{member}");
        assert_eq!(operator(&metadata), "valid", "{member}");
    }
    let stricter = with("require_pkce", json!(true));
    assert_eq!(
        judged(&stricter, &ClientPolicy::self_registered(offered())),
        "valid"
    );
    assert_eq!(
        operator(&with("access_token_format", json!("xml"))),
        "client_metadata_malformed"
    );
}

#[test]
fn scopes_follow_their_grammar_and_the_default_lies_within() {
    assert_eq!(operator(&with("scope", json!("openid email"))), "valid");
    assert_eq!(
        operator(&with("scope", json!("openid\temail"))),
        "client_metadata_scope"
    );
    assert_eq!(operator(&with("scope", json!("openid  email"))), "valid");
    assert_eq!(
        operator(&with("default_scope", json!("a\"b"))),
        "client_metadata_scope"
    );
    let mut metadata = with("scope", json!("openid email"));
    metadata["default_scope"] = json!("openid");
    assert_eq!(operator(&metadata), "valid");
    let mut policy = ClientPolicy::self_registered(offered());
    policy.offered.scopes = vec!["openid".to_owned(), "email".to_owned()];
    assert_eq!(judged(&metadata, &policy), "valid");
    policy.offered.scopes = vec!["openid".to_owned(), "invoices:read".to_owned()];
    let fault = read(&metadata).validate(&policy).unwrap_err();
    assert_eq!(fault.code(), "client_metadata_scope_not_offered");
    assert_eq!(
        fault.to_string(),
        "scope has the scope email, which is not defined here; defined are openid, invoices:read"
    );
    let undefined = with("default_scope", json!("openid calendar"));
    assert_eq!(operator(&undefined), "client_metadata_scope_not_offered");
    metadata["default_scope"] = json!("openid profile");
    assert_eq!(
        operator(&metadata),
        "client_metadata_default_scope_outside_scope"
    );
}

#[test]
fn texts_and_lists_have_bounds() {
    let rows = [
        (with("client_name", json!("x".repeat(512))), "valid"),
        (
            with("client_name", json!("x".repeat(513))),
            "client_metadata_too_long",
        ),
        (
            with("client_name", json!("a\nb")),
            "client_metadata_control_character",
        ),
        (
            with("client_name#de", json!("a\u{0}b")),
            "client_metadata_control_character",
        ),
        (
            with("client_name#de", json!(7)),
            "client_metadata_wrong_type",
        ),
        (
            with("contacts", json!(["a\r"])),
            "client_metadata_control_character",
        ),
        (
            with("contacts", json!(vec!["a"; 51])),
            "client_metadata_too_many",
        ),
        (
            with("redirect_uris", json!(vec!["https://a.example/"; 51])),
            "client_metadata_too_many",
        ),
        (
            with(
                "redirect_uris",
                json!([format!("https://a.example/{}", "x".repeat(2_048))]),
            ),
            "client_metadata_too_long",
        ),
        (
            with("unknown", json!("x".repeat(5_000))),
            "client_metadata_too_long",
        ),
        (
            with("application_type", json!("mobile")),
            "client_metadata_unknown_value",
        ),
        (
            with("default_max_age", json!(-1)),
            "client_metadata_malformed",
        ),
    ];
    for (metadata, expected) in rows {
        assert_eq!(operator(&metadata), expected, "{metadata}");
    }
    let mut many = with("a", json!(1));
    for n in 0..50 {
        many[format!("x{n}")] = json!(n);
    }
    assert_eq!(operator(&many), "client_metadata_too_many");
}

#[test]
fn what_is_no_object_or_says_a_thing_twice_is_malformed() {
    for text in [
        "",
        "[]",
        "null",
        "{",
        r#"{"client_name":"a","client_name":"b"}"#,
        r#"{"x":1,"x":2}"#,
        r#"{"redirect_uris":"https://a.example/"}"#,
    ] {
        let fault = ClientMetadata::from_json(text.as_bytes()).unwrap_err();
        assert_eq!(fault.code(), "client_metadata_malformed", "{text}");
    }
    let fault =
        ClientMetadata::from_json(br#"{"redirect_uris":"https://a.example/"}"#).unwrap_err();
    assert!(
        fault.to_string().contains("redirect_uris: invalid type"),
        "{fault}"
    );
}

#[test]
fn request_objects_are_signed_with_what_the_client_has() {
    // OIDC Registration, section 2; RFC 9101, section 10.1: never with none.
    let mut policy = ClientPolicy::operator(offered());
    let members = [
        "request_object_signing_alg",
        "require_signed_request_object",
    ];
    policy.offered.members.extend(members);
    let keys = json!("https://app.example/jwks");
    for (method, jwks_uri, alg, expected) in [
        ("client_secret_basic", None, "HS256", "valid"),
        (
            "client_secret_basic",
            None,
            "ES256",
            "client_metadata_algorithm_not_supported",
        ),
        ("client_secret_basic", Some(&keys), "ES256", "valid"),
        (
            "none",
            Some(&keys),
            "HS256",
            "client_metadata_algorithm_not_supported",
        ),
        ("none", Some(&keys), "RS256", "valid"),
        (
            "none",
            Some(&keys),
            "none",
            "client_metadata_algorithm_none",
        ),
        (
            "none",
            Some(&keys),
            "RS1",
            "client_metadata_algorithm_not_supported",
        ),
    ] {
        let mut metadata = with("request_object_signing_alg", json!(alg));
        metadata["token_endpoint_auth_method"] = json!(method);
        if let Some(jwks_uri) = jwks_uri {
            metadata["jwks_uri"] = jwks_uri.clone();
        }
        assert_eq!(judged(&metadata, &policy), expected, "{method} {alg}");
    }
    let required = with("require_signed_request_object", json!(true));
    assert_eq!(
        judged(&required, &policy),
        "client_metadata_algorithm_missing"
    );
}

#[test]
fn a_web_client_gets_tokens_at_no_loopback_address() {
    // OIDC Registration, section 2: application_type.
    let mut policy = ClientPolicy::operator(offered());
    policy.offered.grant_types.push(GrantType::Implicit);
    policy.offered.response_types.push(ResponseType::IdToken);
    for (uri, application_type, expected) in [
        ("https://app.example/cb", "web", "valid"),
        (
            "http://localhost:3000/cb",
            "web",
            "client_metadata_uri_loopback_for_tokens",
        ),
        (
            "https://localhost/cb",
            "web",
            "client_metadata_uri_loopback_for_tokens",
        ),
        (
            "http://127.0.0.1/cb",
            "web",
            "client_metadata_uri_loopback_for_tokens",
        ),
        ("http://127.0.0.1/cb", "native", "valid"),
    ] {
        let metadata = json!({
            "redirect_uris": [uri], "application_type": application_type,
            "grant_types": ["implicit"], "response_types": ["id_token"],
        });
        assert_eq!(judged(&metadata, &policy), expected, "{uri}");
    }
}
