//! What of an internal network may be reached by outbound requests.

use std::fmt;
use std::str::FromStr;

use countersign_fetch::AllowList;
use countersign_settings::{Kind, Setting, written_as_text};

/// A host name, an address, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundTarget(String);

impl FromStr for OutboundTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match AllowList::parse([text]) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(fault) => Err(fault.to_string()),
        }
    }
}

impl AsRef<str> for OutboundTarget {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OutboundTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Setting for OutboundTarget {
    const KIND: Kind = Kind::Text;
}

written_as_text!(OutboundTarget);
