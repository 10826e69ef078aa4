//! Which error page is shown. Each kind has one fixed text, so that people, and the reviewers of a
//! conformance run, can tell them apart.
//!
//! The kinds here are those that any site can meet; a crate with pages of its own has its own kinds
//! and their texts.

use http::StatusCode;
use serde::Serialize;

/// A kind of error page. Its texts are `error-NAME-heading` and `error-NAME-text`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct ErrorKind {
    name: &'static str,
    #[serde(skip)]
    status: u16,
}

impl ErrorKind {
    /// A kind by its name, snake case, and the HTTP status of its page.
    pub const fn new(name: &'static str, status: u16) -> ErrorKind {
        ErrorKind { name, status }
    }

    /// The status of the page.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// A parameter is missing, duplicated or malformed, and there is no proven address to send the
/// error to.
pub const INVALID_REQUEST: ErrorKind = ErrorKind::new("invalid_request", 400);
/// A form is too old.
pub const INTERACTION_EXPIRED: ErrorKind = ErrorKind::new("interaction_expired", 400);
/// The form's protection against forgery failed: another browser, or no cookie.
pub const OTHER_BROWSER: ErrorKind = ErrorKind::new("other_browser", 403);
/// No such page.
pub const NOT_FOUND: ErrorKind = ErrorKind::new("not_found", 404);
/// A page that cannot be asked for in this way.
pub const METHOD_NOT_ALLOWED: ErrorKind = ErrorKind::new("method_not_allowed", 405);
/// The request is larger than what is read.
pub const TOO_LARGE: ErrorKind = ErrorKind::new("too_large", 413);
/// Something broke here.
pub const SERVER_FAULT: ErrorKind = ErrorKind::new("server_fault", 500);
/// Something that is needed cannot be reached at the moment.
pub const UNAVAILABLE: ErrorKind = ErrorKind::new("unavailable", 503);

/// Every kind of this crate.
pub const ALL: &[ErrorKind] = &[
    INVALID_REQUEST,
    INTERACTION_EXPIRED,
    OTHER_BROWSER,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TOO_LARGE,
    SERVER_FAULT,
    UNAVAILABLE,
];
