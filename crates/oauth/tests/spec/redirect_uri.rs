use countersign_oauth::client_metadata::ApplicationType::{self, Native, Web};
use countersign_oauth::post_logout_redirect_uri::RegisteredPostLogoutRedirectUri;
use countersign_oauth::redirect_uri::{RedirectUriFault, RegisteredRedirectUri};
use proptest::prelude::*;

fn find(presented: &str, registered: &str, kind: ApplicationType) -> &'static str {
    let registered = [registered.to_owned()];
    RegisteredRedirectUri::find(presented, &registered, kind)
        .map_or_else(|fault| fault.code(), |_| "accepted")
}

#[test]
fn no_variant_of_a_registered_address_is_the_registered_address() {
    // Case 7; RFC 9700, section 4.1.3; RFC 3986, section 6.2.1.
    let registered = "https://app.example/callback";
    assert_eq!(find(registered, registered, Web), "accepted");
    let variants = [
        "https://app.example/x/../callback",
        "https://app.example/callback/../callback",
        "https://app.example/./callback",
        "https://app.example/x/%2e%2e/callback",
        "https://app.example/%2e/callback",
        "https://app.example//callback",
        "https:///app.example/callback",
        "https://app.example/callback/",
        "https://app.example/callback.",
        "https://app.example./callback",
        "https://app.example/Callback",
        "https://APP.example/callback",
        "HTTPS://app.example/callback",
        "https://app.example:443/callback",
        "https://app.example:/callback",
        "https://user@app.example/callback",
        "https://app.example@evil.example/callback",
        "https://app.example\\@evil.example/callback",
        "https://app.example\\callback",
        "https:\\\\app.example/callback",
        "https://app.example/callback%00",
        "https://app.example/callback\0",
        "https://app.example/callback%0d%0aLocation:%20https://evil.example",
        "https://app.example/callback\r\nLocation: https://evil.example",
        "https://\u{430}pp.example/callback",
        "https://xn--pp-7ka.example/callback",
        "https://app.example\u{3002}evil.example/callback",
        "https://evil.app.example/callback",
        "https://app.example.evil.example/callback",
        "https://evilapp.example/callback",
        "https://app.example/callbackevil",
        "https://app.example/callback?x=1",
        "https://app.example/callback?",
        "https://app.example/callback#x",
        "https://app.example/callback#",
        "https://app.example/%63allback",
        "https://app.example/callback ",
        " https://app.example/callback",
        "https://app.example/callback\t",
        "http://app.example/callback",
        "//app.example/callback",
        "/callback",
        "app.example/callback",
        "https://app.example",
        "https://app.example/",
        "",
        "*",
        "https://app.example/*",
        "javascript:alert(1)//https://app.example/callback",
    ];
    for presented in variants {
        for kind in [Web, Native] {
            let outcome = find(presented, registered, kind);
            assert_eq!(outcome, "redirect_uri_not_registered", "{presented:?}");
        }
    }
}

#[test]
fn a_registered_query_must_come_back_exactly() {
    let registered = "https://app.example/callback?tenant=1";
    assert_eq!(find(registered, registered, Web), "accepted");
    for presented in [
        "https://app.example/callback",
        "https://app.example/callback?tenant=2",
        "https://app.example/callback?tenant=1&x=2",
        "https://app.example/callback?TENANT=1",
        "https://app.example/callback?tenant=%31",
    ] {
        assert_eq!(
            find(presented, registered, Web),
            "redirect_uri_not_registered",
            "{presented}"
        );
    }
}

#[test]
fn of_a_native_clients_loopback_address_only_the_port_may_vary() {
    // Case 8; RFC 8252, sections 7.3 and 8.3.
    let four = "http://127.0.0.1/callback";
    let four_with_port = "http://127.0.0.1:4000/callback";
    let six = "http://[::1]/callback";
    let name = "http://localhost/callback";
    let name_with_port = "http://localhost:3000/callback";
    let secure = "https://127.0.0.1/callback";
    let query = "http://127.0.0.1/callback?a=1";
    let bare = "http://127.0.0.1";
    // Registration refuses these two; the comparison doesn't rely on that.
    let userinfo = "http://127.0.0.1@evil.example/";
    let suffix = "http://127.0.0.1.evil.example/";
    let rows = [
        ("http://127.0.0.1:51004/callback", four, "accepted"),
        ("http://127.0.0.1:1/callback", four, "accepted"),
        ("http://127.0.0.1:65535/callback", four, "accepted"),
        ("http://127.0.0.1/callback", four_with_port, "accepted"),
        ("http://127.0.0.1:9/callback", four_with_port, "accepted"),
        ("http://[::1]:51004/callback", six, "accepted"),
        ("http://127.0.0.1:9/callback?a=1", query, "accepted"),
        ("http://127.0.0.1:9", bare, "accepted"),
        (
            "http://127.0.0.1:0/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:65536/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:00080/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:+80/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:80x/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:80@evil.example/",
            userinfo,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:80.evil.example/",
            suffix,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:80@evil.example/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:80.evil.example/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1.evil.example/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1@evil.example/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:9/other",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:9/callback?a=1",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:9/callback#x",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:9\\callback",
            bare,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.2:9/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.1:9/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://2130706433:9/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://[::ffff:127.0.0.1]:9/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://[::1]:9/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://localhost:9/callback",
            four,
            "redirect_uri_not_registered",
        ),
        (
            "http://127.0.0.1:9/callback",
            name,
            "redirect_uri_not_registered",
        ),
        ("http://localhost:9/callback", name, "accepted"),
        ("http://localhost/callback", name_with_port, "accepted"),
        (
            "http://localhost.evil.example/callback",
            name,
            "redirect_uri_not_registered",
        ),
        (
            "http://localhost:80@evil.example/callback",
            name,
            "redirect_uri_not_registered",
        ),
        (
            "http://LOCALHOST:9/callback",
            name,
            "redirect_uri_not_registered",
        ),
        (
            "http://[::1]:9/callback",
            name,
            "redirect_uri_not_registered",
        ),
        (
            "https://127.0.0.1:9/callback",
            secure,
            "redirect_uri_not_registered",
        ),
        (
            "HTTP://127.0.0.1:9/callback",
            four,
            "redirect_uri_not_registered",
        ),
    ];
    for (presented, registered, expected) in rows {
        assert_eq!(find(presented, registered, Native), expected, "{presented}");
        if presented != registered && expected == "accepted" {
            let outcome = find(presented, registered, Web);
            assert_eq!(outcome, "redirect_uri_port_of_web_client", "{presented}");
        }
    }
}

#[test]
fn a_client_without_registered_addresses_has_none() {
    let outcome = RegisteredRedirectUri::find("https://app.example/", &[], Web);
    assert_eq!(outcome, Err(RedirectUriFault::NoneRegistered));
}

#[test]
fn a_response_keeps_the_registered_query() {
    // RFC 6749, section 3.1.2: an existing query component MUST be retained.
    let rows = [
        (
            "https://a.example/cb",
            "https://a.example/cb?code=x+y&state=%26%0D",
        ),
        (
            "https://a.example/cb?t=1",
            "https://a.example/cb?t=1&code=x+y&state=%26%0D",
        ),
        (
            "https://a.example/cb?",
            "https://a.example/cb?code=x+y&state=%26%0D",
        ),
        (
            "com.example.app:/cb",
            "com.example.app:/cb?code=x+y&state=%26%0D",
        ),
    ];
    for (uri, expected) in rows {
        let uri = RegisteredRedirectUri::find(uri, &[uri.to_owned()], Native).unwrap();
        assert_eq!(
            uri.with_query(&[("code", "x y"), ("state", "&\r")]),
            expected
        );
    }
    let uri = "https://a.example/cb?t=1";
    let uri = RegisteredRedirectUri::find(uri, &[uri.to_owned()], Web).unwrap();
    assert_eq!(
        uri.with_fragment(&[("id_token", "a.b")]),
        "https://a.example/cb?t=1#id_token=a.b"
    );
    assert_eq!(uri.to_string(), "https://a.example/cb?t=1");
}

#[test]
fn a_post_logout_address_is_compared_alike() {
    // Case 11; OIDC RP-Initiated Logout, section 3.
    let registered = ["https://app.example/bye".to_owned()];
    let find = |uri| RegisteredPostLogoutRedirectUri::find(uri, &registered, Web);
    let found = find("https://app.example/bye").unwrap();
    assert_eq!(found.location(None), "https://app.example/bye");
    assert_eq!(
        found.location(Some("a&b")),
        "https://app.example/bye?state=a%26b"
    );
    assert_eq!(
        find("https://evil.example/bye"),
        Err(RedirectUriFault::NotRegistered)
    );
    assert_eq!(
        find("https://app.example/bye?x"),
        Err(RedirectUriFault::NotRegistered)
    );
}

proptest! {
    #[test]
    fn what_is_accepted_is_equal_or_differs_in_a_loopback_port(
        presented in "(https?://(127\\.0\\.0\\.1|\\[::1\\]|localhost|a\\.example)(:[0-9]{1,6})?)?[/?#a@\\\\]{0,4}",
        registered in "https?://(127\\.0\\.0\\.1|\\[::1\\]|localhost|a\\.example)(:[0-9]{1,5})?[/?a]{0,3}",
    ) {
        let found = RegisteredRedirectUri::find(&presented, std::slice::from_ref(&registered), Native);
        if found.is_ok() && presented != registered {
            let (one, other) = (url::Url::parse(&presented).unwrap(), url::Url::parse(&registered).unwrap());
            prop_assert_eq!(one.host_str(), other.host_str());
            prop_assert_eq!((one.scheme(), other.scheme()), ("http", "http"));
            prop_assert_eq!((one.path(), one.query()), (other.path(), other.query()));
            prop_assert!(one.username().is_empty() && one.fragment().is_none());
        }
    }
}
