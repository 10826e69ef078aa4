//! Every error on the wire. Areas name causes, and a cause carries what a response needs;
//! [`error_response`](crate::error_response) alone makes responses of them: JSON, a page, the
//! parameters of a redirect.
//!
//! The client sees the RFC's code, a plain fixed description and the request id. The cause itself
//! goes to the log, and to the client only for faults in the request's own shape or where the
//! operator explains errors, then with `error_uri` (RFC 6749, section 5.2).

mod cause;
mod request_fault;
mod server_fault;

use std::fmt;

pub use cause::{Cause, Challenge, Entry, Exposure};
pub use countersign_oauth::error_code::ErrorCode;
pub use request_fault::RequestFault;
pub use server_fault::ServerFault;

pub use crate::causes;

/// An act that did not succeed: its cause, and what exactly was found.
#[derive(Debug)]
pub struct Failure {
    pub cause: Cause,
    /// For the log, and for the client if it may be told the cause. Never a secret, never a value
    /// that a user typed.
    pub detail: Option<String>,
    /// For the page that explains the failure, and for nothing else.
    pub advice: Option<Box<Advice>>,
    /// The cause's own, unless the endpoint asks for more.
    pub challenge: Challenge,
    /// When another attempt is worth it, if that is known.
    pub retry_after_seconds: Option<u32>,
}

/// What a developer is shown beside the cause. Never logged: it repeats what was sent.
#[derive(Debug)]
pub struct Advice {
    /// The value of the request that the failure is about, as it came.
    pub value: String,
    /// What is wrong with it.
    pub received: String,
    /// The command line that fixes it, ready to be copied.
    pub command: Option<String>,
}

impl Failure {
    pub fn new(cause: Cause) -> Failure {
        Failure {
            cause,
            detail: None,
            advice: None,
            challenge: cause.challenge,
            retry_after_seconds: None,
        }
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Failure {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn advice(mut self, advice: Advice) -> Failure {
        self.advice = Some(Box::new(advice));
        self
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Failure {
        self.retry_after_seconds = u32::try_from(seconds).ok();
        self
    }

    #[must_use]
    pub fn challenge(mut self, challenge: Challenge) -> Failure {
        self.challenge = challenge;
        self
    }
}

/// For the log of a program that calls the provider without HTTP.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.detail.as_deref().unwrap_or(self.cause.received);
        write!(formatter, "{}: {what}", self.cause.name)
    }
}

impl std::error::Error for Failure {}

/// The description of a code: one text each, so that nothing can be learned from its wording.
pub fn calm_description(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidRequest => "The request is not well-formed.",
        ErrorCode::InvalidClient => "Client authentication failed.",
        ErrorCode::InvalidGrant => "The authorization grant or refresh token is not valid.",
        ErrorCode::UnauthorizedClient => "The client is not allowed to make this request.",
        ErrorCode::UnsupportedTokenType => "Tokens of this type cannot be revoked.",
        ErrorCode::UnsupportedGrantType => "The grant type is not supported.",
        ErrorCode::InvalidScope => "The requested scope is not valid.",
        ErrorCode::AccessDenied => "The request was denied.",
        ErrorCode::UnsupportedResponseType => "The response type is not supported.",
        ErrorCode::TemporarilyUnavailable => "The server cannot answer right now. Try again.",
        ErrorCode::InvalidTarget => "The requested resource is not valid.",
        ErrorCode::InvalidToken => "The access token is not valid.",
        ErrorCode::InsufficientScope => "The access token does not cover this request.",
        ErrorCode::LoginRequired => "The user has to sign in.",
        ErrorCode::ConsentRequired => "The user has to give consent.",
        ErrorCode::AccountSelectionRequired => "The user has to choose an account.",
        ErrorCode::InteractionRequired => "The user has to act.",
        ErrorCode::RequestNotSupported => "The request parameter is not supported.",
        ErrorCode::RequestUriNotSupported => "The request_uri parameter is not supported.",
        ErrorCode::RegistrationNotSupported => "The registration parameter is not supported.",
        ErrorCode::AuthorizationPending => "The user has not answered yet.",
        ErrorCode::SlowDown => "The client polls too often. Wait 5 seconds longer each time.",
        ErrorCode::ExpiredToken => "The device code has expired.",
        _ => "The server could not answer.",
    }
}
