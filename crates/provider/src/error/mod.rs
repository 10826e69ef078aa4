//! Every error on the wire. Areas name causes; this module alone turns them into codes, statuses,
//! challenges, pages and redirects.
//!
//! The client sees the RFC's code, a calm fixed description and the request id. The cause itself
//! goes to the log, and to the client only for faults in the request's own shape or where the
//! operator explains errors, then with `error_uri` (RFC 6749 5.2).

mod answer;
mod cause;
mod request_fault;

use countersign_oauth::error_code::ErrorCode;

pub use answer::ErrorParameters;
pub(crate) use cause::causes;
pub use cause::{Cause, Entry, Exposure};
pub use request_fault::{RequestFault, ServerFault};

/// An act that did not succeed: its cause, and what exactly was met.
#[derive(Debug)]
pub struct Failure {
    pub cause: Cause,
    /// For the log, and for the client where the cause may be told. Never a secret, never a value
    /// that a user typed.
    pub detail: Option<String>,
    /// `Retry-After` (RFC 9110 10.2.3).
    pub retry_after_seconds: Option<i64>,
    /// `WWW-Authenticate` (RFC 9110 11.6.1), complete.
    pub challenge: Option<String>,
}

impl Failure {
    pub fn new(cause: Cause) -> Failure {
        Failure {
            cause,
            detail: None,
            retry_after_seconds: None,
            challenge: None,
        }
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Failure {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Failure {
        self.retry_after_seconds = Some(seconds);
        self
    }

    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> Failure {
        self.challenge = Some(challenge.into());
        self
    }

    pub fn is(&self, cause: Cause) -> bool {
        self.cause.name == cause.name
    }
}

/// The description of a code: one text each, so that nothing can be learned from its wording.
pub fn calm_description(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidRequest => "The request is not well-formed.",
        ErrorCode::InvalidClient => "Client authentication failed.",
        ErrorCode::InvalidGrant => "The authorization grant or refresh token is not valid.",
        ErrorCode::UnauthorizedClient => "The client is not allowed to make this request.",
        ErrorCode::UnsupportedGrantType => "The grant type is not supported.",
        ErrorCode::InvalidScope => "The requested scope is not valid.",
        ErrorCode::AccessDenied => "The request was denied.",
        ErrorCode::UnsupportedResponseType => "The response type is not supported.",
        ErrorCode::TemporarilyUnavailable => "The server cannot answer right now. Try again.",
        ErrorCode::InvalidToken => "The access token is not valid.",
        ErrorCode::InsufficientScope => "The access token does not cover this request.",
        ErrorCode::LoginRequired => "The user has to sign in.",
        ErrorCode::ConsentRequired => "The user has to give consent.",
        ErrorCode::AccountSelectionRequired => "The user has to choose an account.",
        ErrorCode::InteractionRequired => "The user has to act.",
        ErrorCode::RequestNotSupported => "The request parameter is not supported.",
        ErrorCode::RequestUriNotSupported => "The request_uri parameter is not supported.",
        ErrorCode::RegistrationNotSupported => "The registration parameter is not supported.",
        _ => "The server could not answer.",
    }
}

/// Every cause there is, area by area, for the documentation.
pub fn all() -> Vec<(&'static str, Vec<Cause>)> {
    macro_rules! area {
        ($title:literal, $($Enum:path),+) => {{
            let mut entries = Vec::new();
            $({
                use $Enum as Area;
                entries.extend(Area::ALL.iter().map(|cause| cause.entry()));
            })+
            ($title, entries)
        }};
    }
    vec![
        area!("Any request", RequestFault),
        area!(
            "Authorization (/authorize)",
            crate::authorize::AuthorizeFault,
            crate::authorize::InteractionFault
        ),
        area!(
            "Sign-in and consent",
            crate::login::LoginFault,
            crate::consent::ConsentFault
        ),
        area!("Client authentication", crate::client_auth::ClientAuthFault),
        area!("Token endpoint (/token)", crate::token::TokenFault),
        area!("Userinfo (/userinfo)", crate::userinfo::BearerFault),
        area!("Logout (/logout)", crate::logout::LogoutFault),
        area!("Setup (/setup)", crate::setup::SetupFault),
        area!("The server itself", ServerFault),
    ]
}

/// Finds a cause by its name.
pub fn named(name: &str) -> Option<Cause> {
    all()
        .into_iter()
        .flat_map(|(_, entries)| entries)
        .find(|entry| entry.name == name)
}

/// `docs/errors.md`, generated.
pub fn reference() -> String {
    let mut text = String::from(
        "# Errors\n\nEvery cause of an error, under the name that the log shows. Generated from the \
         code; `countersign errors` prints it.\n\nA client is told the cause only where it is a \
         fault in the request's own shape (marked *told*), or where `errors.explain_errors` is on. \
         Otherwise it sees the code, one fixed description per code, and the request id that leads \
         to the log line.\n",
    );
    for (title, entries) in all() {
        text.push_str(&format!("\n## {title}\n"));
        for entry in entries {
            let told = match entry.exposure {
                Exposure::Shape => " (told)",
                Exposure::Hidden => "",
            };
            text.push_str(&format!(
                "\n### {}\n\n`{}`{told}\n\n- **Rule:** {}\n- **Received:** {}\n- **Expected:** {}\n- **Fix:** {}\n",
                entry.name, entry.code, entry.rule, entry.received, entry.expected, entry.fix
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_name_of_its_own_and_says_everything() {
        let mut names = std::collections::HashSet::new();
        for (_, entries) in all() {
            for entry in entries {
                assert!(names.insert(entry.name), "{} stands twice", entry.name);
                for text in [entry.rule, entry.received, entry.expected, entry.fix] {
                    assert!(text.len() > 3, "{} says nothing", entry.name);
                }
            }
        }
    }

    #[test]
    fn descriptions_are_within_the_grammar_of_rfc_6749() {
        for code in ErrorCode::ALL {
            assert!(countersign_oauth::error_code::is_description(
                calm_description(*code)
            ));
        }
    }

    #[test]
    fn all_invalid_grants_have_one_text() {
        // RFC 6749 5.2 has one code for many causes; our description must not tell them apart.
        for (_, entries) in all() {
            for entry in entries
                .iter()
                .filter(|entry| entry.code == ErrorCode::InvalidGrant)
            {
                assert_eq!(
                    entry.exposure,
                    Exposure::Hidden,
                    "{} would be told",
                    entry.name
                );
            }
        }
    }
}
