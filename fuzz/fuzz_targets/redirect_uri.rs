//! Redirect URIs: what is presented is what was registered, but for the port on loopback; and a
//! response that is added to one goes to the same place.

#![no_main]

use countersign_oauth::client_metadata::ApplicationType::{Native, Web};
use countersign_oauth::post_logout_redirect_uri::RegisteredPostLogoutRedirectUri;
use countersign_oauth::redirect_uri::RegisteredRedirectUri;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|input: &str| {
    let mut lines = input.splitn(3, '\n');
    let registered = lines.next().unwrap_or_default();
    let presented = lines.next().unwrap_or_default();
    let value = lines.next().unwrap_or_default();
    let list = [registered.to_owned()];
    for application_type in [Web, Native] {
        let Ok(found) = RegisteredRedirectUri::find(presented, &list, application_type) else {
            let runs = [
                "javascript",
                "data",
                "vbscript",
                "file",
                "blob",
                "about",
                "view-source",
                "filesystem",
            ];
            let scheme = Url::parse(presented).map(|url| url.scheme().to_owned());
            let runs = scheme.is_ok_and(|scheme| runs.contains(&scheme.as_str()));
            assert!(runs || presented != registered);
            continue;
        };
        assert_eq!(found.as_str(), presented);
        if presented != registered {
            assert_eq!(application_type, Native);
            differs_by_its_port(registered, presented);
        }
        leads_there(&found, presented, value);
        let bye = RegisteredPostLogoutRedirectUri::find(presented, &list, application_type);
        if let Ok(bye) = bye {
            assert_eq!(bye.as_str(), presented);
        }
    }
});

/// The browsers' reading of both.
fn differs_by_its_port(registered: &str, presented: &str) {
    let (Ok(one), Ok(other)) = (Url::parse(registered), Url::parse(presented)) else {
        panic!("{registered} and {presented} are no URLs");
    };
    let host = one.host_str();
    assert!(
        matches!(host, Some("127.0.0.1" | "[::1]" | "localhost")),
        "{one}"
    );
    assert_eq!(host, other.host_str());
    assert_eq!(one.scheme(), "http");
    assert_eq!(other.scheme(), "http");
    assert_eq!(one.path(), other.path());
    assert_eq!(one.query(), other.query());
    assert_eq!(one.fragment(), other.fragment());
    assert_eq!(other.username(), "");
    assert_eq!(other.password(), None);
}

fn leads_there(found: &RegisteredRedirectUri, presented: &str, value: &str) {
    let Ok(before) = Url::parse(presented) else {
        return;
    };
    if before.fragment().is_some() || before.cannot_be_a_base() {
        return; // No such address is registered.
    }
    let parameters = [("code", value), ("state", value)];
    for location in [
        found.with_query(&parameters),
        found.with_fragment(&parameters),
    ] {
        assert!(location.starts_with(presented));
        let added = &location[presented.len()..];
        assert!(added.bytes().all(|byte| byte.is_ascii_graphic()), "{added}");
        let after = Url::parse(&location).expect("a URL still");
        assert_eq!(before.scheme(), after.scheme());
        assert_eq!(before.host_str(), after.host_str());
        assert_eq!(before.port(), after.port());
        assert_eq!(before.path(), after.path());
    }
    let after = Url::parse(&found.with_query(&parameters)).expect("a URL");
    let (mut own, mut all) = (before.query_pairs(), after.query_pairs());
    // Its own parameters are kept, and ours follow.
    for pair in own.by_ref() {
        assert_eq!(all.next(), Some(pair));
    }
    for (name, value) in parameters {
        let (sent, sent_value) = all.next().expect("ours");
        assert_eq!((sent.as_ref(), sent_value.as_ref()), (name, value));
    }
    assert_eq!(all.next(), None);
}
