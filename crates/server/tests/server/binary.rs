//! The real binary: its exit code, its streams, its signals, and what many peers do to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::Deployment;

/// A running server. Dropping it kills it.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(deployment: &Deployment) -> Self {
        let child = deployment
            .binary(&["serve"])
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            child,
            port: deployment.port,
        };
        let start = Instant::now();
        while server
            .get("/readyz")
            .is_none_or(|response| !response.starts_with("HTTP/1.1 200 "))
        {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "the server did not become ready"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn connect(&self) -> Option<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Some(stream)
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = self.connect()?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut response = String::new();
        stream.read_to_string(&mut response).ok()?;
        Some(response)
    }

    /// Asks the server to end, as an init system does, and returns its exit code.
    fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn a_server_ends_when_told_to_by_a_signal() {
    let deployment = Deployment::new("");
    assert_eq!(Server::start(&deployment).terminate(), Some(0));
}

#[test]
fn results_failures_and_exit_codes_are_the_processs_own() {
    let deployment = Deployment::new("");
    let codes = deployment.binary(&["exit-codes"]).output().unwrap();
    assert_eq!(codes.status.code(), Some(0));
    assert!(codes.stdout.starts_with(b"# Exit codes\n") && codes.stderr.is_empty());
    let mut command = deployment.binary(&["config", "check"]);
    command.env("COUNTERSIGN_LISTEN", "9470");
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(3));
    assert!(refused.stdout.is_empty());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.starts_with("countersign: COUNTERSIGN_LISTEN: listen: must be an address"),
        "{said}"
    );
    let mut command =
        deployment.binary(&["user", "create", "--username", "alice", "--password-stdin"]);
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"correct horse battery\n").unwrap();
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let shown = deployment.run(&["user", "show", "alice"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
}

/// Attack 64: 200 half-open headers, 200 slow bodies, 10,000 idle connections; a normal request
/// responses at once.
#[test]
fn attack_64_slow_and_idle_peers_delay_no_one() {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let (_, hard) = rlimit::Resource::NOFILE.get().unwrap();
    assert!(
        hard >= 12_000,
        "this test needs a limit of 12,000 open files, not {hard}"
    );
    let deployment = Deployment::new("");
    let server = Server::start(&deployment);
    let mut held = Vec::new();
    for _ in 0..10_000 {
        held.push(server.connect().unwrap());
    }
    for _ in 0..200 {
        let mut stream = server.connect().unwrap();
        stream
            .write_all(b"POST /token HTTP/1.1\r\nHost: localhost\r\nX-Half")
            .unwrap();
        held.push(stream);
        let mut stream = server.connect().unwrap();
        stream
            .write_all(
                b"POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ngrant",
            )
            .unwrap();
        held.push(stream);
    }
    let mut slowest = Duration::ZERO;
    for path in [
        "/healthz",
        "/readyz",
        "/.well-known/openid-configuration",
        "/jwks",
    ]
    .repeat(10)
    {
        let start = Instant::now();
        let response = server.get(path).unwrap();
        assert!(response.starts_with("HTTP/1.1 200 "), "{path}: {response}");
        slowest = slowest.max(start.elapsed());
    }
    assert!(
        slowest < Duration::from_secs(1),
        "the slowest response took {slowest:?}"
    );
}

#[test]
fn the_log_is_json_where_it_should_be() {
    let deployment = Deployment::new("[logging]\nformat = \"json\"\n");
    let mut child = deployment.binary(&["serve"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let event: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert!(
        event.get("level").is_some() && event.get("message").is_some(),
        "{line}"
    );
}
