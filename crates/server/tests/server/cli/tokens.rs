//! `token`: API tokens that people make, and what became of them.

use serde_json::{Value, json};

use crate::command::Deployment;

fn deployment() -> Deployment {
    let deployment = Deployment::new("[personal_tokens]\nenabled = true\nmax_per_user = 2\n");
    deployment.json(&["user", "create", "--username", "alice"]);
    deployment
}

const CREATE: [&str; 4] = ["token", "create", "--user", "alice"];

fn create(deployment: &Deployment, name: &str) -> Value {
    let more = ["--name", name, "--scope", "openid profile", "--days", "90"];
    deployment.json(&[&CREATE[..], &more].concat())
}

#[test]
fn a_token_is_made_shown_changed_and_revoked() {
    let deployment = deployment();
    let made = create(&deployment, "backup");
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("cs_pt_"), "{token}");
    assert_eq!(made["name"], "backup");
    assert_eq!(made["status"], "active");
    let lifetime = made["expires_at"].as_i64().unwrap() - made["created_at"].as_i64().unwrap();
    assert_eq!(lifetime, 90 * 86_400);

    let listed = deployment.json(&["token", "list", "--user", "alice"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert!(
        !listed.to_string().contains(&token[28..]),
        "the secret is not kept"
    );
    let text = deployment.run(&["token", "list", "--user", "alice"]).stdout;
    assert!(text.contains("NAME") && text.contains("backup"), "{text}");

    let update = ["token", "update", "--user", "alice", "backup"];
    let more = ["--name", "nightly", "--lifetime-seconds", "300"];
    let updated = deployment.json(&[&update[..], &more].concat());
    assert_eq!(
        (&updated["name"], &updated["id"]),
        (&json!("nightly"), &made["id"])
    );
    let shown = deployment.json(&["token", "show", "--user", "alice", "nightly"]);
    assert_eq!(shown, updated);

    let revoke = ["token", "revoke", "--user", "alice", "nightly", "--yes"];
    assert_eq!(deployment.json(&revoke)["revoked"], 1);
    let listed = deployment.json(&["token", "list", "--user", "alice"]);
    assert_eq!(listed, json!([]));
    let id = made["id"].as_str().unwrap();
    let again = deployment.run(&["token", "revoke", "--user", "alice", id, "--yes"]);
    assert_eq!(again.code, 5, "{}", again.stderr);

    let history = deployment.json(&["token", "history", "--user", "alice"]);
    let history = history.as_array().unwrap();
    let kinds: Vec<_> = history.iter().map(|change| &change["kind"]).collect();
    assert_eq!(kinds, ["revoked", "updated", "created"]);
    assert_eq!(history[1]["old_name"], "backup");
    assert_eq!(history[1]["old_expires_at"], made["expires_at"]);
    assert!(history[0]["actor"].as_str().unwrap().starts_with("cli:"));
    let before = history[1]["number"].to_string();
    let page = ["token", "history", "--user", "alice", "--before", &before];
    assert_eq!(deployment.json(&page).as_array().unwrap().len(), 1);
}

#[test]
fn what_is_wrong_is_said() {
    let deployment = deployment();
    create(&deployment, "one");
    let refused = |name: &str, scope: &str, lifetime: [&str; 2], says: &str| {
        let more = ["--name", name, "--scope", scope, lifetime[0], lifetime[1]];
        let output = deployment.run(&[&CREATE[..], &more].concat());
        assert_ne!(output.code, 0);
        assert!(output.stderr.contains(says), "{says}: {}", output.stderr);
    };
    let days = ["--days", "1"];
    refused("one", "openid", days, "has a token with the name");
    refused("a\nb", "openid", days, "control character");
    refused("two", "openid nonsense", days, "\"nonsense\"");
    refused("two", "offline_access", days, "offline_access");
    refused(
        "two",
        "openid",
        ["--lifetime-seconds", "299"],
        "300 to 31536000 seconds",
    );
    refused(
        "two",
        "openid",
        ["--days", "366"],
        "300 to 31536000 seconds",
    );
    create(&deployment, "two");
    refused("three", "openid", days, "2 tokens, which is the limit");
    for words in [
        &["token", "show", "--user", "alice", "three"][..],
        &["token", "show", "--user", "nobody", "one"],
    ] {
        assert_eq!(deployment.run(words).code, 4, "{words:?}");
    }
    deployment.json(&["user", "disable", "alice"]);
    refused("three", "openid", days, "disabled");
    let listed = deployment.json(&["token", "list", "--user", "alice", "--all"]);
    let ended = |token: &Value| token["status"] == "ended";
    assert!(listed.as_array().unwrap().iter().all(ended), "{listed}");
}

#[test]
fn its_client_is_built_in() {
    let deployment = deployment();
    let made = create(&deployment, "one");
    let uri = "https://app.example/";
    for words in [
        &[
            "client",
            "create",
            "--client-id",
            "personal-tokens",
            "--redirect-uri",
            uri,
        ][..],
        &["client", "update", "personal-tokens", "--name", "x"],
        &["client", "rotate-secret", "personal-tokens"],
        &["client", "delete", "personal-tokens", "--yes"],
    ] {
        let output = deployment.run(words);
        assert!(
            output.stderr.contains("built in"),
            "{words:?}: {}",
            output.stderr
        );
    }
    // `grant revoke` is remembered in the history too.
    let id = made["id"].as_str().unwrap();
    deployment.json(&["grant", "revoke", id, "--yes"]);
    let history = deployment.json(&["token", "history", "--user", "alice", "--token", id]);
    assert_eq!(history[0]["kind"], "revoked");
    // Disabling it ends them all.
    create(&deployment, "two");
    deployment.json(&["client", "disable", "personal-tokens"]);
    let listed = deployment.json(&["token", "list", "--user", "alice"]);
    assert_eq!(listed, json!([]));
}
