//! `config`: where the settings come from, and what is wrong with them.

use crate::command::Deployment;
use crate::running::Running;

#[test]
fn print_shows_where_each_value_came_from() {
    let deployment = Deployment::new("[tokens]\naccess_token_lifetime_seconds = 120\n");
    let environment = [
        ("COUNTERSIGN_LOGGING__LEVEL", "debug"),
        ("SECRET_KEY", "canary/f8Zk2LqPw9XsVbNmRt4Yh6Jg3Dc"),
    ];
    let mut output = deployment.run_within(&environment, &["config", "print"], "");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    let here = format!("{}/", deployment.folder.display());
    output.stdout = output.stdout.replace(&here, "");
    for line in [
        "access_token_lifetime_seconds = 120  # countersign.toml:5\n",
        "level = \"debug\"  # COUNTERSIGN_LOGGING__LEVEL\n",
        "secret_key = \"********\"  # SECRET_KEY\n",
        "max_connections = 16384  # default\n",
        "# template_dir is not set\n",
    ] {
        assert!(output.stdout.contains(line), "{line}{}", output.stdout);
    }
    assert!(!output.stdout.contains("canary"));
    let value = deployment.json(&["config", "print"]);
    assert_eq!(
        value.pointer("/tokens.access_token_lifetime_seconds/value"),
        Some(&120.into())
    );
}

#[test]
fn check_says_what_is_wrong_in_one_line_each_with_exit_code_3() {
    let deployment = Deployment::new("[http]\nmax_body_byte = 1\n");
    let output = deployment.run(&["config", "check"]);
    assert_eq!(output.code, 3);
    assert_eq!(
        output.stderr,
        "countersign: countersign.toml:5: http.max_body_byte: unknown field. Did you mean `http.max_body_bytes`?\n"
    );
    assert_eq!(Deployment::new("").run(&["config", "check"]).code, 0);
    let output = Deployment::empty().run(&["config", "check", "--config", "nowhere.toml"]);
    assert_eq!(output.code, 3);
    assert!(
        output
            .stderr
            .starts_with("countersign: nowhere.toml: can't read the configuration"),
        "{}",
        output.stderr
    );
}

#[test]
fn what_quickstart_made_is_found_without_a_configuration_file() {
    let deployment = Deployment::empty();
    let folder = deployment.folder.join("countersign-data");
    std::fs::create_dir(&folder).unwrap();
    let database = ("DATABASE_URL", "postgresql://canary@db/other");
    let output = deployment.run_within(&[database], &["config", "print", "--json"], "");
    let value: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
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
fn where_there_is_no_configuration_the_message_says_where_it_was_looked_for() {
    let deployment = Deployment::empty();
    for words in [
        &["config", "check"][..],
        &["serve"],
        &["user", "list"],
        &["setup-link"],
    ] {
        let output = deployment.run(words);
        assert_eq!(output.code, 3, "{words:?}");
        let here = deployment.folder.display();
        assert_eq!(
            output.stderr,
            format!(
                "countersign: no configuration file was found: {here} contains neither countersign.toml nor countersign-data, which quickstart creates. Name the file with --config FILE or COUNTERSIGN_CONFIG, or set COUNTERSIGN_ISSUER.\n"
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
    let output = deployment.run(&["config", "check"]);
    assert!(
        output
            .stderr
            .starts_with("countersign: issuer: missing. Set it"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_issuer_with_a_slash_at_its_end_is_refused_with_what_to_write() {
    let deployment = Deployment::empty();
    deployment.write("countersign.toml", "issuer = \"https://id.example.com/\"\n");
    let output = deployment.run(&["serve"]);
    assert_eq!(output.code, 3);
    assert_eq!(
        output.stderr,
        "countersign: countersign.toml:1: issuer: the issuer ends with a slash. Write it without the slash: \"https://id.example.com\".\n"
    );
}

#[test]
fn a_bare_port_is_answered_with_an_address_that_has_it() {
    let deployment = Deployment::empty();
    deployment.write(
        "countersign.toml",
        "issuer = \"http://localhost:9470\"\nlisten = 9470\n",
    );
    let output = deployment.run(&["config", "check"]);
    assert_eq!(output.code, 3);
    assert!(
        output.stderr.starts_with("countersign: countersign.toml:2: listen: must be an address and a port: \"127.0.0.1:9470\""),
        "{}",
        output.stderr
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
    let output = deployment.run_within(&[other], &["config", "check"], "");
    assert_eq!(output.code, 3, "{}", output.stderr);
    let ours = format!("belongs to the issuer http://localhost:{}", deployment.port);
    assert!(output.stderr.contains(&ours), "{}", output.stderr);
    let other = (
        "COUNTERSIGN_KEYS__SECRET_KEY",
        "dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1",
    );
    assert_eq!(
        deployment
            .run_within(&[other], &["config", "check"], "")
            .code,
        15
    );
    let memory = ("COUNTERSIGN_STORE__URL", "memory:");
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
    let output = deployment.run_within(&environment, &["config", "check"], "");
    let text = "COUNTERSIGN_PORT is set in the environment, but there is no such setting.";
    assert_eq!(output.stderr, format!("warning: {text}\n"));
    let output = deployment.run_within(&environment, &["config", "check", "--json"], "");
    let warning: serde_json::Value = serde_json::from_str(&output.stderr).unwrap();
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
    let elsewhere = ("COUNTERSIGN_STORE__URL", "sqlite:b.db");
    assert_eq!(deployment.run_within(&[elsewhere], &list, "").code, 0);
    assert!(deployment.folder.join("b.db").is_file());
}

#[test]
fn check_finds_templates_that_serve_could_not_use() {
    let deployment = Deployment::new("[pages]\ntemplate_dir = \"pages\"\n");
    let output = deployment.run(&["config", "check"]);
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(
        output.stderr.contains("pages.template_dir"),
        "{}",
        output.stderr
    );

    let folder = deployment.folder.join("pages");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("login.html"), "{% if %}").expect("a template");
    let output = deployment.run(&["config", "check"]);
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(output.stderr.contains("login.html"), "{}", output.stderr);

    std::fs::remove_file(folder.join("login.html")).expect("removed");
    assert_eq!(deployment.run(&["config", "check"]).code, 0);
}

#[test]
fn check_says_all_faults_at_once_each_with_its_line() {
    let deployment = Deployment::empty();
    deployment.write("key.pem", "");
    deployment.write(
        "countersign.toml",
        "issuer = \"https://id.example.com/:tenant\"\nlisten = \"0.0.0.0:8080\"\ndata_dir = \"data\"\nnonsense = 1\n[http]\nmax_body_byte = 1\nmax_body_bytes = 8192\n[pages]\ntemplate_dir = \"pages\"\n[keys]\nprivate_key_path = \"key.pem\"\n[logging]\nlevel = \"infoo\"\n",
    );
    let output = deployment.run(&["config", "check"]);
    assert_eq!(output.code, 3);
    for line in [
        "countersign.toml:4: nonsense: unknown field.",
        "countersign.toml:6: http.max_body_byte: unknown field. Did you mean `http.max_body_bytes`?",
        "countersign.toml:1: issuer: the issuer's path contains the segment \":tenant\".",
        "countersign.toml:2: listen: 0.0.0.0:8080 can be reached from other machines",
        "countersign.toml:7: http.max_body_bytes: must be at least 30037",
        "countersign.toml:9: pages.template_dir: can't read",
        "countersign.toml:11: keys.private_key_path: users other than its owner can read the private key",
        "countersign.toml:13: logging.level: \"infoo\" is not a level. Write off, error, warn, info, debug, trace, or",
    ] {
        assert!(output.stderr.contains(line), "{line}\n{}", output.stderr);
    }
    let output = deployment.run(&["config", "check", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!(
        value["problems"].as_array().map(Vec::len),
        Some(8),
        "{value}"
    );
}

#[test]
fn a_syntax_error_hides_no_other_fault_and_is_taken_for_none() {
    let deployment = Deployment::empty();
    deployment.write(
        "countersign.toml",
        "issuer = https://id.example.com\nlisten = 1\n[logging]\nlevel = \"infoo\"\n",
    );
    let output = deployment.run(&["config", "check"]);
    assert_eq!(output.code, 3);
    let faults = output
        .stderr
        .lines()
        .filter(|line| line.contains("countersign.toml:"));
    assert_eq!(faults.count(), 3, "{}", output.stderr);
    for line in [
        "countersign.toml:1: not valid TOML",
        "countersign.toml:2: listen: must be an address and a port",
        "countersign.toml:4: logging.level: \"infoo\" is not a level.",
    ] {
        assert!(output.stderr.contains(line), "{line}\n{}", output.stderr);
    }
}

#[test]
fn names_of_earlier_systems_count_only_where_the_configuration_is_silent() {
    let foreign = [
        ("DATABASE_URL", "postgresql://user:canary@localhost/other"),
        ("REDIS_URL", "redis://:canary@localhost"),
        ("ISSUER_URL", "https://other.example.com"),
        ("TOKEN_EXPIRY", "an hour"),
    ];
    let deployment = Deployment::new("[tokens]\naccess_token_lifetime_seconds = 60\n");
    let output = deployment.run_within(&foreign, &["config", "check"], "");
    assert_eq!(output.code, 0, "{}", output.stderr);
    for line in [
        "DATABASE_URL is set in the environment, but ignored because data_dir takes precedence.",
        "REDIS_URL is set in the environment, but ignored because data_dir takes precedence.",
        "ISSUER_URL is set in the environment, but ignored because issuer takes precedence.",
        "TOKEN_EXPIRY is set in the environment, but ignored because tokens.access_token_lifetime_seconds takes precedence.",
    ] {
        assert!(output.stderr.contains(line), "{line}\n{}", output.stderr);
    }
    assert!(!output.stderr.contains("canary"));

    let silent = Deployment::empty();
    silent.write("countersign.toml", "issuer = \"http://localhost:1\"\n");
    let print =
        |environment: &[(&str, &str)]| silent.run_within(environment, &["config", "print"], "");
    for (name, url, engine) in [
        (
            "DATABASE_URL",
            "postgresql://user:canary@localhost/other",
            "PostgreSQL",
        ),
        ("REDIS_URL", "redis://:canary@localhost", "Redis"),
    ] {
        let output = print(&[(name, url)]);
        let said = format!(
            "countersign: {name}: store.url: {engine} is not supported as a store yet. Use sqlite: with a path, or remove store.url to use a file in data_dir. If {name} is meant for another program, set data_dir or store.url: {name} is then ignored here.\n"
        );
        assert_eq!((output.code, output.stderr.as_str()), (3, said.as_str()));
    }
    let output = print(&[
        ("DATABASE_URL", "sqlite:a.db"),
        ("REDIS_URL", "redis://localhost"),
    ]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(
        output
            .stdout
            .contains("url = \"********\"  # DATABASE_URL\n"),
        "{}",
        output.stdout
    );
}

#[test]
fn another_programs_secret_key_does_not_stop_a_deployment_that_has_a_master_key() {
    let deployment = Deployment::new("");
    assert_eq!(Running::serve(&deployment).end(), 0);
    for foreign in ["your-secret", "dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1"] {
        let foreign = [("SECRET_KEY", foreign)];
        let output = deployment.run_within(&foreign, &["user", "list"], "");
        assert_eq!(output.code, 0, "{}", output.stderr);
        let output = deployment.run_within(&foreign, &["config", "check"], "");
        assert_eq!(output.code, 0, "{}", output.stderr);
        assert!(output.stderr.contains("SECRET_KEY is set in the environment, but ignored because the file master.key in data_dir takes precedence."), "{}", output.stderr);
    }
}

#[test]
fn an_empty_database_beside_a_master_key_is_refused() {
    let deployment = Deployment::new("");
    assert_eq!(Running::serve(&deployment).end(), 0);
    let database = deployment.folder.join("data/countersign.sqlite3");
    for suffix in ["-wal", "-shm"] {
        _ = std::fs::remove_file(
            deployment
                .folder
                .join(format!("data/countersign.sqlite3{suffix}")),
        );
    }
    std::fs::OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(&database)
        .unwrap();
    for words in [&["config", "check"][..], &["serve"], &["user", "list"]] {
        let output = deployment.run(words);
        assert_eq!(output.code, 14, "{words:?}: {}", output.stderr);
        assert!(
            output.stderr.contains("is empty, although the master key"),
            "{}",
            output.stderr
        );
    }
    assert_eq!(
        std::fs::metadata(&database).unwrap().len(),
        0,
        "nothing was made"
    );
}
