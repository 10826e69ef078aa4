//! The device authorization endpoint (RFC 8628, sections 3.1 and 3.2).

use countersign_testing::{Browser, ClientPersona, Options, TestProvider, basic};
use http::StatusCode;
use serde_json::json;

use crate::device_flow::{GRANT_TYPE, TELEVISION, codes, request, start, start_with};
use crate::expect;

const PATH: &str = "/device_authorization";

#[tokio::test]
async fn the_response_has_what_section_3_2_demands() {
    let op = start().await;
    let answer = request(&mut op.browser(), &[("scope", "openid")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    // "in the HTTP response body using the "application/json" format with a 200 (OK) status code".
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    // REQUIRED: device_code, user_code, verification_uri, expires_in; OPTIONAL:
    // verification_uri_complete, interval.
    let mut members: Vec<_> = body.as_object().expect("an object").keys().collect();
    members.sort();
    let expected = [
        "device_code",
        "expires_in",
        "interval",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
    ];
    assert_eq!(members, expected);
    assert_eq!(body["verification_uri"], "https://op.example/device");
    assert_eq!(body["expires_in"], 600);
    assert_eq!(body["interval"], 5);
    let device_code = body["device_code"].as_str().expect("a text");
    assert!(device_code.starts_with("cs_dc_"), "{device_code}");
    let user_code = body["user_code"].as_str().expect("a text");
    // Section 6.1: 8 letters of an alphabet without vowels, with a dash to read them by.
    let is_letter = |byte: u8| b"BCDFGHJKLMNPQRSTVWXZ".contains(&byte);
    let letters = user_code.bytes().filter(|byte| is_letter(*byte)).count();
    assert_eq!((user_code.len(), letters), (9, 8), "{user_code}");
    assert_eq!(user_code.find('-'), Some(4), "{user_code}");
    // Section 3.3.1: the verification_uri with the user code in it.
    let complete = format!("https://op.example/device?user_code={user_code}");
    assert_eq!(body["verification_uri_complete"], complete);
}

#[tokio::test]
async fn each_request_has_codes_of_its_own() {
    let op = start().await;
    let (one, other) = (codes(&op, "openid").await, codes(&op, "openid").await);
    assert_ne!(one.device_code, other.device_code);
    assert_ne!(one.user_code, other.user_code);
}

#[tokio::test]
async fn addresses_are_below_an_issuers_path() {
    let op = start_with(Options::at("https://op.example/auth")).await;
    let form = [("client_id", TELEVISION)];
    let answer = op.browser().post("/auth/device_authorization", &form).await;
    let body = answer.json();
    assert_eq!(body["verification_uri"], "https://op.example/auth/device");
    let page = op.browser().get("/auth/device").await;
    assert_eq!(page.form_action().as_deref(), Some("/auth/device"));
}

#[tokio::test]
async fn the_client_authenticates_as_at_the_token_endpoint() {
    // RFC 8628, section 3.1: "The client authentication requirements of Section 3.2.1 of RFC6749
    // apply to requests on this endpoint".
    let op = start().await;
    let secret = "console-secret-of-many-characters-0123456789";
    let metadata = json!({ "grant_types": [GRANT_TYPE] }).to_string();
    op.add_client_with("console", Some(secret), &metadata).await;
    let post = async |form: &[(&str, &str)], headers: &[(&str, String)]| {
        let mut device: Browser = op.browser();
        device.post_with(PATH, form, headers).await
    };
    let scope = ("scope", "openid");
    let right = [("authorization", basic("console", secret))];
    assert_eq!(post(&[scope], &right).await.status, StatusCode::OK);

    let wrong = [("authorization", basic("console", "wrong"))];
    expect::refused(&post(&[scope], &wrong).await, "invalid_client");
    let unauthenticated = [scope, ("client_id", "console")];
    expect::refused(&post(&unauthenticated, &[]).await, "invalid_client");
    // "client_id REQUIRED if the client is not authenticating".
    expect::refused(&post(&[scope], &[]).await, "invalid_client");
    let unknown = [scope, ("client_id", "nothing_like_it")];
    expect::refused(&post(&unknown, &[]).await, "invalid_client");
    op.disable_client("console").await;
    expect::refused(&post(&[scope], &right).await, "invalid_client");
}

#[tokio::test]
async fn a_client_needs_the_grant_type_and_has_it_only_if_registered() {
    // The grant type is off by default: RFC 7591, section 2, names authorization_code alone.
    let op = start().await;
    op.add_client_with("plain", None, r#"{"token_endpoint_auth_method": "none"}"#)
        .await;
    for client_id in ["public", "plain"] {
        let form = [("client_id", client_id), ("scope", "openid")];
        let answer = op.browser().post(PATH, &form).await;
        expect::refused(&answer, "unauthorized_client");
    }
    let secret = ClientPersona::secret_of("confidential");
    let headers = [("authorization", basic("confidential", secret))];
    let form = [("scope", "openid")];
    let answer = op.browser().post_with(PATH, &form, &headers).await;
    expect::refused(&answer, "unauthorized_client");
}

#[tokio::test]
async fn the_scope_is_checked_as_at_the_authorization_endpoint() {
    let op = start().await;
    for (scope, expected) in [
        ("openid,email", "invalid_scope"),
        ("nothing_like_it", "invalid_scope"),
        ("phone", "invalid_scope"), // known here, and not this client's
    ] {
        let answer = request(&mut op.browser(), &[("scope", scope)]).await;
        expect::refused(&answer, expected);
    }
    // "Parameters sent without a value MUST be treated as if they were omitted from the request":
    // the client's default applies.
    for form in [&[][..], &[("scope", "")]] {
        let answer = request(&mut op.browser(), form).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let answer = request(&mut op.browser(), &[("resource", "https://api.example")]).await;
    expect::refused(&answer, "invalid_target");
}

#[tokio::test]
async fn the_request_is_a_form_in_the_body_without_repeated_parameters() {
    // RFC 8628, section 3.1: "The authorization server MUST ignore unrecognized request
    // parameters. Request and response parameters MUST NOT be included more than once."
    let op = start().await;
    let mut device = op.browser();
    let answer = request(&mut device, &[("unrecognized", "1")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let twice = [("scope", "openid"), ("scope", "openid")];
    expect::refused(&request(&mut device, &twice).await, "invalid_request");
    let in_query = format!("{PATH}?scope=openid");
    let form = [("client_id", TELEVISION)];
    expect::refused(&device.post(&in_query, &form).await, "invalid_request");
    let json = [("content-type", "application/json".to_owned())];
    let body = Some(json!({ "client_id": TELEVISION }).to_string());
    let answer = device.send(http::Method::POST, PATH, &json, body).await;
    expect::refused(&answer, "invalid_request");
    let answer = device.get(PATH).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{answer:?}");
}

#[tokio::test]
async fn requests_are_limited_per_network_and_per_client() {
    let settings = |requests_per_address, requests_per_client| {
        Options::with(|settings| {
            settings.device.requests_per_address = requests_per_address;
            settings.device.requests_per_client = requests_per_client;
        })
    };
    let from = |op: &TestProvider, address: &str| {
        let mut device = op.browser();
        device.address = Some(address.parse().expect("an address"));
        device
    };
    let op = start_with(settings(3, 100)).await;
    let mut device = from(&op, "203.0.113.7:1000");
    for _ in 0..3 {
        assert_eq!(request(&mut device, &[]).await.status, StatusCode::OK);
    }
    let refused = request(&mut device, &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{refused:?}");
    assert_eq!(refused.error(), "temporarily_unavailable");
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=300).contains(&wait), "{wait}");
    let mut elsewhere = from(&op, "198.51.100.1:1000");
    assert_eq!(request(&mut elsewhere, &[]).await.status, StatusCode::OK);
    op.clock.advance(wait);
    assert_eq!(request(&mut device, &[]).await.status, StatusCode::OK);

    let op = start_with(settings(100, 2)).await;
    for address in ["203.0.113.7:1000", "198.51.100.1:1000"] {
        let answer = request(&mut from(&op, address), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let refused = request(&mut from(&op, "192.0.2.1:1000"), &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{refused:?}");
    assert_eq!(refused.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_lifetime_and_the_interval_are_the_operators() {
    let op = start_with(Options::with(|settings| {
        settings.device.request_lifetime_seconds = 120;
        settings.device.poll_interval_seconds = 9;
    }))
    .await;
    let body = codes(&op, "openid").await.body;
    assert_eq!(
        (&body["expires_in"], &body["interval"]),
        (&json!(120), &json!(9))
    );
}
