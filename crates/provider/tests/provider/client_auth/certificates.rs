//! RFC 8705, sections 2.1 and 2.2.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign_oauth::client_certificate::{Chain, ClientCertificate};
use countersign_testing::{Answer, ClientPersona, Options, TestProvider, basic};
use http::StatusCode;
use rcgen::string::Ia5String;
use rcgen::{Certificate, CertificateParams, DnType, KeyPair, SanType};
use serde_json::{Value, json};

use crate::asserting::{KEYS, KeyServer, add_client_named, jwks, options, present_certificate};
use crate::expect;

fn certificate(common_name: &str) -> Certificate {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let name = &mut params.distinguished_name;
    name.push(DnType::OrganizationName, "Bank");
    name.push(DnType::CommonName, common_name);
    let text = |text: &str| Ia5String::try_from(text).expect("ASCII");
    params.subject_alt_names = vec![
        SanType::DnsName(text(common_name)),
        SanType::URI(text(&format!("urn:{common_name}"))),
        SanType::IpAddress("192.0.2.7".parse().expect("an address")),
        SanType::Rfc822Name(text(&format!("robot@{common_name}"))),
    ];
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a certificate")
}

async fn try_with(
    op: &TestProvider,
    client_id: &str,
    certificate: &Certificate,
    chain: Chain,
) -> Answer {
    let certificate = ClientCertificate::from_der(certificate.der(), chain).expect("reads");
    present_certificate(op, client_id, Some(certificate)).await
}

#[track_caller]
fn accepted(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

fn x5c(certificate: &Certificate) -> Value {
    let mut jwks = jwks(&[&KEYS[0]]);
    jwks["keys"][0]["x5c"] = json!([STANDARD.encode(certificate.der())]);
    jwks
}

#[tokio::test]
async fn a_verified_certificate_with_the_registered_name_is_the_clients() {
    let op = TestProvider::start().await;
    let (own, foreign) = (certificate("client.example"), certificate("other.example"));
    for (member, value, shared) in [
        (
            "tls_client_auth_subject_dn",
            "CN=client.example,O=Bank",
            false,
        ),
        ("tls_client_auth_san_dns", "client.example", false),
        ("tls_client_auth_san_uri", "urn:client.example", false),
        ("tls_client_auth_san_ip", "192.0.2.7", true),
        ("tls_client_auth_san_email", "robot@client.example", false),
    ] {
        let metadata = json!({ "token_endpoint_auth_method": "tls_client_auth", member: value });
        add_client_named(&op, member, metadata).await;
        accepted(&try_with(&op, member, &own, Chain::Verified).await);
        let answer = try_with(&op, member, &foreign, Chain::Verified).await;
        match shared {
            true => accepted(&answer),
            false => expect::refused(&answer, "invalid_client"),
        }
        // Anyone can make one with the same names.
        let answer = try_with(&op, member, &own, Chain::NotVerified).await;
        expect::refused(&answer, "invalid_client");
        let answer = present_certificate(&op, member, None).await;
        expect::refused(&answer, "invalid_client");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_compared_with_the_registered_ones() {
    let op = TestProvider::start().await;
    let (own, same_names) = (certificate("client.example"), certificate("client.example"));
    let metadata = json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks": x5c(&own),
    });
    add_client_named(&op, "listed", metadata).await;
    for chain in [Chain::NotVerified, Chain::Verified] {
        accepted(&try_with(&op, "listed", &own, chain).await);
        let answer = try_with(&op, "listed", &same_names, chain).await;
        expect::refused(&answer, "invalid_client");
    }
    let answer = present_certificate(&op, "listed", None).await;
    expect::refused(&answer, "invalid_client");
}

#[tokio::test]
async fn a_renewed_certificate_is_found_at_the_jwks_uri() {
    let (old, new) = (certificate("client.example"), certificate("client.example"));
    let server = KeyServer::start(&x5c(&old)).await;
    let op = TestProvider::start_with(options()).await;
    let metadata = json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks_uri": server.uri,
    });
    add_client_named(&op, "listed", metadata).await;
    accepted(&try_with(&op, "listed", &old, Chain::NotVerified).await);
    server.publish(200, x5c(&new).to_string());
    op.clock.advance(59);
    accepted(&try_with(&op, "listed", &new, Chain::NotVerified).await);
    let answer = try_with(&op, "listed", &old, Chain::NotVerified).await;
    expect::refused(&answer, "invalid_client");
}

#[tokio::test]
async fn a_certificate_takes_no_other_methods_place() {
    // RFC 8705, section 2: it counts only for a client that is registered for it.
    let op = TestProvider::start().await;
    let own = certificate("client.example");
    let answer = try_with(&op, "confidential", &own, Chain::Verified).await;
    expect::refused(&answer, "invalid_client");
    let metadata = json!({
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_san_dns": "client.example",
    });
    add_client_named(&op, "named", metadata).await;
    let form = [("grant_type", "client_credentials")];
    let secret = ClientPersona::secret_of("confidential");
    let header = [("authorization", basic("named", secret))];
    let answer = op.browser().post_with("/token", &form, &header).await;
    expect::refused(&answer, "invalid_client");
}

#[tokio::test]
async fn the_methods_are_offered_where_a_certificate_can_come() {
    for (header, verified_header, endpoints_url, authorities_file, expected) in [
        (None, None, None, None, [false, false]),
        (Some("Client-Cert"), None, None, None, [true, false]),
        (
            Some("Client-Cert"),
            Some("Client-Verify"),
            None,
            None,
            [true, true],
        ),
        (None, Some("Client-Verify"), None, None, [false, false]),
        (
            None,
            None,
            Some("https://mtls.example"),
            None,
            [true, false],
        ),
        (
            None,
            None,
            Some("https://mtls.example"),
            Some("authorities.pem"),
            [true, true],
        ),
    ] {
        let options = Options::with(|settings| {
            let certificates = &mut settings.client_certificates;
            certificates.header = header.map(|name| name.parse().expect("a name"));
            certificates.verified_header =
                verified_header.map(|name| name.parse().expect("a name"));
            certificates.endpoints_url =
                endpoints_url.map(|url: &str| url.parse().expect("an address"));
            certificates.authorities_file = authorities_file.map(Into::into);
        });
        let op = TestProvider::start_with(options).await;
        let metadata = op.browser().get("/.well-known/openid-configuration").await;
        let listed = metadata.json()["token_endpoint_auth_methods_supported"].to_string();
        let is_listed = ["\"self_signed_tls_client_auth\"", "\"tls_client_auth\""]
            .map(|method| listed.contains(method));
        assert_eq!(is_listed, expected, "{listed}");
    }
}

/// RFC 8705, section 5.
#[tokio::test]
async fn the_endpoints_that_ask_for_certificates_are_published_below_the_issuers_path() {
    let options = Options {
        issuer: "https://id.example.com/auth",
        ..Options::with(|settings| {
            let url = "https://mtls.example.com:8443".parse().expect("an address");
            settings.client_certificates.endpoints_url = Some(url);
        })
    };
    let op = TestProvider::start_with(options).await;
    let answer = op
        .browser()
        .get("/.well-known/openid-configuration/auth")
        .await;
    let metadata = answer.json();
    let aliases = metadata["mtls_endpoint_aliases"]
        .as_object()
        .expect("aliases");
    assert_eq!(
        aliases["token_endpoint"],
        "https://mtls.example.com:8443/auth/token"
    );
    // Each is an alias of an endpoint that is published too.
    for member in aliases.keys() {
        assert!(metadata[member].is_string(), "{member}");
    }
}
