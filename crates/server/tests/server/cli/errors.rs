//! What failures look like, for people and for machines; and `errors`, which explains those of the
//! server.

use countersign::cli::exit_code::ExitCode;
use serde_json::{Value, json};

use crate::command::Deployment;
use crate::running::Running;

/// The last object on standard error; before it there may be the log's.
fn failure(deployment: &Deployment, words: &[&str]) -> Value {
    let answer = deployment.run(&[words, &["--json"]].concat());
    assert_eq!(answer.stdout, "", "{words:?}");
    let lines: Result<Vec<Value>, _> = answer.stderr.lines().map(serde_json::from_str).collect();
    let lines = lines.unwrap_or_else(|error| panic!("{words:?}: {error}: {}", answer.stderr));
    let failure = lines.last().unwrap().clone();
    assert_eq!(failure["code"], answer.code, "{words:?}");
    failure
}

#[test]
fn with_json_a_failure_is_one_object_with_cause_message_and_what_to_do() {
    let deployment = Deployment::new("[http]\ninsecure_plain_http_on_network = true\n");
    for (words, cause, message) in [
        (
            &["user", "show", "nobody"][..],
            "not_found",
            "there is no user \"nobody\".",
        ),
        (
            &["client", "show", "nobody"],
            "not_found",
            "there is no client \"nobody\".",
        ),
        (
            &["errors", "nonsense"],
            "not_found",
            "there is no cause \"nonsense\".",
        ),
        (
            &["codes", "delete-all"],
            "confirmation_needed",
            "Add --yes to confirm.",
        ),
        (
            &["keys", "import", "--private-key", "nowhere.pem"],
            "refused",
            "can't read nowhere.pem",
        ),
        (
            &["keys", "rotate", "--alg", "HS256"],
            "usage",
            "HS256 is not a public-key",
        ),
        (&["nonsense"], "usage", "unrecognized subcommand 'nonsense'"),
        (
            &["quickstart", "--config", "a.toml"],
            "usage",
            "quickstart does not take --config",
        ),
        (
            &["serve", "--listen", "192.0.2.1:1"],
            "cannot_listen",
            "can't listen on 192.0.2.1:1",
        ),
    ] {
        let failure = failure(&deployment, words);
        assert_eq!(failure["cause"], cause, "{failure}");
        let said = failure["message"].as_str().unwrap();
        assert!(said.contains(message), "{words:?}: {said}");
        assert!(
            failure["what_to_do"]
                .as_str()
                .is_some_and(|text| text.len() > 5)
        );
        assert_eq!(failure.get("problems"), None);
    }
    deployment.write("countersign.toml", "issuer = \"id.example\"\nlisten = 1\n");
    let failure = failure(&deployment, &["config", "check"]);
    let fields: Vec<_> = failure["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["issuer", "listen"],
        "each fault by itself: {failure}"
    );
}

#[test]
fn an_unknown_cause_is_answered_with_near_names() {
    let deployment = Deployment::empty();
    for (name, said) in [
        ("parameter_mising", "Did you mean parameter_missing?"),
        ("store", "Did you mean store_unavailable?"),
        ("wholly elsewhere", "`countersign errors` lists all causes."),
        ("", "`countersign errors` lists all causes."),
    ] {
        let answer = deployment.run(&["errors", name]);
        assert_eq!(answer.code, ExitCode::NotFound as i32);
        assert!(answer.stderr.contains(said), "{name}: {}", answer.stderr);
    }
}

#[test]
fn a_cause_is_explained_and_all_of_them_are_what_docs_says() {
    let deployment = Deployment::empty();
    let answer = deployment.run(&["errors", "parameter_missing"]);
    assert!(
        answer.stdout.starts_with("error     invalid_request\n"),
        "{}",
        answer.stdout
    );
    let explained = deployment.json(&["errors", "parameter_missing"]);
    for member in ["cause", "error", "rule", "received", "expected", "fix"] {
        assert!(explained[member].is_string(), "{explained}");
    }
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    let all = deployment.run(&["errors"]).stdout;
    assert!(all == std::fs::read_to_string(docs).unwrap());
    let causes = deployment.json(&["errors"]);
    assert!(causes.as_array().unwrap().contains(&explained));
}

#[test]
fn tables_are_arrays_for_machines() {
    let deployment = Deployment::empty();
    let codes = deployment.json(&["exit-codes"]);
    assert_eq!(codes.pointer("/0/cause"), Some(&json!("success")));
    assert_eq!(codes.as_array().unwrap().len(), ExitCode::ALL.len());
    let fields = deployment.json(&["config", "reference"]);
    let field = |name: &str| {
        let mut all = fields.as_array().unwrap().iter();
        all.find(|field| field["field"] == name).unwrap().clone()
    };
    assert_eq!(field("listen")["default"], "127.0.0.1:8080");
    assert_eq!(field("http.max_body_bytes")["least"], 8192);
    assert_eq!(field("issuer")["default"], Value::Null);
}

#[test]
fn what_was_deleted_is_named() {
    let deployment = Deployment::new("");
    let user = deployment.json(&["user", "create", "--username", "alice"]);
    let deleted = deployment.json(&["user", "delete", "alice", "--yes"]);
    let expected = json!({ "deleted": 1, "sub": user["sub"], "username": "alice" });
    assert_eq!(deleted, expected);
    let words = [
        "client",
        "create",
        "--client-id",
        "app",
        "--grant-type",
        "client_credentials",
    ];
    deployment.json(&words);
    let deleted = deployment.json(&["client", "delete", "app", "--yes"]);
    assert_eq!(deleted, json!({ "deleted": 1, "client_id": "app" }));
}

#[test]
fn a_setup_link_says_how_long_it_lives_and_where_somebody_has_used_one_there_is_none() {
    let deployment = Deployment::new("[setup]\nlink_lifetime_seconds = 7200\n");
    let answer = deployment.run(&["setup-link"]);
    assert_eq!(answer.stdout.lines().count(), 1, "the link alone");
    assert!(
        answer.stderr.contains("within 2 hours"),
        "{}",
        answer.stderr
    );
    let link = deployment.json(&["setup-link"]);
    assert_eq!(link["expires_in"], 7200);
    let words = ["user", "create", "--username", "root", "--administrator"];
    deployment.json(&words);
    let failure = failure(&deployment, &["setup-link"]);
    assert_eq!(failure["cause"], "conflict");
    assert!(
        failure["message"]
            .as_str()
            .unwrap()
            .contains("there is already an administrator")
    );
    let server = Running::serve(&deployment);
    let log = server.written.errors.text();
    assert!(!log.contains("there is no administrator"), "{log}");
    let shown = deployment.run(&["user", "list"]).stdout;
    assert!(shown.contains("administrator, active"), "{shown}");
}
