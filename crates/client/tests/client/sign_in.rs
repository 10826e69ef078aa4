//! The whole way: authorization code with PKCE, and how the client authenticates (RFC 6749,
//! sections 2.3 and 4.1.3).

use countersign_client::registration::ClientAuthentication;
use countersign_client::{Client, Fetcher, Policy, Registration};
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use std::sync::Arc;

use crate::provider::{
    ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, NOW, Provider, REDIRECT_URI, REFRESH_TOKEN, Reply,
    SUBJECT, public_registration, query, registration,
};

#[tokio::test]
async fn a_person_signs_in() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let tokens = provider
        .sign_in(&client, |_| {})
        .await
        .expect("she signs in");
    assert_eq!(tokens.access_token.reveal(), ACCESS_TOKEN);
    assert_eq!(
        tokens.refresh_token.as_ref().map(|token| token.reveal()),
        Some(REFRESH_TOKEN)
    );
    assert_eq!(tokens.expires_at, Some(NOW + 600));
    assert!(tokens.scope.is_some_and(|scope| scope.contains("profile")));
    let id_token = tokens.id_token.expect("openid was asked for");
    assert_eq!(id_token.subject(), SUBJECT);
    assert_eq!(id_token.claims().other["name"], "Alice");

    let (headers, form) = provider.with(|shared| shared.token_requests.remove(0));
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], "canary_code");
    assert_eq!(form["redirect_uri"], REDIRECT_URI);
    assert!(form["code_verifier"].len() >= 43);
    assert_eq!(headers["accept"], "application/json");
}

#[tokio::test]
async fn client_secret_basic_is_form_encoded_and_only_in_the_header() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    provider
        .sign_in(&client, |_| {})
        .await
        .expect("she signs in");
    let (headers, form) = provider.with(|shared| shared.token_requests.remove(0));
    // RFC 6749, section 2.3.1: "shop" and "canary secret: +&%", each form-encoded, a colon between,
    // in base64: shop:canary+secret%3A+%2B%26%25
    let expected = "Basic c2hvcDpjYW5hcnkrc2VjcmV0JTNBKyUyQiUyNiUyNQ==";
    assert_eq!(headers["authorization"], expected);
    assert!(!form.contains_key("client_secret") && !form.contains_key("client_id"));
}

#[tokio::test]
async fn client_secret_post_is_only_in_the_form() {
    let provider = Provider::start().await;
    let post = ClientAuthentication::SecretPost(CLIENT_SECRET.into());
    let client = provider
        .client_with(registration().authentication(post))
        .await;
    provider
        .sign_in(&client, |_| {})
        .await
        .expect("she signs in");
    let (headers, form) = provider.with(|shared| shared.token_requests.remove(0));
    assert_eq!(
        (form["client_id"].as_str(), form["client_secret"].as_str()),
        (CLIENT_ID, CLIENT_SECRET)
    );
    assert!(!headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_public_client_sends_only_its_id() {
    let provider = Provider::start().await;
    let client = provider.client_with(public_registration()).await;
    provider
        .sign_in(&client, |_| {})
        .await
        .expect("she signs in");
    let (headers, form) = provider.with(|shared| shared.token_requests.remove(0));
    assert_eq!(form["client_id"], CLIENT_ID);
    assert!(!form.contains_key("client_secret") && !headers.contains_key("authorization"));
}

#[tokio::test]
async fn rs256_is_the_algorithm_of_who_names_none() {
    let provider = Provider::start().await;
    let rsa = SigningKey::generate(SignatureAlgorithm::RS256).expect("it is generated");
    provider.with(|shared| shared.keys = vec![Arc::new(rsa)]);
    let registration = Registration::public(CLIENT_ID).redirect_uri(REDIRECT_URI);
    let client = provider.client_with(registration).await;
    assert!(provider.sign_in(&client, |_| {}).await.is_ok());
}

#[tokio::test]
async fn without_openid_there_are_tokens_and_no_id_token() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let authorization = client
        .authorize()
        .scope("read")
        .build()
        .expect("it is built");
    let response = provider.response(&authorization);
    let body = serde_json::json!({"access_token": "a", "token_type": "bearer"});
    provider.with(|shared| shared.token = Reply::json(200, &body));
    let tokens = client
        .callback(authorization.pending, response)
        .await
        .expect("it is granted");
    assert!(
        tokens.id_token.is_none() && tokens.refresh_token.is_none() && tokens.expires_at.is_none()
    );
}

#[tokio::test]
async fn a_token_response_with_spare_spaces_and_a_byte_order_mark_is_read() {
    // The code is spent by then: what a lenient parser may accept must not cost the sign-in
    // (RFC 6749, section 3.3; RFC 8259, section 8.1).
    let provider = Provider::start().await;
    let client = provider.client().await;
    let authorization = client
        .authorize()
        .scope(" read  write ")
        .build()
        .expect("it is built");
    assert_eq!(
        query(&authorization, "scope").as_deref(),
        Some("read write")
    );
    let response = provider.response(&authorization);
    let body = serde_json::json!({
        "access_token": "a", "token_type": "bearer", "scope": "read  write ",
        "refresh_token": null, "expires_in": null,
    });
    let mut reply = Reply::json(200, &body);
    reply.body.insert(0, '\u{feff}');
    provider.with(|shared| shared.token = reply);
    let tokens = client
        .callback(authorization.pending, response)
        .await
        .expect("it is granted");
    assert_eq!(tokens.scope.expect("it is named").to_string(), "read write");
}

#[tokio::test]
async fn a_provider_on_this_machine_needs_one_option_that_the_error_names() {
    let provider = Provider::start().await;
    let discover = async |policy: Policy| {
        let fetcher = Fetcher::new(policy).expect("it is made");
        Client::discover(&provider.issuer, registration(), fetcher).await
    };
    let error = discover(Policy::default()).await.expect_err("it is http");
    assert_eq!(error.code(), "fetch_loopback_not_allowed");
    assert!(
        error.to_string().contains("Policy::allow_loopback_http"),
        "{error}"
    );
    assert!(!error.is_temporary());
    let allowed = Policy::default().allow_loopback_http();
    assert!(discover(allowed).await.is_ok());
}
