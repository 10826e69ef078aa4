//! What a single field's type can't say: fields that must be there, and fields that must fit together.

use countersign_oauth::scope::{MAX_TOKEN_BYTES, Scope, ScopeFault};

use super::problem::{ConfigurationError, Problem};
use super::{Configuration, Effective};

/// What whoever has set no issuer is told.
pub(super) const MISSING_ISSUER: &str = "missing. Set it to the address that people reach this server under, such as https://id.example.com.";

/// Checks everything and reports all faults together.
pub(super) fn check(effective: &Effective) -> Result<(), ConfigurationError> {
    let configuration = &effective.configuration;
    let mut problems: Vec<Problem> = Vec::new();
    let mut fault = |path: &str, message: String| problems.push(effective.problem(path, message));

    if configuration.issuer.is_none() {
        fault("issuer", MISSING_ISSUER.to_owned());
    }
    if configuration.keys.public_key_path.is_some() && configuration.keys.private_key_path.is_none()
    {
        fault(
            "keys.public_key_path",
            "only checks the private key: set keys.private_key_path too, or leave it off."
                .to_owned(),
        );
    }
    if configuration.keys.algorithms.is_empty() {
        fault(
            "keys.algorithms",
            "must name one signature algorithm at least, such as RS256.".to_owned(),
        );
    }
    let keys = &configuration.keys;
    if !keys.algorithms.contains(&keys.access_token_algorithm) {
        fault(
            "keys.access_token_algorithm",
            "must be one of keys.algorithms.".to_owned(),
        );
    }
    let longest = configuration
        .tokens
        .access_token_lifetime_seconds
        .max(configuration.tokens.id_token_lifetime_seconds);
    if keys.retired_key_published_seconds < longest {
        let message =
            format!("must be {longest} at least, the lifetime of what the key has signed.");
        fault("keys.retired_key_published_seconds", message);
    }
    let interaction = configuration.interactions.max_bytes.saturating_mul(4) / 3 + 8192;
    if configuration.http.max_body_bytes < interaction {
        fault(
            "http.max_body_bytes",
            format!(
                "must be {interaction} at least, to hold a form with an interaction (interactions.max_bytes)."
            ),
        );
    }
    if configuration.http.max_buffered_bytes < configuration.http.max_body_bytes {
        fault(
            "http.max_buffered_bytes",
            "must be http.max_body_bytes at least.".to_owned(),
        );
    }
    for name in configuration.scopes.keys() {
        match Scope::default().insert(name) {
            Ok(()) => {}
            Err(ScopeFault::TokenTooLong) => fault(
                "scopes",
                format!("{name:?} can't be a scope: {MAX_TOKEN_BYTES} bytes are the most."),
            ),
            Err(_) => fault(
                "scopes",
                format!(
                    "{name:?} can't be a scope: RFC 6749, section 3.3 allows printable ASCII without space, \" and \\."
                ),
            ),
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ConfigurationError(problems))
    }
}

impl Configuration {
    /// What is allowed and probably not meant, each in one line that says what it means.
    #[must_use]
    pub fn warnings(&self) -> Vec<&'static str> {
        let mut warnings = Vec::new();
        if self.errors.explain_errors && !self.issuer_is_loopback() {
            warnings.push(
                "errors.explain_errors is on and the issuer is not on loopback: everybody who can reach the server is told the cause of every refusal, attackers included. Set it to false once your application works; the log has the causes.",
            );
        }
        warnings
    }
}
