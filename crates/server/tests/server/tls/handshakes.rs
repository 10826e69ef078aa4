//! What can be agreed on in a handshake, and what a peer can do without one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use tokio_rustls::rustls::CipherSuite;
use tokio_rustls::rustls::crypto::aws_lc_rs::cipher_suite;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use super::{HOST, Site};

#[test]
fn both_versions_are_spoken_and_browsers_are_told_to_stay() {
    let site = Site::new("");
    let _running = site.serve();
    let port = site.deployment.port;
    for version in [&TLS12, &TLS13] {
        let client = site.client().with_version(version);
        let response = client.get(port, "/.well-known/openid-configuration");
        let response = response.unwrap();
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        // RFC 6797, section 7.1.
        let policy = "strict-transport-security: max-age=31536000";
        assert!(response.contains(policy), "{response}");
        let connection = client.connect(port).unwrap();
        assert_eq!(connection.conn.protocol_version(), Some(version.version));
    }
}

/// FAPI 2.0 Security Profile, section 5.2.2: with TLS 1.2, only these.
#[test]
fn tls_1_2_has_ephemeral_keys_and_aes_gcm_only() {
    let site = Site::new("");
    let _running = site.serve();
    let only = |suite| site.client().with_version(&TLS12).with_suites(vec![suite]);
    for (suite, is_spoken) in [
        (cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, true),
        (cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true),
        (
            cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            false,
        ),
    ] {
        let connection = only(suite).connect(site.deployment.port);
        assert_eq!(connection.is_ok(), is_spoken, "{suite:?}");
    }
    let connection = site.client().connect(site.deployment.port).unwrap();
    let chosen = connection.conn.negotiated_cipher_suite().unwrap();
    assert_eq!(chosen.suite(), CipherSuite::TLS13_AES_256_GCM_SHA384);
}

/// Versions and suites that this test's own client does not have.
#[test]
fn what_is_old_is_refused() {
    let site = Site::new("");
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    site.install(&site.authority.issue_with(&[HOST], key, |_| {}));
    let _running = site.serve();
    let connects = |options: &[&str]| {
        let address = format!("127.0.0.1:{}", site.deployment.port);
        Command::new("openssl")
            .args(["s_client", "-connect", &address, "-servername", HOST])
            .args(options)
            .stdin(Stdio::null())
            .output()
            .map(|output| output.status.success())
    };
    let Ok(current) = connects(&["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"]) else {
        println!("SKIPPED: openssl is not installed");
        return;
    };
    assert!(current && connects(&["-tls1_3"]).unwrap());
    for refused in [
        &["-tls1", "-cipher", "ALL:@SECLEVEL=0"][..],
        &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
        &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256"],
        &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"],
        &["-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305"],
    ] {
        assert!(!connects(refused).unwrap(), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_chosen_where_the_client_speaks_it() {
    let site = Site::new("");
    let running = tokio::task::block_in_place(|| site.serve());
    let address = ([127, 0, 0, 1], site.deployment.port).into();
    let client = |builder: reqwest::ClientBuilder| {
        let authority = reqwest::Certificate::from_der(&site.authority.der()).unwrap();
        let builder = builder.tls_certs_only([authority]).resolve(HOST, address);
        builder.build().unwrap()
    };
    let url = format!("https://{HOST}:{}/jwks", site.deployment.port);
    for (builder, version) in [
        (reqwest::Client::builder(), reqwest::Version::HTTP_2),
        (
            reqwest::Client::builder().http1_only(),
            reqwest::Version::HTTP_11,
        ),
    ] {
        let response = client(builder).get(&url).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.version()),
            (200, version)
        );
    }
    tokio::task::block_in_place(|| drop(running));
}

fn plain(port: u16, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let limit = Some(Duration::from_secs(10));
    stream.set_read_timeout(limit).unwrap();
    stream.write_all(request).unwrap();
    let mut response = Vec::new();
    _ = stream.read_to_end(&mut response);
    String::from_utf8_lossy(&response).into_owned()
}

#[test]
fn plain_http_is_told_to_use_https() {
    let site = Site::new("");
    let _running = site.serve();
    for request in [
        &b"GET / HTTP/1.1\r\nHost: id.example.com\r\n\r\n"[..],
        b"POST /token HTTP/1.1\r\nHost: id.example.com\r\nContent-Length: 3\r\n\r\na=b",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let response = plain(site.deployment.port, request);
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
        assert!(
            response.contains("cause: plain_http_on_tls_port"),
            "{response}"
        );
    }
    // What is neither gets an alert at most (RFC 8446, section 6).
    let response = plain(site.deployment.port, b"\x05\x01\x00");
    assert!(!response.contains("HTTP"), "{response}");
}

/// How long until the server closes a connection on which this was sent.
fn closed_after(port: u16, sent: &[u8]) -> Duration {
    let start = Instant::now();
    assert!(!plain(port, sent).contains("HTTP"));
    start.elapsed()
}

#[test]
fn attack_64_a_handshake_that_does_not_come_is_given_up() {
    let site = Site::new("[http]\nheader_read_timeout_seconds = 1\n");
    let _running = site.serve();
    for sent in [
        &b""[..],
        // The head of a record that never comes whole.
        &[0x16, 3, 1, 2, 0, 1, 0],
    ] {
        let elapsed = closed_after(site.deployment.port, sent);
        assert!(elapsed > Duration::from_millis(800), "{elapsed:?}");
        assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    }
}

#[test]
fn half_a_handshake_makes_room_for_a_whole_one() {
    let site = Site::new("[http]\nmax_connections = 16\nheader_read_timeout_seconds = 60\n");
    let _running = site.serve();
    let mut halves = Vec::new();
    for round in 0..64 {
        let mut half = TcpStream::connect(("127.0.0.1", site.deployment.port)).unwrap();
        half.write_all(&[0x16, 3, 1, 2, 0, 1, 0]).unwrap();
        halves.push(half);
        if round % 16 == 15 {
            let response = site.client().get(site.deployment.port, "/jwks").unwrap();
            assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        }
    }
}

#[test]
fn the_server_ends_although_a_handshake_is_under_way() {
    let site = Site::new("");
    let running = site.serve();
    let mut half = TcpStream::connect(("127.0.0.1", site.deployment.port)).unwrap();
    half.write_all(&[0x16, 3, 1, 2, 0, 1, 0]).unwrap();
    let idle = site.client().connect(site.deployment.port).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let start = Instant::now();
    assert_eq!(running.end(), 0);
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "{:?}",
        start.elapsed()
    );
    drop((half, idle));
}
