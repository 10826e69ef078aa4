//! The user to whom a client belongs.

use countersign::cli::exit_code::ExitCode;
use serde_json::{Value, json};

use crate::command::Deployment;

fn owned_robot(deployment: &Deployment) -> Value {
    deployment.json(&[
        "user",
        "create",
        "--username",
        "alice",
        "--email",
        "alice@example.org",
    ]);
    deployment.json(&["user", "create", "--username", "bob"]);
    deployment.json(&[
        "client",
        "create",
        "--client-id",
        "robot",
        "--name",
        "Robot",
        "--grant-type",
        "client_credentials",
        "--owner",
        "alice@example.org",
    ])
}

fn ids(clients: &Value) -> Vec<&str> {
    let clients = clients.as_array().expect("a list").iter();
    clients
        .map(|client| client["client_id"].as_str().expect("an id"))
        .collect()
}

#[test]
fn a_client_has_an_owner_that_is_shown_listed_and_changed() {
    let deployment = Deployment::new("");
    let made = owned_robot(&deployment);
    assert_eq!(made["owner"]["username"], "alice");
    let other = [
        "client",
        "create",
        "--client-id",
        "other",
        "--grant-type",
        "client_credentials",
    ];
    let other = deployment.json(&other);
    assert_eq!(other.get("owner"), None);

    assert_eq!(
        ids(&deployment.json(&["client", "list", "--owner", "alice"])),
        ["robot"]
    );
    assert_eq!(
        ids(&deployment.json(&["client", "list", "--owner", "bob"])),
        [""; 0]
    );
    let table = deployment.run(&["client", "list"]).stdout;
    assert!(
        table.contains("OWNER") && table.contains("alice"),
        "{table}"
    );
    let shown = deployment.run(&["client", "show", "robot"]).stdout;
    assert!(
        shown.contains("alice ") && shown.contains("active"),
        "{shown}"
    );

    let changed = deployment.json(&["client", "update", "robot", "--owner", "bob"]);
    assert_eq!(changed["owner"]["username"], "bob");
    assert_eq!(changed["client_name"], "Robot");
    let changed = deployment.json(&["client", "update", "robot", "--name", "R2"]);
    assert_eq!(changed["owner"]["username"], "bob", "was not named");
    let changed = deployment.json(&["client", "update", "robot", "--no-owner"]);
    assert_eq!(changed.get("owner"), None);

    let unknown = deployment.run(&["client", "update", "robot", "--owner", "carol"]);
    assert_eq!(
        unknown.code,
        ExitCode::NotFound as i32,
        "{}",
        unknown.stderr
    );
    let unknown = deployment.run(&["client", "list", "--owner", "carol"]);
    assert_eq!(
        unknown.code,
        ExitCode::NotFound as i32,
        "{}",
        unknown.stderr
    );
}

/// What `client show --json` prints makes another client, which belongs to no one yet.
#[test]
fn an_owner_is_no_metadata() {
    let deployment = Deployment::new("");
    owned_robot(&deployment);
    let shown = deployment.json(&["client", "show", "robot"]).to_string();
    let words = [
        "client",
        "create",
        "--metadata",
        "-",
        "--client-id",
        "again",
        "--json",
    ];
    let made = deployment.run_with(&words, &shown);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let made: Value = serde_json::from_str(&made.stdout).expect("JSON");
    assert_eq!(made.get("owner"), None);
    let updated = deployment.run_with(&["client", "update", "robot", "--metadata", "-"], &shown);
    assert_eq!(updated.code, 0, "{}", updated.stderr);
}

/// A service must not stop because someone leaves; the operator is told whose it was.
#[test]
fn a_client_goes_on_without_its_owner_and_the_lists_say_so() {
    let deployment = Deployment::new("");
    let sub = owned_robot(&deployment)["owner"]["sub"].clone();
    let disabled = deployment.run(&["user", "disable", "alice"]);
    assert!(
        disabled.stderr.contains("clients that go on: robot"),
        "{}",
        disabled.stderr
    );
    let orphaned = deployment.json(&["client", "list", "--orphaned"]);
    assert_eq!(orphaned[0]["owner"]["status"], "disabled");
    assert_eq!(orphaned[0]["status"], "active");
    deployment.json(&["user", "enable", "alice"]);
    assert_eq!(
        deployment.json(&["client", "list", "--orphaned"]),
        json!([])
    );

    let deleted = deployment.run(&["user", "delete", "alice", "--yes"]);
    assert!(
        deleted.stderr.contains("clients that go on: robot"),
        "{}",
        deleted.stderr
    );
    let orphaned = deployment.json(&["client", "list", "--orphaned"]);
    let owner = json!({ "sub": sub, "username": null, "status": "deleted" });
    assert_eq!(orphaned[0]["owner"], owner);
    let sub = sub.as_str().expect("a sub");
    let listed = deployment.json(&["client", "list", &format!("--owner={sub}")]);
    assert_eq!(ids(&listed), ["robot"]);
    let table = deployment.run(&["client", "list"]).stdout;
    assert!(table.contains(&format!("{sub} (deleted)")), "{table}");

    let quiet = deployment.run(&["user", "delete", "bob", "--yes"]);
    assert!(
        !quiet.stderr.contains("clients that go on"),
        "{}",
        quiet.stderr
    );
}
