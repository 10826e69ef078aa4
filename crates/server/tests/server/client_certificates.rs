//! A client's certificate in the header of a proxy, from the socket to the token (RFC 8705, section
//! 2; RFC 9440).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::command::Deployment;
use crate::running::Running;

const HEADERS: &str =
    "[client_certificates]\nheader = \"Client-Cert\"\nverified_header = \"Client-Verify\"\n";

/// A server that trusts that proxy, with one client.
fn serve(trusted: &str) -> (Deployment, Running) {
    let trusted = format!("[http]\ntrusted_proxies = [\"{trusted}\"]\n");
    let deployment = Deployment::new(&format!("{trusted}{HEADERS}"));
    deployment.json(&[
        "client",
        "create",
        "--client-id",
        "robot",
        "--grant-type",
        "client_credentials",
        "--auth-method",
        "tls_client_auth",
        "--tls-san-dns",
        "robot.example",
    ]);
    let running = Running::serve(&deployment);
    (deployment, running)
}

/// A certificate for that name, as a byte sequence.
fn certificate(name: &str) -> String {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let pem = made.cert.pem();
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    format!(":{}:", lines.collect::<String>())
}

/// A token request with these headers.
fn request(port: u16, headers: &[(&str, &str)]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let body = "grant_type=client_credentials&client_id=robot";
    let headers = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    let request = format!(
        "POST /token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn attack_43_a_forged_certificate_header_counts_for_nothing() {
    let (_deployment, running) = serve("192.0.2.1");
    let own = certificate("robot.example");
    let sent = [("Client-Cert", own.as_str()), ("Client-Verify", "SUCCESS")];
    let answer = request(running.port, &sent);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.contains("invalid_client"), "{answer}");
    let log = running.written.errors.text();
    assert!(log.contains("ignored a client's certificate"), "{log}");
}

#[test]
fn a_certificate_from_a_trusted_proxy_authenticates_its_client() {
    let (_deployment, running) = serve("127.0.0.1");
    let (own, foreign) = (certificate("robot.example"), certificate("other.example"));
    for (headers, status) in [
        (
            vec![("Client-Cert", own.as_str()), ("Client-Verify", "SUCCESS")],
            200,
        ),
        (
            vec![("client-cert", own.as_str()), ("client-verify", "FAILED:x")],
            401,
        ),
        (vec![("Client-Cert", own.as_str())], 401),
        (
            vec![
                ("Client-Cert", foreign.as_str()),
                ("Client-Verify", "SUCCESS"),
            ],
            401,
        ),
        (
            vec![
                ("Client-Cert", foreign.as_str()),
                ("Client-Cert", own.as_str()),
                ("Client-Verify", "SUCCESS"),
            ],
            401,
        ),
        (vec![("Client-Verify", "SUCCESS")], 401),
        (vec![("Client-Cert", "::"), ("Client-Verify", "NONE")], 401),
        (vec![], 401),
    ] {
        let answer = request(running.port, &headers);
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{headers:?}: {answer}");
    }
}
