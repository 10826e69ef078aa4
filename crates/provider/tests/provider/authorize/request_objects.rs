//! Request objects by value and by reference (OpenID Connect Core, section 6; RFC 9101).

use countersign_jose::key::SigningKey;
use countersign_jose::{alg::SignatureAlgorithm, base64url, digest};
use countersign_testing::{ALICE, ClientPersona, TestProvider};
use serde_json::{Value, json};

use crate::asserting::{KEYS, KeyServer, signed, with};
use crate::expect;
use crate::requesting::{self, CALLBACK, app, asked};

/// An ordinary request as the claims of an object, with a state of its own.
fn claims(op: &TestProvider) -> Value {
    with(requesting::claims(op), "state", json!("of-the-object"))
}

#[tokio::test]
async fn what_the_object_says_comes_first() {
    // OpenID Connect Core, section 6.1, and attack 19: what is changed on the way counts for
    // nothing.
    let op = app(json!({})).await;
    let object = signed(&KEYS[0], &claims(&op));
    let mut browser = op.browser();
    let beside = [
        ("request", object.as_str()),
        ("state", "of-the-query"),
        ("redirect_uri", "https://evil.example/"),
        ("scope", "openid email"),
        ("prompt", "consent"),
    ];
    let login = asked(&mut browser, &beside).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let location = back.raw_location().expect("a location");
    assert!(location.starts_with(CALLBACK), "{location}");
    assert_eq!(
        back.location_parameter("state").as_deref(),
        Some("of-the-object")
    );
    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.json();
    assert_eq!(tokens["scope"], "openid", "{tokens}");
}

#[tokio::test]
async fn a_client_that_is_registered_to_sign_sends_nothing_else() {
    // RFC 9101, sections 6.3 and 10.5.
    let op = app(json!({ "require_signed_request_object": true })).await;
    let plain: Vec<(&str, String)> = op.authorization("confidential", CALLBACK, "openid");
    let answer = op.browser().get_with("/authorize", &plain).await;
    expect::sent_back(&answer, CALLBACK, "invalid_request");
    let silent = signed(&KEYS[0], &with(claims(&op), "prompt", json!("none")));
    let beside = [
        ("request", silent.as_str()),
        ("prompt", "login"),
        ("max_age", "0"),
    ];
    let answer = asked(&mut op.browser(), &beside).await;
    assert_eq!(
        answer.location_parameter("error").as_deref(),
        Some("login_required")
    );
    // What only the query says is no part of the request.
    let without_state = with(claims(&op), "state", Value::Null);
    let without_state = signed(&KEYS[0], &with(without_state, "prompt", json!("none")));
    let beside = [
        ("request", without_state.as_str()),
        ("state", "of-the-query"),
    ];
    let answer = asked(&mut op.browser(), &beside).await;
    assert_eq!(answer.location_parameter("state"), None, "{answer:?}");
}

#[tokio::test]
async fn an_object_that_proves_nothing_is_refused() {
    let op = app(json!({})).await;
    let good = claims(&op);
    let unsigned = format!(
        "{}.{}.",
        base64url::encode(r#"{"alg":"none"}"#),
        base64url::encode(good.to_string())
    );
    let redirect = [("redirect_uri", CALLBACK), ("state", "the-state")];
    for object in [
        unsigned,
        signed(&KEYS[1], &good),
        signed(&KEYS[0], &with(good.clone(), "iss", json!("other"))),
        signed(
            &KEYS[0],
            &with(good.clone(), "aud", json!("https://rs.example")),
        ),
        signed(&KEYS[0], &with(good.clone(), "exp", json!(1))),
        signed(&KEYS[0], &with(good.clone(), "sub", json!("confidential"))),
        signed(&KEYS[0], &with(good.clone(), "client_id", json!("posting"))),
        signed(
            &KEYS[0],
            &with(good.clone(), "response_type", json!("token")),
        ),
        signed(&KEYS[0], &with(good.clone(), "request", json!("x"))),
        signed(&KEYS[0], &with(good.clone(), "scope", json!(["openid"]))),
        "e30.e30.".to_owned(),
    ] {
        let mut parameters = vec![("request", object.as_str())];
        parameters.extend(redirect);
        let answer = asked(&mut op.browser(), &parameters).await;
        expect::sent_back(&answer, CALLBACK, "invalid_request_object");
        // Without a registered address beside it nothing is known to send the error to.
        let evil = [
            ("request", object.as_str()),
            ("redirect_uri", "https://evil.example/"),
        ];
        expect::page(&asked(&mut op.browser(), &evil).await);
    }
}

#[tokio::test]
async fn its_algorithm_is_the_registered_one() {
    let op = app(json!({ "request_object_signing_alg": "ES256" })).await;
    let object = signed(&KEYS[0], &claims(&op));
    let login = asked(&mut op.browser(), &[("request", &object)]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let op = app(json!({ "request_object_signing_alg": "RS256" })).await;
    let object = signed(&KEYS[0], &claims(&op));
    let parameters = [
        ("request", object.as_str()),
        ("redirect_uri", CALLBACK),
        ("state", "the-state"),
    ];
    let answer = asked(&mut op.browser(), &parameters).await;
    expect::sent_back(&answer, CALLBACK, "invalid_request_object");
}

#[tokio::test]
async fn claims_travel_as_json() {
    let op = app(json!({})).await;
    let asked_for = json!({ "id_token": { "email": null } });
    let object = with(
        with(claims(&op), "claims", asked_for),
        "max_age",
        json!(3600),
    );
    let object = signed(&KEYS[0], &object);
    let mut browser = op.browser();
    let login = asked(&mut browser, &[("request", &object)]).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let id_token = countersign_testing::claims_of(tokens.id_token.as_deref().expect("one"));
    assert_eq!(id_token["email"], ALICE.email);
}

#[tokio::test]
async fn an_object_is_fetched_from_a_registered_address() {
    // OpenID Connect Core, section 6.2.
    let server = KeyServer::start(&json!({})).await;
    let op = app(json!({ "request_uris": [server.uri] })).await;
    let object = signed(&KEYS[0], &claims(&op));
    server.publish(200, format!("{object}\n"));
    let login = asked(&mut op.browser(), &[("request_uri", &server.uri)]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    // The hash of the content may be in the fragment.
    let content = base64url::encode(digest::sha256(format!("{object}\n").as_bytes()));
    let with_hash = format!("{}#{content}", server.uri);
    let login = asked(&mut op.browser(), &[("request_uri", &with_hash)]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let with_other = format!("{}#{}", server.uri, content.replace(&content[..4], "AAAA"));
    for (uri, status, body) in [
        (with_other.as_str(), 200, object.as_str()),
        (server.uri.as_str(), 404, object.as_str()),
        (server.uri.as_str(), 302, object.as_str()),
    ] {
        server.publish(status, body);
        let parameters = [
            ("request_uri", uri),
            ("redirect_uri", CALLBACK),
            ("state", "the-state"),
        ];
        let answer = asked(&mut op.browser(), &parameters).await;
        expect::sent_back(&answer, CALLBACK, "invalid_request_uri");
    }
    server.publish(200, "<html>");
    let parameters = [
        ("request_uri", server.uri.as_str()),
        ("redirect_uri", CALLBACK),
        ("state", "the-state"),
    ];
    let answer = asked(&mut op.browser(), &parameters).await;
    expect::sent_back(&answer, CALLBACK, "invalid_request_object");
}

#[tokio::test]
async fn a_mac_needs_a_client_whose_secret_is_kept() {
    let secret = ClientPersona::secret_of("confidential");
    let key = SigningKey::hmac(SignatureAlgorithm::HS256, secret.as_bytes()).expect("a key");
    // The secret of this one is kept as its hash alone.
    let op = app(json!({})).await;
    let object = signed(&key, &claims(&op));
    let parameters = [
        ("request", object.as_str()),
        ("redirect_uri", CALLBACK),
        ("state", "the-state"),
    ];
    let answer = asked(&mut op.browser(), &parameters).await;
    expect::sent_back(&answer, CALLBACK, "invalid_request_object");
}
