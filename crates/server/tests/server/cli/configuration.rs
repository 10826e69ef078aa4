//! `config`, `exit-codes`, `help`: what the binary says of itself.

use std::io::Cursor;

use crate::command::{Deployment, Written};
use crate::running::Running;

#[test]
fn print_shows_where_each_value_came_from() {
    let deployment = Deployment::new("[tokens]\naccess_token_lifetime_seconds = 120\n");
    let environment = [
        ("COUNTERSIGN_LOGGING__LEVEL", "debug"),
        ("SECRET_KEY", "canary/f8Zk2LqPw9XsVbNmRt4Yh6Jg3Dc"),
    ];
    let mut answer = deployment.run_within(&environment, &["config", "print"], "");
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let here = format!("{}/", deployment.folder.display());
    answer.stdout = answer.stdout.replace(&here, "");
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
    let folder = deployment.folder.join("countersign-data");
    std::fs::create_dir(&folder).unwrap();
    let database = ("DATABASE_URL", "postgresql://canary@db/other");
    let answer = deployment.run_within(&[database], &["config", "print", "--json"], "");
    let value: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(
        value.pointer("/issuer/value"),
        Some(&"http://localhost:8080".into())
    );
    assert_eq!(
        value.pointer("/data_dir/value"),
        Some(&folder.display().to_string().into())
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
        answer.stdout.contains("| 13 | data_directory_in_use |"),
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

#[test]
fn where_there_is_no_configuration_the_message_says_where_it_was_looked_for() {
    let deployment = Deployment::empty();
    for words in [
        &["config", "check"][..],
        &["serve"],
        &["user", "list"],
        &["setup-link"],
    ] {
        let answer = deployment.run(words);
        assert_eq!(answer.code, 3, "{words:?}");
        let here = deployment.folder.display();
        assert_eq!(
            answer.stderr,
            format!(
                "countersign: no configuration file was found: in {here} there is neither countersign.toml nor countersign-data, which quickstart makes. Name the file with --config FILE or COUNTERSIGN_CONFIG, or set COUNTERSIGN_ISSUER.\n"
            )
        );
    }
    // The variable names it too, and the flag wins over it.
    let there = Deployment::new("");
    let file = there.folder.join("countersign.toml").display().to_string();
    let named = ("COUNTERSIGN_CONFIG", file.as_str());
    assert_eq!(
        deployment
            .run_within(&[named], &["config", "check"], "")
            .code,
        0
    );
    let words = ["config", "check", "--config", "nowhere.toml"];
    assert_eq!(deployment.run_within(&[named], &words, "").code, 3);
    let issuer = ("COUNTERSIGN_ISSUER", "https://id.example.com");
    assert_eq!(
        deployment
            .run_within(&[issuer], &["config", "check"], "")
            .code,
        0
    );
    // A file without the one line that it needs is another matter.
    deployment.write("countersign.toml", "data_dir = \"data\"\n");
    let answer = deployment.run(&["config", "check"]);
    assert!(
        answer
            .stderr
            .starts_with("countersign: issuer: missing. Set it"),
        "{}",
        answer.stderr
    );
}

#[test]
fn an_issuer_with_a_slash_at_its_end_is_refused_with_what_to_write() {
    let deployment = Deployment::empty();
    deployment.write("countersign.toml", "issuer = \"https://id.example.com/\"\n");
    let answer = deployment.run(&["serve"]);
    assert_eq!(answer.code, 3);
    assert_eq!(
        answer.stderr,
        "countersign: countersign.toml:1: issuer: the issuer ends with a slash. Write it without: \"https://id.example.com\".\n"
    );
}

#[test]
fn a_bare_port_is_answered_with_an_address_that_has_it() {
    let deployment = Deployment::empty();
    deployment.write(
        "countersign.toml",
        "issuer = \"https://id.example.com\"\nlisten = 9470\n",
    );
    let answer = deployment.run(&["config", "check"]);
    assert_eq!(answer.code, 3);
    assert!(
        answer.stderr.starts_with("countersign: countersign.toml:2: listen: must be an address and a port: \"127.0.0.1:9470\""),
        "{}",
        answer.stderr
    );
}

#[test]
fn check_compares_issuer_and_key_with_the_databases_and_makes_nothing() {
    let deployment = Deployment::new("");
    assert_eq!(deployment.run(&["config", "check"]).code, 0);
    assert!(!deployment.folder.join("data").exists(), "nothing is made");
    assert_eq!(Running::serve(&deployment).end(), 0);
    assert_eq!(deployment.run(&["config", "check"]).code, 0);
    let other = ("COUNTERSIGN_ISSUER", "https://id.example.com");
    let answer = deployment.run_within(&[other], &["config", "check"], "");
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    let ours = format!("belongs to the issuer http://localhost:{}", deployment.port);
    assert!(answer.stderr.contains(&ours), "{}", answer.stderr);
    let other = ("SECRET_KEY", "dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1");
    assert_eq!(
        deployment
            .run_within(&[other], &["config", "check"], "")
            .code,
        15
    );
    let memory = ("DATABASE_URL", "memory:");
    assert_eq!(
        deployment
            .run_within(&[memory], &["config", "check"], "")
            .code,
        0
    );
}

#[test]
fn warnings_are_lines_or_objects() {
    let deployment = Deployment::new("");
    let environment = [("COUNTERSIGN_PORT", "1")];
    let answer = deployment.run_within(&environment, &["config", "check"], "");
    let text = "COUNTERSIGN_PORT is set in the environment, but there is no such setting.";
    assert_eq!(answer.stderr, format!("warning: {text}\n"));
    let answer = deployment.run_within(&environment, &["config", "check", "--json"], "");
    let warning: serde_json::Value = serde_json::from_str(&answer.stderr).unwrap();
    assert_eq!(warning, serde_json::json!({ "warning": text }));
}

#[test]
fn a_relative_path_of_a_store_begins_where_it_was_written() {
    let deployment = Deployment::empty();
    std::fs::create_dir(deployment.folder.join("etc")).unwrap();
    deployment.write(
        "etc/a.toml",
        "issuer = \"http://localhost:1\"\n[store]\nurl = \"sqlite:a.db\"\n",
    );
    let list = ["user", "list", "--config", "etc/a.toml"];
    assert_eq!(deployment.run(&list).code, 0);
    assert!(deployment.folder.join("etc/a.db").is_file());
    let made = deployment.folder.join("countersign-data/master.key");
    assert!(made.is_file(), "the default is the current folder's");
    let elsewhere = ("DATABASE_URL", "sqlite:b.db");
    assert_eq!(deployment.run_within(&[elsewhere], &list, "").code, 0);
    assert!(deployment.folder.join("b.db").is_file());
}

#[test]
fn the_help_of_a_command_names_the_configuration_where_it_counts() {
    let deployment = Deployment::empty();
    for (words, counts) in [
        (&["serve"][..], true),
        (&["setup-link"], true),
        (&["config", "check"], true),
        (&["user", "create"], true),
        (&["client", "update"], true),
        (&["keys", "import"], true),
        (&["codes", "delete-all"], true),
        (&["quickstart"], false),
        (&["errors"], false),
        (&["exit-codes"], false),
        (&["config", "reference"], false),
    ] {
        let answer = deployment.run(&[words, &["--help"]].concat());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{words:?}");
        assert_eq!(
            answer.stdout.contains("--config"),
            counts,
            "{words:?}: {}",
            answer.stdout
        );
    }
}

#[test]
fn at_a_terminal_people_are_asked_and_help_is_in_colour() {
    let deployment = Deployment::new("");
    for (answer, code) in [("yes\n", 0), ("y\n", 6), ("", 6)] {
        let written = Written::default();
        let mut surroundings = deployment.surroundings("", &written);
        surroundings.input.reader = Box::new(Cursor::new(answer.as_bytes().to_vec()));
        surroundings.input.is_terminal = true;
        let words = ["codes", "delete-all"];
        assert_eq!(deployment.run_in(surroundings, &words), code, "{answer:?}");
        let asked = written.errors.text();
        assert!(
            asked.starts_with("This will delete every authorization code"),
            "{asked}"
        );
    }
    let written = Written::default();
    let mut surroundings = deployment.surroundings("", &written);
    surroundings.output.is_terminal = true;
    assert_eq!(deployment.run_in(surroundings, &["--help"]), 0);
    assert!(written.output.text().contains('\u{1b}'));
}

#[test]
fn check_finds_templates_that_serve_could_not_use() {
    let deployment = Deployment::new("[pages]\ntemplate_dir = \"pages\"\n");
    let answer = deployment.run(&["config", "check"]);
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(
        answer.stderr.contains("pages.template_dir"),
        "{}",
        answer.stderr
    );

    let folder = deployment.folder.join("pages");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("login.html"), "{% if %}").expect("a template");
    let answer = deployment.run(&["config", "check"]);
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(answer.stderr.contains("login.html"), "{}", answer.stderr);

    std::fs::remove_file(folder.join("login.html")).expect("removed");
    assert_eq!(deployment.run(&["config", "check"]).code, 0);
}
