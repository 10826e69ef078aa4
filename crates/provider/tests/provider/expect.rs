//! What a response must be, in the words of the specifications.

use countersign_testing::{Answer, TestProvider};
use http::header;

/// A refusal of the token endpoint (RFC 6749, section 5.2): the code, its status, and JSON that
/// must not be cached.
#[track_caller]
pub fn refused(answer: &Answer, error: &str) {
    let status = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.error(), error, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.json()["access_token"].is_null(), "{answer:?}");
}

/// A refusal of a protected resource for the sake of the token (RFC 6750, section 3.1).
#[track_caller]
pub fn token_refused(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 401, "{answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
}

/// An error page of our own, and no redirect (RFC 6749, section 4.1.2.1).
#[track_caller]
pub fn page(answer: &Answer) {
    assert!(answer.status.is_client_error(), "{answer:?}");
    assert!(!answer.headers.contains_key(header::LOCATION), "{answer:?}");
    assert_eq!(answer.page_kind(), "error", "{answer:?}");
    assert!(
        !answer.headers.contains_key(header::SET_COOKIE),
        "{answer:?}"
    );
}

/// A page that asks whether to sign out, or says that no one is signed in; it leads nowhere.
#[track_caller]
pub fn sign_out_page(answer: &Answer, problem: &str) {
    assert!(!answer.headers.contains_key(header::LOCATION), "{answer:?}");
    let asks = answer.page_kind() == "logout";
    assert!(
        asks || answer.body.contains("You are signed out"),
        "{answer:?}"
    );
    assert!(answer.body.contains("id=\"logout-problem\""), "{answer:?}");
    assert!(answer.body.contains(problem), "{problem}: {answer:?}");
}

/// An error that was sent to the client, with the state and the issuer of the request.
#[track_caller]
pub fn sent_back(answer: &Answer, redirect_uri: &str, error: &str) {
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    let location = answer.raw_location().expect("a location");
    assert!(location.starts_with(redirect_uri), "{location}");
    assert!(!location.contains('#'), "{location}");
    let sent = |name: &str| answer.location_parameter(name);
    assert_eq!(sent("error").as_deref(), Some(error), "{answer:?}");
    assert_eq!(sent("state").as_deref(), Some("the-state"), "{answer:?}");
    assert!(sent("iss").is_some(), "RFC 9207, section 2: {answer:?}");
    assert_eq!(sent("code"), None);
}

/// Whether an access token is accepted at userinfo.
pub async fn is_accepted(op: &TestProvider, access_token: &str) -> bool {
    let answer = op.userinfo(access_token).await;
    match answer.status.as_u16() {
        200 => true,
        401 => false,
        _ => panic!("neither accepted nor refused: {answer:?}"),
    }
}
