//! Causes of logout and setup.

use std::collections::BTreeSet;

use countersign_testing::{ALICE, Options};

use super::{CALLBACK, Stage};

pub async fn logouts() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "openid")
        .await;
    let hint = (
        "id_token_hint",
        tokens.id_token.as_deref().expect("an ID token"),
    );
    let cases: [(&str, Vec<(&str, &str)>); 6] = [
        ("logout_hint_invalid", vec![("id_token_hint", "x")]),
        (
            "logout_hint_of_another_client",
            vec![hint, ("client_id", "posting")],
        ),
        (
            "logout_client_unknown",
            vec![("client_id", "no-such-client")],
        ),
        (
            "logout_request_unreadable",
            vec![("state", "1"), ("state", "2")],
        ),
        (
            "logout_redirect_without_client",
            vec![("post_logout_redirect_uri", "https://x.example")],
        ),
        (
            "logout_redirect_not_registered",
            vec![hint, ("post_logout_redirect_uri", "https://x.example")],
        ),
    ];
    for (cause, request) in cases {
        stage.log.take();
        let answer = stage.op.browser().get_with("/logout", &request).await;
        stage.meets(cause, &answer);
    }
    let answer = stage
        .op
        .browser()
        .post("/logout", &[("decision", "confirm")])
        .await;
    stage.meets("logout_confirmation_invalid", &answer);

    let mut browser = stage.op.signed_in(&ALICE).await;
    let state = "s".repeat(16_000);
    let request = [
        hint,
        ("state", state.as_str()),
        (
            "post_logout_redirect_uri",
            "https://confidential.example/bye",
        ),
    ];
    let answer = browser.get_with("/logout", &request).await;
    stage.meets("logout_request_too_long", &answer);
    stage.met
}

pub async fn setups() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    stage.get("setup_link_unknown", "/setup?token=x").await;
    let link = stage.op.setup_link(900).await;
    let path = format!("/setup?token={link}");
    stage.op.clock.advance(900);
    stage.get("setup_link_expired", &path).await;
    let link = stage.op.setup_link(900).await;
    let form = [
        ("token", link.as_str()),
        ("name", "Root"),
        ("email", "root@example.org"),
        ("username", "root"),
        ("password", "a password of some length"),
        ("password_again", "a password of some length"),
    ];
    stage.op.browser().post("/setup", &form).await;
    stage.get("setup_closed", &path).await;
    stage.met
}
