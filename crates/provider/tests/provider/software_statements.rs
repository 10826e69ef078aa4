//! Software statements (RFC 7591, sections 2.3, 3.1.1 and 3.2.2).

use countersign_jose::key::SigningKey;
use countersign_provider::settings::SoftwareStatementIssuer;
use countersign_testing::{ISSUER, Options, TestProvider};
use http::Method;
use serde_json::{Value, json};

use crate::asserting::{KEYS, KeyServer, jwks, options as loopback, signed};
use crate::expect;
use crate::register::{CALLBACK, management, register, send, shop};

const TRUSTED: &str = "https://statements.example";

fn options(issuer: SoftwareStatementIssuer) -> Options {
    let mut options = loopback();
    let registration = &mut options.settings.registration;
    registration.open = true;
    registration
        .software_statement_issuers
        .insert(TRUSTED.to_owned(), issuer);
    options
}

async fn start() -> TestProvider {
    let issuer = SoftwareStatementIssuer {
        jwks: Some(jwks(&[&KEYS[0]]).to_string()),
        ..SoftwareStatementIssuer::default()
    };
    TestProvider::start_with(options(issuer)).await
}

fn claims() -> Value {
    json!({
        "iss": TRUSTED,
        "software_id": "4NRB1-0XZABZI9E6-5SM3R",
        "client_name": "The Shop as it is known",
        "client_uri": "https://shop.example/",
    })
}

fn with_statement(key: &SigningKey, claims: &Value) -> Value {
    let mut metadata = shop();
    metadata["software_statement"] = json!(signed(key, claims));
    metadata
}

/// What it says takes precedence, and it is returned unmodified (section 3.2.1).
#[tokio::test]
async fn a_statement_takes_precedence_and_is_returned() {
    let op = start().await;
    let metadata = with_statement(&KEYS[0], &claims());
    let answer = register(&op, None, &metadata).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let registered = answer.json();
    assert_eq!(
        registered["software_statement"],
        metadata["software_statement"]
    );
    assert_eq!(registered["client_name"], "The Shop as it is known");
    assert_eq!(registered["software_id"], "4NRB1-0XZABZI9E6-5SM3R");
    assert_eq!(registered["redirect_uris"], json!([CALLBACK]));
    assert!(registered["iss"].is_null());
    let (path, token) = management(&registered);
    let read = send(&op, Method::GET, &path, Some(&token), None)
        .await
        .json();
    assert_eq!(read["software_statement"], metadata["software_statement"]);
    // An update can't say otherwise either, and needs no newer statement.
    op.clock.advance(3_600);
    let mut change = registered.clone();
    for issued in ["registration_access_token", "registration_client_uri"] {
        change.as_object_mut().expect("an object").remove(issued);
    }
    change["client_name"] = json!("The Bank");
    let answer = send(&op, Method::PUT, &path, Some(&token), Some(&change)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["client_name"], "The Shop as it is known");
}

#[tokio::test]
async fn a_statement_of_an_issuer_that_is_not_trusted_is_unapproved() {
    let op = start().await;
    let mut other = claims();
    other["iss"] = json!("https://other.example");
    let answer = register(&op, None, &with_statement(&KEYS[0], &other)).await;
    expect::refused(&answer, "unapproved_software_statement");
    let none =
        TestProvider::start_with(Options::with(|settings| settings.registration.open = true)).await;
    let answer = register(&none, None, &with_statement(&KEYS[0], &claims())).await;
    expect::refused(&answer, "unapproved_software_statement");
}

#[tokio::test]
async fn a_statement_that_is_not_valid_is_refused() {
    let op = start().await;
    let now = op.provider.now();
    let with = |member: &str, value: Value| {
        let mut claims = claims();
        claims[member] = value;
        signed(&KEYS[0], &claims)
    };
    let good = signed(&KEYS[0], &claims());
    let (head, signature) = good.rsplit_once('.').expect("three parts");
    let none = countersign_jose::base64url::encode(r#"{"alg":"none"}"#);
    let payload = head.split('.').nth(1).expect("a payload");
    for bad in [
        json!(signed(&KEYS[1], &claims())),
        json!(with("exp", json!(now - 3_600))),
        json!(with("nbf", json!(now + 3_600))),
        json!(with("aud", json!("https://other.example"))),
        json!(with("iss", json!(null))),
        json!(
            KEYS[0]
                .sign_jwt("at+jwt", claims().to_string().as_bytes())
                .expect("signs")
        ),
        json!(format!("{head}.")),
        json!(format!("{head}.{}", signature.to_uppercase())),
        json!(format!("{none}.{payload}.")),
        json!("not a JWT"),
        json!(7),
        json!({}),
    ] {
        let mut metadata = shop();
        metadata["software_statement"] = bad.clone();
        let answer = register(&op, None, &metadata).await;
        expect::refused(&answer, "invalid_software_statement");
    }
    for good in [
        with("aud", json!([ISSUER, "https://other.example"])),
        with("exp", json!(now + 60)),
    ] {
        let mut metadata = shop();
        metadata["software_statement"] = json!(good);
        let answer = register(&op, None, &metadata).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    // What only an operator may set is not for a statement to say.
    let mut metadata = shop();
    metadata["software_statement"] = json!(with("insecure_skip_consent", json!(true)));
    let answer = register(&op, None, &metadata).await;
    expect::refused(&answer, "invalid_client_metadata");
}

/// An issuer that publishes its keys may rotate them.
#[tokio::test]
async fn an_issuers_keys_are_fetched_from_its_address() {
    let host = KeyServer::start(&jwks(&[&KEYS[0]])).await;
    let issuer = SoftwareStatementIssuer {
        jwks_uri: Some(host.uri.clone()),
        ..SoftwareStatementIssuer::default()
    };
    let op = TestProvider::start_with(options(issuer)).await;
    let answer = register(&op, None, &with_statement(&KEYS[0], &claims())).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    host.publish(200, jwks(&[&KEYS[1]]).to_string());
    op.clock.advance(16);
    let answer = register(&op, None, &with_statement(&KEYS[1], &claims())).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = register(&op, None, &with_statement(&KEYS[0], &claims())).await;
    expect::refused(&answer, "invalid_software_statement");
}
