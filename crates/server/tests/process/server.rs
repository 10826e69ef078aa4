//! A running `countersign serve`, and the deployment it needs: people, a client, cheap passwords.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::command::Deployment;
use crate::connection::Connection;
use crate::person::{APP, BYE, CALLBACK, PASSWORD};

/// Passwords that cost little, keys that are made fast, sign-ins without end.
pub const CHEAP: &str = "
[passwords]
argon2_memory_kib = 7168
argon2_iterations = 1
[login]
attempts_per_account = 1000
attempts_per_address = 100000
[keys]
algorithms = [\"ES256\"]
";

/// The people of [`deployment`].
pub const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// A deployment with some people and a public client whose refresh tokens rotate.
pub fn deployment(configuration: &str, people: &[&str]) -> Deployment {
    let deployment = Deployment::new(configuration);
    let password = format!("{PASSWORD}\n");
    for name in people {
        let words = ["user", "create", "--username", name, "--password-stdin"];
        deployment.json_with(&words, &password);
    }
    let metadata = json!({
        "client_name": "App",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [BYE],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        "id_token_signed_response_alg": "ES256",
        "insecure_skip_consent": true,
    });
    let words = ["client", "create", "--client-id", APP, "--metadata", "-"];
    deployment.json_with(&words, &metadata.to_string());
    deployment
}

/// A running server. Dropping it kills it.
pub struct Server {
    child: Child,
    pub port: u16,
    log: PathBuf,
}

impl Server {
    /// Starts it and waits until it is ready.
    pub fn start(deployment: &Deployment) -> Server {
        let log = deployment.folder.join("server.log");
        let stderr = File::options().create(true).append(true).open(&log);
        let child = deployment
            .binary(&["serve"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr.expect("a file for the log"))
            .spawn()
            .expect("the server starts");
        let mut server = Server {
            child,
            port: deployment.port,
            log,
        };
        let start = Instant::now();
        while !server.is_ready() {
            let gone = server.child.try_wait().expect("its own child");
            assert!(gone.is_none(), "the server ended: {}", server.log());
            assert!(start.elapsed() < Duration::from_secs(60), "never ready");
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn is_ready(&self) -> bool {
        self.status_of("/readyz") == Some(200)
    }

    /// The status of a GET on a connection of its own.
    pub fn status_of(&self, path: &str) -> Option<u16> {
        let response = Connection::new(self.port).request("GET", path, &[], "");
        Some(response.ok()?.status.as_u16())
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its own child").is_none()
    }

    /// Everything that it has logged.
    pub fn log(&self) -> String {
        let log = std::fs::read(&self.log).expect("the log");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Resident memory in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(status).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let line = line.expect("VmRSS").trim().trim_end_matches(" kB");
        line.parse().expect("a number")
    }

    /// kill -9
    pub fn kill(mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("it is gone");
    }

    /// Asks it to end, as an init system does.
    pub fn ask_to_end(&self) {
        send_signal("TERM", self.id());
    }

    /// Waits for its end, and returns its exit code.
    pub fn ended(mut self) -> Option<i32> {
        self.child.wait().expect("its own child").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Sends a signal to a process that the test started.
pub fn send_signal(name: &str, id: u32) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &id.to_string()])
        .status();
    assert!(sent.expect("kill").success());
}
