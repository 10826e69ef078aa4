//! Passwords typed at a real terminal: the binary on a pseudo-terminal of Python's.

use std::process::Command;

use serde_json::Value;

use crate::command::Deployment;

/// Types `keys` at the prompts of a command.
fn typed(deployment: &Deployment, keys: &[&str], words: &[&str]) -> Value {
    let binary = deployment.binary(words);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/server/terminal.py");
    let mut command = Command::new("python3");
    command
        .arg(script)
        .args(keys)
        .arg("--")
        .arg(binary.get_program());
    command.args(binary.get_args());
    if let Some(folder) = binary.get_current_dir() {
        command.current_dir(folder);
    }
    for (name, value) in binary.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().expect("python3 runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

const CREATE: [&str; 5] = ["user", "create", "--username", "alice", "--password-stdin"];

#[test]
fn a_password_is_asked_for_twice_and_never_shown() {
    let deployment = Deployment::new("");
    let came = typed(
        &deployment,
        &["canary of mine\r", "canary of mine\r"],
        &CREATE,
    );
    assert_eq!(came["code"], 0, "{came}");
    let shown = came["shown"].as_str().unwrap();
    assert!(
        shown.contains("New password: ") && shown.contains("Repeat the password: "),
        "{shown}"
    );
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(came["restored"], true);
    let shown = deployment.run(&["user", "show", "alice"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
}

#[test]
fn two_passwords_that_differ_change_nothing() {
    let deployment = Deployment::new("");
    let came = typed(
        &deployment,
        &["canary of mine\r", "canary of yours\r"],
        &CREATE,
    );
    assert_eq!(came["code"], 7, "{came}");
    assert_eq!(came["restored"], true);
    assert_eq!(deployment.run(&["user", "show", "alice"]).code, 4);
}

#[test]
fn an_interrupted_prompt_leaves_the_terminal_as_it_was() {
    let deployment = Deployment::new("");
    let came = typed(&deployment, &["canary\u{3}"], &CREATE);
    assert_eq!(came["code"], 130, "{came}");
    assert_eq!(came["restored"], true);
    assert!(!came["shown"].as_str().unwrap().contains("canary"));
    assert_eq!(deployment.run(&["user", "show", "alice"]).code, 4);
}
