//! `countersign resource`.

use std::time::{Duration, Instant};

use countersign::cli::exit_code::ExitCode;
use serde_json::json;

use crate::command::Deployment;
use crate::running::Running;

const API: &str = "https://api.example";

#[test]
fn a_resource_is_created_shown_changed_and_deleted() {
    let deployment = Deployment::new("");
    let created = deployment.json(&[
        "resource",
        "create",
        API,
        "--scope",
        "a",
        "--scope",
        "b",
        "--access-token-format",
        "opaque",
        "--introspecting-client",
        "api",
    ]);
    assert_eq!(created["scopes"], json!(["a", "b"]));
    assert_eq!(created["access_token_format"], "opaque");
    assert_eq!(
        (&created["source"], &created["served"]),
        (&json!("store"), &json!(true))
    );
    assert_eq!(deployment.json(&["resource", "list"]), json!([created]));
    let shown = deployment
        .run(&["resource", "show", "https://api.example/"])
        .stdout;
    assert!(
        shown.contains("scopes") && shown.contains("a b") && shown.contains('Z'),
        "{shown}"
    );

    let changed = deployment.json(&[
        "resource",
        "update",
        API,
        "--scope",
        "c",
        "--unset",
        "access-token-format",
        "--userinfo",
        "--access-token-lifetime-seconds",
        "60",
        "--access-token-algorithm",
        "EdDSA",
    ]);
    assert_eq!(changed["scopes"], json!(["c"]));
    assert_eq!(changed["access_token_format"], json!(null));
    assert_eq!(changed["access_token_algorithm"], "EdDSA");
    assert_eq!(changed["userinfo"], true);
    assert_eq!(
        changed["introspecting_clients"],
        json!(["api"]),
        "was not named"
    );
    let nothing = deployment.run(&["resource", "update", API]);
    assert_eq!(nothing.code, ExitCode::Usage as i32, "{}", nothing.stderr);

    let unconfirmed = deployment.run(&["resource", "delete", API]);
    assert_eq!(unconfirmed.code, ExitCode::ConfirmationNeeded as i32);
    let deleted = deployment.run(&["resource", "delete", API, "--yes"]);
    assert_eq!(
        (deleted.code, deleted.stdout.as_str()),
        (0, "Deleted https://api.example\n")
    );
    let again = deployment.run(&["resource", "delete", API, "--yes"]);
    assert_eq!(again.code, ExitCode::NotFound as i32);
    assert!(again.stderr.contains("resource list"), "{}", again.stderr);
}

#[test]
fn a_resource_of_the_configuration_is_listed_and_read_only() {
    let deployment = Deployment::new("[resources.\"https://api.example\"]\nscopes = [\"a\"]\n");
    let listed = deployment.json(&["resource", "list"]);
    assert_eq!(listed[0]["source"], "configuration");
    let table = deployment.run(&["resource", "list"]).stdout;
    assert!(
        table.contains("DECLARED IN") && table.contains("configuration"),
        "{table}"
    );
    for words in [
        &["resource", "create", "https://api.example/"][..],
        &["resource", "update", API, "--userinfo"],
        &["resource", "delete", API, "--yes"],
    ] {
        let refused = deployment.run(words);
        assert_eq!(refused.code, ExitCode::Conflict as i32, "{words:?}");
        assert!(
            refused.stderr.contains("declared in the configuration"),
            "{}",
            refused.stderr
        );
    }
}

#[test]
fn what_breaks_a_rule_is_refused() {
    let deployment = Deployment::new("");
    let issuer = format!("http://localhost:{}/", deployment.port);
    for (words, code, said) in [
        (
            &["resource", "create", &issuer][..],
            ExitCode::Refused,
            "this is the issuer",
        ),
        (
            &["resource", "create", "api"],
            ExitCode::Refused,
            "absolute URI",
        ),
        (
            &[
                "resource",
                "create",
                API,
                "--access-token-algorithm",
                "HS256",
            ],
            ExitCode::Usage,
            "not a public-key signature algorithm",
        ),
        (
            &["resource", "create", API, "--access-token-format", "saml"],
            ExitCode::Usage,
            "jwt or opaque",
        ),
        (
            &[
                "resource",
                "create",
                API,
                "--access-token-lifetime-seconds",
                "0",
            ],
            ExitCode::Refused,
            "from 1 to",
        ),
    ] {
        let refused = deployment.run(words);
        assert_eq!(refused.code, code as i32, "{words:?}: {}", refused.stderr);
        assert!(
            refused.stderr.contains(said),
            "{words:?}: {}",
            refused.stderr
        );
    }
    assert_eq!(deployment.json(&["resource", "list"]), json!([]));
}

/// A client may be registered for what is declared, and the server that runs knows it.
#[test]
fn a_running_server_sees_a_resource_within_a_second() {
    let deployment = Deployment::new("");
    let running = Running::serve(&deployment);
    let lists = || {
        let metadata = running.get("/.well-known/openid-configuration");
        metadata
            .is_some_and(|text| text.contains("\"protected_resources\":[\"https://api.example\"]"))
    };
    assert!(!lists());
    deployment.json(&["resource", "create", API]);
    wait(Duration::from_secs(5), lists);
    let metadata = "{\"client_name\":\"A\",\"redirect_uris\":[\"https://a.example/callback\"],\"default_resources\":[\"https://api.example\"]}";
    deployment.write("client.json", metadata);
    let client = deployment.json(&["client", "create", "--metadata", "client.json"]);
    assert_eq!(client["default_resources"], json!([API]));
    assert_eq!(
        deployment.run(&["resource", "delete", API, "--yes"]).code,
        0
    );
    wait(Duration::from_secs(5), || !lists());
}

/// The configuration may change while the database stays.
#[test]
fn config_check_warns_of_a_resource_that_is_not_served() {
    let deployment = Deployment::new("");
    deployment.json(&["resource", "create", API]);
    let checked = deployment.run(&["config", "check"]);
    assert!(!checked.stderr.contains("resource"), "{}", checked.stderr);
    let file = std::fs::read_to_string(deployment.folder.join("countersign.toml")).unwrap();
    let declared = "[resources.\"https://api.example/\"]\n";
    deployment.write("countersign.toml", &format!("{file}{declared}"));
    let checked = deployment.run(&["config", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(
        checked.stderr.contains("https://api.example, which")
            && checked.stderr.contains("precedence"),
        "{}",
        checked.stderr
    );
}

fn wait(limit: Duration, until: impl Fn() -> bool) {
    let start = Instant::now();
    while !until() {
        assert!(start.elapsed() < limit, "not within {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
