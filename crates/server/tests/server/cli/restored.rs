//! `restored`: what follows a restored backup.

use serde_json::json;

use crate::command::Deployment;

#[test]
fn everything_of_a_restored_database_ends_once_it_is_confirmed() {
    let deployment = Deployment::new("");
    let words = [
        "client",
        "create",
        "--client-id",
        "shop",
        "--redirect-uri",
        "https://shop.example/",
    ];
    deployment.json(&words);
    deployment.json(&["user", "create", "--username", "alice"]);
    let asked = deployment.run(&["restored"]);
    assert_eq!(asked.code, 6, "{}", asked.stderr);
    assert_eq!(
        deployment.json(&["restored", "--yes"]),
        json!({ "ended": 2 })
    );
    let shown = deployment.run(&["restored", "--yes"]);
    assert!(
        shown.stdout.starts_with("Ended everything"),
        "{}",
        shown.stdout
    );
    assert!(
        shown.stderr.contains("deployment.restored"),
        "{}",
        shown.stderr
    );
    assert_eq!(
        deployment.json(&["user", "show", "alice"])["status"],
        "active"
    );
}
