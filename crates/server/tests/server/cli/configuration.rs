//! `config`, `exit-codes`, `help`: what the binary says of itself.

use crate::command::{Deployment, answer_of};

#[test]
fn print_shows_where_each_value_came_from() {
    let deployment = Deployment::new("[tokens]\naccess_token_lifetime_seconds = 120\n");
    let mut command = deployment.binary(&["config", "print"]);
    command
        .env("COUNTERSIGN_LOGGING__LEVEL", "debug")
        .env("SECRET_KEY", "canary/f8Zk2LqPw9XsVbNmRt4Yh6Jg3Dc");
    let answer = answer_of(command, "");
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    for line in [
        "access_token_lifetime_seconds = 120  # countersign.toml:5\n",
        "level = \"debug\"  # COUNTERSIGN_LOGGING__LEVEL\n",
        "secret_key = \"********\"  # SECRET_KEY\n",
        "max_connections = 16384  # default\n",
        "# template_dir is not set\n",
    ] {
        assert!(answer.stdout.contains(line), "{line}{}", answer.stdout);
    }
    assert!(!answer.stdout.contains("canary"));
    let value = deployment.json(&["config", "print"]);
    assert_eq!(
        value.pointer("/tokens.access_token_lifetime_seconds/value"),
        Some(&120.into())
    );
}

#[test]
fn check_says_what_is_wrong_in_one_line_each_with_exit_code_3() {
    let deployment = Deployment::new("[http]\nmax_body_byte = 1\n");
    let answer = deployment.run(&["config", "check"]);
    assert_eq!(answer.code, 3);
    assert_eq!(
        answer.stderr,
        "countersign: countersign.toml:5: http.max_body_byte: unknown field. Did you mean `http.max_body_bytes`?\n"
    );
    assert_eq!(Deployment::new("").run(&["config", "check"]).code, 0);
    let answer = Deployment::empty().run(&["config", "check"]);
    assert_eq!(
        answer.code, 3,
        "without any configuration there is no issuer"
    );
    assert!(
        answer.stderr.starts_with("countersign: issuer: missing."),
        "{}",
        answer.stderr
    );
    let answer = Deployment::empty().run(&["config", "check", "--config", "nowhere.toml"]);
    assert_eq!(answer.code, 3);
    assert!(
        answer
            .stderr
            .starts_with("countersign: nowhere.toml: can't read the configuration"),
        "{}",
        answer.stderr
    );
}

#[test]
fn explained_errors_where_strangers_can_ask_are_warned_of() {
    for (issuer, explain_errors, warned) in [
        ("https://id.example.com", true, true),
        ("https://id.example.com", false, false),
        ("http://localhost:8080", true, false),
    ] {
        // Nothing can listen there, so the server ends after its warnings.
        let deployment = Deployment::empty();
        let text = format!(
            "issuer = {issuer:?}\nlisten = \"192.0.2.1:1\"\n[errors]\nexplain_errors = {explain_errors}\n"
        );
        deployment.write("countersign.toml", &text);
        let checked = deployment.run(&["config", "check"]);
        assert_eq!(checked.code, 0, "{}", checked.stderr);
        let served = deployment.run(&["serve"]);
        assert_eq!(served.code, 16, "{}", served.stderr);
        for said in [checked.stderr, served.stdout + &served.stderr] {
            let lines = said.lines().filter(|line| {
                line.to_lowercase().contains("warn") && line.contains("errors.explain_errors")
            });
            assert_eq!(lines.count(), usize::from(warned), "{issuer}: {said}");
        }
    }
}

#[test]
fn what_quickstart_made_is_found_without_a_configuration_file() {
    let deployment = Deployment::empty();
    std::fs::create_dir(deployment.folder.join("countersign-data")).unwrap();
    let mut command = deployment.binary(&["config", "print", "--json"]);
    command.env("DATABASE_URL", "postgresql://canary@db/other");
    let answer = answer_of(command, "");
    let value: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(
        value.pointer("/issuer/value"),
        Some(&"http://localhost:8080".into())
    );
    assert_eq!(
        value.pointer("/data_dir/value"),
        Some(&"countersign-data".into())
    );
    assert_eq!(
        value.pointer("/store.url/value"),
        Some(&serde_json::Value::Null),
        "an earlier system's name is none of ours here"
    );
}

#[test]
fn the_reference_and_the_exit_codes_are_printed_as_in_docs() {
    let deployment = Deployment::empty();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    for (words, file) in [
        (&["config", "reference"][..], "configuration.md"),
        (&["exit-codes"][..], "exit-codes.md"),
    ] {
        let answer = deployment.run(words);
        assert_eq!(answer.code, 0);
        assert!(
            answer.stdout == std::fs::read_to_string(format!("{docs}/{file}")).unwrap(),
            "{file}"
        );
    }
    let answer = deployment.run(&["help", "exit-codes"]);
    assert_eq!(answer.code, 0);
    assert!(
        answer.stdout.contains("| 13 | DataDirectoryInUse |"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_wrong_command_line_ends_with_exit_code_2() {
    let deployment = Deployment::empty();
    for words in [
        &["nonsense"][..],
        &["user"],
        &["serve", "--nonsense"],
        &["user", "password", "alice"],
        &["user", "password", "alice", "secret"],
    ] {
        let answer = deployment.run(words);
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{words:?}");
        assert!(!answer.stderr.is_empty());
    }
}
