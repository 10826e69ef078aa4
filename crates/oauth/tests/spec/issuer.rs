use countersign_oauth::issuer::Issuer;
use countersign_oauth::server_metadata::well_known_uris;
use proptest::prelude::*;

#[test]
fn an_issuer_is_https_or_on_loopback_and_has_no_query_or_fragment() {
    // OIDC Discovery, section 3; RFC 8414, section 2; loopback as in RFC 8252, sections 7.3 and
    // 8.3.
    let rows = [
        ("https://op.example", "accepted"),
        ("https://op.example/", "accepted"),
        ("https://op.example:8443/realms/one", "accepted"),
        ("https://op.example/@tenant", "accepted"),
        ("http://localhost:8080", "accepted"),
        ("http://127.0.0.1", "accepted"),
        ("http://127.9.9.9:1", "accepted"),
        ("http://[::1]:8080/op", "accepted"),
        ("http://op.example", "issuer_http_outside_loopback"),
        (
            "http://localhost.evil.example",
            "issuer_http_outside_loopback",
        ),
        ("http://128.0.0.1", "issuer_http_outside_loopback"),
        ("http://[::2]", "issuer_http_outside_loopback"),
        ("ftp://op.example", "issuer_scheme"),
        ("javascript:alert(1)", "issuer_scheme"),
        ("op.example", "issuer_not_a_url"),
        ("", "issuer_not_a_url"),
        ("https://", "issuer_not_a_url"),
        ("https://op.example?x", "issuer_query"),
        ("https://op.example/?", "issuer_query"),
        ("https://op.example#", "issuer_fragment"),
        ("https://u@op.example", "issuer_userinfo"),
        ("https://u:p@op.example", "issuer_userinfo"),
        ("https://@op.example", "issuer_not_in_normal_form"),
        ("HTTPS://op.example", "issuer_not_in_normal_form"),
        ("https://OP.example", "issuer_not_in_normal_form"),
        ("https://op.example:443", "issuer_not_in_normal_form"),
        ("https://op.example/a/../b", "issuer_not_in_normal_form"),
        ("https://op.example\\a", "issuer_not_in_normal_form"),
        (" https://op.example", "issuer_not_in_normal_form"),
        ("https://op.exam\tple", "issuer_not_in_normal_form"),
        ("https://öp.example", "issuer_not_in_normal_form"),
        ("http://0x7f.1", "issuer_not_in_normal_form"),
    ];
    for (text, expected) in rows {
        let read = Issuer::parse(text);
        assert_eq!(
            read.map_or_else(|fault| fault.code(), |_| "accepted"),
            expected,
            "{text}"
        );
    }
}

#[test]
fn an_issuer_is_kept_as_written_and_compared_as_text() {
    let plain = Issuer::parse("https://op.example").unwrap();
    let slash = Issuer::parse("https://op.example/").unwrap();
    assert_ne!(plain, slash);
    assert_eq!(slash.as_str(), "https://op.example/");
    assert_eq!(slash.to_string(), slash.as_str());
    assert_eq!(plain.endpoint("/token"), "https://op.example/token");
    assert_eq!(slash.endpoint("/token"), "https://op.example/token");
    let json = serde_json::to_string(&slash).unwrap();
    assert_eq!(json, r#""https://op.example/""#);
    assert_eq!(serde_json::from_str::<Issuer>(&json).unwrap(), slash);
    assert!(serde_json::from_str::<Issuer>(r#""http://op.example""#).is_err());
}

#[test]
fn addresses_stand_below_the_prefix() {
    let rows = [
        (
            "https://op.example",
            "https://op.example",
            "",
            "https://op.example/token",
        ),
        (
            "https://op.example/a/b",
            "https://op.example",
            "/a/b",
            "https://op.example/a/b/token",
        ),
        (
            "https://op.example/a/",
            "https://op.example",
            "/a",
            "https://op.example/a/token",
        ),
        (
            "http://[::1]:9/a",
            "http://[::1]:9",
            "/a",
            "http://[::1]:9/a/token",
        ),
    ];
    for (text, origin, prefix, token) in rows {
        let issuer = Issuer::parse(text).unwrap();
        assert_eq!(issuer.origin(), origin, "{text}");
        assert_eq!(issuer.path_prefix(), prefix, "{text}");
        assert_eq!(issuer.endpoint("/token"), token, "{text}");
        assert_eq!(issuer.is_https(), text.starts_with("https"), "{text}");
        assert_eq!(issuer.is_loopback(), !text.starts_with("https"), "{text}");
    }
}

#[test]
fn metadata_is_found_in_both_manners() {
    // OIDC Discovery, sections 4 and 4.1; RFC 8414, sections 3, 3.1 and 5.
    let uris = well_known_uris(&Issuer::parse("https://example.com/issuer1").unwrap());
    assert_eq!(
        uris.openid_configuration,
        "https://example.com/issuer1/.well-known/openid-configuration"
    );
    assert_eq!(
        uris.openid_configuration_inserted,
        "https://example.com/.well-known/openid-configuration/issuer1"
    );
    assert_eq!(
        uris.oauth_authorization_server,
        "https://example.com/.well-known/oauth-authorization-server/issuer1"
    );
    assert_eq!(
        uris.oauth_authorization_server_appended,
        "https://example.com/issuer1/.well-known/oauth-authorization-server"
    );
    assert_eq!(uris.all().len(), 4);
    for text in ["https://example.com", "https://example.com/"] {
        let uris = well_known_uris(&Issuer::parse(text).unwrap());
        assert_eq!(
            uris.all(),
            [
                "https://example.com/.well-known/oauth-authorization-server",
                "https://example.com/.well-known/openid-configuration",
            ]
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(https?://)?\\PC{0,60}") {
        if let Ok(issuer) = Issuer::parse(&text) {
            prop_assert_eq!(issuer.as_str(), text.as_str());
            prop_assert!(issuer.endpoint("/x").starts_with(issuer.origin()));
        }
    }
}
