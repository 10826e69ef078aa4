//! Which `Host` is served: the machine's own names on loopback, so that no name which was rebound
//! to it leads in.

use countersign_oauth::issuer::Issuer;
use countersign_oauth::request_host::{self, named};

fn is_served(issuer: &str, additional: &[&str], authority: &str) -> bool {
    let issuer = Issuer::parse(issuer).expect("an issuer");
    let additional: Vec<String> = additional.iter().map(|name| (*name).to_owned()).collect();
    request_host::is_served(&issuer, &additional, authority)
}

#[test]
fn a_loopback_issuer_serves_the_machines_own_names_and_those_that_were_added() {
    for issuer in [
        "http://localhost:8080",
        "http://127.0.0.1",
        "http://[::1]:1/a",
    ] {
        for ours in [
            "localhost:8080",
            "LOCALHOST",
            "127.0.0.1:1",
            "127.8.9.10",
            "[::1]:8080",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "proxy.example",
            "Proxy.Example:443",
        ] {
            assert!(
                is_served(issuer, &["proxy.example"], ours),
                "{issuer} {ours}"
            );
        }
        for foreign in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8080",
            "[::2]",
            "[::1",
            "::1",
            "128.0.0.1",
            "",
            ":8080",
        ] {
            assert!(
                !is_served(issuer, &["proxy.example"], foreign),
                "{issuer} {foreign}"
            );
        }
    }
}

#[test]
fn any_other_issuer_serves_all_names_unless_they_are_listed() {
    let issuer = "https://id.example.com/tenant";
    assert!(is_served(issuer, &[], "anything.example"));
    let listed = ["alias.example.com"];
    assert!(is_served(issuer, &listed, "alias.example.com:8443"));
    assert!(
        is_served(issuer, &listed, "id.example.com"),
        "its own always"
    );
    for foreign in ["elsewhere.example.com", "localhost", "127.0.0.1"] {
        assert!(!is_served(issuer, &listed, foreign), "{foreign}");
    }
}

/// RFC 9112, section 3.2.2: "the server MUST ignore the received Host header field (if any)" of a
/// target that has an authority.
#[test]
fn the_targets_authority_goes_before_the_host() {
    for (authority, host, expected) in [
        (Some("a.example"), Some("b.example"), Some("a.example")),
        (Some("a.example"), None, Some("a.example")),
        (None, Some("b.example"), Some("b.example")),
        (None, None, None),
    ] {
        assert_eq!(named(authority, host), expected);
    }
}
