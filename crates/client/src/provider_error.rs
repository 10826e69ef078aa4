//! An error that the provider sent, in a redirect (RFC 6749, section 4.1.2.1) or from the token
//! endpoint (5.2).

use std::fmt;

use countersign_oauth::error_code::ErrorCode;
use serde_json::{Map, Value};

/// What the provider said. The texts come from a stranger: they are safe for a log line (printable
/// ASCII, cut to 500 characters), but must be escaped on a page like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError {
    /// `error`, such as `access_denied`.
    pub error: String,
    pub error_description: Option<String>,
    pub error_uri: Option<String>,
}

impl ProviderError {
    /// The code, if it is one that a specification names.
    #[must_use]
    pub fn error_code(&self) -> Option<ErrorCode> {
        ErrorCode::parse(&self.error)
    }

    pub(crate) fn new(error: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        Self {
            error: printable(error),
            error_description: description.map(printable),
            error_uri: uri.map(printable),
        }
    }

    /// Reads the body of an error response; `None` if it has no `error`.
    pub(crate) fn from_members(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let error = text("error")?;
        Some(Self::new(
            error,
            text("error_description"),
            text("error_uri"),
        ))
    }
}

fn printable(text: &str) -> String {
    let printable = |c: char| {
        if c == ' ' || c.is_ascii_graphic() {
            c
        } else {
            '?'
        }
    };
    text.chars().take(500).map(printable).collect()
}

impl fmt::Display for ProviderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.error)?;
        match &self.error_description {
            Some(description) => write!(formatter, ": {description}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ProviderError {}
