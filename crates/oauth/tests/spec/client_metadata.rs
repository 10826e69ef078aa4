use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::{
    AccessTokenFormat, ApplicationType, ClientMetadata, ClientPolicy,
};
use countersign_oauth::error_code::ErrorCode;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_type::ResponseType;
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(value: &Value) -> ClientMetadata {
    ClientMetadata::from_json(value.to_string().as_bytes()).unwrap()
}

fn judged(value: &Value, policy: &ClientPolicy) -> &'static str {
    match ClientMetadata::from_json(value.to_string().as_bytes()) {
        Ok(metadata) => metadata
            .validate(policy)
            .map_or_else(|fault| fault.code(), |_| "valid"),
        Err(fault) => fault.code(),
    }
}

fn operator(value: &Value) -> &'static str {
    judged(value, &ClientPolicy::operator())
}

/// A web client with one more member.
fn with(member: &str, value: Value) -> Value {
    let mut metadata = json!({ "redirect_uris": ["https://app.example/cb"] });
    metadata[member] = value;
    metadata
}

#[test]
fn absent_members_have_the_defaults_of_rfc_7591_2() {
    let metadata = read(&json!({ "redirect_uris": ["https://app.example/cb"] }));
    let valid = metadata.validate(&ClientPolicy::self_registered()).unwrap();
    let registered = serde_json::to_value(valid.into_inner()).unwrap();
    assert_eq!(
        registered,
        json!({
            "redirect_uris": ["https://app.example/cb"],
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "application_type": "web",
            "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
        })
    );
}

#[test]
fn a_web_redirect_uri_is_https_or_loopback_where_that_is_allowed() {
    // OIDC Registration 2, RFC 6749 3.1.2, case 9.
    let rows = [
        ("https://app.example/cb", "valid"),
        ("https://app.example:8443/cb?tenant=1", "valid"),
        ("https://xn--bcher-kva.example/cb", "valid"),
        ("https://EXAMPLE.com/cb", "valid"),
        ("https://[2001:db8::1]/cb", "valid"),
        ("http://localhost:3000/cb", "valid"),
        ("http://127.0.0.1:3000/cb", "valid"),
        ("http://[::1]/cb", "valid"),
        ("http://app.example/cb", "client_metadata_uri_not_https"),
        (
            "http://localhost.evil.example/cb",
            "client_metadata_uri_not_https",
        ),
        (
            "https://app.example/cb#fragment",
            "client_metadata_uri_fragment",
        ),
        ("https://app.example/cb#", "client_metadata_uri_fragment"),
        (
            "https://user@app.example/cb",
            "client_metadata_uri_userinfo",
        ),
        (
            "https://user:pw@app.example/cb",
            "client_metadata_uri_userinfo",
        ),
        (
            "javascript:alert(1)",
            "client_metadata_uri_dangerous_scheme",
        ),
        (
            "JavaScript:alert(1)",
            "client_metadata_uri_dangerous_scheme",
        ),
        ("data:text/html,x", "client_metadata_uri_dangerous_scheme"),
        ("vbscript:x", "client_metadata_uri_dangerous_scheme"),
        ("file:///etc/passwd", "client_metadata_uri_dangerous_scheme"),
        (
            "blob:https://app.example/x",
            "client_metadata_uri_dangerous_scheme",
        ),
        (
            "com.example.app:/cb",
            "client_metadata_uri_private_use_scheme_of_web_client",
        ),
        ("/cb", "client_metadata_uri_invalid"),
        ("app.example/cb", "client_metadata_uri_invalid"),
        ("//app.example/cb", "client_metadata_uri_invalid"),
        ("https:/app.example/cb", "client_metadata_uri_invalid"),
        ("https:app.example/cb", "client_metadata_uri_invalid"),
        ("https:///app.example/cb", "client_metadata_uri_invalid"),
        ("https://app.example\\cb", "client_metadata_uri_invalid"),
        ("https://app.example/c b", "client_metadata_uri_invalid"),
        ("https://app.example/cb\r\nx", "client_metadata_uri_invalid"),
        (" https://app.example/cb", "client_metadata_uri_invalid"),
        ("https://app.example/\u{e9}", "client_metadata_uri_invalid"),
        ("https://app.example/a/../cb", "client_metadata_uri_invalid"),
        (
            "https://app.example/a/%2E%2e/cb",
            "client_metadata_uri_invalid",
        ),
        ("https://app.example/./cb", "client_metadata_uri_invalid"),
        ("http://0x7f.0.0.1/cb", "client_metadata_uri_invalid"),
        ("http://2130706433/cb", "client_metadata_uri_invalid"),
        ("https://*.example/cb", "client_metadata_uri_invalid"),
        ("java\tscript:alert(1)", "client_metadata_uri_invalid"),
    ];
    for (uri, expected) in rows {
        let metadata = json!({ "redirect_uris": [uri] });
        assert_eq!(operator(&metadata), expected, "{uri:?}");
        if expected.starts_with("client_metadata_uri") {
            let fault = read(&metadata)
                .validate(&ClientPolicy::operator())
                .unwrap_err();
            assert_eq!(
                fault.error_code(),
                ErrorCode::InvalidRedirectUri,
                "RFC 7591 3.2.2: {uri}"
            );
            assert!(fault.to_string().starts_with("redirect_uris: "), "{fault}");
        }
    }
    let strict = ClientPolicy {
        http_loopback_for_web: false,
        ..ClientPolicy::operator()
    };
    let loopback = json!({ "redirect_uris": ["http://127.0.0.1/cb"] });
    assert_eq!(
        judged(&loopback, &strict),
        "client_metadata_uri_loopback_not_allowed"
    );
}

#[test]
fn a_native_redirect_uri_may_have_a_reversed_domain_as_its_scheme() {
    // RFC 8252 7.1 and 7.3, 8.4.
    let rows = [
        ("com.example.app:/oauth2redirect", "valid"),
        ("com.example.app://oauth2redirect", "valid"),
        ("https://app.example/claimed", "valid"),
        ("http://127.0.0.1/cb", "valid"),
        ("http://[::1]:4000/cb", "valid"),
        ("http://localhost/cb", "valid"),
        ("http://app.example/cb", "client_metadata_uri_not_https"),
        (
            "myapp:/cb",
            "client_metadata_uri_private_use_scheme_without_dot",
        ),
        (
            "myapp://cb",
            "client_metadata_uri_private_use_scheme_without_dot",
        ),
        ("com.example.app:/cb#x", "client_metadata_uri_fragment"),
        (
            "javascript:alert(1)",
            "client_metadata_uri_dangerous_scheme",
        ),
        ("data:text/html,x", "client_metadata_uri_dangerous_scheme"),
    ];
    for (uri, expected) in rows {
        let metadata = json!({ "application_type": "native", "redirect_uris": [uri] });
        assert_eq!(operator(&metadata), expected, "{uri}");
        let mut after_logout = with("post_logout_redirect_uris", json!([uri]));
        after_logout["application_type"] = json!("native");
        assert_eq!(operator(&after_logout), expected, "{uri}");
    }
}

#[test]
fn grant_types_and_response_types_fit_each_other() {
    // RFC 7591 2.1.
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
    let mut policy = ClientPolicy::operator();
    policy.grant_types.push(GrantType::Implicit);
    policy.response_types.extend(ResponseType::ALL);
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
fn a_client_of_the_authorization_endpoint_registers_its_addresses() {
    // RFC 6749 3.1.2.2.
    assert_eq!(
        operator(&json!({})),
        "client_metadata_redirect_uris_missing"
    );
    assert_eq!(
        operator(&json!({ "redirect_uris": null })),
        "client_metadata_redirect_uris_missing"
    );
    assert_eq!(
        operator(&json!({ "redirect_uris": [] })),
        "client_metadata_redirect_uris_missing"
    );
    assert_eq!(
        operator(&json!({ "grant_types": ["client_credentials"] })),
        "valid"
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
    let mut policy = ClientPolicy::operator();
    policy.auth_methods.push(ClientAuthMethod::PrivateKeyJwt);
    let metadata = with("token_endpoint_auth_method", json!("private_key_jwt"));
    assert_eq!(judged(&metadata, &policy), "valid");
    // RFC 6749 4.4: "MUST only be used by confidential clients".
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
    // OIDC Core 10.1: the key of a MAC is the client's secret; a public client has none.
    let mut policy = ClientPolicy::operator();
    policy.id_token_algs.push(SignatureAlgorithm::HS256);
    let mut metadata = with("id_token_signed_response_alg", json!("HS256"));
    assert_eq!(judged(&metadata, &policy), "valid");
    metadata["token_endpoint_auth_method"] = json!("none");
    assert_eq!(
        judged(&metadata, &policy),
        "client_metadata_algorithm_not_supported"
    );
}

#[test]
fn keys_are_given_once_and_are_public() {
    // RFC 7591 2: jwks and jwks_uri "MUST NOT both be present".
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

#[test]
fn addresses_have_the_schemes_of_their_use() {
    let rows = [
        ("jwks_uri", "https://app.example/jwks", "valid"),
        (
            "jwks_uri",
            "http://app.example/jwks",
            "client_metadata_uri_not_https",
        ),
        (
            "jwks_uri",
            "gopher://app.example/",
            "client_metadata_uri_not_https",
        ),
        (
            "jwks_uri",
            "https://app.example/jwks#x",
            "client_metadata_uri_fragment",
        ),
        ("initiate_login_uri", "https://app.example/start", "valid"),
        (
            "initiate_login_uri",
            "http://app.example/start",
            "client_metadata_uri_not_https",
        ),
        ("client_uri", "http://app.example/", "valid"),
        (
            "client_uri",
            "javascript:alert(1)",
            "client_metadata_uri_dangerous_scheme",
        ),
        (
            "logo_uri",
            "data:image/png,x",
            "client_metadata_uri_dangerous_scheme",
        ),
        ("tos_uri", "tos", "client_metadata_uri_invalid"),
        (
            "policy_uri",
            "https://app.example/\"onload=",
            "client_metadata_uri_invalid",
        ),
        (
            "client_uri#de",
            "javascript:alert(1)",
            "client_metadata_uri_dangerous_scheme",
        ),
    ];
    for (member, uri, expected) in rows {
        assert_eq!(
            operator(&with(member, json!(uri))),
            expected,
            "{member} {uri}"
        );
    }
    let fragment = with("request_uris", json!(["https://app.example/request#hash"]));
    assert_eq!(operator(&fragment), "valid", "OIDC Core 6.2");
    let fault = read(&with("logo_uri", json!("x")))
        .validate(&ClientPolicy::operator())
        .unwrap_err();
    assert_eq!(fault.error_code(), ErrorCode::InvalidClientMetadata);
}

#[test]
fn a_protection_that_is_not_given_is_refused_and_not_nodded_through() {
    for member in ClientPolicy::NOT_YET {
        let value = if member.starts_with("require") || member.ends_with("access_tokens") {
            json!(true)
        } else {
            json!("https://app.example/x")
        };
        let metadata = with(member, value);
        assert_eq!(
            operator(&metadata),
            "client_metadata_member_not_supported",
            "{member}"
        );
        let mut policy = ClientPolicy::operator();
        policy.supported_members.push((*member).to_owned());
        assert_eq!(judged(&metadata, &policy), "valid", "{member}");
    }
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
        ("accept_json_token_requests", json!(true)),
        ("persist_access_tokens", json!(false)),
        ("rotate_refresh_tokens", json!(false)),
        ("access_token_format", json!("opaque")),
    ];
    for (member, value) in members {
        let metadata = with(member, value);
        let own = judged(&metadata, &ClientPolicy::self_registered());
        assert_eq!(own, "client_metadata_operator_only", "{member}");
        assert_eq!(operator(&metadata), "valid", "{member}");
    }
    let stricter = with("require_pkce", json!(true));
    assert_eq!(judged(&stricter, &ClientPolicy::default()), "valid");
    assert_eq!(
        operator(&with("access_token_format", json!("xml"))),
        "client_metadata_malformed"
    );
}

#[test]
fn scopes_follow_their_grammar_and_the_default_lies_within() {
    assert_eq!(operator(&with("scope", json!("openid email"))), "valid");
    assert_eq!(
        operator(&with("scope", json!("openid  email"))),
        "client_metadata_scope"
    );
    assert_eq!(
        operator(&with("default_scope", json!("a\"b"))),
        "client_metadata_scope"
    );
    let mut metadata = with("scope", json!("openid email"));
    metadata["default_scope"] = json!("openid");
    assert_eq!(operator(&metadata), "valid");
    metadata["default_scope"] = json!("openid phone");
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
}

#[test]
fn null_and_empty_count_as_absent() {
    // RFC 7591 2, RFC 7592 2.2.
    let metadata = read(&json!({
        "redirect_uris": ["https://app.example/cb"], "client_name": "", "scope": null,
        "grant_types": null, "contacts": null, "unknown": null,
    }));
    assert_eq!(
        metadata,
        read(&json!({ "redirect_uris": ["https://app.example/cb"] }))
    );
    // A stored record is read without `from_json`.
    let stored: ClientMetadata =
        serde_json::from_str(r#"{"contacts":null,"grant_types":null}"#).unwrap();
    assert_eq!(stored, ClientMetadata::default());
}

#[test]
fn unknown_and_tagged_members_are_kept_and_read_by_language() {
    let sent = json!({
        "redirect_uris": ["https://app.example/cb"],
        "client_name": "My App",
        "client_name#de": "Meine App",
        "client_name#pt-BR": "Meu App",
        "vendor_member": { "a": [1, 2] },
    });
    let metadata = read(&sent);
    assert_eq!(metadata.other["vendor_member"], json!({ "a": [1, 2] }));
    assert_eq!(serde_json::to_value(&metadata).unwrap(), sent);
    let rows: [(&[&str], &str); 6] = [
        (&["de"], "Meine App"),
        (&["de-AT"], "Meine App"),
        (&["DE-at"], "Meine App"),
        (&["fr", "pt-br"], "Meu App"),
        (&["pt"], "My App"),
        (&[], "My App"),
    ];
    for (languages, expected) in rows {
        assert_eq!(
            metadata.localized("client_name", languages),
            Some(expected),
            "{languages:?}"
        );
    }
    assert_eq!(metadata.localized("logo_uri", &["de"]), None);
    assert_eq!(metadata.localized("vendor_member", &["de"]), None);
}

#[test]
fn the_endpoints_questions_are_answered() {
    let public = read(&json!({ "token_endpoint_auth_method": "none" }));
    assert!(public.is_public() && public.requires_pkce() && public.rotates_refresh_tokens());
    assert!(public.allows_grant(GrantType::AuthorizationCode));
    assert!(!public.allows_grant(GrantType::RefreshToken));
    assert!(public.allows_response_type(ResponseType::Code));
    let confidential = read(&json!({}));
    assert!(!confidential.is_public() && !confidential.requires_pkce());
    assert!(!confidential.rotates_refresh_tokens() && !confidential.skips_consent());
    assert_eq!(confidential.application_type(), ApplicationType::Web);
    assert_eq!(confidential.access_token_format(), AccessTokenFormat::Jwt);
    assert_eq!(confidential.id_token_alg(), "RS256");
    assert_eq!(confidential.allowed_scope(), None);
    let special = read(&json!({
        "require_pkce": true, "rotate_refresh_tokens": true, "access_token_format": "opaque",
        "persist_access_tokens": true, "accept_json_token_requests": true,
        "insecure_skip_consent": true, "insecure_plain_pkce": true,
        "scope": "a b", "default_scope": "a", "application_type": "native",
    }));
    assert!(special.requires_pkce() && special.rotates_refresh_tokens());
    assert!(special.persists_access_tokens() && special.accepts_json_token_requests());
    assert!(special.skips_consent() && special.allows_plain_pkce());
    assert_eq!(special.access_token_format(), AccessTokenFormat::Opaque);
    assert_eq!(special.application_type(), ApplicationType::Native);
    assert_eq!(special.allowed_scope().unwrap().to_string(), "a b");
    assert_eq!(special.default_scope().unwrap().to_string(), "a");
    // A public client is held to PKCE whatever its metadata says.
    let lax = read(&json!({ "token_endpoint_auth_method": "none", "require_pkce": false }));
    assert!(lax.requires_pkce());
}

proptest! {
    #[test]
    fn any_addresses_are_judged(uri in "([a-z.]{1,9}:)?/{0,3}\\PC{0,40}", native in any::<bool>()) {
        let kind = if native { "native" } else { "web" };
        let metadata = json!({ "application_type": kind, "redirect_uris": [uri] });
        let _ = operator(&metadata);
        let _ = operator(&with("jwks_uri", json!(uri)));
        let _ = operator(&with("logo_uri#x", json!(uri)));
    }

    #[test]
    fn validation_is_idempotent(
        name in "[a-z]{0,9}",
        pkce in proptest::option::of(any::<bool>()),
        refresh in any::<bool>(),
        method in "none|client_secret_basic|client_secret_post",
    ) {
        let grants: &[&str] =
            if refresh { &["authorization_code", "refresh_token"] } else { &["authorization_code"] };
        let metadata = json!({
            "redirect_uris": ["https://app.example/cb"], "client_name": name, "require_pkce": pkce,
            "grant_types": grants, "token_endpoint_auth_method": method,
        });
        let once = read(&metadata).validate(&ClientPolicy::operator()).unwrap();
        let twice = once.validate(&ClientPolicy::operator()).unwrap();
        prop_assert_eq!(&once, &twice);
        let stored = serde_json::to_string(&*once).unwrap();
        let read_back: ClientMetadata = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&read_back, &*once);
    }
}
