//! `quickstart` as a process: from nothing, and found again by the next start and by every other command.

use std::io::{BufRead, BufReader};
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
        let words = [&["quickstart", "--demo-port", "0"], words].concat();
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
