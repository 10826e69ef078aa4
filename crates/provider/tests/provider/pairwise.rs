//! Pairwise subjects (OpenID Connect Core, section 8): what each client is told, and what comes
//! back.

use countersign_store::SecretHash;
use countersign_testing::{ALICE, Answer, BOB, Browser, Person, TestProvider, Tokens, claims_of};
use http::StatusCode;
use serde_json::{Value, json};

use crate::expect;
use crate::introspect::api;
use crate::logout::backchannel::stage::{Stage, memory, sign_out};

const CALLBACK: &str = "https://one.example/callback";
const SAME_SECTOR: &str = "https://one.example:8443/other";
const ELSEWHERE: &str = "https://two.example/callback";

async fn add(op: &TestProvider, client_id: &str, redirect_uri: &str, more: Value) {
    let mut metadata = json!({
        "redirect_uris": [redirect_uri],
        "subject_type": "pairwise",
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "id_token_signed_response_alg": "ES256",
    });
    for (member, value) in more.as_object().expect("an object") {
        metadata[member] = value.clone();
    }
    let metadata = metadata.to_string();
    op.add_client_with(client_id, None, &metadata).await;
}

/// Three clients, of which the first two are of one sector.
async fn start() -> TestProvider {
    let op = TestProvider::start().await;
    add(&op, "one", CALLBACK, json!({})).await;
    add(&op, "same", SAME_SECTOR, json!({})).await;
    add(&op, "two", ELSEWHERE, json!({})).await;
    op
}

async fn sub(op: &TestProvider, person: &Person, client_id: &str, redirect_uri: &str) -> String {
    let tokens = op.tokens(person, client_id, redirect_uri, "openid").await;
    let claims = claims_of(&tokens.id_token.expect("an ID token"));
    claims["sub"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn a_sector_shares_a_sub_and_no_other_client_is_told_it() {
    // Section 8: "a different sub value to each Client"; section 8.1: by sector.
    let op = start().await;
    let one = sub(&op, &ALICE, "one", CALLBACK).await;
    assert_eq!(one, sub(&op, &ALICE, "one", CALLBACK).await);
    assert_eq!(one, sub(&op, &ALICE, "same", SAME_SECTOR).await);
    let two = sub(&op, &ALICE, "two", ELSEWHERE).await;
    let bob = sub(&op, &BOB, "one", CALLBACK).await;
    let mut all = vec![one.as_str(), &two, &bob, ALICE.sub, BOB.sub];
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 5, "{all:?}");
    // Section 2: at most 255 ASCII characters.
    assert!(one.is_ascii() && one.len() == 22, "{one}");
}

#[tokio::test]
async fn another_replica_tells_the_same() {
    let first = start().await;
    let one = sub(&first, &ALICE, "one", CALLBACK).await;
    let second = TestProvider::share(&first).await;
    assert_eq!(sub(&second, &ALICE, "one", CALLBACK).await, one);
}

#[tokio::test]
async fn whatever_the_client_can_see_has_the_same_sub() {
    let op = start().await;
    let api = api(&op, "").await;
    for format in ["jwt", "opaque"] {
        add(
            &op,
            format,
            CALLBACK,
            json!({ "access_token_format": format }),
        )
        .await;
        let tokens = op.tokens(&ALICE, format, CALLBACK, "openid profile").await;
        let claims = claims_of(tokens.id_token.as_deref().expect("an ID token"));
        let sub = &claims["sub"];
        // Section 5.3.2: "MUST be verified to exactly match the sub Claim in the ID Token".
        assert_eq!(op.userinfo(&tokens.access_token).await.json()["sub"], *sub);
        if format == "jwt" {
            assert_eq!(claims_of(&tokens.access_token)["sub"], *sub);
        }
        let headers = [("authorization", api.clone())];
        let form = [("token", tokens.access_token.as_str())];
        let told = op.browser().post_with("/introspect", &form, &headers).await;
        assert_eq!(told.json()["sub"], *sub, "{told:?}");
        assert_eq!(told.json()["active"], true);
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let renewed = op.refresh(format, &refresh_token).await.tokens();
        let claims = claims_of(&renewed.id_token.expect("an ID token"));
        assert_eq!(claims["sub"], *sub, "section 12.2");
        assert!(expect::is_accepted(&op, &renewed.access_token).await);
    }
}

#[tokio::test]
async fn a_logout_token_has_the_sub_that_the_application_knows() {
    // Back-Channel Logout, section 2.4.
    let stage = Stage::over(memory()).await;
    let receiver = countersign_testing::Receiver::start().await;
    let more = r#", "subject_type": "pairwise""#;
    stage.application("told", &receiver.uri(), more).await;
    let mut browser = stage.op.browser();
    let id_token = stage.id_token(&mut browser, &ALICE, "told").await;
    sign_out(&mut browser).await;
    let taken = receiver.wait_for(1).await;
    assert_eq!(taken[0].claims()["sub"], claims_of(&id_token)["sub"]);
    assert_ne!(taken[0].claims()["sub"], ALICE.sub);
}

async fn silent(op: &TestProvider, browser: &mut Browser, hint: &str) -> Answer {
    let mut request = op.authorization("one", CALLBACK, "openid");
    request.push(("prompt", "none".to_owned()));
    request.push(("id_token_hint", hint.to_owned()));
    browser.get_with("/authorize", &request).await
}

#[tokio::test]
async fn a_hint_names_its_user_whoever_sends_it() {
    // Section 3.1.2.1: of another user "it MUST return an error, such as login_required".
    let op = start().await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "one", CALLBACK, "openid")
        .await;
    op.redeem("one", CALLBACK, &code).await;
    for (client_id, redirect_uri) in [("one", CALLBACK), ("two", ELSEWHERE)] {
        let hint = |tokens: countersign_testing::Tokens| tokens.id_token.expect("an ID token");
        let alices = hint(op.tokens(&ALICE, client_id, redirect_uri, "openid").await);
        let bobs = hint(op.tokens(&BOB, client_id, redirect_uri, "openid").await);
        let answer = silent(&op, &mut browser, &alices).await;
        assert!(answer.location_parameter("code").is_some(), "{answer:?}");
        let answer = silent(&op, &mut browser, &bobs).await;
        expect::sent_back(&answer, CALLBACK, "login_required");
    }
    let public = op
        .tokens(
            &ALICE,
            "confidential",
            countersign_testing::callback::CONFIDENTIAL,
            "openid",
        )
        .await;
    let hint = public.id_token.expect("an ID token");
    let answer = silent(&op, &mut browser, &hint).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_hint_of_the_session_signs_out_at_once() {
    // RP-Initiated Logout, section 2.
    let op = start().await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "one", CALLBACK, "openid")
        .await;
    let tokens = op.redeem("one", CALLBACK, &code).await.tokens();
    let hint = tokens.id_token.expect("an ID token");
    let answer = browser
        .get_with("/logout", &[("id_token_hint", &hint)])
        .await;
    assert!(answer.body.contains("You are signed out"), "{answer:?}");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn a_client_that_becomes_pairwise_is_told_another_sub_from_then_on() {
    let op = start().await;
    add(
        &op,
        "changing",
        CALLBACK,
        json!({ "subject_type": "public" }),
    )
    .await;
    let before = op.tokens(&ALICE, "changing", CALLBACK, "openid").await;
    let told =
        |id_token: &Option<String>| claims_of(id_token.as_deref().expect("one"))["sub"].clone();
    assert_eq!(told(&before.id_token), ALICE.sub);
    changed(&op, "changing", json!({ "subject_type": "pairwise" })).await;
    has_ended(&op, "changing", &before).await;
    let after = op.tokens(&ALICE, "changing", CALLBACK, "openid").await;
    assert_ne!(told(&after.id_token), ALICE.sub);
}

/// What an operator changes of a client.
async fn changed(op: &TestProvider, client_id: &str, members: Value) {
    let members = members.as_object().expect("an object").clone();
    let clients = op.clients().await;
    let changed = clients.update(client_id, members, &[], op.provider.now());
    changed.await.map(drop).expect("changes");
}

async fn has_ended(op: &TestProvider, client_id: &str, before: &Tokens) {
    assert!(!expect::is_accepted(op, &before.access_token).await);
    let refresh_token = before.refresh_token.as_deref().expect("one");
    let refused = op.refresh(client_id, refresh_token).await;
    expect::refused(&refused, "invalid_grant");
}

/// Section 8.1: a token of before would tell the sub of the sector that the client now is of.
#[tokio::test]
async fn a_client_that_moves_to_another_sector_begins_again() {
    let op = start().await;
    let before = op.tokens(&ALICE, "one", CALLBACK, "openid").await;
    // Within the sector nothing ends.
    let within = json!({ "redirect_uris": [CALLBACK, SAME_SECTOR], "client_name": "One" });
    changed(&op, "one", within).await;
    assert!(expect::is_accepted(&op, &before.access_token).await);
    changed(&op, "one", json!({ "redirect_uris": [ELSEWHERE] })).await;
    has_ended(&op, "one", &before).await;
    let moved = sub(&op, &ALICE, "one", ELSEWHERE).await;
    assert_eq!(moved, sub(&op, &ALICE, "two", ELSEWHERE).await);
}

/// Section 8.1: "reversible by any party other than the OpenID Provider" it must not be.
#[tokio::test]
async fn it_is_neither_the_users_sub_nor_a_plain_hash_of_it() {
    let op = start().await;
    let one = sub(&op, &ALICE, "one", CALLBACK).await;
    for text in [
        ALICE.sub.to_owned(),
        format!("one.example{}", ALICE.sub),
        format!("one.example\0{}", ALICE.sub),
    ] {
        let hash = SecretHash::of(text.as_bytes());
        let hash = countersign_jose::base64url::encode(&hash.as_bytes()[..16]);
        assert_ne!(hash, one);
    }
}

#[tokio::test]
async fn a_client_whose_sector_is_gone_is_an_error_of_the_record() {
    let op = start().await;
    let metadata = json!({ "redirect_uris": [], "subject_type": "pairwise" });
    op.update_client("one", &metadata.to_string()).await;
    let request = op.authorization("one", CALLBACK, "openid");
    let answer = op.browser().get_with("/authorize", &request).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
}
