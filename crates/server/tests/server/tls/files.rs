//! Files that can't be used, and certificates that clients would not accept.

use countersign::surroundings::now;
use rcgen::{KeyPair, date_time_ymd};

use super::certificates::Identity;
use super::{HOST, Site};

const MTLS: &str = "[client_certificates]\nlisten = \"127.0.0.1:1\"\nendpoints_url = \"https://mtls.example\"\nauthorities_file = \"authorities.pem\"\n";

/// What `config check` says, and with which exit code.
fn check(site: &Site) -> (i32, String) {
    let answer = site.deployment.run(&["config", "check"]);
    (answer.code, answer.stderr)
}

#[test]
fn a_file_that_can_not_be_used_is_named_before_anything_is_served() {
    let other = Identity::self_signed(&[HOST]);
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let malformed = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (file, contents, expected) in [
        ("chain.pem", None, "tls.certificate_file: can't read"),
        ("key.pem", None, "tls.key_file: can't read"),
        ("chain.pem", Some(""), "contains no certificate in PEM"),
        (
            "chain.pem",
            Some("-----BEGIN CERTIFICATE-----\n"),
            "is not valid PEM",
        ),
        ("chain.pem", Some(malformed), "the first certificate in"),
        ("key.pem", Some(""), "contains no private key in PEM"),
        ("key.pem", Some(encrypted), "is protected by a passphrase"),
        (
            "key.pem",
            Some(&other.key),
            "is not the key of the first certificate",
        ),
        (
            "authorities.pem",
            None,
            "client_certificates.authorities_file: can't read",
        ),
        (
            "authorities.pem",
            Some("x"),
            "contains no certificate in PEM",
        ),
        (
            "authorities.pem",
            Some(malformed),
            "can't be that of an authority",
        ),
    ] {
        let site = Site::new(MTLS);
        site.deployment
            .write("authorities.pem", &site.authority.pem());
        match contents {
            Some(contents) => _ = site.deployment.write(file, contents),
            None => std::fs::remove_file(site.deployment.folder.join(file)).unwrap(),
        }
        let (code, said) = check(&site);
        assert_eq!(code, 3, "{file}: {said}");
        assert!(said.contains(expected), "{file}: {said}");
        assert!(
            !said.contains("AAAA"),
            "nothing of a file is repeated: {said}"
        );
        let served = site.deployment.run(&["serve"]);
        assert_eq!(served.code, 3, "{file}: {}", served.stderr);
        assert!(
            served.stderr.contains(expected),
            "{file}: {}",
            served.stderr
        );
    }
}

#[test]
fn a_certificate_that_clients_would_not_accept_is_a_warning() {
    let in_days = |days: i64| {
        let now = jiff::Timestamp::from_second(now()).unwrap();
        let soon = now + jiff::SignedDuration::from_hours(24 * days);
        let day = soon.to_zoned(jiff::tz::TimeZone::UTC).date();
        date_time_ymd(
            day.year().into(),
            day.month().unsigned_abs(),
            day.day().unsigned_abs(),
        )
    };
    for (names, start, end, expected) in [
        (vec![HOST], -9, 90, None),
        (vec![HOST], -9, -2, Some("expired at")),
        (vec![HOST], -9, 3, Some("expires at")),
        (vec![HOST], 2, 90, Some("is not valid before")),
        (vec!["*.example.com"], -9, 90, None),
        (
            vec!["other.example"],
            -9,
            90,
            Some("is not for id.example.com, the host of issuer"),
        ),
        (vec![], -9, 90, Some("is not for id.example.com")),
    ] {
        let site = Site::new("");
        let key = KeyPair::generate().unwrap();
        let identity = site.authority.issue_with(&names, key, |params| {
            params.not_before = in_days(start);
            params.not_after = in_days(end);
        });
        site.install(&identity);
        let (code, said) = check(&site);
        assert_eq!(code, 0, "{names:?}: {said}");
        match expected {
            Some(expected) => assert!(said.contains(expected), "{names:?}: {said}"),
            None => assert_eq!(said, "", "{names:?}"),
        }
    }
}

#[test]
fn the_certificate_has_to_be_for_the_host_of_client_certificates_too() {
    let site = Site::new(&MTLS.replace("authorities_file = \"authorities.pem\"\n", ""));
    let (code, said) = check(&site);
    assert_eq!(code, 0, "{said}");
    let expected = "is not for mtls.example, the host of client_certificates.endpoints_url";
    assert!(said.contains(expected), "{said}");
    site.install(&site.authority.issue(&[HOST, "mtls.example"]));
    assert_eq!(check(&site), (0, String::new()));
}

#[test]
fn others_may_neither_read_nor_replace_the_key() {
    let site = Site::new("");
    site.deployment.set_mode("key.pem", 0o644);
    let (code, said) = check(&site);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("can read the secret in key.pem"), "{said}");
    site.deployment.set_mode("key.pem", 0o602);
    let (code, said) = check(&site);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("can replace the private key key.pem"),
        "{said}"
    );
}

#[test]
fn settings_of_tls_have_to_be_consistent() {
    let tls = "[tls]\ncertificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\n";
    let listens = "[client_certificates]\nlisten = \"127.0.0.1:1\"\n";
    let url = "endpoints_url = \"https://mtls.example\"\n";
    for (issuer, more, expected) in [
        (
            "https://id.example.com",
            "[tls]\ncertificate_file = \"chain.pem\"\n".to_owned(),
            "tls.certificate_file: needs tls.key_file",
        ),
        (
            "https://id.example.com",
            "[tls]\nkey_file = \"key.pem\"\n".to_owned(),
            "tls.key_file is set",
        ),
        (
            "http://localhost:8080",
            tls.to_owned(),
            "the issuer is http",
        ),
        (
            "https://id.example.com",
            format!("{listens}{url}"),
            "needs tls.certificate_file",
        ),
        (
            "https://id.example.com",
            format!("{tls}{listens}"),
            "needs client_certificates.endpoints_url",
        ),
        (
            "https://id.example.com",
            format!("{tls}[client_certificates]\n{url}"),
            "at which no certificate can arrive",
        ),
        (
            "https://id.example.com",
            format!("{tls}[client_certificates]\nauthorities_file = \"chain.pem\"\n"),
            "has an effect only with client_certificates.listen",
        ),
        (
            "https://id.example.com",
            format!("{tls}{listens}endpoints_url = \"http://localhost\"\n"),
            "must be https",
        ),
    ] {
        let site = Site::new("");
        site.deployment.write(
            "countersign.toml",
            &format!(
                "issuer = \"{issuer}\"\nlisten = \"127.0.0.1:8080\"\ndata_dir = \"data\"\n{more}"
            ),
        );
        let (code, said) = check(&site);
        assert_eq!(code, 3, "{more}: {said}");
        assert!(said.contains(expected), "{more}: {said}");
    }
}

#[test]
fn with_tls_every_machine_may_reach_the_server_and_no_proxy_is_missed() {
    let site = Site::new("");
    let configuration = site.deployment.folder.join("countersign.toml");
    let text = std::fs::read_to_string(&configuration).unwrap();
    site.deployment
        .write("countersign.toml", &text.replace("127.0.0.1:", "0.0.0.0:"));
    assert_eq!(check(&site), (0, String::new()));
}
