//! Processes of their own: this test binary, started again to play a part.
//!
//! A child's own lines begin with `@`, to tell them from the test harness's lines.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use countersign_store::GrantId;

use crate::{crashes, syncs};

const PART: &str = "COUNTERSIGN_TEST_PART";
const DATABASE: &str = "COUNTERSIGN_TEST_DATABASE";

/// Where a child begins. By itself it has nothing to do.
#[test]
#[ignore = "a child process's part; other tests start it"]
fn child() {
    let Ok(part) = std::env::var(PART) else {
        println!("SKIPPED: no part to play");
        return;
    };
    let path = std::env::var(DATABASE).expect("a child is told its database");
    let path = Path::new(&path);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    match part.as_str() {
        "work" => runtime.block_on(crashes::work(path)),
        "one user" => runtime.block_on(syncs::one_user(path)),
        "until acknowledged" => runtime.block_on(syncs::until_acknowledged(path)),
        part => panic!("there is no part {part}"),
    }
}

/// A command that starts a child under `program` and its arguments (strace), or by itself.
pub fn command(under: &[&str], part: &str, database: &Path) -> Command {
    let binary = std::env::current_exe().expect("the test binary knows itself");
    let mut command = match under.split_first() {
        None => Command::new(&binary),
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&binary);
            command
        }
    };
    command
        .args([
            "--exact",
            "children::child",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(PART, part)
        .env(DATABASE, database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// What a child says, from the parent's side.
pub struct Lines(BufReader<ChildStdout>);

impl Lines {
    pub fn of(child: &mut Child) -> Lines {
        Lines(BufReader::new(
            child.stdout.take().expect("its output is a pipe"),
        ))
    }
}

impl Iterator for Lines {
    type Item = String;

    /// The next line without its mark. A last line that was cut off is none.
    fn next(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).ok()?;
            let line = line.strip_suffix('\n')?;
            // The harness writes "test children::child ... " without a line break before ours.
            if let Some((_, said)) = line.split_once('@') {
                return Some(said.to_owned());
            }
        }
    }
}

/// Says a line, from the child's side: one write, past the harness's capture.
pub fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(format!("@{line}\n").as_bytes())
        .expect("the parent listens");
    stdout.flush().expect("the parent listens");
}

pub fn grant_id(text: &str) -> GrantId {
    text.parse().expect("a grant's id")
}
