//! `countersign registration-token`.

use countersign::cli::exit_code::ExitCode;

use crate::command::Deployment;

#[test]
fn a_registration_token_is_shown_once_listed_and_deleted() {
    let deployment = Deployment::new("");
    let made = deployment.json(&[
        "registration-token",
        "create",
        "--uses",
        "2",
        "--lifetime-seconds",
        "60",
        "--note",
        "the shop",
    ]);
    let token = made["token"].as_str().expect("a token");
    assert!(token.starts_with("cs_ia_"), "{made}");
    assert_eq!(made["uses_left"], 2);
    let listed = deployment.json(&["registration-token", "list"]);
    assert_eq!(listed[0]["note"], "the shop");
    assert_eq!(listed[0]["valid"], true);
    assert!(!listed.to_string().contains(token), "{listed}");
    let text = deployment.run(&["registration-token", "list"]).stdout;
    assert!(
        text.contains("USES LEFT") && text.contains("the shop"),
        "{text}"
    );
    let id = listed[0]["id"].as_str().expect("an id");
    let deleted = deployment.run(&["registration-token", "delete", id]);
    assert_eq!(deleted.code, 0, "{}", deleted.stderr);
    let again = deployment.run(&["registration-token", "delete", id]);
    assert_eq!(again.code, ExitCode::NotFound as i32);
    assert!(
        again.stderr.contains("registration-token list"),
        "{}",
        again.stderr
    );
    let never = deployment.run(&["registration-token", "create", "--uses", "0"]);
    assert_eq!(never.code, ExitCode::Usage as i32);
}
