//! `quickstart`: from nothing, and found again by the next start and by every other command.

use std::os::unix::fs::PermissionsExt;

use crate::command::Deployment;
use crate::running::{Running, ask};

/// Whatever an earlier system has left there is none of quickstart's business.
const EARLIER: [(&str, &str); 2] = [
    ("DATABASE_URL", "postgresql://canary@db/other"),
    ("ISSUER_URL", "https://elsewhere.example"),
];

fn start(deployment: &Deployment, words: &[&str]) -> Running {
    let mut words = [&["quickstart"], words].concat();
    if !words.contains(&"--demo-port") {
        words.extend(["--demo-port", "0"]);
    }
    Running::start_within(deployment, &EARLIER, &words)
}

/// The setup link that it printed.
fn link(quickstart: &Running) -> String {
    let said = quickstart.written.output.text();
    let mut lines = said.lines().map(str::trim);
    let link = lines.find(|line| line.contains("/setup?token="));
    link.expect("a setup link").to_owned()
}

#[test]
fn a_second_start_and_the_command_line_find_what_the_first_start_made() {
    let deployment = Deployment::empty();
    let port = deployment.port.to_string();
    let issuer = format!("http://localhost:{port}");
    let first = start(&deployment, &["--port", &port]);
    let first_link = link(&first);
    assert!(
        first_link.starts_with(&format!("{issuer}/setup?token=cs_su_")),
        "{first_link}"
    );
    let words = ["user", "create", "--username", "alice", "--password-stdin"];
    deployment.json_with(&words, "correct horse battery\n");
    let clients = deployment.json(&["client", "list"]);
    assert_eq!(
        clients.as_array().map(Vec::len),
        Some(1),
        "the demo application: {clients}"
    );
    let another = deployment.run(&["setup-link"]).stdout;
    assert!(
        another.starts_with(&format!("{issuer}/setup?token=cs_su_"))
            && another.trim() != first_link,
        "{another}"
    );
    assert_eq!(first.end(), 0);

    let second = start(&deployment, &[]);
    let second_link = link(&second);
    assert!(
        second_link.starts_with(&issuer),
        "the folder keeps its port: {second_link}"
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
    let _quickstart = start(&deployment, &words);
    let ours = ask(demo_port, &format!("127.0.0.1:{demo_port}"), "/style.css").unwrap();
    assert!(ours.starts_with("HTTP/1.1 200 "), "{ours}");
    // RFC 9110, section 15.5.20: 421.
    let foreign = ask(
        demo_port,
        &format!("rebound.example:{demo_port}"),
        "/style.css",
    )
    .unwrap();
    assert!(foreign.starts_with("HTTP/1.1 421 "), "{foreign}");
}

#[test]
fn all_that_quickstart_writes_is_its_owners_alone() {
    let deployment = Deployment::empty();
    let port = deployment.port.to_string();
    let _quickstart = start(&deployment, &["--port", &port]);
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

#[test]
fn a_second_one_on_the_same_folder_says_where_the_first_is() {
    let deployment = Deployment::empty();
    let port = deployment.port.to_string();
    let _first = start(&deployment, &["--port", &port]);
    let other = Deployment::empty().port.to_string();
    // Neither its ports nor others make a difference.
    for words in [
        &["quickstart"][..],
        &["quickstart", "--port", &other, "--demo-port", "0"],
    ] {
        let answer = deployment.run(words);
        assert_eq!(answer.code, 13, "{}", answer.stderr);
        assert_eq!(
            answer.stderr,
            format!(
                "countersign: a server is already running in countersign-data, at http://localhost:{port}. Use that server or stop it. To run a second one, choose another folder with --data-dir and other ports with --port and --demo-port.\n"
            )
        );
    }
}

#[test]
fn a_port_in_use_is_told_in_the_names_of_the_flags() {
    let deployment = Deployment::empty();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().port().to_string();
    let listener = std::net::TcpListener::bind(format!("127.0.0.1:{taken}"));
    let words = ["quickstart", "--port", &taken, "--demo-port", "0"];
    let answer = deployment.run(&words);
    assert_eq!(answer.code, 10, "{}", answer.stderr);
    assert_eq!(
        answer.stderr,
        format!(
            "countersign: port {taken} is in use by another program. Stop that program, or choose another port with --port together with another --data-dir.\n"
        )
    );
    let free = deployment.port.to_string();
    let words = ["quickstart", "--port", &free, "--demo-port", &taken];
    let answer = deployment.run(&words);
    assert_eq!(answer.code, 10, "{}", answer.stderr);
    assert!(
        answer
            .stderr
            .contains("Choose another one with --demo-port."),
        "{}",
        answer.stderr
    );
    drop(listener);
}

#[test]
fn a_folder_that_can_not_be_used_is_told_in_the_names_of_the_flags() {
    let deployment = Deployment::empty();
    deployment.write("a-file", "");
    let words = [
        "quickstart",
        "--data-dir",
        "a-file/data",
        "--demo-port",
        "0",
    ];
    let answer = deployment.run(&words);
    assert_eq!(answer.code, 11, "{}", answer.stderr);
    assert!(
        answer
            .stderr
            .ends_with("or choose another folder with --data-dir.\n"),
        "{}",
        answer.stderr
    );
    std::fs::create_dir(deployment.folder.join("data")).unwrap();
    deployment.write("data/countersign.toml", "issuer = \"nonsense\"\n");
    let answer = deployment.run(&["quickstart", "--data-dir", "data"]);
    assert_eq!(answer.code, 3, "{}", answer.stderr);
}

#[test]
fn what_it_prints_leads_on_and_names_the_folder_where_it_is_not_the_usual_one() {
    let deployment = Deployment::empty();
    let port = deployment.port.to_string();
    let words = ["--port", &port, "--data-dir", "my data"];
    let quickstart = start(&deployment, &words);
    let said = quickstart.written.output.text();
    let command =
        "`countersign setup-link --config 'my data/countersign.toml'` prints another one.";
    assert!(
        said.contains(command) && said.contains("within 15 minutes"),
        "{said}"
    );
    let words = ["user", "create", "--username", "root", "--administrator"];
    let there = ["--config", "my data/countersign.toml"];
    deployment.json(&[&words[..], &there].concat());
    assert_eq!(quickstart.end(), 0);
    let again = start(&deployment, &["--data-dir", "my data", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&again.written.output.text()).unwrap();
    assert_eq!(said["issuer"], format!("http://localhost:{port}"));
    assert_eq!(
        said["setup_link"],
        serde_json::Value::Null,
        "there is an administrator"
    );
}
