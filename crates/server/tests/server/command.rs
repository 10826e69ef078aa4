//! The command line in a folder of its own, with a clean environment: in this process, or as the
//! real binary.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use countersign::cli;
use countersign::surroundings::{Input, LogScope, Shutdown, Stream, Surroundings};
use serde_json::Value;

/// A folder under the build's own, with a configuration; removed when the test ends.
pub struct Deployment {
    pub folder: PathBuf,
    pub port: u16,
}

/// What a command returned.
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

    /// Lets other users of the machine read a file of the folder, or not.
    pub fn set_mode(&self, name: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.folder.join(name), permissions).unwrap();
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

    /// What a command line of ours runs in: this folder, and nothing of the test's own process.
    pub fn surroundings(&self, input: &str, written: &Written) -> Surroundings {
        Surroundings {
            environment: Default::default(),
            folder: self.folder.clone(),
            os_user: "tester".to_owned(),
            input: Input {
                reader: Box::new(Cursor::new(input.as_bytes().to_vec())),
                is_terminal: false,
            },
            output: Stream::new(written.output.clone(), false),
            errors: Stream::new(written.errors.clone(), false),
            log: LogScope::Run,
            // No one asks a command to end.
            shutdown: Shutdown::by_handle().1,
        }
    }

    /// Runs a command to its end, here.
    pub fn run_in(&self, mut surroundings: Surroundings, words: &[&str]) -> i32 {
        let words = [&["countersign"], words].concat();
        cli::run(words, &mut surroundings) as i32
    }

    /// Runs a command with that standard input and environment to its end.
    pub fn run_within(&self, environment: &[(&str, &str)], words: &[&str], input: &str) -> Answer {
        let written = Written::default();
        let mut surroundings = self.surroundings(input, &written);
        surroundings.environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let code = self.run_in(surroundings, words);
        self.answer(code, &written)
    }

    /// What a command wrote, with paths as a user in the folder reads them.
    pub fn answer(&self, code: i32, written: &Written) -> Answer {
        let here = format!("{}/", self.folder.display());
        Answer {
            code,
            stdout: written.output.text(),
            stderr: written.errors.text().replace(&here, ""),
        }
    }

    pub fn run_with(&self, words: &[&str], input: &str) -> Answer {
        self.run_within(&[], words, input)
    }

    pub fn run(&self, words: &[&str]) -> Answer {
        self.run_with(words, "")
    }

    /// Runs a command that must succeed and print JSON.
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

/// What a command has written so far.
#[derive(Clone, Default)]
pub struct Written {
    pub output: Text,
    pub errors: Text,
}

/// A stream that remembers.
#[derive(Clone, Default)]
pub struct Text(Arc<Mutex<Vec<u8>>>);

impl Text {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
