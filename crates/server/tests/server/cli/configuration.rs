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
fn explained_errors_where_strangers_can_ask_are_warned_of() {
    for (issuer, explain_errors, warned) in [
        ("https://id.example.com", true, true),
        ("https://id.example.com", false, false),
        ("http://localhost:8080", true, false),
    ] {
        // Nothing can listen there, so the server ends after its warnings.
        let deployment = Deployment::empty();
        let text = format!(
            "issuer = {issuer:?}\nlisten = \"192.0.2.1:1\"\n[errors]\nexplain_errors = {explain_errors}\n[http]\ninsecure_plain_http_on_network = true\n"
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
fn the_reference_and_the_exit_codes_are_printed_as_in_docs() {
    let deployment = Deployment::empty();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    for (words, file) in [
        (&["config", "reference"][..], "configuration.md"),
        (&["exit-codes"][..], "exit-codes.md"),
    ] {
        let output = deployment.run(words);
        assert_eq!(output.code, 0);
        assert!(
            output.stdout == std::fs::read_to_string(format!("{docs}/{file}")).unwrap(),
            "{file}"
        );
    }
    let output = deployment.run(&["help", "exit-codes"]);
    assert_eq!(output.code, 0);
    assert!(
        output.stdout.contains("| 13 | data_directory_in_use |"),
        "{}",
        output.stdout
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
        let output = deployment.run(words);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{words:?}");
        assert!(!output.stderr.is_empty());
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
        let output = deployment.run(words);
        assert_eq!(output.code, 3, "{words:?}");
        let here = deployment.folder.display();
        assert_eq!(
            output.stderr,
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
        "countersign: countersign.toml:1: issuer: the issuer ends with a slash. Write it without: \"https://id.example.com\".\n"
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
        let output = deployment.run(&[words, &["--help"]].concat());
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{words:?}");
        assert_eq!(
            output.stdout.contains("--config"),
            counts,
            "{words:?}: {}",
            output.stdout
        );
    }
}

#[test]
fn at_a_terminal_people_are_asked_and_help_is_in_colour() {
    let deployment = Deployment::new("");
    for (output, code) in [("yes\n", 0), ("y\n", 6), ("", 6)] {
        let written = Written::default();
        let mut surroundings = deployment.surroundings("", &written);
        surroundings.input.reader = Box::new(Cursor::new(output.as_bytes().to_vec()));
        surroundings.input.is_terminal = true;
        let words = ["codes", "delete-all"];
        assert_eq!(deployment.run_in(surroundings, &words), code, "{output:?}");
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
        "countersign.toml:1: issuer: the issuer's path has the part \":tenant\".",
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
fn a_public_issuer_without_trusted_proxies_is_warned_of_by_check_and_at_the_start() {
    for (issuer, proxies, warned) in [
        ("https://id.example.com", "", true),
        (
            "https://id.example.com",
            "trusted_proxies = [\"127.0.0.1\"]",
            false,
        ),
        ("http://localhost:8080", "", false),
    ] {
        let deployment = Deployment::empty();
        // Nothing can listen there, so the server ends after its warnings.
        let text = format!(
            "issuer = {issuer:?}\nlisten = \"192.0.2.1:1\"\n[http]\ninsecure_plain_http_on_network = true\n{proxies}\n"
        );
        deployment.write("countersign.toml", &text);
        let checked = deployment.run(&["config", "check"]);
        assert_eq!(checked.code, 0, "{}", checked.stderr);
        let served = deployment.run(&["serve"]);
        assert_eq!(served.code, 16, "{}", served.stderr);
        for said in [checked.stderr, served.stdout + &served.stderr] {
            let lines = said
                .lines()
                .filter(|line| line.contains("http.trusted_proxies is empty"));
            assert_eq!(
                lines.count(),
                usize::from(warned),
                "{issuer} {proxies}: {said}"
            );
        }
    }
}

#[test]
fn plain_http_on_the_network_needs_a_setting_that_says_so() {
    for (listen, allowed, code) in [
        ("0.0.0.0:8080", false, 3),
        ("[::]:8080", false, 3),
        ("192.0.2.1:8080", false, 3),
        ("id.example.com:8080", false, 3),
        ("0.0.0.0:8080", true, 0),
        ("127.0.0.1:8080", false, 0),
        ("127.0.0.2:8080", false, 0),
        ("[::1]:8080", false, 0),
        ("localhost:8080", false, 0),
    ] {
        let deployment = Deployment::empty();
        let text = format!(
            "issuer = \"https://id.example.com\"\nlisten = {listen:?}\n[http]\ninsecure_plain_http_on_network = {allowed}\n"
        );
        deployment.write("countersign.toml", &text);
        let output = deployment.run(&["config", "check"]);
        assert_eq!(output.code, code, "{listen}: {}", output.stderr);
        let says_how = output
            .stderr
            .contains("set http.insecure_plain_http_on_network = true");
        assert_eq!(says_how, code == 3, "{}", output.stderr);
    }
}

#[test]
fn what_others_can_read_or_change_is_told_with_the_command_that_fixes_it() {
    let deployment = Deployment::empty();
    let folder = &deployment.folder;
    for name in ["data", "store", "pages"] {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    deployment.write("key.pem", "");
    deployment.write(
        "countersign.toml",
        "issuer = \"http://localhost:1\"\ndata_dir = \"data\"\n[keys]\nprivate_key_path = \"key.pem\"\nsecret_key = \"dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1\"\n[store]\nurl = \"sqlite:store/db\"\n[pages]\ntemplate_dir = \"pages\"\n",
    );
    let good = [
        ("countersign.toml", 0o640),
        ("key.pem", 0o600),
        ("store", 0o755),
        ("pages", 0o755),
    ];
    for (name, mode, code, said) in [
        ("countersign.toml", 0o640, 0, ""),
        (
            "countersign.toml",
            0o644,
            0,
            "warning: every user of this machine can read the secret in countersign.toml. Run: chmod o-rwx countersign.toml",
        ),
        (
            "countersign.toml",
            0o666,
            3,
            "Run: chmod o-w countersign.toml",
        ),
        ("key.pem", 0o640, 0, ""),
        (
            "key.pem",
            0o644,
            3,
            "can read the private key key.pem (mode 644). Run: chmod 600 key.pem",
        ),
        (
            "key.pem",
            0o660,
            3,
            "can replace the private key key.pem (mode 660). Run: chmod 600 key.pem",
        ),
        (
            "store",
            0o777,
            11,
            "can write the folder store, and so put another database in the place of this one. Run: chmod go-w store",
        ),
        (
            "store",
            0o1777,
            11,
            "where every user can put files beside it. Give it a folder of its own",
        ),
        (
            "pages",
            0o777,
            3,
            "can change the templates in pages (mode 777). Run: chmod o-w pages",
        ),
    ] {
        for (name, mode) in good {
            deployment.set_mode(name, mode);
        }
        deployment.set_mode(name, mode);
        let output = deployment.run(&["config", "check"]);
        let here = format!("{}/", folder.display());
        let stderr = output.stderr.replace(&here, "");
        assert_eq!(output.code, code, "{name} {mode:o}: {stderr}");
        assert!(stderr.contains(said), "{name} {mode:o}: {stderr}");
        assert_eq!(
            said.is_empty(),
            stderr.is_empty(),
            "{name} {mode:o}: {stderr}"
        );
    }
}

#[test]
fn a_secret_in_a_file_that_all_can_read_is_warned_of() {
    let deployment = Deployment::new("");
    deployment.write("secret", "dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1\n");
    let file = ("SECRET_KEY_FILE", "secret");
    let output = deployment.run_within(&[file], &["config", "check"], "");
    assert!(
        output.stderr.contains("can read the secret in "),
        "{}",
        output.stderr
    );
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
        "DATABASE_URL is set in the environment and ignored, because data_dir decides.",
        "REDIS_URL is set in the environment and ignored, because data_dir decides.",
        "ISSUER_URL is set in the environment and ignored, because issuer decides.",
        "TOKEN_EXPIRY is set in the environment and ignored, because tokens.access_token_lifetime_seconds decides.",
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
            "countersign: {name}: store.url: {engine} is not supported as a store yet. Use sqlite: with a path, or leave it off for a file in data_dir. If {name} is meant for another program, set data_dir or store.url, and it is ignored here.\n"
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
        assert!(output.stderr.contains("SECRET_KEY is set in the environment and ignored, because the file master.key in data_dir decides."), "{}", output.stderr);
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
