//! Errors on the wire: whole responses, and the document that is generated from the causes.

use std::sync::Arc;

use countersign_store::memory::Memory;
use countersign_testing::{
    ALICE, Answer, Breakage, ClientPersona, ObservedStore, Options, TestProvider, basic, callback,
};
use http::{Method, StatusCode};

use crate::expect;
use crate::log::Log;

const CALLBACK: &str = callback::CONFIDENTIAL;

pub fn transcripts(answers: &[(&str, Answer)]) -> String {
    let sections = answers.iter();
    let sections = sections.map(|(what, answer)| format!("## {what}\n\n{}\n", answer.transcript()));
    sections.collect::<Vec<_>>().join("\n")
}

async fn asked(op: &TestProvider, name: &'static str, value: &str) -> Answer {
    let mut request = op.authorization("confidential", CALLBACK, "openid");
    request.retain(|(known, _)| *known != name);
    request.push((name, value.to_owned()));
    op.browser().get_with("/authorize", &request).await
}

async fn with_wrong_secret(op: &TestProvider) -> Answer {
    let headers = [("authorization", basic("confidential", "wrong"))];
    let form = [("grant_type", "client_credentials")];
    op.browser().post_with("/token", &form, &headers).await
}

#[tokio::test]
async fn the_token_endpoint_answers_each_error_as_the_rfc_says() {
    let op = TestProvider::start().await;
    let twice = [("grant_type", "x"), ("grant_type", "x")];
    let own = [
        ("grant_type", "client_credentials"),
        ("scope", "nothing_like_it"),
    ];
    let huge = Some("x".repeat(100_000));
    let form = [(
        "content-type",
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let answers = [
        ("a wrong secret", with_wrong_secret(&op).await),
        (
            "nobody",
            op.browser().post("/token", &[("grant_type", "x")]).await,
        ),
        (
            "an unknown code",
            op.redeem("confidential", CALLBACK, "x").await,
        ),
        (
            "an unknown refresh token",
            op.refresh("confidential", "x").await,
        ),
        ("a parameter twice", op.token("confidential", &twice).await),
        ("a missing parameter", op.token("confidential", &[]).await),
        (
            "an unknown grant type",
            op.token("confidential", &twice[..1]).await,
        ),
        ("a scope too wide", op.token("confidential", &own).await),
        (
            "a grant type that is not the client's",
            op.token("public", &own).await,
        ),
        ("another method", op.browser().get("/token").await),
        (
            "a huge body",
            op.browser().send(Method::POST, "/token", &form, huge).await,
        ),
    ];
    insta::assert_snapshot!(transcripts(&answers));
}

#[tokio::test]
async fn userinfo_answers_each_error_with_its_challenge() {
    let op = TestProvider::start().await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let plain = op.tokens(&ALICE, "confidential", CALLBACK, "reports").await;
    let in_query = op.browser().get("/userinfo?access_token=x").await;
    op.clock.advance(600);
    let expired = op.userinfo(&tokens.access_token).await;
    op.clock.advance(-600);
    op.disable_person(&ALICE).await;
    let answers = [
        ("no token", op.browser().get("/userinfo").await),
        ("something else", op.userinfo("x").await),
        ("in the query", in_query),
        ("expired", expired),
        ("ended", op.userinfo(&tokens.access_token).await),
        ("of a client itself", {
            let own = op
                .token("posting", &[("grant_type", "client_credentials")])
                .await;
            op.userinfo(&own.tokens().access_token).await
        }),
        (
            "without openid, and ended",
            op.userinfo(&plain.access_token).await,
        ),
    ];
    insta::assert_snapshot!(transcripts(&answers));
}

#[tokio::test]
async fn an_authorization_error_is_a_page_until_the_client_is_proven_and_a_redirect_then() {
    let op = TestProvider::start().await;
    let answers = [
        ("an unknown client", asked(&op, "client_id", "nobody").await),
        (
            "an unregistered redirect_uri",
            asked(&op, "redirect_uri", "https://evil.example/").await,
        ),
        ("no redirect_uri", asked(&op, "redirect_uri", "").await),
        (
            "a parameter twice",
            op.browser().get("/authorize?scope=a&scope=b").await,
        ),
        ("nobody signed in", asked(&op, "prompt", "none").await),
        (
            "an unknown response_type",
            asked(&op, "response_type", "token").await,
        ),
        (
            "a malformed scope",
            asked(&op, "scope", "openid,\"email\"").await,
        ),
    ];
    insta::assert_snapshot!(transcripts(&answers));
}

#[tokio::test]
async fn each_error_of_a_page_is_a_page_that_says_what_to_do() {
    let op = TestProvider::start().await;
    let login = asked(&op, "state", "s").await;
    let html = [("accept", "text/html".to_owned())];
    let bye = [(
        "post_logout_redirect_uri",
        "https://confidential.example/bye",
    )];
    let answers = [
        (
            "no such page",
            op.browser().get_with_headers("/nowhere", &html).await,
        ),
        ("no such address", op.browser().get("/nowhere").await),
        (
            "another browser's form",
            op.browser().sign_in(&login, "alice", "x").await,
        ),
        ("a page opened by hand", op.browser().get("/login").await),
        (
            "a logout without a hint",
            op.browser().get_with("/logout", &bye).await,
        ),
        (
            "a setup link that is none",
            op.browser().get("/setup?token=x").await,
        ),
    ];
    insta::assert_snapshot!(transcripts(&answers));
}

#[tokio::test]
async fn errors_tell_their_cause_where_they_are_explained() {
    let op = TestProvider::start_with(Options::with_site(|settings| {
        settings.errors.explain_errors = true
    }))
    .await;
    let answers = [
        ("a wrong secret", with_wrong_secret(&op).await),
        (
            "an unknown code",
            op.redeem("confidential", CALLBACK, "x").await,
        ),
        (
            "an unregistered redirect_uri",
            asked(&op, "redirect_uri", "https://evil.example/").await,
        ),
        ("nobody signed in", asked(&op, "prompt", "none").await),
    ];
    insta::assert_snapshot!(transcripts(&answers));
}

#[tokio::test]
async fn every_invalid_grant_has_one_text() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    let mut answers = vec![
        op.redeem("confidential", CALLBACK, "x").await,
        op.redeem("posting", CALLBACK, &code).await,
        op.redeem("confidential", "https://confidential.example/x", &code)
            .await,
        op.redeem("confidential", CALLBACK, &code).await,
        op.refresh("confidential", "x").await,
    ];
    let expired = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    op.clock.advance(60);
    answers.push(op.redeem("confidential", CALLBACK, &expired).await);
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    op.disable_person(&ALICE).await;
    answers.push(op.refresh("confidential", &refresh_token).await);
    for answer in &answers {
        expect::refused(answer, "invalid_grant");
        assert_eq!(answer.transcript(), answers[0].transcript());
    }
}

#[tokio::test]
async fn a_request_id_leads_from_the_answer_to_the_log() {
    let log = Log::start();
    let op = TestProvider::start().await;
    let token = with_wrong_secret(&op).await;
    let page = asked(&op, "client_id", "nobody").await;
    let written = log.take();
    let mut ids = Vec::new();
    for (answer, cause) in [
        (token, "client_secret_wrong"),
        (page, "authorize_client_unknown"),
    ] {
        let id = answer.header("x-request-id").to_owned();
        assert!(id.len() >= 16, "{id}");
        let line = written
            .lines()
            .find(|line| line.contains(&format!("request_id=\"{id}\"")));
        assert!(
            line.is_some_and(|line| line.contains(cause)),
            "{id} in {written}"
        );
        if answer.header("content-type").starts_with("text/html") {
            assert!(
                answer
                    .body
                    .contains(&format!("id=\"error-request-id\">{id}<")),
                "{answer:?}"
            );
        }
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_cause_is_told_for_faults_of_shape_or_where_errors_are_explained() {
    let hidden = TestProvider::start().await;
    let told = TestProvider::start_with(Options::with_site(|settings| {
        settings.errors.explain_errors = true
    }))
    .await;
    for (op, explains) in [(&hidden, false), (&told, true)] {
        let answer = with_wrong_secret(op).await.json();
        assert_eq!(answer["error_uri"].is_string(), explains, "{answer}");
        let description = answer["error_description"].to_string();
        assert_eq!(
            description.contains("client_secret_wrong"),
            explains,
            "{description}"
        );
        let page = asked(op, "client_id", "nobody").await;
        assert_eq!(page.explained_cause().is_some(), explains, "{page:?}");
        let shape = op.token("confidential", &[]).await.json();
        assert!(shape["error_uri"].is_string(), "{shape}");
    }
    // All failures to sign in look alike even then.
    let mut browser = told.browser();
    let request = told.authorization("confidential", CALLBACK, "openid");
    let login = browser.get_with("/authorize", &request).await;
    let again = browser.sign_in(&login, "nobody", "x").await;
    assert!(!again.body.contains("login_name_unknown"), "{again:?}");
}

#[tokio::test]
async fn every_error_uri_leads_to_a_page_about_its_cause() {
    let op = TestProvider::start().await;
    let answer = op.token("confidential", &[]).await.json();
    let uri = answer["error_uri"].as_str().expect("an address");
    let path = uri.strip_prefix("https://op.example").expect("our own");
    let page = op.browser().get(path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.explained_cause().as_deref(), Some("parameter_missing"));
    for cause in op.provider.catalogue.causes() {
        let page = op.browser().get(&format!("/errors/{}", cause.name)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", cause.name);
        assert_eq!(page.explained_cause().as_deref(), Some(cause.name));
    }
}

async fn over_a_failing_store() -> (TestProvider, Arc<ObservedStore>) {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    (TestProvider::start_with(options).await, store)
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_our_fault_and_nothing_is_acknowledged() {
    let (op, store) = over_a_failing_store().await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    for act in ["client_standing", "redeem"] {
        store.break_act(act, Breakage::Unavailable);
        let answer = op.redeem("confidential", CALLBACK, &code).await;
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{act}: {answer:?}"
        );
        assert_eq!(answer.error(), "temporarily_unavailable");
        assert!(
            !answer.body.contains("switched off"),
            "the store's words stay in the log: {answer:?}"
        );
        store.repair();
    }
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();

    store.break_act("check_access_token", Breakage::Unavailable);
    let answer = op.userinfo(&tokens.access_token).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    store.repair();
    store.break_act("rotate_refresh_token", Breakage::Unavailable);
    let refresh_token = tokens.refresh_token.clone().expect("a refresh token");
    let answer = op.refresh("confidential", &refresh_token).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    store.repair();
    assert_eq!(
        op.refresh("confidential", &refresh_token).await.status,
        StatusCode::OK
    );

    store.break_act("end_session", Breakage::Unavailable);
    let hint = tokens.id_token.expect("an ID token");
    let bye = browser
        .get_with("/logout", &[("id_token_hint", &hint)])
        .await;
    assert_eq!(bye.status, StatusCode::SERVICE_UNAVAILABLE, "{bye:?}");
    assert!(
        bye.set_cookies().is_empty(),
        "not signed out, so not told so: {bye:?}"
    );
}

#[tokio::test]
async fn in_an_authorization_our_fault_is_a_page_before_the_target_is_proven_and_sent_back_after() {
    let (op, store) = over_a_failing_store().await;
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization("confidential", CALLBACK, "openid");
    store.break_act("client_standing", Breakage::Unavailable);
    let answer = browser.get_with("/authorize", &request).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!(answer.page_kind(), "error");
    store.repair();
    for act in ["session", "consent", "issue_code"] {
        store.break_act(act, Breakage::Unavailable);
        let answer = browser.get_with("/authorize", &request).await;
        expect::sent_back(&answer, CALLBACK, "temporarily_unavailable");
        store.repair();
    }
    store.break_act("issue_code", Breakage::Corrupt);
    let answer = browser.get_with("/authorize", &request).await;
    expect::sent_back(&answer, CALLBACK, "server_error");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_reported_and_left() {
    let (op, store) = over_a_failing_store().await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    store.break_act("check_access_token", Breakage::Corrupt);
    let log = Log::start();
    let answer = op.userinfo(&tokens.access_token).await;
    assert_eq!(
        answer.status,
        StatusCode::INTERNAL_SERVER_ERROR,
        "{answer:?}"
    );
    assert_eq!(answer.error(), "server_error");
    let written = log.take();
    assert!(
        written.contains("record_corrupt") && written.contains("ERROR"),
        "{written}"
    );
    // A client's row: before the target is proven it is a page.
    op.add_client_with("garbled", None, "{\"redirect_uris\": 7}")
        .await;
    let page = asked(&op, "client_id", "garbled").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{page:?}");
    let headers = [(
        "authorization",
        basic("garbled", ClientPersona::secret_of("posting")),
    )];
    let token = op
        .browser()
        .post_with("/token", &[("grant_type", "x")], &headers)
        .await;
    assert_eq!(token.status, StatusCode::INTERNAL_SERVER_ERROR, "{token:?}");
}

#[tokio::test]
async fn readiness_follows_the_store_and_liveness_does_not() {
    let (op, store) = over_a_failing_store().await;
    assert_eq!(op.browser().get("/readyz").await.status, StatusCode::OK);
    store.break_act("ready", Breakage::Unavailable);
    // For a second, one result serves everyone: a probe costs the store a write.
    assert_eq!(op.browser().get("/readyz").await.status, StatusCode::OK);
    op.clock.advance(1);
    assert_eq!(
        op.browser().get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(op.browser().get("/healthz").await.status, StatusCode::OK);
    store.repair();
    op.clock.advance(2);
    store.break_act("signing_keys", Breakage::Unavailable);
    assert_eq!(
        op.browser().get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(
        op.browser().get("/jwks").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
}
