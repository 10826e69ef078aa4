//! The page of one cause: what `error_uri` leads to, and the same as its entry in docs/errors.md.

use serde::Serialize;

use super::error_page::Explanation;
use super::view::{Value, View, context_of};

/// What a cause means. Id: `error-cause`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CauseView<'a> {
    /// The code on the wire.
    pub code: &'a str,
    /// With what is received in general.
    pub explain: Explanation<'a>,
}

impl View for CauseView<'_> {
    fn template(&self) -> &'static str {
        "cause.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}
