//! strace on a running server: looking at its system calls, or making them fail, until it is taken
//! off again.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::server::{Server, send_signal};

/// A tracer that is attached to every thread of a server.
pub struct Strace {
    child: Child,
    output: PathBuf,
    // Kept open: strace says here when a thread comes.
    _said: BufReader<ChildStderr>,
}

impl Strace {
    /// Attaches; `None`, said aloud, where this machine has no strace or lets no one attach.
    pub fn attach(server: &Server, arguments: &[&str], output: &Path) -> Option<Strace> {
        let spawned = Command::new("strace")
            .args(["-f", "-yy", "-s", "96"])
            .args(arguments)
            .args(["-p", &server.id().to_string(), "-o"])
            .arg(output)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = spawned else {
            return skipped("strace is not installed");
        };
        let mut said = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut first = String::new();
        said.read_line(&mut first).expect("a pipe");
        if !first.contains(" attached") {
            _ = child.wait();
            return skipped(&format!("strace can't attach: {first}"));
        }
        Some(Strace {
            child,
            output: output.to_owned(),
            _said: said,
        })
    }

    /// Takes it off, and returns what it wrote.
    pub fn detach(mut self) -> String {
        send_signal("TERM", self.child.id());
        self.child.wait().expect("its own child");
        let output = std::fs::read(&self.output).expect("its output");
        String::from_utf8_lossy(&output).into_owned()
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn skipped<T>(why: &str) -> Option<T> {
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{why}"
    );
    println!("SKIPPED: {why}");
    None
}
