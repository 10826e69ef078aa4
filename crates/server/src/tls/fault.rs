//! Why files can't be used for TLS.

use std::fmt;

/// A setting, and what is wrong with what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFault {
    /// Its dotted path.
    pub setting: &'static str,
    /// What is wrong and what to do, in a sentence.
    pub message: String,
}

impl TlsFault {
    pub(super) fn new(setting: &'static str, message: impl Into<String>) -> Self {
        Self {
            setting,
            message: message.into(),
        }
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.setting, self.message)
    }
}

impl std::error::Error for TlsFault {}
