//! A server that runs in this process, until its test is over.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use countersign::surroundings::{Shutdown, StopHandle};

use crate::command::{Deployment, Written};

/// A `serve` or `quickstart` on a thread of its own. Dropping it ends it.
pub struct Running {
    pub port: u16,
    pub written: Written,
    stop: Option<StopHandle>,
    thread: Option<JoinHandle<i32>>,
}

impl Running {
    /// Starts `serve` and waits until it is ready.
    pub fn serve(deployment: &Deployment) -> Running {
        Running::start(deployment, &["serve"])
    }

    /// Starts a command that serves, and waits until its provider is ready.
    pub fn start(deployment: &Deployment, words: &[&str]) -> Running {
        Running::start_within(deployment, &[], words)
    }

    pub fn start_within(
        deployment: &Deployment,
        environment: &[(&str, &str)],
        words: &[&str],
    ) -> Running {
        let running = Running::spawn(deployment, environment, words);
        running.wait_until(|| {
            let response = running.get("/readyz");
            response.is_some_and(|response| response.starts_with("HTTP/1.1 200 "))
        });
        running
    }

    /// Starts a command that serves, and waits until it is ready as `is_ready` sees it.
    pub fn start_when(
        deployment: &Deployment,
        words: &[&str],
        is_ready: impl Fn() -> bool,
    ) -> Running {
        let running = Running::spawn(deployment, &[], words);
        running.wait_until(is_ready);
        running
    }

    fn spawn(deployment: &Deployment, environment: &[(&str, &str)], words: &[&str]) -> Running {
        let written = Written::default();
        let (stop, shutdown) = Shutdown::by_handle();
        let mut surroundings = deployment.surroundings("", &written);
        surroundings.shutdown = shutdown;
        surroundings.environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let words: Vec<String> = std::iter::once(&"countersign")
            .chain(words)
            .map(|word| (*word).to_owned())
            .collect();
        let thread =
            std::thread::spawn(move || countersign::cli::run(words, &mut surroundings) as i32);
        Running {
            port: deployment.port,
            written,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn wait_until(&self, is_ready: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_ready() {
            let said = self.written.errors.text();
            let has_ended = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
            assert!(!has_ended, "the server ended: {said}");
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "never ready: {said}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn get(&self, path: &str) -> Option<String> {
        ask(self.port, "localhost", path)
    }

    /// Tells it to stop, and returns its exit code.
    pub fn end(mut self) -> i32 {
        self.stop.take();
        let thread = self.thread.take();
        thread.and_then(|thread| thread.join().ok()).unwrap_or(-1)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

/// A GET on a connection of its own.
pub fn ask(port: u16, host: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}
