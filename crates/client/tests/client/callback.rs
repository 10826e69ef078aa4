//! The authorization response: RFC 6749, section 4.1.2; RFC 9207, section 2.4; RFC 9700, sections
//! 4.4 and 4.7.

use countersign_client::{Authorization, AuthorizationResponse, CallbackError, Client};

use crate::provider::{NOW, Provider, REDIRECT_URI, registration};

/// Reads a query and hands it in.
fn check(client: &Client, authorization: Authorization, query: &str) -> Result<(), CallbackError> {
    let response = AuthorizationResponse::from_query(query)?;
    client
        .check_response(authorization.pending, response)
        .map(drop)
}

fn begin(client: &Client) -> (Authorization, String) {
    let authorization = client.authorize().build().expect("it is built");
    let state = authorization.pending.state().to_owned();
    (authorization, state)
}

#[tokio::test]
async fn attack_35_a_wrong_iss_stops_before_any_token_request() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let (authorization, state) = begin(&client);
    let query = format!("code=c&state={state}&iss=https://evil.example");
    let response = AuthorizationResponse::from_query(&query).expect("it is read");
    let error = client
        .callback(authorization.pending, response)
        .await
        .expect_err("it is foreign");
    assert_eq!(
        error,
        CallbackError::IssuerMismatch {
            received: "https://evil.example".to_owned()
        }
    );
    assert!(provider.with(|shared| shared.token_requests.is_empty()));
    // Also by a slash: issuers compare octet by octet.
    let (authorization, state) = begin(&client);
    let query = format!("code=c&state={state}&iss={}/", provider.issuer);
    assert!(matches!(
        check(&client, authorization, &query),
        Err(CallbackError::IssuerMismatch { .. })
    ));
}

#[tokio::test]
async fn attack_35_a_missing_iss_stops_where_the_metadata_announces_it() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let (authorization, state) = begin(&client);
    let response = AuthorizationResponse::from_query(&format!("code=c&state={state}"));
    let error = client
        .callback(authorization.pending, response.expect("it is read"))
        .await
        .expect_err("it is missing");
    assert_eq!(error, CallbackError::IssuerMissing);
    assert!(provider.with(|shared| shared.token_requests.is_empty()));
}

#[tokio::test]
async fn without_announcement_iss_may_be_missing_but_not_wrong() {
    let provider = Provider::start().await;
    provider.with(|shared| {
        shared.metadata["authorization_response_iss_parameter_supported"] = false.into();
    });
    let client = provider.client().await;
    let (authorization, state) = begin(&client);
    assert_eq!(
        check(&client, authorization, &format!("code=c&state={state}")),
        Ok(())
    );
    let (authorization, state) = begin(&client);
    let query = format!("code=c&state={state}&iss=https://evil.example");
    assert!(matches!(
        check(&client, authorization, &query),
        Err(CallbackError::IssuerMismatch { .. })
    ));
}

#[tokio::test]
async fn attack_37_a_state_that_is_wrong_or_missing_stops() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let iss = &provider.issuer;
    let (authorization, _) = begin(&client);
    let query = format!("code=c&state=someone-elses&iss={iss}");
    assert_eq!(
        check(&client, authorization, &query),
        Err(CallbackError::StateMismatch)
    );
    let (authorization, _) = begin(&client);
    let query = format!("code=c&iss={iss}");
    assert_eq!(
        check(&client, authorization, &query),
        Err(CallbackError::StateMissing)
    );
    // An error isn't believed without it either.
    let (authorization, _) = begin(&client);
    let query = format!("error=access_denied&iss={iss}");
    assert_eq!(
        check(&client, authorization, &query),
        Err(CallbackError::StateMissing)
    );
}

#[tokio::test]
async fn attack_38_the_response_of_another_browser_fits_no_pending_sign_in() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    // The attacker began a sign-in of their own, and has its response opened in the victim's
    // browser, whose session holds another one.
    let (attackers, _) = begin(&client);
    let (victims, _) = begin(&client);
    let response = provider.response(&attackers);
    assert_eq!(
        client.check_response(victims.pending, response).map(drop),
        Err(CallbackError::StateMismatch)
    );
}

#[tokio::test]
async fn attack_39_a_second_sign_in_does_not_accept_the_first_ones_state() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let (first, _) = begin(&client);
    let response = provider.response(&first);
    let again = response.clone();
    assert!(client.check_response(first.pending, response).is_ok());
    // `pending` is gone with the first use; whatever else the session holds has a state of its own.
    let (second, _) = begin(&client);
    assert_eq!(
        client.check_response(second.pending, again).map(drop),
        Err(CallbackError::StateMismatch)
    );
}

#[tokio::test]
async fn attack_40_what_was_begun_at_one_provider_is_not_finished_at_another() {
    let (good, evil) = (Provider::start().await, Provider::start().await);
    let (good_client, evil_client) = (good.client().await, evil.client().await);
    let authorization = good_client.authorize().build().expect("it is built");
    let response = evil.response(&authorization);
    let error = evil_client
        .callback(authorization.pending, response)
        .await
        .expect_err("it is mixed up");
    assert_eq!(error, CallbackError::PendingOfAnotherProvider);
    assert!(evil.with(|shared| shared.token_requests.is_empty()));
}

#[tokio::test]
async fn a_sign_in_that_took_more_than_an_hour_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for (elapsed, expected) in [(3600, Ok(())), (3601, Err(CallbackError::PendingTooOld))] {
        let authorization = client.authorize().build().expect("it is built");
        let response = provider.response(&authorization);
        let later = client.clone().with_clock(move || NOW + elapsed);
        assert_eq!(
            later
                .check_response(authorization.pending, response)
                .map(drop),
            expected
        );
    }
}

#[tokio::test]
async fn the_providers_refusal_is_passed_through() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let (authorization, state) = begin(&client);
    let query = format!(
        "error=access_denied&error_description=The+user+said+no&error_uri=https://op.example/e&state={state}&iss={}",
        provider.issuer
    );
    let Err(CallbackError::Provider(error)) = check(&client, authorization, &query) else {
        panic!("it is a refusal");
    };
    assert_eq!(error.error, "access_denied");
    assert_eq!(error.error_description.as_deref(), Some("The user said no"));
    assert_eq!(error.error_uri.as_deref(), Some("https://op.example/e"));
    assert_eq!(error.to_string(), "access_denied: The user said no");
}

#[tokio::test]
async fn what_another_flow_returns_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for name in ["id_token", "access_token", "response"] {
        let (authorization, state) = begin(&client);
        let query = format!("code=c&{name}=x&state={state}&iss={}", provider.issuer);
        assert_eq!(
            check(&client, authorization, &query),
            Err(CallbackError::UnexpectedParameter { name })
        );
    }
}

#[tokio::test]
async fn a_response_with_neither_code_nor_error_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for code in ["", "code=&"] {
        let (authorization, state) = begin(&client);
        let query = format!("{code}state={state}&iss={}", provider.issuer);
        assert_eq!(
            check(&client, authorization, &query),
            Err(CallbackError::CodeMissing)
        );
    }
}

#[test]
fn a_repeated_parameter_is_refused() {
    for query in ["code=a&code=b", "state=a&state=a", "iss=a&iss=b"] {
        let fault = AuthorizationResponse::from_query(query).expect_err(query);
        assert_eq!(fault.code(), "parameter_duplicate");
    }
}

#[tokio::test]
async fn a_form_post_is_read_like_a_query() {
    let provider = Provider::start().await;
    let client = provider
        .client_with(registration().redirect_uri(REDIRECT_URI))
        .await;
    let (authorization, state) = begin(&client);
    let body = format!("code=c&state={state}&iss={}", provider.issuer);
    let response = AuthorizationResponse::from_form(body.as_bytes()).expect("it is read");
    assert_eq!(response.state(), Some(state.as_str()));
    assert!(
        client
            .check_response(authorization.pending, response)
            .is_ok()
    );
}
