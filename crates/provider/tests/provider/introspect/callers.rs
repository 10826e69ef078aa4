//! Who may ask: RFC 7662, section 2.1, "the endpoint MUST also require some form of authorization to
//! access this endpoint".

use countersign_testing::{ClientPersona, TestProvider, basic};
use http::{Method, StatusCode};

use super::{api, ask, inactive, jwt, opaque, own, read, told};
use crate::expect;

#[tokio::test]
async fn every_way_to_authenticate_is_taken() {
    let op = TestProvider::start().await;
    let (basic, post) = (jwt(&op, "openid").await, opaque(&op, "openid").await);
    assert_eq!(
        told(&op, "confidential", &basic.access_token).await["active"],
        true
    );
    assert_eq!(
        told(&op, "posting", &post.access_token).await["active"],
        true
    );
}

#[tokio::test]
async fn a_caller_that_does_not_authenticate_is_refused() {
    // RFC 7662, section 2.3: "responds with an HTTP 401 (Unauthorized) as described in Section 5.2
    // of OAuth 2.0 [RFC6749]".
    let op = TestProvider::start().await;
    let token = jwt(&op, "openid").await.access_token;
    let form = [("token", token.as_str())];
    let bare = op.browser().post("/introspect", &form).await;
    let wrong = ask(&op, &basic("confidential", "wrong"), &token).await;
    let unknown = ask(&op, &basic("nothing-like-it", "wrong"), &token).await;
    // A public client only says who it is, which anyone can.
    let public = op.introspect("public", &token).await;
    for answer in [bare, wrong, unknown, public] {
        expect::refused(&answer, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic "));
    }
}

#[tokio::test]
async fn a_clients_own_access_token_is_taken_in_place_of_its_secret() {
    // RFC 7662, section 2.1: "or a separate OAuth 2.0 access token such as the bearer token
    // described in OAuth 2.0 Bearer Token Usage [RFC6750]".
    let op = TestProvider::start().await;
    let (jwt, opaque) = (jwt(&op, "openid").await, opaque(&op, "openid").await);
    for (client_id, token, others) in [
        ("confidential", &jwt.access_token, &opaque.access_token),
        ("posting", &opaque.access_token, &jwt.access_token),
    ] {
        let bearer = format!("bearer {}", own(&op, client_id).await);
        assert_eq!(read(&ask(&op, &bearer, token).await)["active"], true);
        inactive(&read(&ask(&op, &bearer, others).await));
    }
    api(&op, "").await;
    let credentials = basic("api", "secret-of-the-api");
    let form = [("grant_type", "client_credentials")];
    let headers = [("authorization", credentials)];
    let answer = op.browser().post_with("/token", &form, &headers).await;
    let bearer = format!("Bearer {}", answer.tokens().access_token);
    assert_eq!(
        read(&ask(&op, &bearer, &jwt.access_token).await)["active"],
        true
    );
}

#[tokio::test]
async fn a_token_that_may_not_ask_is_refused_with_401() {
    // RFC 7662, section 2.3: if the token "does not contain sufficient privileges or is otherwise
    // invalid for this request, the authorization server responds with an HTTP 401 code as described
    // in Section 3 of OAuth 2.0 Bearer Token Usage [RFC6750]".
    let op = TestProvider::start().await;
    let users = jwt(&op, "openid").await.access_token;
    let expired = own(&op, "confidential").await;
    op.clock.advance(600);
    let ended = own(&op, "posting").await;
    op.disable_client("posting").await;
    let asked = own(&op, "confidential").await;
    for token in [users.as_str(), &expired, &ended, "x"] {
        let answer = ask(&op, &format!("Bearer {token}"), &asked).await;
        expect::token_refused(&answer);
        assert!(answer.json()["active"].is_null());
    }
    let users = jwt(&op, "openid").await.access_token;
    expect::token_refused(&ask(&op, &format!("Bearer {users}"), &users).await);
    let malformed = ask(&op, "Bearer", &asked).await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST, "{malformed:?}");
    assert_eq!(malformed.error(), "invalid_request");
}

#[tokio::test]
async fn two_ways_to_authenticate_are_one_too_many() {
    // RFC 6749, section 2.3: "MUST NOT use more than one authentication method in each request".
    let op = TestProvider::start().await;
    let token = own(&op, "posting").await;
    let bearer = [("authorization", format!("Bearer {token}"))];
    let secret = ClientPersona::secret_of("posting");
    for form in [
        vec![("token", token.as_str()), ("client_secret", secret)],
        vec![("token", token.as_str()), ("client_assertion", "x.y.z")],
        vec![("token", token.as_str()), ("client_id", "confidential")],
    ] {
        let answer = op.browser().post_with("/introspect", &form, &bearer).await;
        expect::refused(&answer, "invalid_request");
    }
    let form = [("token", token.as_str()), ("client_id", "posting")];
    let answer = op.browser().post_with("/introspect", &form, &bearer).await;
    assert_eq!(read(&answer)["active"], true, "the same client");
}

#[tokio::test]
async fn the_request_is_a_form_that_has_a_token() {
    // RFC 7662, section 2.1: "using an HTTP POST request with parameters sent as
    // "application/x-www-form-urlencoded" data"; token: REQUIRED.
    let op = TestProvider::start().await;
    let token = jwt(&op, "openid").await.access_token;
    for form in [
        vec![],
        vec![("token", "")],
        vec![("token", "a"), ("token", "b")],
    ] {
        let answer = op.post_as("confidential", "/introspect", &form).await;
        expect::refused(&answer, "invalid_request");
    }
    let credentials = basic("confidential", ClientPersona::secret_of("confidential"));
    let path = format!("/introspect?token={token}");
    let headers = [("authorization", credentials.clone())];
    // A token in a URL ends up in logs, whatever else is sent.
    for form in [vec![], vec![("token", token.as_str())]] {
        let answer = op.browser().post_with(&path, &form, &headers).await;
        expect::refused(&answer, "invalid_request");
    }
    let headers = [
        ("authorization", credentials),
        ("content-type", "application/json".to_owned()),
    ];
    let json = format!(r#"{{"token":"{token}"}}"#);
    let answer = op
        .browser()
        .send(Method::POST, "/introspect", &headers, Some(json))
        .await;
    expect::refused(&answer, "invalid_request");
    let answer = op.browser().get(&path).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}
