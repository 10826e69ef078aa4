//! `serve`: it starts, responds, refuses to start twice, and stops when told to.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::key::SigningKey;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::command::Deployment;
use crate::running::Running;

#[test]
fn a_server_serves_is_managed_meanwhile_and_ends_when_told_to() {
    let deployment = Deployment::new("");
    let server = Running::serve(&deployment);
    assert!(
        server
            .get("/.well-known/openid-configuration")
            .unwrap()
            .contains(&format!("\"issuer\":\"http://localhost:{}\"", server.port))
    );
    // The command line takes no lock.
    let made = deployment.json_with(
        &["user", "create", "--username", "alice", "--password-stdin"],
        "correct horse battery\n",
    );
    assert_eq!(made.get("username"), Some(&"alice".into()));
    let keys = deployment.json(&["keys", "list"]);
    let count = |state: &str| {
        let keys = keys.as_array().unwrap().iter();
        keys.filter(|key| key.get("state") == Some(&state.into()))
            .count()
    };
    assert_eq!((count("signing"), count("standby")), (4, 4), "{keys}");
    let link = deployment.run(&["setup-link"]).stdout;
    let prefix = format!("http://localhost:{}/setup?token=cs_su_", server.port);
    assert!(link.starts_with(&prefix), "{link}");
    let page = server
        .get(
            link.trim()
                .strip_prefix(&format!("http://localhost:{}", server.port))
                .unwrap(),
        )
        .unwrap();
    assert!(
        page.starts_with("HTTP/1.1 200 ") && page.contains("setup-password"),
        "{page}"
    );
    assert_eq!(server.end(), 0);
}

#[test]
fn the_next_key_is_published_before_it_signs() {
    let deployment = Deployment::new("[keys]\nalgorithms = [\"ES256\"]\n");
    let server = Running::serve(&deployment);
    let made = deployment.json(&["keys", "rotate"]);
    let kid = made.pointer("/0/kid").unwrap().as_str().unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    assert!(server.get("/jwks").unwrap().contains(kid));
}

#[test]
fn a_second_server_is_refused_with_a_code_that_says_why() {
    let deployment = Deployment::new("");
    let _server = Running::serve(&deployment);
    for words in [&["serve"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let output = deployment.run(words);
        assert_eq!(output.code, 13, "{}", output.stderr);
        assert!(
            output.stderr.contains("is in use by another server"),
            "{}",
            output.stderr
        );
    }
    let elsewhere = Deployment::new("");
    let address = format!("127.0.0.1:{}", deployment.port);
    let output = elsewhere.run(&["serve", "--listen", &address]);
    assert_eq!(output.code, 10, "{}", output.stderr);
    assert_eq!(
        output.stderr,
        format!(
            "countersign: {address} is in use by another program. Stop that program, or choose another port with listen.\n"
        )
    );
}

#[test]
fn what_makes_a_start_impossible_has_a_code_of_its_own() {
    let deployment = Deployment::new("[http]\ninsecure_plain_http_on_network = true\n");
    let output = deployment.run(&["serve", "--listen", "192.0.2.1:1"]);
    assert_eq!(output.code, 16, "{}", output.stderr);
    deployment.write("a-file", "");
    let output = deployment.run(&["serve", "--data-dir", "a-file/data"]);
    assert_eq!(output.code, 11, "{}", output.stderr);
    let database = (
        "COUNTERSIGN_STORE__URL",
        "postgresql://user:canary@localhost/db",
    );
    let output = deployment.run_within(&[database], &["serve"], "");
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(
        output
            .stderr
            .contains("PostgreSQL is not supported as a store yet")
            && !output.stderr.contains("canary"),
        "{}",
        output.stderr
    );
    drop(Running::serve(&deployment));
    let output = deployment.run(&["serve", "--issuer", "http://localhost:1"]);
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(
        output.stderr.contains("the database belongs to the issuer"),
        "{}",
        output.stderr
    );
    let secret = (
        "COUNTERSIGN_KEYS__SECRET_KEY",
        "dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1",
    );
    for words in [["user", "list"], ["serve", "--json"]] {
        let output = deployment.run_within(&[secret], &words, "");
        assert_eq!(output.code, 15, "another master key: {}", output.stderr);
        assert!(
            output.stderr.contains("keys.secret_key is not the one"),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let deployment = Deployment::new("");
    assert_eq!(deployment.run(&["user", "list"]).code, 0);
    // SQLite's file format, section 1.3: the user version is a big-endian number at offset 60.
    let path = deployment.folder.join("data/countersign.sqlite3");
    let mut database = std::fs::read(&path).unwrap();
    database
        .get_mut(60..64)
        .unwrap()
        .copy_from_slice(&9_999_u32.to_be_bytes());
    std::fs::write(&path, &database).unwrap();
    for words in [&["user", "list"][..], &["serve"]] {
        let output = deployment.run(words);
        assert_eq!(output.code, 12, "{words:?}: {}", output.stderr);
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    }
    assert!(std::fs::read(&path).unwrap() == database);
}

#[test]
fn a_folder_or_a_database_that_is_not_its_owners_alone_is_refused() {
    let deployment = Deployment::new("");
    assert_eq!(deployment.run(&["user", "list"]).code, 0);
    let folder = deployment.folder.join("data");
    let database = folder.join("countersign.sqlite3");
    for (path, exposed, remedy) in [
        (&folder, 0o770, "Run: chmod go-w data\n"),
        (
            &database,
            0o640,
            "Run: chmod 600 data/countersign.sqlite3\n",
        ),
    ] {
        let mode = path.metadata().unwrap().permissions();
        std::fs::set_permissions(path, Permissions::from_mode(exposed)).unwrap();
        for words in [&["user", "list"][..], &["serve"]] {
            let output = deployment.run(words);
            assert_eq!(output.code, 11, "{words:?}: {}", output.stderr);
            assert!(output.stderr.ends_with(remedy), "{}", output.stderr);
        }
        std::fs::set_permissions(path, mode).unwrap();
    }
    assert_eq!(deployment.run(&["user", "list"]).code, 0);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let deployment = Deployment::new("[store]\nurl = \"sqlite:other.db\"\n");
    let path = deployment.write("other.db", &"not a database ".repeat(100));
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let output = deployment.run(&["user", "list"]);
    assert_eq!(output.code, 14, "{}", output.stderr);
}

#[test]
fn a_key_named_in_the_environment_is_imported_at_the_start() {
    let deployment = Deployment::new("");
    deployment.write("private.pem", &new_private_key());
    deployment.set_mode("private.pem", 0o600);
    deployment.write("countersign.toml", &format!(
        "issuer = \"http://localhost:{0}\"\nlisten = \"127.0.0.1:{0}\"\ndata_dir = \"data\"\n[keys]\nprivate_key_path = \"private.pem\"\n",
        deployment.port
    ));
    let of_es256 = || {
        let keys = deployment.json(&["keys", "list"]);
        let keys = keys.as_array().unwrap().iter();
        let states = keys
            .filter(|key| key["alg"] == "ES256")
            .map(|key| key["state"].as_str().unwrap().to_owned());
        states.collect::<Vec<_>>()
    };
    drop(Running::serve(&deployment));
    assert_eq!(
        of_es256(),
        ["signing", "standby"],
        "the first signs at once"
    );
    // A second start finds it where it was.
    drop(Running::serve(&deployment));
    assert_eq!(of_es256(), ["signing", "standby"]);
    // Another file: the old key signs until the new one was published for long enough.
    deployment.write("private.pem", &new_private_key());
    drop(Running::serve(&deployment));
    assert_eq!(of_es256(), ["signing", "standby", "announced"]);
    // Another one waits until that one signs, and the server starts anyway.
    deployment.write("private.pem", &new_private_key());
    let server = Running::serve(&deployment);
    assert_eq!(of_es256(), ["signing", "standby", "announced"]);
    let log = server.written.errors.text();
    assert!(log.contains("another key is about to sign"), "{log}");
}

/// A P-256 key as PKCS#8 in PEM (RFC 7468, section 10).
fn new_private_key() -> String {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let mut text = base64url::encode(&*key.to_pkcs8_der().unwrap())
        .replace('-', "+")
        .replace('_', "/");
    text.push_str(&"=".repeat((4 - text.len() % 4) % 4));
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

#[test]
fn the_log_says_how_to_become_the_administrator_of_this_very_deployment() {
    let deployment = Deployment::new("");
    let text = std::fs::read_to_string(deployment.folder.join("countersign.toml")).unwrap();
    deployment.write(
        "other name.toml",
        &text.replace("\"data\"", "\"other-data\""),
    );
    for (words, command) in [
        (&["serve"][..], "`countersign setup-link` prints"),
        (
            &["serve", "--config", "other name.toml"],
            "`countersign setup-link --config 'other name.toml'` prints",
        ),
    ] {
        let server = Running::start(&deployment, words);
        let log = server.written.errors.text();
        assert!(log.contains(command), "{log}");
        assert_eq!(server.end(), 0);
    }
    let memory = Deployment::new("[store]\nurl = \"memory:\"\n");
    let server = Running::serve(&memory);
    let log = server.written.errors.text();
    assert!(
        log.contains("everything is forgotten when the server stops"),
        "{log}"
    );
    let output = memory.run(&["user", "list"]);
    assert_eq!(output.code, 3, "{}", output.stderr);
}

#[test]
fn pages_that_can_not_be_read_stop_the_start() {
    let deployment = Deployment::new("[pages]\ntemplate_dir = \"pages\"\nsite_name = \"Acme\"\n");
    let output = deployment.run(&["serve"]);
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(
        output
            .stderr
            .contains("pages.template_dir: can't read pages"),
        "{}",
        output.stderr
    );
    std::fs::create_dir(deployment.folder.join("pages")).unwrap();
    deployment.write("pages/login.html", "{% nonsense %}");
    deployment.write("pages/notes.txt", "{% not a template %}");
    let output = deployment.run(&["serve"]);
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(output.stderr.contains("login.html"), "{}", output.stderr);
    std::fs::remove_file(deployment.folder.join("pages/login.html")).unwrap();
    let server = Running::serve(&deployment);
    assert!(server.get("/account").unwrap().contains("Acme"));
}

#[test]
fn what_is_set_and_does_not_exist_is_warned_of() {
    let deployment = Deployment::new("");
    let server = Running::start_within(&deployment, &[("COUNTERSIGN_PORT", "1")], &["serve"]);
    let log = server.written.errors.text();
    assert!(
        log.contains("there is no such setting") && log.contains("COUNTERSIGN_PORT"),
        "{log}"
    );
}

#[test]
fn a_key_that_can_not_be_imported_stops_the_start() {
    let deployment = Deployment::new(
        "[keys]\nprivate_key_path = \"private.pem\"\npublic_key_path = \"public.pem\"\nprivate_key_algorithm = \"ES256\"\n",
    );
    let output = deployment.run(&["serve"]);
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(
        output
            .stderr
            .contains("countersign.toml:5: keys.private_key_path: can't read private.pem"),
        "{}",
        output.stderr
    );
    deployment.write("private.pem", &new_private_key());
    deployment.set_mode("private.pem", 0o600);
    deployment.write("public.pem", "nonsense");
    let output = deployment.run(&["serve"]);
    assert_eq!(output.code, 7, "{}", output.stderr);
    assert!(
        output.stderr.contains("the public key is refused"),
        "{}",
        output.stderr
    );
}

#[test]
fn each_line_of_a_json_log_is_an_object_and_an_end_by_hand_is_logged() {
    let deployment = Deployment::new("[logging]\nformat = \"json\"\n");
    let server = Running::serve(&deployment);
    let written = server.written.clone();
    assert_eq!(server.end(), 0);
    let log = written.errors.text();
    let events: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let says = |message: &str| events.iter().any(|event| event["message"] == message);
    assert!(says("serving") && says("ended"), "{log}");
}
