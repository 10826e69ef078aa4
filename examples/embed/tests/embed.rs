//! The example as it is run: the program itself, asked over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Starts the program and returns the setup link that it prints.
fn start() -> (Running, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign-example-embed"))
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let link = line[line.find("http://").expect("a link")..].trim();
    (Running(child), link.to_owned())
}

fn get(authority: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(authority).expect("connects");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sends");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    response
}

#[test]
fn the_provider_is_below_its_path_beside_the_applications_own_pages() {
    let (_running, link) = start();
    let rest = &link["http://".len()..];
    let (authority, setup) = rest.split_at(rest.find('/').expect("a path"));
    let issuer = format!("http://{authority}/auth");
    for (path, status, text) in [
        ("/", "200", "Sign in"),
        ("/nothing", "200", "a page of the application's own"),
        ("/auth/account", "200", "login-password"),
        (setup, "200", "setup-submit"),
        ("/auth/jwks", "200", "\"keys\""),
        ("/auth/.well-known/openid-configuration", "200", &issuer),
        (
            "/.well-known/oauth-authorization-server/auth",
            "200",
            &issuer,
        ),
        ("/auth/token", "405", "method"),
    ] {
        let response = get(authority, path);
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {response}"
        );
        assert!(response.contains(text), "{path}: {response}");
    }
}
