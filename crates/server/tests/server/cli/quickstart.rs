//! `quickstart` as a process: from nothing, and found again by the next start and by every other command.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::Child;
use std::time::Duration;

use crate::command::Deployment;

/// A running quickstart and the setup link that it printed.
struct Quickstart {
    child: Child,
    link: String,
}

impl Quickstart {
    fn start(deployment: &Deployment, words: &[&str]) -> Self {
        let mut words = [&["quickstart"], words].concat();
        if !words.contains(&"--demo-port") {
            words.extend(["--demo-port", "0"]);
        }
        let mut command = deployment.binary(&words);
        // Whatever an earlier system has left there is none of quickstart's business.
        command
            .env("DATABASE_URL", "postgresql://canary@db/other")
            .env("ISSUER_URL", "https://elsewhere.example");
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut links = lines
            .map_while(Result::ok)
            .filter(|line| line.contains("/setup?token="));
        let link = links.next().expect("a setup link").trim().to_owned();
        Self { child, link }
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn a_second_start_and_the_command_line_find_what_the_first_start_made() {
    let deployment = Deployment::empty();
    let port = deployment.port.to_string();
    let issuer = format!("http://localhost:{port}");
    let first = Quickstart::start(&deployment, &["--port", &port]);
    assert!(
        first
            .link
            .starts_with(&format!("{issuer}/setup?token=cs_su_")),
        "{}",
        first.link
    );
    let words = ["user", "create", "--username", "alice", "--password-stdin"];
    deployment.json_with(&words, "correct horse battery\n");
    let clients = deployment.json(&["client", "list"]);
    assert_eq!(
        clients.as_array().map(Vec::len),
        Some(1),
        "the demo application: {clients}"
    );
    let link = deployment.run(&["setup-link"]).stdout;
    assert!(
        link.starts_with(&format!("{issuer}/setup?token=cs_su_")) && link.trim() != first.link,
        "{link}"
    );
    drop(first);

    // A killed server may leave its port behind for a moment.
    std::thread::sleep(Duration::from_millis(100));
    let second = Quickstart::start(&deployment, &[]);
    assert!(
        second.link.starts_with(&issuer),
        "the folder keeps its port: {}",
        second.link
    );
    assert_eq!(
        deployment.json(&["user", "list"]).pointer("/0/username"),
        Some(&"alice".into())
    );
    let again = deployment.json(&["client", "list"]);
    assert_eq!(
        again.as_array().map(Vec::len),
        Some(1),
        "the same one, at its new address: {again}"
    );
    assert_eq!(
        again.pointer("/0/client_id"),
        clients.pointer("/0/client_id")
    );
    let folders = std::fs::read_dir(&deployment.folder).unwrap().count();
    assert_eq!(folders, 1, "everything is in one folder");
}

#[test]
fn the_demo_application_answers_to_its_own_names_only() {
    let deployment = Deployment::empty();
    let (port, demo_port) = (deployment.port, Deployment::empty().port);
    let words = [
        "--port",
        &port.to_string(),
        "--demo-port",
        &demo_port.to_string(),
    ];
    let _quickstart = Quickstart::start(&deployment, &words);
    let ask = |host: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", demo_port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let request =
            format!("GET /style.css HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let ours = ask(&format!("127.0.0.1:{demo_port}"));
    assert!(ours.starts_with("HTTP/1.1 200 "), "{ours}");
    // RFC 9110, section 15.5.20: 421.
    let foreign = ask(&format!("rebound.example:{demo_port}"));
    assert!(foreign.starts_with("HTTP/1.1 421 "), "{foreign}");
}

#[test]
fn all_that_quickstart_writes_is_its_owners_alone() {
    let deployment = Deployment::empty();
    let port = deployment.port.to_string();
    let _quickstart = Quickstart::start(&deployment, &["--port", &port]);
    let folder = deployment.folder.join("countersign-data");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name());
    }
    assert!(names.contains(&"countersign.toml".into()), "{names:?}");
}
