use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_id::{MAX_CLIENT_ID_BYTES, is_client_id};
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_mode::{ResponseMode, ResponseModeFault, response_mode_for_error};
use countersign_oauth::response_type::ResponseType;
use serde_json::json;

#[test]
fn the_words_of_a_response_type_have_no_order() {
    // OAuth 2.0 Multiple Response Type Encoding Practices, section 3.
    let rows = [
        ("code", Some(ResponseType::Code)),
        ("token", Some(ResponseType::Token)),
        ("none", Some(ResponseType::None)),
        ("id_token token", Some(ResponseType::IdTokenToken)),
        ("token id_token", Some(ResponseType::IdTokenToken)),
        ("token code id_token", Some(ResponseType::CodeIdTokenToken)),
        ("id_token code", Some(ResponseType::CodeIdToken)),
        ("token code", Some(ResponseType::CodeToken)),
        ("code code", None),
        ("code  token", None),
        ("code none", None),
        ("Code", None),
        (" code", None),
        ("", None),
    ];
    for (text, expected) in rows {
        assert_eq!(ResponseType::parse(text), expected, "{text:?}");
    }
    for kind in ResponseType::ALL {
        let json = serde_json::to_value(kind).unwrap();
        assert_eq!(json, json!(kind.to_string()));
        assert_eq!(serde_json::from_value::<ResponseType>(json).unwrap(), kind);
    }
    assert!(serde_json::from_value::<ResponseType>(json!("x")).is_err());
}

#[test]
fn response_types_say_what_they_return_and_need() {
    // RFC 7591, section 2.1; OIDC Registration, section 2.
    let both = [GrantType::AuthorizationCode, GrantType::Implicit];
    let rows = [
        (ResponseType::Code, true, false, false, &both[..1]),
        (ResponseType::Token, false, false, true, &both[1..]),
        (ResponseType::IdToken, false, true, false, &both[1..]),
        (ResponseType::IdTokenToken, false, true, true, &both[1..]),
        (ResponseType::CodeIdToken, true, true, false, &both[..]),
        (ResponseType::CodeToken, true, false, true, &both[..]),
        (ResponseType::CodeIdTokenToken, true, true, true, &both[..]),
        (ResponseType::None, false, false, false, &[]),
    ];
    for (kind, code, id_token, access_token, grants) in rows {
        assert_eq!(kind.includes_code(), code, "{kind}");
        assert_eq!(kind.includes_id_token(), id_token, "{kind}");
        assert_eq!(kind.includes_access_token(), access_token, "{kind}");
        assert_eq!(kind.returns_token(), id_token || access_token, "{kind}");
        assert_eq!(kind.grant_types(), grants, "{kind}");
    }
}

#[test]
fn a_token_never_travels_in_a_query() {
    // OAuth 2.0 Multiple Response Types, sections 2.1, 3 and 5; Form Post Response Mode, section 2.
    let (code, token) = (ResponseType::Code, ResponseType::CodeIdToken);
    let rows = [
        (None, code, Ok(ResponseMode::Query)),
        (None, token, Ok(ResponseMode::Fragment)),
        (None, ResponseType::None, Ok(ResponseMode::Query)),
        (Some("query"), code, Ok(ResponseMode::Query)),
        (Some("fragment"), code, Ok(ResponseMode::Fragment)),
        (Some("form_post"), token, Ok(ResponseMode::FormPost)),
        (Some("query"), token, Err(ResponseModeFault::TokenInQuery)),
        (
            Some("query"),
            ResponseType::Token,
            Err(ResponseModeFault::TokenInQuery),
        ),
        (Some("web_message"), code, Err(ResponseModeFault::Unknown)),
        (Some("QUERY"), code, Err(ResponseModeFault::Unknown)),
    ];
    for (requested, kind, expected) in rows {
        assert_eq!(
            ResponseMode::choose(requested, kind),
            expected,
            "{requested:?} {kind}"
        );
    }
    for mode in ResponseMode::ALL {
        assert_eq!(serde_json::to_value(mode).unwrap(), json!(mode.as_str()));
    }
    assert_eq!(ResponseModeFault::Unknown.code(), "response_mode_unknown");
    assert_eq!(
        ResponseModeFault::TokenInQuery.code(),
        "response_mode_token_in_query"
    );
}

#[test]
fn an_error_is_returned_in_the_mode_that_was_asked_for_or_else_in_the_types_default() {
    // OAuth 2.0 Multiple Response Types, sections 2.1 and 5; RFC 6749, sections 4.1.2.1 and
    // 4.2.2.1.
    use ResponseMode::{FormPost, Fragment, Query};
    let offered = [Query, FormPost];
    let rows = [
        // (response_mode, response_type, mode of the error)
        (None, Some("code"), Query),
        (None, Some("none"), Query),
        (None, Some("id_token"), Fragment),
        (None, Some("token"), Fragment),
        (None, Some("id_token token"), Fragment),
        (None, Some("code id_token"), Fragment),
        (None, Some("token code"), Fragment),
        (None, Some("code id_token token"), Fragment),
        (None, None, Query),
        (None, Some("unknown"), Query),
        (None, Some("code code"), Query),
        (Some("form_post"), Some("code"), FormPost),
        (Some("form_post"), Some("id_token"), FormPost),
        (Some("form_post"), Some("unknown"), FormPost),
        (Some("form_post"), None, FormPost),
        (Some("query"), Some("code"), Query),
        (Some("query"), Some("unknown"), Query),
        (Some("query"), None, Query),
        // "The query encoding MUST NOT be used" for these.
        (Some("query"), Some("id_token"), Fragment),
        (Some("query"), Some("code token"), Fragment),
        // Not offered, or not known: the type's default.
        (Some("fragment"), Some("code"), Query),
        (Some("fragment"), Some("id_token"), Fragment),
        (Some("fragment"), None, Query),
        (Some("web_message"), Some("code"), Query),
        (Some("web_message"), Some("id_token"), Fragment),
        (Some("form_post "), Some("code"), Query),
    ];
    for (response_mode, response_type, expected) in rows {
        assert_eq!(
            response_mode_for_error(response_mode, response_type, &offered),
            expected,
            "{response_mode:?} {response_type:?}"
        );
    }
    let all = response_mode_for_error(Some("fragment"), Some("code"), &ResponseMode::ALL);
    assert_eq!(all, Fragment);
    let none = response_mode_for_error(Some("form_post"), None, &[]);
    assert_eq!(none, Query);
}

#[test]
fn grant_types_and_methods_have_their_registered_names() {
    let grants = [
        (GrantType::AuthorizationCode, "authorization_code"),
        (GrantType::RefreshToken, "refresh_token"),
        (GrantType::ClientCredentials, "client_credentials"),
        (GrantType::Implicit, "implicit"),
        (GrantType::Password, "password"),
        (
            GrantType::DeviceCode,
            "urn:ietf:params:oauth:grant-type:device_code",
        ),
        (GrantType::Ciba, "urn:openid:params:grant-type:ciba"),
        (
            GrantType::TokenExchange,
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        (
            GrantType::JwtBearer,
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ),
        (
            GrantType::MfaOtp,
            "http://auth0.com/oauth/grant-type/mfa-otp",
        ),
        (
            GrantType::MfaOob,
            "http://auth0.com/oauth/grant-type/mfa-oob",
        ),
    ];
    assert_eq!(grants.len(), GrantType::ALL.len());
    for (grant, name) in grants {
        assert_eq!(grant.to_string(), name);
        assert_eq!(GrantType::parse(name), Some(grant));
        assert_eq!(
            serde_json::from_value::<GrantType>(json!(name)).unwrap(),
            grant
        );
        assert_eq!(serde_json::to_value(grant).unwrap(), json!(name));
    }
    assert_eq!(GrantType::parse("Authorization_Code"), None);
    assert!(serde_json::from_value::<GrantType>(json!("x")).is_err());
    for method in ClientAuthMethod::ALL {
        assert_eq!(ClientAuthMethod::parse(method.as_str()), Some(method));
        assert_eq!(
            serde_json::to_value(method).unwrap(),
            json!(method.to_string())
        );
    }
    assert!(ClientAuthMethod::ClientSecretJwt.uses_secret());
    assert!(!ClientAuthMethod::None.uses_secret());
    assert!(!ClientAuthMethod::PrivateKeyJwt.uses_secret());
}

#[test]
fn a_client_id_is_printable_ascii_without_a_colon() {
    // RFC 6749, appendix A.1; RFC 7617, section 2.
    let longest = "x".repeat(MAX_CLIENT_ID_BYTES);
    for (text, expected) in [
        ("s6BhdRkqt3", true),
        ("grafana.example.com", true),
        ("app.example/client?a=b&c", true),
        ("https://app.example/client", false),
        ("a:b", false),
        (":", false),
        (" ~", true),
        (longest.as_str(), true),
        ("", false),
        ("a\nb", false),
        ("é", false),
        ("\u{7f}", false),
    ] {
        assert_eq!(is_client_id(text), expected, "{text:?}");
    }
    assert!(!is_client_id(&format!("{longest}x")));
}
