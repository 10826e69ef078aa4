//! The document's configuration for client certificates, before real nginx and real Caddy.

use std::path::Path;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::{Proxy, provider_with};
use crate::command::{Deployment, free_port};

/// A client of the token endpoint, with a certificate or without.
const CLIENT: &str = r#"
import http.client, ssl, sys
port, client_id, certificate, forged = sys.argv[1:]
context = ssl._create_unverified_context()
if certificate:
    context.load_cert_chain(certificate)
context.set_alpn_protocols(["http/1.1"])
import socket
raw = socket.create_connection(("127.0.0.1", int(port)))
connection = http.client.HTTPConnection("id.example.com")
connection.sock = context.wrap_socket(raw, server_hostname="id.example.com")
headers = {"Content-Type": "application/x-www-form-urlencoded"}
if forged:
    value = ":" + "".join(l for l in open(forged).read().split("-----")[2].split()) + ":"
    for name in ("X-Client-Cert", "Client-Cert"):
        headers[name] = value
    headers["X-Client-Verify"] = "SUCCESS"
body = "grant_type=client_credentials&client_id=" + client_id
connection.request("POST", "/token", body, headers)
print(connection.getresponse().status)
"#;

/// The blocks of a language in the document's section on client certificates.
fn blocks(language: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reverse-proxy.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (_, section) = document.split_once("\n## Client certificates\n").unwrap();
    let fence = format!("```{language}\n");
    let blocks = section.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split_once("```").unwrap().0.to_owned())
        .collect()
}

fn settings() -> String {
    let blocks = blocks("toml");
    let (_, ours) = blocks[0].split_once("[client_certificates]").unwrap();
    format!("\n[client_certificates]{ours}")
}

/// An authority, a certificate that it issued, and two self-signed ones, for the same name.
fn make_certificates(folder: &Path) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    authority
        .distinguished_name
        .push(DnType::CommonName, "Test Authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = authority.self_signed(&authority_key).unwrap();
    std::fs::write(folder.join("authorities.pem"), certificate.pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    for name in ["issued", "own", "foreign"] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["robot.example".to_owned()]).unwrap();
        let certificate = match name {
            "issued" => params.signed_by(&key, &issuer).unwrap(),
            _ => params.self_signed(&key).unwrap(),
        };
        let both = certificate.pem() + &key.serialize_pem();
        std::fs::write(folder.join(format!("{name}.pem")), both).unwrap();
    }
}

fn register(deployment: &Deployment, client_id: &str, more: &[&str]) {
    let mut words = vec!["client", "create", "--client-id", client_id];
    words.extend(["--grant-type", "client_credentials"]);
    words.extend(more);
    let created = deployment.run(&words);
    assert_eq!(created.code, 0, "{}", created.stderr);
}

/// The keys of the client with a self-signed certificate.
fn write_keys(folder: &Path) {
    let pem = std::fs::read_to_string(folder.join("own.pem")).unwrap();
    let base64: String = pem
        .split("-----")
        .nth(2)
        .unwrap()
        .split_whitespace()
        .collect();
    let keys = format!(
        r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","x5c":["{base64}"]}}]}}"#
    );
    std::fs::write(folder.join("keys.json"), keys).unwrap();
}

fn status(deployment: &Deployment, port: u16, words: [&str; 3]) -> u16 {
    let [client_id, certificate, forged] = words;
    let at = |name: &str| match name {
        "" => String::new(),
        name => deployment.folder.join(name).display().to_string(),
    };
    let output = Command::new("python3")
        .args(["-c", CLIENT, &port.to_string(), client_id])
        .args([at(certificate), at(forged)])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .unwrap()
}

#[test]
fn nginx_passes_on_certificates_and_whether_it_verified_them() {
    let proxy = Proxy::Nginx;
    let Some(program) = proxy.program() else {
        return println!("SKIPPED: {proxy:?} is not installed");
    };
    let (deployment, _server) = provider_with(true, &settings());
    let folder = deployment.folder.canonicalize().unwrap();
    make_certificates(&folder);
    write_keys(&folder);
    register(
        &deployment,
        "named",
        &[
            "--auth-method",
            "tls_client_auth",
            "--tls-san-dns",
            "robot.example",
        ],
    );
    register(
        &deployment,
        "listed",
        &[
            "--auth-method",
            "self_signed_tls_client_auth",
            "--jwks",
            "keys.json",
        ],
    );
    let port = free_port();
    let blocks = blocks("nginx");
    let authorities = folder.join("authorities.pem").display().to_string();
    let of_server = blocks[0].replace("/etc/nginx/client-authorities.pem", &authorities);
    let _proxy = proxy.start_changed(&program, &deployment, port, |site| {
        site.replacen(
            "    location / {",
            &format!("{of_server}\n    location / {{"),
            1,
        )
        .replacen(
            "        proxy_http_version",
            &format!("{}        proxy_http_version", blocks[1]),
            1,
        )
    });
    for (words, expected) in [
        (["named", "issued.pem", ""], 200),
        (["named", "own.pem", ""], 401),
        (["named", "", ""], 401),
        (["named", "", "issued.pem"], 401),
        (["named", "own.pem", "issued.pem"], 401),
        (["listed", "own.pem", ""], 200),
        (["listed", "foreign.pem", ""], 401),
        (["listed", "issued.pem", ""], 401),
        (["listed", "", "own.pem"], 401),
    ] {
        assert_eq!(status(&deployment, port, words), expected, "{words:?}");
    }
}

#[test]
fn caddy_passes_on_certificates_as_rfc_9440_says() {
    let proxy = Proxy::Caddy;
    let Some(program) = proxy.program() else {
        return println!("SKIPPED: {proxy:?} is not installed");
    };
    let settings = "\n[client_certificates]\nheader = \"Client-Cert\"\n";
    let (deployment, _server) = provider_with(true, settings);
    let folder = deployment.folder.canonicalize().unwrap();
    make_certificates(&folder);
    write_keys(&folder);
    register(
        &deployment,
        "listed",
        &[
            "--auth-method",
            "self_signed_tls_client_auth",
            "--jwks",
            "keys.json",
        ],
    );
    let port = free_port();
    let upstream = format!("127.0.0.1:{}", deployment.port);
    let block = blocks("caddyfile")[0].replace("127.0.0.1:8080", &upstream);
    let _proxy = proxy.start_changed(&program, &deployment, port, |site| {
        site.replace(
            "tls internal",
            "tls internal {\n        client_auth {\n            mode request\n        }\n    }",
        )
        .replace(&format!("    reverse_proxy {upstream}\n"), &block)
    });
    for (words, expected) in [
        (["listed", "own.pem", ""], 200),
        (["listed", "foreign.pem", ""], 401),
        (["listed", "", "own.pem"], 401),
        (["listed", "", ""], 401),
    ] {
        assert_eq!(status(&deployment, port, words), expected, "{words:?}");
    }
}
