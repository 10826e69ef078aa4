//! The authorization endpoint (RFC 6749, sections 3.1 and 4.1, OpenID Connect Core, section 3.1.2),
//! demand by demand.

mod answers;
mod front_channel;
mod parameters;
mod posted;
mod prompt;
mod reauthentication;
mod refused_redirect_uri;
mod request_objects;
mod requested_claims;

use countersign_testing::{Answer, Browser, TestProvider, callback};

pub use callback::CONFIDENTIAL as CALLBACK;

/// An ordinary request of the confidential client for `openid email`, with some parameters changed;
/// an empty value takes one out.
pub fn request(op: &TestProvider, changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut request = op.authorization("confidential", CALLBACK, "openid email");
    for (name, value) in changes {
        request.retain(|(known, _)| known != name);
        if !value.is_empty() {
            request.push((name, (*value).to_owned()));
        }
    }
    request
}

/// What a browser gets for it.
pub async fn asked(
    op: &TestProvider,
    browser: &mut Browser,
    changes: &[(&'static str, &str)],
) -> Answer {
    browser.get_with("/authorize", &request(op, changes)).await
}

/// The claims of the ID token that a redirect's code is valid for.
pub async fn id_token_of(op: &TestProvider, answer: &Answer) -> serde_json::Value {
    let code = answer.location_parameter("code");
    let code = code.unwrap_or_else(|| panic!("no code: {answer:?}"));
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    countersign_testing::claims_of(tokens.id_token.as_deref().expect("an ID token"))
}
