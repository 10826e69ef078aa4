use countersign_oauth::client_metadata::{
    AccessTokenFormat, ApplicationType, ClientMetadata, ClientPolicy,
};
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_type::ResponseType;
use proptest::prelude::*;
use serde_json::json;

use super::{offered, operator, read, with};

#[test]
fn absent_members_have_the_defaults_of_rfc_7591_section_2() {
    let metadata = read(&json!({ "redirect_uris": ["https://app.example/cb"] }));
    let valid = metadata
        .validate(&ClientPolicy::self_registered(offered()))
        .unwrap();
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
fn null_and_empty_count_as_absent() {
    // RFC 7591, section 2; RFC 7592, section 2.2.
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
    assert_eq!(metadata.localized("tos_uri", &["de"]), None);
    assert_eq!(metadata.localized("vendor_member", &["de"]), None);
}

#[test]
fn a_client_is_what_its_metadata_says() {
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

#[test]
fn a_client_whose_addresses_lead_to_the_users_machine_is_native() {
    let rows: [(&[&str], ApplicationType); 11] = [
        (&["http://127.0.0.1/cb"], ApplicationType::Native),
        (&["http://localhost:3000/cb"], ApplicationType::Native),
        (
            &["http://[::1]:3000/cb", "cursor://cb"],
            ApplicationType::Native,
        ),
        (&["com.example.app:/cb"], ApplicationType::Native),
        (&["https://app.example/cb"], ApplicationType::Web),
        (&["https://localhost/cb"], ApplicationType::Web),
        (&["http://app.example/cb"], ApplicationType::Web),
        (
            &["http://127.0.0.1/cb", "https://app.example/cb"],
            ApplicationType::Web,
        ),
        (
            &["cursor://cb", "https://app.example/cb"],
            ApplicationType::Native,
        ),
        (&["cb"], ApplicationType::Web),
        (&[], ApplicationType::Web),
    ];
    for (redirect_uris, expected) in rows {
        let metadata = read(&json!({ "redirect_uris": redirect_uris }));
        assert_eq!(metadata.application_type(), expected, "{redirect_uris:?}");
        for named in ["web", "native"] {
            let metadata = read(&json!({
                "redirect_uris": redirect_uris, "application_type": named,
            }));
            assert_eq!(
                metadata.application_type().as_str(),
                named,
                "{redirect_uris:?}"
            );
        }
    }
    // What was inferred is written down.
    let metadata = read(&json!({ "redirect_uris": ["cursor://cb"] }));
    let valid = metadata
        .validate(&ClientPolicy::operator(offered()))
        .unwrap();
    assert_eq!(valid.application_type.as_deref(), Some("native"));
    let mixed = json!({
        "redirect_uris": ["cursor://cb", "https://app.example/cb"], "application_type": "web",
    });
    assert_eq!(
        operator(&mixed),
        "client_metadata_uri_private_use_scheme_of_web_client"
    );
}

/// RFC 7591, section 3.2.1, and RFC 7592, section 3: what the server issues is no metadata of the
/// client's (RFC 7591, section 2).
#[test]
fn what_the_server_issues_is_never_a_part_of_the_metadata() {
    let issued = [
        ("client_id", json!("other")),
        ("client_secret", json!("chosen")),
        ("client_id_issued_at", json!(1)),
        ("client_secret_expires_at", json!("soon")),
        ("registration_access_token", json!("token")),
        ("registration_client_uri", json!({ "not": "an address" })),
    ];
    let plain = with("vendor_member", json!("kept"));
    for (member, value) in issued {
        let mut sent = plain.clone();
        sent[member] = value.clone();
        assert_eq!(read(&sent), read(&plain), "{member}");
        let stored: ClientMetadata = serde_json::from_value(sent).unwrap();
        assert_eq!(stored, read(&plain), "{member}, from a record");
        let mut made = read(&plain);
        made.other.insert(member.to_owned(), value);
        for policy in [
            ClientPolicy::operator(offered()),
            ClientPolicy::self_registered(offered()),
        ] {
            let valid = made.validate(&policy).unwrap();
            assert_eq!(valid.other, read(&plain).other, "{member}, put there");
        }
    }
}

proptest! {
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
        let once = read(&metadata).validate(&ClientPolicy::operator(offered())).unwrap();
        let twice = once.validate(&ClientPolicy::operator(offered())).unwrap();
        prop_assert_eq!(&once, &twice);
        let stored = serde_json::to_string(&*once).unwrap();
        let read_back: ClientMetadata = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&read_back, &*once);
    }
}
