//! The listener that asks for client certificates (RFC 8705).

use std::sync::Arc;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use tokio_rustls::rustls::HandshakeKind;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use super::certificates::{Authority, Identity};
use super::client::{Client, ask_again};
use super::{HOST, Site, eventually};
use crate::running::Running;

const FORM: &str = "grant_type=client_credentials&client_id=robot";

/// A site whose `client_certificates.authorities_file` is that of an authority, with further
/// settings and a listener for certificates.
fn site(clients: &Authority, settings: &str) -> Site {
    let site = Site::new("");
    site.deployment.write("authorities.pem", &clients.pem());
    let port = site.mtls_port;
    site.configure(&format!(
        "[client_certificates]\nlisten = \"127.0.0.1:{port}\"\nendpoints_url = \"https://{HOST}:{port}\"\nauthorities_file = \"authorities.pem\"\n{settings}"
    ));
    site
}

/// A client of that name and method, with more of its registration.
fn register(site: &Site, name: &str, metadata: &Value) -> Value {
    let file = site.deployment.write("client.json", &metadata.to_string());
    let file = file.to_str().unwrap();
    site.deployment
        .json(&["client", "create", "--client-id", name, "--metadata", file])
}

fn robot(method: &str, member: &str, value: Value) -> Value {
    json!({ "grant_types": ["client_credentials"], "response_types": [], "token_endpoint_auth_method": method, member: value })
}

/// The status of a token request.
fn status(client: &Client, port: u16, headers: &str) -> String {
    let response = client.token(port, FORM, headers);
    let response = response.unwrap_or_else(|error| format!("none: {error}"));
    response.lines().next().unwrap_or_default().to_owned()
}

const ACCEPTED: &str = "HTTP/1.1 200 OK";
const REFUSED: &str = "HTTP/1.1 401 Unauthorized";

fn serve_robot(clients: &Authority, settings: &str) -> (Site, Running) {
    let site = site(clients, settings);
    register(
        &site,
        "robot",
        &robot(
            "tls_client_auth",
            "tls_client_auth_san_dns",
            json!("robot.example"),
        ),
    );
    let running = site.serve();
    (site, running)
}

#[test]
fn a_certificate_of_a_trusted_authority_authenticates_its_client() {
    let clients = Authority::new("clients");
    let (site, _running) = serve_robot(&clients, "");
    let with = |identity: &Identity| site.client().with_certificate(identity);
    let changed = |change: fn(&mut CertificateParams)| {
        let key = KeyPair::generate().unwrap();
        clients.issue_with(&["robot.example"], key, change)
    };
    let own = clients.issue(&["robot.example"]);
    for (who, client, expected) in [
        ("its own", with(&own), ACCEPTED),
        ("none", site.client(), REFUSED),
        (
            "another name",
            with(&clients.issue(&["other.example"])),
            REFUSED,
        ),
        (
            "another authority's",
            with(&Authority::new("strangers").issue(&["robot.example"])),
            REFUSED,
        ),
        (
            "an authority of the same name",
            with(&Authority::new("clients").issue(&["robot.example"])),
            REFUSED,
        ),
        (
            "self-signed",
            with(&Identity::self_signed(&["robot.example"])),
            REFUSED,
        ),
        (
            "expired",
            with(&changed(|params| {
                params.not_after = date_time_ymd(2020, 1, 1)
            })),
            REFUSED,
        ),
        (
            "for servers",
            with(&changed(|params| {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            })),
            REFUSED,
        ),
    ] {
        assert_eq!(status(&client, site.mtls_port, ""), expected, "{who}");
    }
    // The other listener asks no one.
    assert_eq!(status(&with(&own), site.deployment.port, ""), REFUSED);
}

#[test]
fn a_registered_certificate_authenticates_its_client_whoever_signed_it() {
    let clients = Authority::new("clients");
    let site = site(&clients, "");
    let own = Identity::self_signed(&["robot.example"]);
    let key = certificate_key(&own);
    register(
        &site,
        "robot",
        &robot(
            "self_signed_tls_client_auth",
            "jwks",
            json!({ "keys": [key] }),
        ),
    );
    let _running = site.serve();
    let with = |identity: &Identity| site.client().with_certificate(identity);
    assert_eq!(status(&with(&own), site.mtls_port, ""), ACCEPTED);
    let same_name = Identity::self_signed(&["robot.example"]);
    assert_eq!(status(&with(&same_name), site.mtls_port, ""), REFUSED);
    assert_eq!(status(&site.client(), site.mtls_port, ""), REFUSED);
}

/// The certificate's own key as a JWK with `x5c` (RFC 7517, section 4.7; RFC 8705, section 2.2.2).
fn certificate_key(identity: &Identity) -> Value {
    // The last 64 bytes of a P-256 key's SubjectPublicKeyInfo are the point's coordinates.
    let key = KeyPair::try_from(identity.key_der.as_slice()).unwrap();
    let point = &key.public_key_raw()[1..];
    let (x, y) = point.split_at(32);
    let encode = |bytes: &[u8]| countersign_jose::base64url::encode(bytes);
    let x5c = encode(&identity.certificate_der)
        .replace('-', "+")
        .replace('_', "/");
    let padding = "=".repeat((4 - x5c.len() % 4) % 4);
    json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y), "x5c": [format!("{x5c}{padding}")] })
}

#[test]
fn attack_43_a_certificate_without_its_key_is_worth_nothing() {
    let clients = Authority::new("clients");
    let (site, _running) = serve_robot(&clients, "");
    let own = clients.issue(&["robot.example"]);
    let thief = clients.issue(&["thief.example"]);
    let client = site
        .client()
        .with_certificate_and_key(&own.certificate_der, &thief.key_der);
    let answer = status(&client, site.mtls_port, "");
    assert!(answer.starts_with("none"), "the handshake fails: {answer}");
}

#[test]
fn attack_43_a_header_says_nothing_where_the_handshake_does() {
    let clients = Authority::new("clients");
    let headers = "header = \"Client-Cert\"\nverified_header = \"Client-Verify\"\n[http]\ntrusted_proxies = [\"127.0.0.1\"]\n";
    let (site, _running) = serve_robot(&clients, headers);
    let own = clients.issue(&["robot.example"]);
    let base64: String = own
        .certificate
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let sent = format!("Client-Cert: :{base64}:\r\nClient-Verify: SUCCESS\r\n");
    assert_eq!(status(&site.client(), site.mtls_port, &sent), REFUSED);
    let other = site
        .client()
        .with_certificate(&clients.issue(&["other.example"]));
    assert_eq!(status(&other, site.mtls_port, &sent), REFUSED);
    // On the other listener it is the word of a trusted proxy.
    assert_eq!(
        status(&site.client(), site.deployment.port, &sent),
        ACCEPTED
    );
}

/// A resumed session would bring a certificate that was verified some time ago.
#[test]
fn every_connection_with_a_certificate_proves_it_anew() {
    let clients = Authority::new("clients");
    let (site, _running) = serve_robot(&clients, "");
    for (port, path, resumed) in [
        (site.deployment.port, "/jwks", true),
        (site.mtls_port, "/token", false),
    ] {
        for version in [&TLS12, &TLS13] {
            let client = site.client().with_version(version);
            let client = client.with_certificate(&clients.issue(&["robot.example"]));
            let config = Arc::new(client.config());
            let kind = || {
                let mut connection = Client::connect_with(Arc::clone(&config), port).unwrap();
                // A ticket of TLS 1.3 comes after the handshake.
                ask_again(&mut connection, path).unwrap();
                connection.conn.handshake_kind().unwrap()
            };
            assert_ne!(kind(), HandshakeKind::Resumed);
            assert_eq!(
                kind() == HandshakeKind::Resumed,
                resumed,
                "{port} {version:?}"
            );
        }
    }
}

#[test]
fn an_authority_that_is_taken_out_of_the_file_vouches_for_no_new_connection() {
    let clients = Authority::new("clients");
    let site = Site::new("");
    let port = site.mtls_port;
    site.deployment.write("authorities.pem", &clients.pem());
    site.configure(&format!(
        "reload_interval_seconds = 1\n[client_certificates]\nlisten = \"127.0.0.1:{port}\"\nendpoints_url = \"https://{HOST}:{port}\"\nauthorities_file = \"authorities.pem\"\n"
    ));
    let named = json!("robot.example");
    let metadata = robot("tls_client_auth", "tls_client_auth_san_dns", named);
    register(&site, "robot", &metadata);
    let _running = site.serve();
    let own = site
        .client()
        .with_certificate(&clients.issue(&["robot.example"]));
    assert_eq!(status(&own, port, ""), ACCEPTED);
    let other = Authority::new("others");
    site.deployment.write("authorities.pem", &other.pem());
    eventually("the client is refused", || {
        status(&own, port, "") == REFUSED
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_counts_for_every_request_of_an_http_2_connection() {
    let clients = Authority::new("clients");
    let (site, running) = tokio::task::block_in_place(|| serve_robot(&clients, ""));
    let own = clients.issue(&["robot.example"]);
    let pem = format!("{}{}", own.certificate, own.key);
    let authority = reqwest::Certificate::from_der(&site.authority.der()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([authority])
        .identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap())
        .resolve(HOST, ([127, 0, 0, 1], site.mtls_port).into())
        .build()
        .unwrap();
    for _ in 0..3 {
        let url = format!("https://{HOST}:{}/token", site.mtls_port);
        let form = "application/x-www-form-urlencoded";
        let request = client.post(url).header("content-type", form).body(FORM);
        let response = request.send().await.unwrap();
        assert_eq!(response.version(), reqwest::Version::HTTP_2);
        assert_eq!(response.status(), 200);
    }
    tokio::task::block_in_place(|| drop(running));
}

#[test]
fn the_endpoints_are_published_and_nothing_else_is_served_there() {
    let clients = Authority::new("clients");
    let site = site(&clients, "");
    let created = register(
        &site,
        "robot",
        &json!({ "grant_types": ["client_credentials"], "response_types": [], "token_endpoint_auth_method": "client_secret_post" }),
    );
    let _running = site.serve();
    let document = site
        .client()
        .get(site.deployment.port, "/.well-known/openid-configuration")
        .unwrap();
    let body = document.split("\r\n\r\n").nth(1).unwrap();
    let document: Value = serde_json::from_str(body).unwrap();
    let base = format!("https://{HOST}:{}", site.mtls_port);
    // RFC 8705, section 5.
    assert_eq!(
        document["mtls_endpoint_aliases"],
        json!({
            "token_endpoint": format!("{base}/token"),
            "revocation_endpoint": format!("{base}/revoke"),
            "introspection_endpoint": format!("{base}/introspect"),
            "device_authorization_endpoint": format!("{base}/device_authorization"),
        })
    );
    let methods = document["token_endpoint_auth_methods_supported"].to_string();
    for method in ["\"tls_client_auth\"", "\"self_signed_tls_client_auth\""] {
        assert!(methods.contains(method), "{methods}");
    }
    // A client with a secret needs no certificate there.
    let secret = created["client_secret"].as_str().unwrap();
    let response = site
        .client()
        .token(
            site.mtls_port,
            &format!("{FORM}&client_secret={secret}"),
            "",
        )
        .unwrap();
    assert!(response.starts_with(ACCEPTED), "{response}");
    for path in [
        "/authorize",
        "/login",
        "/account",
        "/",
        "/jwks",
        "/userinfo",
    ] {
        let response = site.client().get(site.mtls_port, path).unwrap();
        assert!(response.starts_with("HTTP/1.1 404 "), "{path}: {response}");
    }
}

#[test]
fn without_authorities_only_registered_certificates_are_offered() {
    let clients = Authority::new("clients");
    let site = site(&clients, "");
    let configuration = site.deployment.folder.join("countersign.toml");
    let text = std::fs::read_to_string(&configuration).unwrap();
    let without = text.replace("authorities_file = \"authorities.pem\"\n", "");
    site.deployment.write("countersign.toml", &without);
    let metadata = robot(
        "tls_client_auth",
        "tls_client_auth_san_dns",
        json!("robot.example"),
    );
    let file = site.deployment.write("client.json", &metadata.to_string());
    let refused = site
        .deployment
        .run(&["client", "create", "--metadata", file.to_str().unwrap()]);
    assert_ne!(refused.code, 0);
    assert!(
        refused.stderr.contains("tls_client_auth"),
        "{}",
        refused.stderr
    );
}
