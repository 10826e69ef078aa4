//! The name of a header, as a setting.

use std::fmt;
use std::str::FromStr;

use countersign_settings::{Kind, Setting, written_as_text};
use http::HeaderName;

/// A header's name (RFC 9110, section 5.1), which has no case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderField(HeaderName);

impl HeaderField {
    #[must_use]
    pub fn name(&self) -> &HeaderName {
        &self.0
    }
}

impl FromStr for HeaderField {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        name.parse()
            .map(Self)
            .map_err(|_| format!("{name:?} is not the name of a header, such as Client-Cert."))
    }
}

impl fmt::Display for HeaderField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Setting for HeaderField {
    const KIND: Kind = Kind::Text;
}

written_as_text!(HeaderField);
