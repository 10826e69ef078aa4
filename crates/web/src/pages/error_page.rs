//! The page for faults that cannot be sent back to a client: its address is not proven, or there is
//! none.
//!
//! RFC 6749, section 4.1.2.1 (never redirect to an unproven address). What exactly happened is in
//! the log under the request id, and on the page only if an [`Explanation`] is given.

use http::StatusCode;
use serde::Serialize;

use super::error_kind::ErrorKind;
use super::view::{Value, View, context_of, own_address, web_address};

/// An error page.
/// Ids: `error-heading`, `error-return`, `error-account`, `error-request-id`, `error-cause`,
/// `error-value`, `error-command`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ErrorView<'a> {
    /// Which page.
    pub kind: ErrorKind,
    /// The request's id, as in the response's header and the log.
    pub request_id: &'a str,
    /// Shown where the operator explains errors, and for faults in the request's own shape.
    pub explain: Option<Explanation<'a>>,
    /// Where the person can go from here.
    pub way_on: WayOn<'a>,
}

/// Where a person can go from an error page.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct WayOn<'a> {
    /// The application's own page, where it is known which application; left out unless it is
    /// http(s).
    #[serde(serialize_with = "web_address")]
    pub application: Option<&'a str>,
    /// Where the application's page is, as a person can judge it: a host.
    pub place: Option<&'a str>,
    /// The person's account here: a path on our own origin.
    #[serde(serialize_with = "own_address")]
    pub account: Option<&'a str>,
}

impl<'a> ErrorView<'a> {
    /// A page without explanation and way on.
    pub fn new(kind: ErrorKind, request_id: &'a str) -> Self {
        ErrorView {
            kind,
            request_id,
            explain: None,
            way_on: WayOn::default(),
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
    /// The value of the request that it is about, as it came.
    pub value: Option<&'a str>,
    /// What was received.
    pub received: Option<&'a str>,
    /// What was expected.
    pub expected: Option<&'a str>,
    /// How to fix it.
    pub fix: Option<&'a str>,
    /// The command line that fixes it, ready to be copied.
    pub command: Option<&'a str>,
    /// The cause's page in the documentation.
    #[serde(serialize_with = "web_address")]
    pub docs_url: Option<&'a str>,
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
