//! Attack cases 58 and 68: a client that registered itself, and that means ill (RFC 9700, sections
//! 4.11.2 and 4.13; RFC 7591, section 5).

use countersign_testing::{ALICE, Answer, Browser, Options, TestProvider};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::expect;

const CALLBACK: &str = "https://mallory.example/callback";

async fn open() -> TestProvider {
    TestProvider::start_with(Options::with(|settings| {
        settings.registration.open = true;
        settings.registration.clients_per_network = 5;
    }))
    .await
}

async fn send(
    browser: &mut Browser,
    method: Method,
    path: &str,
    token: &str,
    body: &Value,
) -> Answer {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    if !token.is_empty() {
        headers.push(("authorization", format!("Bearer {token}")));
    }
    let body = Some(body.to_string());
    browser.send(method, path, &headers, body).await
}

/// Poses as a bank.
fn metadata() -> Value {
    json!({
        "client_name": "Your Bank",
        "client_uri": "https://bank.example",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "none",
        "scope": "openid profile email",
    })
}

async fn registered(op: &TestProvider, metadata: &Value) -> Value {
    let answer = send(&mut op.browser(), Method::POST, "/register", "", metadata).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    // What is consented to in the very second of a change may be what was there before it.
    op.clock.advance(1);
    answer.json()
}

fn id_of(registered: &Value) -> &str {
    registered["client_id"].as_str().expect("an id")
}

#[tokio::test]
async fn attack_58_a_client_that_registered_itself_is_marked_asked_about_once_and_remembered() {
    let op = open().await;
    let registered = registered(&op, &metadata()).await;
    let client_id = id_of(&registered);
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization(client_id, CALLBACK, "openid email");
    let consent = browser.get_with("/authorize", &request).await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    // Marked, and shown with the host where its answers go, whatever it calls itself.
    assert!(consent.body.contains("registered itself"), "{consent:?}");
    assert!(consent.body.contains("mallory.example"), "{consent:?}");
    // Looked at and left: nothing was allowed.
    let again = browser.get_with("/authorize", &request).await;
    assert_eq!(again.page_kind(), "consent", "{again:?}");

    let back = browser.submit(&again, &[("decision", "allow")]).await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
    let remembered = browser.get_with("/authorize", &request).await;
    assert!(
        remembered.location_parameter("code").is_some(),
        "{remembered:?}"
    );
    // For that scope, and that user.
    let more = op.authorization(client_id, CALLBACK, "openid email profile");
    let asked = browser.get_with("/authorize", &more).await;
    assert_eq!(asked.page_kind(), "consent", "{asked:?}");
    let bobs = op.signed_in(&countersign_testing::BOB).await;
    let asked = bobs.clone().get_with("/authorize", &request).await;
    assert_eq!(asked.page_kind(), "consent", "{asked:?}");
}

#[tokio::test]
async fn attack_58_no_word_of_a_client_skips_the_consent_to_it() {
    let op = open().await;
    let mut asked = metadata();
    for (member, value) in [
        ("insecure_skip_consent", json!(true)),
        ("first_party", json!(true)),
        ("trusted", json!(true)),
        ("may_introspect", json!(true)),
        ("unverified", json!(false)),
    ] {
        asked[member] = value;
    }
    let answer = send(&mut op.browser(), Method::POST, "/register", "", &asked).await;
    // What is the operator's to say is refused, or counts for nothing.
    let client_id = match answer.status {
        StatusCode::CREATED => id_of(&answer.json()).to_owned(),
        _ => {
            expect::refused(&answer, "invalid_client_metadata");
            id_of(&registered(&op, &metadata()).await).to_owned()
        }
    };
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization(&client_id, CALLBACK, "openid");
    let consent = browser.get_with("/authorize", &request).await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    assert!(consent.body.contains("registered itself"), "{consent:?}");
}

#[tokio::test]
async fn attack_58_the_operators_skip_does_not_reach_a_client_no_one_vouches_for() {
    let op = open().await;
    let registered = registered(&op, &metadata()).await;
    let client_id = id_of(&registered);
    let mut own: Value = metadata();
    own["insecure_skip_consent"] = json!(true);
    op.update_client(client_id, &own.to_string()).await;
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization(client_id, CALLBACK, "openid");
    let consent = browser.get_with("/authorize", &request).await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
}

#[tokio::test]
async fn attack_58_what_a_client_makes_of_itself_is_consented_to_anew() {
    let op = open().await;
    let registered = registered(&op, &metadata()).await;
    let client_id = id_of(&registered);
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization(client_id, CALLBACK, "openid");
    let consent = browser.get_with("/authorize", &request).await;
    browser.submit(&consent, &[("decision", "allow")]).await;
    op.clock.advance(1);
    for (member, value) in [
        ("client_name", json!("Another Bank")),
        ("redirect_uris", json!([CALLBACK, "https://other.example/"])),
    ] {
        let mut change = metadata();
        change[member] = value;
        change["client_id"] = json!(client_id);
        let uri = registered["registration_client_uri"]
            .as_str()
            .expect("a URI");
        let path = uri.strip_prefix("https://op.example").expect("ours");
        let token = registered["registration_access_token"].as_str();
        let token = token.expect("a token");
        let answer = send(&mut op.browser(), Method::PUT, path, token, &change).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let asked = browser.get_with("/authorize", &request).await;
        assert_eq!(asked.page_kind(), "consent", "{member}: {asked:?}");
    }
}

#[tokio::test]
async fn attack_58_registration_is_limited_per_network() {
    let op = open().await;
    let from = async |address: &str| {
        let mut browser = op.browser();
        browser.address = Some(address.parse().expect("an address"));
        send(&mut browser, Method::POST, "/register", "", &metadata()).await
    };
    for _ in 0..5 {
        let answer = from("203.0.113.7:1000").await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }
    for _ in 0..3 {
        let refused = from("203.0.113.7:2000").await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{refused:?}");
        assert!(!refused.header("retry-after").is_empty(), "{refused:?}");
    }
    let elsewhere = from("198.51.100.1:1000").await;
    assert_eq!(elsewhere.status, StatusCode::CREATED, "{elsewhere:?}");
}

#[tokio::test]
async fn attack_68_nothing_is_redirected_to_an_unvouched_client_before_the_user_acted() {
    let op = open().await;
    let registered = registered(&op, &metadata()).await;
    let client_id = id_of(&registered);
    let signed_in = op.signed_in(&ALICE).await;
    let requests: [&[(&str, &str)]; 14] = [
        &[("prompt", "none")],
        &[("prompt", "none"), ("response_mode", "form_post")],
        &[("prompt", "none"), ("response_mode", "fragment")],
        &[("prompt", "none login")],
        &[("scope", "openid \\")],
        &[("scope", "openid reports unknown"), ("prompt", "none")],
        &[("response_type", "token")],
        &[("response_type", "x")],
        &[("response_mode", "x")],
        &[("code_challenge", "")],
        &[("code_challenge_method", "plain")],
        &[("max_age", "soon")],
        &[("resource", "https://unknown.example")],
        &[("request", "e30.e30.x")],
    ];
    for changes in requests {
        let mut request = op.authorization(client_id, CALLBACK, "openid");
        request.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        request.extend(
            changes
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        for mut browser in [op.browser(), signed_in.clone()] {
            let answer = browser.get_with("/authorize", &request).await;
            expect::page(&answer);
            // Nothing that goes on by itself either.
            assert_eq!(answer.header("refresh"), "", "{changes:?}");
            assert!(!answer.body.contains("<script"), "{changes:?}");
            assert!(!answer.body.contains("http-equiv"), "{changes:?}");
            assert!(!answer.body.contains("<form"), "{changes:?}");
        }
    }
}

#[tokio::test]
async fn attack_68_a_user_who_acted_is_what_an_unvouched_client_is_told_by() {
    let op = open().await;
    let registered = registered(&op, &metadata()).await;
    let client_id = id_of(&registered);
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization(client_id, CALLBACK, "openid");
    let mut silent = request.clone();
    silent.push(("prompt", "none".to_owned()));
    // A denial is no consent: the next silent request is a page as well.
    let consent = browser.get_with("/authorize", &request).await;
    let denied = browser.submit(&consent, &[("decision", "deny")]).await;
    assert!(!denied.headers.contains_key(header::LOCATION), "{denied:?}");
    expect::page(&browser.get_with("/authorize", &silent).await);
    // Another user's consent says nothing of hers.
    let mut bobs = op.signed_in(&countersign_testing::BOB).await;
    let consent = bobs.get_with("/authorize", &request).await;
    bobs.submit(&consent, &[("decision", "allow")]).await;
    expect::page(&browser.get_with("/authorize", &silent).await);
    // Her own does.
    let consent = browser.get_with("/authorize", &request).await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
    let answer = browser.get_with("/authorize", &silent).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
    // An error is a page still: at that point no one has read what she consented to.
    silent.push(("max_age", "0".to_owned()));
    expect::page(&browser.get_with("/authorize", &silent).await);
    silent.pop();
    // And her withdrawal ends that.
    op.withdraw_consent(&ALICE, client_id).await;
    expect::page(&browser.get_with("/authorize", &silent).await);
}
