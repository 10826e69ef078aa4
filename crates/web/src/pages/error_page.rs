//! The page for faults that cannot be sent back to a client: its address is not proven, or there is none.
//!
//! RFC 6749 section 4.1.2.1 (never redirect to an unproven address). Each kind has one fixed text, so that people,
//! and the judges of a conformance run, can tell them apart; what exactly happened stands in the log under the request
//! id, and on the page only where an [`Explanation`] is given.

use http::StatusCode;
use minijinja::Value;
use serde::Serialize;

use super::view::{View, Wait, context_of, web_address};

/// An error page. Ids: `error-heading`, `error-request-id`, `error-cause`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ErrorView<'a> {
    /// Which page.
    pub kind: ErrorKind,
    /// The request's id, as in the response's header and the log.
    pub request_id: &'a str,
    /// Shown where the operator explains errors, and for faults in the request's own shape.
    pub explain: Option<Explanation<'a>>,
    /// A proven way back to the application; left out unless it is http(s).
    #[serde(serialize_with = "web_address")]
    pub return_url: Option<&'a str>,
}

impl<'a> ErrorView<'a> {
    /// A page without explanation and way back.
    pub fn new(kind: ErrorKind, request_id: &'a str) -> Self {
        ErrorView {
            kind,
            request_id,
            explain: None,
            return_url: None,
        }
    }
}

/// What a developer needs to know.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Explanation<'a> {
    /// The cause's stable name.
    pub cause: &'a str,
    /// What the rule is, in a sentence.
    pub rule: &'a str,
    /// What was received.
    pub received: Option<&'a str>,
    /// What was expected.
    pub expected: Option<&'a str>,
    /// How to mend it.
    pub fix: Option<&'a str>,
    /// The cause's page in the documentation.
    #[serde(serialize_with = "web_address")]
    pub docs_url: Option<&'a str>,
}

/// The kinds of error pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum ErrorKind {
    /// `client_id` is missing or names no client.
    UnknownClient,
    /// `redirect_uri` is missing and cannot be inferred.
    RedirectUriMissing,
    /// `redirect_uri` is not one of the client's.
    RedirectUriNotRegistered,
    /// A parameter is missing, doubled or malformed, and there is no proven address to say so to.
    InvalidRequest,
    /// The interaction is too old, unknown or garbled.
    InteractionExpired,
    /// The form's protection against forgery failed: another browser, or no cookie.
    OtherBrowser,
    /// The setup link is wrong, too old or used up.
    SetupLinkInvalid,
    /// There is an administrator already.
    SetupClosed,
    /// No such page.
    NotFound,
    /// A page that cannot be asked for in this way.
    MethodNotAllowed,
    /// The request is larger than what we read.
    TooLarge,
    /// Too many requests.
    TooManyRequests {
        /// When to come back.
        wait: Wait,
    },
    /// Something broke here.
    ServerFault,
    /// Something that we need cannot be reached at the moment.
    Unavailable,
}

impl ErrorKind {
    /// Every kind, for tests.
    pub const ALL: &'static [ErrorKind] = &[
        ErrorKind::UnknownClient,
        ErrorKind::RedirectUriMissing,
        ErrorKind::RedirectUriNotRegistered,
        ErrorKind::InvalidRequest,
        ErrorKind::InteractionExpired,
        ErrorKind::OtherBrowser,
        ErrorKind::SetupLinkInvalid,
        ErrorKind::SetupClosed,
        ErrorKind::NotFound,
        ErrorKind::MethodNotAllowed,
        ErrorKind::TooLarge,
        ErrorKind::TooManyRequests {
            wait: Wait::THIRTY_SECONDS,
        },
        ErrorKind::ServerFault,
        ErrorKind::Unavailable,
    ];

    /// Too many requests; come back after `wait_seconds`.
    pub fn too_many_requests(wait_seconds: u64) -> ErrorKind {
        ErrorKind::TooManyRequests {
            wait: Wait::seconds(wait_seconds),
        }
    }

    /// The status that the page is answered with.
    pub fn status(self) -> StatusCode {
        match self {
            ErrorKind::UnknownClient
            | ErrorKind::RedirectUriMissing
            | ErrorKind::RedirectUriNotRegistered
            | ErrorKind::InvalidRequest
            | ErrorKind::InteractionExpired
            | ErrorKind::SetupLinkInvalid => StatusCode::BAD_REQUEST,
            ErrorKind::OtherBrowser => StatusCode::FORBIDDEN,
            ErrorKind::SetupClosed => StatusCode::GONE,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::ServerFault => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl View for ErrorView<'_> {
    fn template(&self) -> &'static str {
        "error.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn status(&self) -> StatusCode {
        self.kind.status()
    }
}
