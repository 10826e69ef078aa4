//! Which events are logged.

use std::fmt;
use std::str::FromStr;

use tracing_subscriber::EnvFilter;

use super::written_as_text;
use crate::configuration::settings::{Kind, Setting};

/// A level, or filters such as `info,countersign_provider=debug`, that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Events of that level and above.
    #[must_use]
    pub fn info() -> Self {
        Self("info".to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match EnvFilter::try_new(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(format!(
                "{error}. Write error, warn, info, debug or trace, or filters such as \"info,countersign_provider=debug\"."
            )),
        }
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Setting for LogFilter {
    const KIND: Kind = Kind::Text;
}

written_as_text!(LogFilter);
