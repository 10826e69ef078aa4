//! `countersign keys rotate-master`: another master key, with and without a server that runs.

use std::time::{Duration, Instant};

use countersign::cli::exit_code::ExitCode;
use serde_json::json;

use crate::command::Deployment;
use crate::running::Running;

fn file(deployment: &Deployment) -> String {
    std::fs::read_to_string(deployment.folder.join("data/master.key")).expect("the master key")
}

fn write(deployment: &Deployment, text: &str) {
    std::fs::write(deployment.folder.join("data/master.key"), text).expect("writes");
}

/// A deployment with signing keys and a client whose secret is sealed.
fn used() -> Deployment {
    let deployment = Deployment::new("[keys]\nalgorithms = [\"ES256\"]\n");
    deployment.json(&["keys", "rotate"]);
    deployment.json(&[
        "client",
        "create",
        "--client-id",
        "mac",
        "--grant-type",
        "client_credentials",
        "--auth-method",
        "client_secret_jwt",
        "--auth-signing-alg",
        "HS256",
    ]);
    assert_eq!(Running::serve(&deployment).end(), 0, "it starts");
    deployment
}

#[test]
fn everything_is_sealed_under_the_new_key_and_the_old_one_goes() {
    let deployment = used();
    let before = file(&deployment);
    let rotated = deployment.json(&["keys", "rotate-master"]);
    let expected = json!({ "step": "rotated", "signing_keys": 2, "client_secrets": 1 });
    assert_eq!(rotated, expected);
    let during = file(&deployment);
    let (first, rest) = during.split_once('\n').expect("lines");
    assert_ne!(first, before.trim());
    assert_eq!(rest, format!("old {before}"));
    assert_eq!(deployment.run(&["keys", "list"]).code, 0);

    // Once more is the same rotation; there is nothing left to seal.
    let again = deployment.json(&["keys", "rotate-master"]);
    assert_eq!(
        (&again["signing_keys"], &again["client_secrets"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(file(&deployment), during);
    let other = deployment.run(&["keys", "rotate-master", "--announce"]);
    assert_eq!(other.code, ExitCode::Conflict as i32, "{}", other.stderr);

    let early = deployment.run(&["keys", "rotate-master", "--finish"]);
    assert_eq!(early.code, ExitCode::Conflict as i32, "{}", early.stderr);
    assert!(early.stderr.contains("3600 seconds"), "{}", early.stderr);
    let finished = deployment.json(&["keys", "rotate-master", "--finish", "--now"]);
    assert_eq!(finished, json!({ "step": "finished", "removed": 1 }));
    let after = file(&deployment);
    assert_eq!(after.trim(), first);
    assert_eq!(
        Running::serve(&deployment).end(),
        0,
        "it starts with the new key alone"
    );
    let nothing = deployment.json(&["keys", "rotate-master", "--finish"]);
    assert_eq!(nothing["removed"], 0);

    // The old key opens nothing any more, and no one finds that out halfway.
    write(&deployment, &before);
    for words in [&["keys", "list"][..], &["serve"], &["config", "check"]] {
        let refused = deployment.run(words);
        assert_eq!(
            refused.code,
            ExitCode::MasterKey as i32,
            "{words:?}: {}",
            refused.stderr
        );
        assert!(
            refused.stderr.contains("is not the master key"),
            "{}",
            refused.stderr
        );
    }
    write(&deployment, &after);
    assert_eq!(deployment.run(&["keys", "list"]).code, 0);
}

/// Each step replaces the file as a whole; these are the states that a `kill -9` can leave.
#[test]
fn a_rotation_that_was_interrupted_goes_on() {
    // Announced.
    let deployment = used();
    let announced = deployment.json(&["keys", "rotate-master", "--announce"]);
    assert_eq!(announced["step"], "announced");
    let text = file(&deployment);
    let (old, next) = text.trim().split_once("\nnext ").expect("two keys");
    deployment.json(&["keys", "rotate-master", "--announce"]);
    assert_eq!(file(&deployment), text, "one is announced once");
    let early = deployment.run(&["keys", "rotate-master", "--finish", "--now"]);
    assert_eq!(early.code, ExitCode::Conflict as i32, "{}", early.stderr);
    let rotated = deployment.json(&["keys", "rotate-master"]);
    assert_eq!(
        (&rotated["signing_keys"], &rotated["client_secrets"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(file(&deployment), format!("{next}\nold {old}\n"));

    // Promoted, and nothing sealed under it yet; or the command is only ever told to finish.
    for finish in [false, true] {
        let deployment = used();
        deployment.json(&["keys", "rotate-master", "--announce"]);
        let text = file(&deployment);
        let (old, next) = text.trim().split_once("\nnext ").expect("two keys");
        write(&deployment, &format!("{next}\nold {old}\n"));
        if !finish {
            let rotated = deployment.json(&["keys", "rotate-master"]);
            assert_eq!(rotated["signing_keys"], 2);
        }
        deployment.json(&["keys", "rotate-master", "--finish", "--now"]);
        assert_eq!(file(&deployment), format!("{next}\n"));
        assert_eq!(Running::serve(&deployment).end(), 0);
    }
}

#[test]
fn a_server_goes_on_while_the_master_key_is_rotated() {
    let deployment = used();
    let running = Running::serve(&deployment);
    deployment.json(&["keys", "rotate-master"]);
    // What is sealed from now on is sealed under the new key, by the command line and by the
    // server.
    let rotated = deployment.json(&["keys", "rotate"]);
    let kid = rotated[0]["kid"].as_str().expect("a kid").to_owned();
    let start = Instant::now();
    let lists = || running.get("/jwks").is_some_and(|jwks| jwks.contains(&kid));
    while !lists() {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{}",
            running.written.errors.text()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    deployment.json(&["keys", "rotate-master", "--finish", "--now"]);
    let start = Instant::now();
    let has_one_key = || running.written.errors.text().contains("next=false old=0");
    while !has_one_key() {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{}",
            running.written.errors.text()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(lists());
    let log = running.written.errors.text();
    let secret = file(&deployment);
    assert!(!log.contains(secret.trim()), "{log}");
    assert_eq!(running.end(), 0);
}

/// With keys.secret_key the operator changes the settings, and the command seals anew.
#[test]
fn a_secret_key_is_rotated_by_the_settings() {
    const ONE: &str = "8J+YhEZ2T0x1a3J5d3F6cXBzbXZ0YnhncnR5";
    const OTHER: &str = "b3BlbnNzbCByYW5kIC1iYXNlNjQgNDggd2Fz";
    let deployment = Deployment::new("");
    let file = std::fs::read_to_string(deployment.folder.join("countersign.toml")).unwrap();
    let configure = |sealing: &str, opening: Option<&str>| {
        let opening = opening.map_or(String::new(), |key| {
            format!("opening_secret_key = \"{key}\"\n")
        });
        let keys =
            format!("[keys]\nalgorithms = [\"ES256\"]\nsecret_key = \"{sealing}\"\n{opening}");
        deployment.write("countersign.toml", &format!("{file}{keys}"));
        deployment.set_mode("countersign.toml", 0o600);
    };
    configure(ONE, None);
    assert_eq!(Running::serve(&deployment).end(), 0);
    configure(OTHER, None);
    assert_eq!(
        deployment.run(&["keys", "list"]).code,
        ExitCode::MasterKey as i32
    );
    configure(OTHER, Some(ONE));
    let refused = deployment.run(&["keys", "rotate-master"]);
    assert_eq!(refused.code, ExitCode::Refused as i32, "{}", refused.stderr);
    assert!(refused.stderr.contains("keys reseal"), "{}", refused.stderr);
    let resealed = deployment.json(&["keys", "reseal"]);
    assert_eq!(resealed, json!({ "signing_keys": 2, "client_secrets": 0 }));
    configure(OTHER, None);
    assert_eq!(Running::serve(&deployment).end(), 0);
    let printed = deployment.run(&["config", "print"]).stdout;
    assert!(!printed.contains(OTHER), "{printed}");
}
