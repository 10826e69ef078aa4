//! The real binary in a folder of its own, with a clean environment.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// A folder under the build's own, with a configuration; removed when the test ends.
pub struct Deployment {
    pub folder: PathBuf,
    pub port: u16,
}

/// What a command answered.
pub struct Answer {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Deployment {
    /// An empty folder.
    pub fn empty() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "cli-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            folder,
            port: free_port(),
        }
    }

    /// A folder with the three lines of configuration, and `more`.
    pub fn new(more: &str) -> Self {
        let deployment = Self::empty();
        let port = deployment.port;
        deployment.write(
            "countersign.toml",
            &format!("issuer = \"http://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\ndata_dir = \"data\"\n{more}"),
        );
        deployment
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The binary, to be started in the folder.
    pub fn binary(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(words).current_dir(&self.folder).env_clear();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command with that standard input to its end.
    pub fn run_with(&self, words: &[&str], input: &str) -> Answer {
        answer_of(self.binary(words), input)
    }

    pub fn run(&self, words: &[&str]) -> Answer {
        self.run_with(words, "")
    }

    /// Runs a command that must succeed and answer JSON.
    pub fn json(&self, words: &[&str]) -> Value {
        self.json_with(words, "")
    }

    pub fn json_with(&self, words: &[&str], input: &str) -> Value {
        let answer = self.run_with(&[words, &["--json"]].concat(), input);
        assert_eq!(answer.code, 0, "{words:?}: {}", answer.stderr);
        serde_json::from_str(&answer.stdout).unwrap()
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs `command` to its end.
pub fn answer_of(mut command: Command, input: &str) -> Answer {
    let mut child = command.spawn().unwrap();
    // A command that doesn't read its input may be gone before it is written.
    _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Answer {
        code: status.code().unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
