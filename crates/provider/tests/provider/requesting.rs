//! A client that sends request objects, and its requests (OpenID Connect Core, section 6).

use countersign_testing::{Answer, Browser, ISSUER, TestProvider};
use serde_json::{Value, json};

use crate::asserting::{self, KEYS, jwks};

pub const CALLBACK: &str = "https://app.example/callback";

/// A provider whose client `confidential` may send request objects under the first key.
pub async fn app(members: Value) -> TestProvider {
    let op = TestProvider::start_with(asserting::options()).await;
    let mut metadata = json!({ "redirect_uris": [CALLBACK], "jwks": jwks(&[&KEYS[0]]) });
    for (name, value) in members.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    let metadata = metadata.to_string();
    op.update_client("confidential", &metadata).await;
    op
}

/// An ordinary request as the claims of an object.
pub fn claims(op: &TestProvider) -> Value {
    let mut claims = json!({ "iss": "confidential", "aud": ISSUER, "exp": op.provider.now() + 60 });
    for (name, value) in op.authorization("confidential", CALLBACK, "openid") {
        claims[name] = Value::from(value);
    }
    claims
}

/// Sends what has to be beside an object, and `parameters`, which win.
pub async fn asked(browser: &mut Browser, parameters: &[(&str, &str)]) -> Answer {
    let always = [
        ("client_id", "confidential"),
        ("response_type", "code"),
        ("scope", "openid"),
    ];
    let mut query: Vec<(&str, &str)> = always.to_vec();
    query.retain(|(name, _)| parameters.iter().all(|(changed, _)| changed != name));
    query.extend(parameters);
    browser.get_with("/authorize", &query).await
}
