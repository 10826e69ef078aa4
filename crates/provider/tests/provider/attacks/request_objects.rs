//! Attack cases 19, 24, 27 to 32, 34 and 45, on request objects (OpenID Connect Core, section 6;
//! RFC 9101, section 10; RFC 8725).

use std::time::{Duration, Instant};

use countersign_jose::alg::SignatureAlgorithm::ES256;
use countersign_jose::base64url;
use countersign_testing::{ALICE, Answer, Browser, Forger, ISSUER, TestProvider};
use serde_json::{Map, Value, json};

use crate::asserting::{KEYS, KeyServer, add_client_named, jwks, present, signed, with};
use crate::expect;
use crate::requesting::{CALLBACK, app, asked, claims};

/// The client is told, at the address that was sent beside the object.
async fn refuses(op: &TestProvider, what: &str, object: &str) {
    let parameters = [
        ("request", object),
        ("redirect_uri", CALLBACK),
        ("state", "the-state"),
    ];
    let began = Instant::now();
    let answer = asked(&mut op.browser(), &parameters).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{what}");
    assert_eq!(answer.page_kind(), "other", "{what}: {answer:?}");
    expect::sent_back(&answer, CALLBACK, "invalid_request_object");
    // And no page but ours, where that address is not registered either.
    let parameters = [
        ("request", object),
        ("redirect_uri", "https://evil.example/"),
    ];
    expect::page(&asked(&mut op.browser(), &parameters).await);
}

/// What the client gets in the end of a request whose first page is `login`.
async fn outcome(op: &TestProvider, browser: &mut Browser, login: Answer) -> (Answer, Value) {
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let mut back = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    if back.page_kind() == "consent" {
        back = browser.submit(&back, &[("decision", "allow")]).await;
    }
    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.json();
    (back, tokens)
}

/// A parameter, what the object says, and what is sent beside it.
const OVERRIDDEN: [(&str, &str, &str); 7] = [
    ("redirect_uri", CALLBACK, "https://evil.example/"),
    ("state", "the-state", "of-the-query"),
    ("nonce", "the-nonce", "of-the-query"),
    ("scope", "openid", "openid email reports"),
    ("response_mode", "query", "form_post"),
    (
        "code_challenge",
        "",
        "of-the-query-and-long-enough-to-be-a-challenge",
    ),
    ("code_challenge_method", "S256", "plain"),
];

#[tokio::test]
async fn attack_19_what_an_object_says_is_not_overridden_in_the_query() {
    let server = KeyServer::start(&json!({})).await;
    let op = app(json!({ "request_uris": [server.uri] })).await;
    let object = with(claims(&op), "response_mode", json!("query"));
    let object = signed(&KEYS[0], &object);
    server.publish(200, object.clone());
    for sent in [
        ("request", object.as_str()),
        ("request_uri", server.uri.as_str()),
    ] {
        // One at a time, and all together.
        let singles = OVERRIDDEN
            .iter()
            .map(|(name, _, other)| vec![(*name, *other)]);
        let together = OVERRIDDEN.iter().map(|(name, _, other)| (*name, *other));
        for mut parameters in singles.chain([together.collect()]) {
            parameters.push(sent);
            let mut browser = op.browser();
            let login = asked(&mut browser, &parameters).await;
            let (back, tokens) = outcome(&op, &mut browser, login).await;
            let location = back.raw_location().expect("a location");
            assert!(location.starts_with(CALLBACK), "{location}");
            let state = back.location_parameter("state");
            assert_eq!(state.as_deref(), Some("the-state"), "{parameters:?}");
            assert_eq!(tokens["scope"], "openid", "{parameters:?}");
            let id_token = tokens["id_token"].as_str().expect("an ID token");
            let nonce = countersign_testing::claims_of(id_token)["nonce"].clone();
            assert_eq!(nonce, "the-nonce", "{parameters:?}");
        }
    }
}

#[tokio::test]
async fn attack_19_what_an_object_alone_may_say_is_not_added_in_the_query() {
    // RFC 9101, section 10.5: of a client that signs its requests, nothing else counts.
    let op = app(json!({ "require_signed_request_object": true })).await;
    let mut claims = claims(&op);
    for absent in ["state", "nonce"] {
        claims = with(claims, absent, Value::Null);
    }
    let object = signed(&KEYS[0], &claims);
    let parameters = [
        ("request", object.as_str()),
        ("state", "of-the-query"),
        ("nonce", "of-the-query"),
        ("prompt", "none"),
        ("response_mode", "form_post"),
        ("claims", r#"{"id_token":{"email":null}}"#),
    ];
    let mut browser = op.browser();
    let login = asked(&mut browser, &parameters).await;
    let (back, tokens) = outcome(&op, &mut browser, login).await;
    assert_eq!(back.location_parameter("state"), None, "{back:?}");
    let id_token = tokens["id_token"].as_str().expect("an ID token");
    let id_token = countersign_testing::claims_of(id_token);
    assert!(id_token["nonce"].is_null(), "{id_token}");
    assert!(id_token["email"].is_null(), "{id_token}");
}

#[tokio::test]
async fn attack_19_who_asks_is_the_same_inside_and_outside() {
    let op = app(json!({})).await;
    for (name, other) in [("client_id", "posting"), ("response_type", "code token")] {
        let object = signed(&KEYS[0], &with(claims(&op), name, json!(other)));
        refuses(&op, name, &object).await;
    }
}

#[tokio::test]
async fn attack_24_a_request_object_of_the_client_is_no_assertion_of_it() {
    let op = TestProvider::start().await;
    add_client_named(&op, "asserting", json!({ "jwks": jwks(&[&KEYS[0]]) })).await;
    let now = op.provider.now();
    let object = json!({
        "iss": "asserting", "client_id": "asserting", "aud": ISSUER, "exp": now + 60, "iat": now,
        "jti": "of-a-request", "response_type": "code", "scope": "openid",
    });
    let with_sub = with(object.clone(), "sub", json!("asserting"));
    let bytes = |claims: &Value| claims.to_string().into_bytes();
    let typed = |claims| KEYS[0].sign_jwt("oauth-authz-req+jwt", &bytes(claims));
    let mut none = Map::new();
    none.insert("kid".to_owned(), json!(KEYS[0].kid()));
    for token in [
        typed(&object).expect("signs"),
        typed(&with_sub).expect("signs"),
        signed(&KEYS[0], &object),
        KEYS[0]
            .sign_with_header(&none, &bytes(&object))
            .expect("signs"),
    ] {
        expect::refused(&present(&op, &token).await, "invalid_client");
    }
    // Nor is an assertion a request (RFC 9101, section 10.8).
    let op = app(json!({})).await;
    let assertion = with(claims(&op), "sub", json!("confidential"));
    refuses(&op, "an assertion", &signed(&KEYS[0], &assertion)).await;
}

#[tokio::test]
async fn attack_27_an_object_without_a_signature_is_refused() {
    let op = app(json!({})).await;
    for alg in ["none", "None", "NONE", "nOnE", "", "ES256"] {
        let header = json!({ "alg": alg, "kid": KEYS[0].kid() });
        for signature in [&b""[..], &[0; 64], b"x"] {
            let forged = Forger::unsigned(&header, &claims(&op), signature);
            refuses(&op, alg, &forged).await;
        }
    }
    let good = signed(&KEYS[0], &claims(&op));
    let (input, _) = good.rsplit_once('.').expect("three parts");
    refuses(&op, "cut", &format!("{input}.")).await;
}

#[tokio::test]
async fn attack_28_a_public_key_makes_no_mac_of_an_object() {
    let op = app(json!({})).await;
    let jwk = KEYS[0].public_jwk().expect("asymmetric").to_public_json();
    let set = jwks(&[&KEYS[0]]).to_string();
    let header = json!({ "alg": "HS256", "kid": KEYS[0].kid() });
    for secret in [jwk.as_bytes(), set.as_bytes(), b""] {
        refuses(&op, "HS256", &Forger::hs256(&header, &claims(&op), secret)).await;
    }
}

#[tokio::test]
async fn attack_29_keys_that_an_object_brings_along_are_not_looked_at() {
    let evil = KeyServer::start(&jwks(&[&KEYS[2]])).await;
    let op = app(json!({})).await;
    let foreign = jwks(&[&KEYS[2]])["keys"][0].clone();
    for header in [
        json!({ "jwk": foreign }),
        json!({ "jku": evil.uri, "kid": KEYS[2].kid() }),
        json!({ "jku": evil.uri, "kid": KEYS[0].kid() }),
        json!({ "x5u": evil.uri, "kid": KEYS[0].kid() }),
        json!({ "x5c": ["AA=="] }),
    ] {
        let members: Map<String, Value> = header.as_object().cloned().expect("an object");
        let payload = claims(&op).to_string();
        let forged = KEYS[2].sign_with_header(&members, payload.as_bytes());
        refuses(&op, "its own key", &forged.expect("signs")).await;
    }
    assert_eq!(evil.requests(), 0);
}

#[tokio::test]
async fn attack_30_any_kid_of_an_object_is_only_compared() {
    let op = app(json!({})).await;
    let long = "k".repeat(10_000);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "\0", &long, ""] {
        let mut members = Map::new();
        members.insert("kid".to_owned(), json!(kid));
        let payload = claims(&op).to_string();
        let forged = KEYS[0].sign_with_header(&members, payload.as_bytes());
        refuses(&op, "kid", &forged.expect("signs")).await;
    }
}

#[tokio::test]
async fn attack_31_odd_objects_are_refused_quickly() {
    let op = app(json!({})).await;
    let deep = "[".repeat(10_000);
    let ours = claims(&op).to_string();
    let forge = |header: &str, payload: &str| {
        let (header, payload) = (base64url::encode(header), base64url::encode(payload));
        format!("{header}.{payload}.AAAA")
    };
    let twice = ours.replacen('{', r#"{"scope":"openid email","#, 1);
    let mut objects = vec![
        forge(r#"{"alg":"PBES2-HS256+A128KW","p2c":2000000000}"#, &ours),
        forge(r#"{"alg":"ES256","alg":"none"}"#, &ours),
        forge(r#"{"alg":"ES256"}"#, &deep),
        forge(&deep, &ours),
        "a.b.c.d.e".to_owned(),
        "...".to_owned(),
        "x".repeat(8_000),
    ];
    // These are signed by the right key.
    let members =
        |value: Value| -> Map<String, Value> { value.as_object().cloned().expect("an object") };
    for (header, payload) in [
        (json!({ "crit": ["x"], "x": 1 }), &ours),
        (json!({ "crit": ["exp"], "exp": 1 }), &ours),
        (json!({ "b64": false, "crit": ["b64"] }), &ours),
        (json!({ "zip": "DEF" }), &"\u{ab}\u{2}".to_owned()),
        (json!({}), &twice),
        (json!({}), &deep),
    ] {
        let forged = KEYS[0].sign_with_header(&members(header), payload.as_bytes());
        objects.push(forged.expect("signs"));
    }
    let enveloped = json!({ "alg": "dir", "enc": "A256GCM", "zip": "DEF" }).to_string();
    objects.push(format!("{}.AA.AA.AA.AA", base64url::encode(enveloped)));
    for object in objects {
        refuses(&op, &object[..object.len().min(40)], &object).await;
    }
}

#[tokio::test]
async fn attack_32_a_degenerate_signature_of_an_object_is_refused() {
    let op = app(json!({})).await;
    let header = json!({ "alg": "ES256", "kid": KEYS[0].kid() });
    for signature in [vec![0; 64], [vec![0; 63], vec![1]].concat(), vec![0xff; 64]] {
        let forged = Forger::unsigned(&header, &claims(&op), &signature);
        refuses(&op, "r and s", &forged).await;
    }
}

#[tokio::test]
async fn attack_33_tokens_of_ours_are_no_request_objects() {
    let op = app(json!({})).await;
    let forger = Forger::of(&op, ES256).await;
    for typ in ["JWT", "at+jwt", "logout+jwt", "oauth-authz-req+jwt"] {
        refuses(&op, typ, &forger.sign(typ, &claims(&op))).await;
    }
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt"] {
        let token = KEYS[0].sign_jwt(typ, claims(&op).to_string().as_bytes());
        refuses(&op, typ, &token.expect("signs")).await;
    }
}

#[tokio::test]
async fn attack_34_an_object_for_someone_else_or_another_time_is_refused() {
    let op = app(json!({})).await;
    let now = op.provider.now();
    for (member, value) in [
        ("iss", json!("posting")),
        ("aud", json!("https://rs.example")),
        ("aud", json!(["https://rs.example"])),
        ("aud", json!(format!("{ISSUER}/"))),
        ("exp", json!(now - 31)),
        ("exp", json!("never")),
        ("nbf", json!(now + 31)),
        ("iat", json!(now + 31)),
        ("request", json!("x")),
        ("request_uri", json!("https://app.example/request")),
    ] {
        let object = signed(&KEYS[0], &with(claims(&op), member, value));
        refuses(&op, member, &object).await;
    }
}

#[tokio::test]
async fn attack_45_an_address_that_is_not_registered_is_not_fetched() {
    let server = KeyServer::start(&json!({})).await;
    let op = app(json!({ "request_uris": [format!("{}?registered", server.uri)] })).await;
    let mut refused = vec![
        server.uri.clone(),
        format!("{}?registered=1", server.uri),
        format!("{}?registere%64", server.uri),
        format!("{}?Registered", server.uri),
        format!("{}/?registered", server.uri),
        server.uri.replace("http://", "HTTP://"),
        server.uri.replace("127.0.0.1", "localhost"),
        server.uri.replace("http://", "http://user@"),
        format!(" {}?registered", server.uri),
        "http://169.254.169.254/latest".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/x".to_owned(),
        "urn:ietf:params:oauth:request_uri:made-up".to_owned(),
    ];
    refused.push(format!("{}?registered/..", server.uri));
    for uri in refused {
        let parameters = [
            ("request_uri", uri.as_str()),
            ("redirect_uri", CALLBACK),
            ("state", "the-state"),
        ];
        let answer = asked(&mut op.browser(), &parameters).await;
        expect::sent_back(&answer, CALLBACK, "invalid_request_uri");
    }
    // Another client's registered address is not this client's.
    let registered = format!("{}?registered", server.uri);
    let mut parameters =
        op.authorization("posting", "https://posting.example/callback?tenant=1", "");
    parameters.push(("request_uri", registered));
    let answer = op.browser().get_with("/authorize", &parameters).await;
    let error = answer.location_parameter("error");
    assert_eq!(error.as_deref(), Some("invalid_request_uri"), "{answer:?}");
    assert_eq!(server.requests(), 0);
}
