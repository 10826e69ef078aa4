//! `serve` as a process: it starts, answers, refuses to start twice, ends when told to, and holds out against slow peers.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::key::SigningKey;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::{Deployment, answer_of};

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
            .is_none_or(|answer| !answer.starts_with("HTTP/1.1 200 "))
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
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Asks the server to end, as an init system does, and answers its exit code.
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
fn a_server_serves_is_managed_meanwhile_and_ends_when_told_to() {
    let deployment = Deployment::new("");
    let server = Server::start(&deployment);
    assert!(
        server
            .get("/.well-known/openid-configuration")
            .unwrap()
            .contains(&format!("\"issuer\":\"http://localhost:{}\"", server.port))
    );
    // The command line takes no lock.
    let made = deployment.json_with(
        &["user", "create", "--username", "alice", "--password-stdin"],
        "correct horse battery\n",
    );
    assert_eq!(made.get("username"), Some(&"alice".into()));
    let keys = deployment.json(&["keys", "list"]);
    assert_eq!(keys.as_array().unwrap().len(), 4, "{keys}");
    let link = deployment.run(&["setup-link"]).stdout;
    let prefix = format!("http://localhost:{}/setup?token=cs_su_", server.port);
    assert!(link.starts_with(&prefix), "{link}");
    let page = server
        .get(
            link.trim()
                .strip_prefix(&format!("http://localhost:{}", server.port))
                .unwrap(),
        )
        .unwrap();
    assert!(
        page.starts_with("HTTP/1.1 200 ") && page.contains("setup-password"),
        "{page}"
    );
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_rotated_key_is_published_within_a_second() {
    let deployment = Deployment::new("[keys]\nalgorithms = [\"ES256\"]\n");
    let server = Server::start(&deployment);
    let made = deployment.json(&["keys", "rotate"]);
    let kid = made.pointer("/0/kid").unwrap().as_str().unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    assert!(server.get("/jwks").unwrap().contains(kid));
}

#[test]
fn a_second_server_is_refused_with_a_code_that_says_why() {
    let deployment = Deployment::new("");
    let _server = Server::start(&deployment);
    let answer = deployment.run(&["serve"]);
    assert_eq!(answer.code, 10, "{}", answer.stderr);
    assert!(
        answer.stderr.contains(&format!(
            "127.0.0.1:{} is in use by another program",
            deployment.port
        )),
        "{}",
        answer.stderr
    );
    let answer = deployment.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(answer.code, 13, "{}", answer.stderr);
    assert!(
        answer.stderr.contains("is in use by another server"),
        "{}",
        answer.stderr
    );
}

#[test]
fn what_makes_a_start_impossible_has_a_code_of_its_own() {
    let deployment = Deployment::new("");
    let answer = deployment.run(&["serve", "--listen", "192.0.2.1:1"]);
    assert_eq!(answer.code, 16, "{}", answer.stderr);
    deployment.write("a-file", "");
    let answer = deployment.run(&["serve", "--data-dir", "a-file/data"]);
    assert_eq!(answer.code, 11, "{}", answer.stderr);
    let mut command = deployment.binary(&["serve"]);
    command.env("DATABASE_URL", "postgresql://user:canary@localhost/db");
    let answer = answer_of(command, "");
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(
        answer.stderr.contains("PostgreSQL isn't there yet") && !answer.stderr.contains("canary"),
        "{}",
        answer.stderr
    );
    drop(Server::start(&deployment));
    let answer = deployment.run(&["serve", "--issuer", "http://localhost:1"]);
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(
        answer.stderr.contains("the database belongs to the issuer"),
        "{}",
        answer.stderr
    );
    let mut command = deployment.binary(&["user", "list"]);
    command.env("SECRET_KEY", "dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1");
    assert_eq!(answer_of(command, "").code, 15, "another master key");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let deployment = Deployment::new("");
    assert_eq!(deployment.run(&["user", "list"]).code, 0);
    // SQLite's file format, section 1.3: the user version is a big-endian number at offset 60.
    let path = deployment.folder.join("data/countersign.sqlite3");
    let mut database = std::fs::read(&path).unwrap();
    database
        .get_mut(60..64)
        .unwrap()
        .copy_from_slice(&9_999_u32.to_be_bytes());
    std::fs::write(&path, &database).unwrap();
    for words in [["user", "list"], ["serve", "--json"]] {
        let answer = deployment.run(&words);
        assert_eq!(answer.code, 12, "{words:?}: {}", answer.stderr);
        assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
    }
    assert!(std::fs::read(&path).unwrap() == database);
}

#[test]
fn a_folder_or_a_database_that_is_not_its_owners_alone_is_refused() {
    let deployment = Deployment::new("");
    assert_eq!(deployment.run(&["user", "list"]).code, 0);
    let folder = deployment.folder.join("data");
    let database = folder.join("countersign.sqlite3");
    for (path, exposed, remedy) in [
        (&folder, 0o770, "Run: chmod go-w data\n"),
        (
            &database,
            0o640,
            "Run: chmod 600 data/countersign.sqlite3\n",
        ),
    ] {
        let mode = path.metadata().unwrap().permissions();
        std::fs::set_permissions(path, Permissions::from_mode(exposed)).unwrap();
        for words in [["user", "list"], ["serve", "--json"]] {
            let answer = deployment.run(&words);
            assert_eq!(answer.code, 11, "{words:?}: {}", answer.stderr);
            assert!(answer.stderr.ends_with(remedy), "{}", answer.stderr);
        }
        std::fs::set_permissions(path, mode).unwrap();
    }
    assert_eq!(deployment.run(&["user", "list"]).code, 0);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let deployment = Deployment::new("[store]\nurl = \"sqlite:other.db\"\n");
    let path = deployment.write("other.db", &"not a database ".repeat(100));
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let answer = deployment.run(&["user", "list"]);
    assert_eq!(answer.code, 14, "{}", answer.stderr);
}

#[test]
fn a_key_named_in_the_environment_is_imported_at_the_start() {
    let deployment = Deployment::new("");
    deployment.write("private.pem", &new_private_key());
    deployment.write("countersign.toml", &format!(
        "issuer = \"http://localhost:{0}\"\nlisten = \"127.0.0.1:{0}\"\ndata_dir = \"data\"\n[keys]\nprivate_key_path = \"private.pem\"\n",
        deployment.port
    ));
    drop(Server::start(&deployment));
    // A second start finds it where it was.
    let server = Server::start(&deployment);
    let keys = deployment.json(&["keys", "list"]);
    assert_eq!(
        keys.as_array()
            .unwrap()
            .iter()
            .filter(|key| key.get("alg") == Some(&"ES256".into()))
            .count(),
        1,
        "{keys}"
    );
    drop(server);
}

/// A P-256 key as PKCS#8 in PEM (RFC 7468 10).
fn new_private_key() -> String {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let mut text = base64url::encode(&*key.to_pkcs8_der().unwrap())
        .replace('-', "+")
        .replace('_', "/");
    text.push_str(&"=".repeat((4 - text.len() % 4) % 4));
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

/// Attack 64: 200 half-open headers, 200 slow bodies, 10,000 idle connections; a normal request answers at once.
#[test]
fn attack_64_slow_and_idle_peers_delay_nobody() {
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
        let answer = server.get(path).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        slowest = slowest.max(start.elapsed());
    }
    assert!(
        slowest < Duration::from_secs(1),
        "the slowest answer took {slowest:?}"
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
