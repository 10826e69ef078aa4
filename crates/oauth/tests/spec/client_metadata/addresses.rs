use countersign_oauth::client_metadata::ClientPolicy;
use countersign_oauth::error_code::ErrorCode;
use proptest::prelude::*;
use serde_json::json;

use super::{judged, offered, operator, read, with};

#[test]
fn a_web_redirect_uri_is_https_or_loopback_where_that_is_allowed() {
    // OIDC Registration, section 2; RFC 6749, section 3.1.2, case 9.
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
        (
            "https:/app.example/cb",
            "client_metadata_uri_not_in_normal_form",
        ),
        (
            "https:app.example/cb",
            "client_metadata_uri_not_in_normal_form",
        ),
        (
            "https:///app.example/cb",
            "client_metadata_uri_not_in_normal_form",
        ),
        ("https://app.example\\cb", "client_metadata_uri_character"),
        ("https://app.example/c b", "client_metadata_uri_character"),
        (
            "https://app.example/cb\r\nx",
            "client_metadata_uri_character",
        ),
        (" https://app.example/cb", "client_metadata_uri_character"),
        (
            "https://app.example/\u{e9}",
            "client_metadata_uri_character",
        ),
        (
            "https://app.example/a/../cb",
            "client_metadata_uri_not_in_normal_form",
        ),
        (
            "https://app.example/a/%2E%2e/cb",
            "client_metadata_uri_not_in_normal_form",
        ),
        (
            "https://app.example/./cb",
            "client_metadata_uri_not_in_normal_form",
        ),
        (
            "http://0x7f.0.0.1/cb",
            "client_metadata_uri_not_in_normal_form",
        ),
        (
            "http://2130706433/cb",
            "client_metadata_uri_not_in_normal_form",
        ),
        ("https://*.example/cb", "client_metadata_uri_wildcard"),
        // Each ends a source in a Content-Security-Policy, or a host that is compared as a text.
        (
            "https://app.example,frame-src/cb",
            "client_metadata_uri_host_character",
        ),
        (
            "https://app.example;script-src/cb",
            "client_metadata_uri_host_character",
        ),
        (
            "https://app'.example/cb",
            "client_metadata_uri_host_character",
        ),
        (
            "https://app.example!/cb",
            "client_metadata_uri_host_character",
        ),
        ("java\tscript:alert(1)", "client_metadata_uri_character"),
    ];
    for (uri, expected) in rows {
        let metadata = json!({ "application_type": "web", "redirect_uris": [uri] });
        assert_eq!(operator(&metadata), expected, "{uri:?}");
        if expected.starts_with("client_metadata_uri") {
            let fault = read(&metadata)
                .validate(&ClientPolicy::operator(offered()))
                .unwrap_err();
            assert_eq!(
                fault.error_code(),
                ErrorCode::InvalidRedirectUri,
                "RFC 7591, section 3.2.2: {uri}"
            );
            assert!(fault.to_string().starts_with("redirect_uris: "), "{fault}");
        }
    }
    let strict = ClientPolicy {
        http_loopback_for_web: false,
        ..ClientPolicy::operator(offered())
    };
    let loopback = json!({ "application_type": "web", "redirect_uris": ["http://127.0.0.1/cb"] });
    assert_eq!(
        judged(&loopback, &strict),
        "client_metadata_uri_loopback_not_allowed"
    );
}

/// RFC 3986, section 6.2: an address that a browser rewrites is not the one that was compared.
#[test]
fn an_address_that_is_refused_says_what_is_wrong_with_it_and_how_to_write_it() {
    let in_normal_form = |normal: &str| {
        format!("is not in its normal form, which is {normal}: a browser would go there instead")
    };
    let character = |what: &str| {
        format!(
            "has {what}, which a URI can't contain (RFC 3986, section 2): remove or percent-encode it, or write a host in its ASCII form, xn--"
        )
    };
    let not_absolute = || "is not an absolute URI, such as https://app.example/callback".to_owned();
    let rows = [
        (
            "https://rp.example/a/../cb",
            in_normal_form("https://rp.example/cb"),
        ),
        (
            "https://rp.example/a/%2E./cb?x=.",
            in_normal_form("https://rp.example/cb?x=."),
        ),
        (
            "https://RP.example/./cb",
            in_normal_form("https://rp.example/cb"),
        ),
        (
            "http://[0:0:0:0:0:0:0:1]/cb",
            in_normal_form("http://[::1]/cb"),
        ),
        ("http://0x7f.1/cb", in_normal_form("http://127.0.0.1/cb")),
        (
            "https://rp%2eexample/cb",
            in_normal_form("https://rp.example/cb"),
        ),
        (
            "https:rp.example/cb",
            in_normal_form("https://rp.example/cb"),
        ),
        (
            "https:////rp.example/cb",
            in_normal_form("https://rp.example/cb"),
        ),
        ("https://rp.example/c b", character("a space")),
        (" https://rp.example/cb", character("a space")),
        ("https://rp.example\\cb", character("the character \\")),
        ("https://rp.example/<cb>", character("the character <")),
        ("https://rp.example/cb\n", character("a control character")),
        (
            "https://rp.example/\u{e9}",
            character("a character that is not ASCII"),
        ),
        (
            "https://*.rp.example/cb",
            "has a * in its host; there are no wildcards, so register each address".to_owned(),
        ),
        ("/cb", not_absolute()),
        ("rp.example/cb", not_absolute()),
        ("https://", not_absolute()),
        ("https://[::1/cb", not_absolute()),
        ("http://256.1.1.1/cb", not_absolute()),
        ("https://rp.example:99999/cb", not_absolute()),
    ];
    for (uri, expected) in rows {
        for (member, value) in [
            ("redirect_uris", json!([uri])),
            ("post_logout_redirect_uris", json!([uri])),
            ("client_uri", json!(uri)),
            ("tos_uri", json!(uri)),
            ("initiate_login_uri", json!(uri)),
        ] {
            let metadata = read(&with(member, value));
            let policy = ClientPolicy::operator(offered());
            let said = metadata.validate(&policy).unwrap_err().to_string();
            assert!(
                said.starts_with(&format!("{member}: ")) && said.ends_with(&format!(" {expected}")),
                "{uri}: {said}"
            );
        }
    }
    for normal in [
        "https://rp.example/cb",
        "http://[::1]/cb",
        "http://127.0.0.1/cb",
    ] {
        assert_eq!(
            operator(&with("post_logout_redirect_uris", json!([normal]))),
            "valid"
        );
    }
}

#[test]
fn a_native_redirect_uri_may_be_loopback_or_have_a_private_use_scheme() {
    // RFC 8252, sections 7.1, 7.3 and 8.3.
    let rows = [
        ("com.example.app:/oauth2redirect", "valid"),
        ("com.example.app://oauth2redirect", "valid"),
        ("https://app.example/claimed", "valid"),
        ("http://127.0.0.1/cb", "valid"),
        ("http://[::1]:4000/cb", "valid"),
        ("http://localhost/cb", "valid"),
        ("http://app.example/cb", "client_metadata_uri_not_https"),
        ("http://localhost:3000/cb", "valid"),
        ("myapp:/cb", "valid"),
        ("myapp://cb", "valid"),
        ("cursor://anysphere.cursor-retrieval/oauth/user/cb", "valid"),
        ("vscode-insiders://vendor.extension/cb", "valid"),
        (
            "urn:ietf:wg:oauth:2.0:oob",
            "client_metadata_uri_registered_scheme",
        ),
        (
            "mailto:a@app.example",
            "client_metadata_uri_registered_scheme",
        ),
        ("INTENT://cb", "client_metadata_uri_registered_scheme"),
        (
            "ftp://app.example/cb",
            "client_metadata_uri_registered_scheme",
        ),
        (
            "wss://app.example/cb",
            "client_metadata_uri_registered_scheme",
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

/// RFC 6749, section 3.1: a parameter must not be included more than once, and a response keeps the
/// query of the redirect URI (section 3.1.2).
#[test]
fn the_query_of_a_redirect_uri_has_no_parameter_of_a_response() {
    let refused = "client_metadata_uri_response_parameter";
    let rows = [
        ("code=1", refused),
        ("state=1", refused),
        // RFC 9207, section 2.
        ("iss=https://op.example", refused),
        ("error=1", refused),
        ("error_description=1", refused),
        ("error_uri=1", refused),
        // OpenID Connect Session Management, section 2.
        ("session_state=1", refused),
        // JARM, section 2.3.1.
        ("response=1", refused),
        // However it is written, and wherever.
        ("tenant=1&state=2", refused),
        ("&&state", refused),
        ("state=", refused),
        ("%73tate=1", refused),
        ("%63%6f%64%65", refused),
        ("tenant=1", "valid"),
        ("", "valid"),
        ("=state", "valid"),
        ("a=state", "valid"),
        // Names are compared as they are written (RFC 6749, section 1.9).
        ("State=1", "valid"),
        ("states=1", "valid"),
        ("error+uri=1", "valid"),
    ];
    for (query, expected) in rows {
        for base in [
            "https://app.example/cb",
            "http://127.0.0.1/cb",
            "app.example:/cb",
        ] {
            let uri = format!("{base}?{query}");
            let metadata = json!({ "application_type": "native", "redirect_uris": [uri] });
            assert_eq!(operator(&metadata), expected, "{uri}");
        }
    }
    let metadata = json!({ "redirect_uris": ["https://app.example/cb?a=b&%73tate=1"] });
    let policy = ClientPolicy::operator(offered());
    let fault = read(&metadata).validate(&policy).unwrap_err();
    assert_eq!(fault.error_code(), ErrorCode::InvalidRedirectUri);
    assert_eq!(
        fault.to_string(),
        "redirect_uris: https://app.example/cb?a=b&%73tate=1 has the parameter state in its query, which a response adds: it would be there twice (RFC 6749, section 3.1)"
    );
    // What is added after a logout is `state` (OpenID Connect RP-Initiated Logout, section 3).
    for (query, expected) in [("state=1", refused), ("code=1", "valid"), ("iss", "valid")] {
        let uri = format!("https://app.example/bye?{query}");
        let metadata = with("post_logout_redirect_uris", json!([uri]));
        assert_eq!(operator(&metadata), expected, "{uri}");
    }
}

#[test]
fn a_client_of_the_authorization_endpoint_registers_its_addresses() {
    // RFC 6749, section 3.1.2.2.
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
        ("client_uri", "myapp://start", "valid"),
        (
            "client_uri",
            "mailto:app@app.example",
            "client_metadata_uri_registered_scheme",
        ),
        ("tos_uri", "myapp://terms", "client_metadata_uri_not_https"),
        (
            "policy_uri",
            "data:text/html,x",
            "client_metadata_uri_dangerous_scheme",
        ),
        ("tos_uri", "tos", "client_metadata_uri_invalid"),
        (
            "policy_uri",
            "https://app.example/\"onload=",
            "client_metadata_uri_character",
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
    let tagged = with("client_uri#de", json!("myapp://start"));
    assert_eq!(operator(&tagged), "client_metadata_uri_not_https");
    let fragment = with("request_uris", json!(["https://app.example/request#hash"]));
    assert_eq!(
        operator(&fragment),
        "valid",
        "OpenID Connect Core, section 6.2"
    );
    let fault = read(&with("tos_uri", json!("x")))
        .validate(&ClientPolicy::operator(offered()))
        .unwrap_err();
    assert_eq!(fault.error_code(), ErrorCode::InvalidClientMetadata);
}

#[test]
fn a_self_registered_client_has_a_home_page_or_an_application_of_its_own() {
    let self_registered = |client_uri: &str, redirect_uri: &str| {
        let metadata = json!({ "redirect_uris": [redirect_uri], "client_uri": client_uri });
        judged(&metadata, &ClientPolicy::self_registered(offered()))
    };
    let (web, native) = ("https://app.example/cb", "myapp://cb");
    assert_eq!(self_registered("https://app.example/", web), "valid");
    assert_eq!(self_registered("myapp://start", native), "valid");
    for (client_uri, redirect_uri) in [("myapp://start", web), ("other://start", native)] {
        assert_eq!(
            self_registered(client_uri, redirect_uri),
            "client_metadata_client_uri_scheme"
        );
    }
}

proptest! {
    #[test]
    fn any_addresses_are_judged(uri in "([a-z.]{1,9}:)?/{0,3}\\PC{0,40}", native in any::<bool>()) {
        let kind = if native { "native" } else { "web" };
        let metadata = json!({ "application_type": kind, "redirect_uris": [uri] });
        let _ = operator(&metadata);
        let _ = operator(&with("jwks_uri", json!(uri)));
        let _ = operator(&with("client_uri", json!(uri)));
        let _ = operator(&with("tos_uri#x", json!(uri)));
    }
}

#[test]
fn a_frontchannel_logout_uri_has_the_origin_of_a_redirect_uri() {
    // Front-Channel Logout, section 2: "The domain, port, and scheme of this URL MUST be the same
    // as that of a registered Redirection URI value."
    let mut policy = ClientPolicy::operator(offered());
    policy.offered.members.push("frontchannel_logout_uri");
    let another = "client_metadata_frontchannel_logout_origin";
    for (uri, expected) in [
        ("https://app.example/logout", "valid"),
        ("https://app.example/", "valid"),
        ("https://app.example/logout?tenant=1", "valid"),
        ("https://app.example:443/logout", "valid"),
        ("https://app.example:8443/logout", another),
        ("https://www.app.example/logout", another),
        ("https://evil.example/logout", another),
        ("http://app.example/logout", "client_metadata_uri_not_https"),
        ("http://127.0.0.1/logout", another),
        (
            "https://app.example/logout#x",
            "client_metadata_uri_fragment",
        ),
        (
            "https://app.example/logout?sid=1",
            "client_metadata_uri_response_parameter",
        ),
        (
            "https://app.example/logout?iss=1",
            "client_metadata_uri_response_parameter",
        ),
    ] {
        let metadata = with("frontchannel_logout_uri", json!(uri));
        assert_eq!(judged(&metadata, &policy), expected, "{uri}");
    }
}

#[test]
fn a_backchannel_logout_uri_is_https_or_on_this_machine() {
    // Back-Channel Logout, section 2.2: an absolute URI that "SHOULD use the https scheme and MAY
    // contain port, path, and query parameter components"; "MUST NOT include a fragment component".
    let mut policy = ClientPolicy::operator(offered());
    policy.offered.members.push("backchannel_logout_uri");
    for (uri, expected) in [
        ("https://api.example:8443/logout?tenant=1", "valid"),
        ("http://127.0.0.1:3000/logout", "valid"),
        ("http://localhost:3000/logout", "valid"),
        ("http://app.example/logout", "client_metadata_uri_not_https"),
        (
            "https://app.example/logout#x",
            "client_metadata_uri_fragment",
        ),
        (
            "https://user@app.example/logout",
            "client_metadata_uri_userinfo",
        ),
        ("com.example.app:/logout", "client_metadata_uri_not_https"),
        ("/logout", "client_metadata_uri_invalid"),
    ] {
        let metadata = with("backchannel_logout_uri", json!(uri));
        assert_eq!(judged(&metadata, &policy), expected, "{uri}");
    }
}
