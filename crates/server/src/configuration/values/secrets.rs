//! Configured secrets: never printed, wiped when dropped, opened by one loud method.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::configuration::store_url::{StoreLocation, locate};
use countersign_settings::{Kind, Setting, from_text};

/// What is shown in place of a secret wherever a setting is shown.
pub const MASK: &str = "********";

/// A secret text of the configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The plaintext, for the one place that needs it.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// A secret that a key can be derived from: long enough, and not from an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretKey(Secret);

/// The minimum length of a secret key: as long as the key that is derived from it.
const SECRET_KEY_BYTES: usize = 32;

/// Words of examples, which no secret that was drawn contains.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "your-secret",
    "your_secret",
    "placeholder",
    "secret-key",
    "secret_key",
    "example",
    "insecure",
];

impl SecretKey {
    /// The plaintext, for the one place that needs it.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for SecretKey {
    type Err = String;

    fn from_str(secret: &str) -> Result<Self, String> {
        const MAKE_ONE: &str = "Make one with: openssl rand -base64 48";
        let lower = Zeroizing::new(secret.to_lowercase());
        let fault = if secret.len() < SECRET_KEY_BYTES {
            format!(
                "has {} bytes, but needs at least {SECRET_KEY_BYTES}.",
                secret.len()
            )
        } else if PLACEHOLDERS.iter().any(|word| lower.contains(word)) {
            "looks like a placeholder from an example.".to_owned()
        } else if repeats_a_few(secret.as_bytes()) {
            "repeats a few characters, so it is easy to guess.".to_owned()
        } else {
            return Ok(Self(Secret::new(secret.to_owned())));
        };
        Err(format!("{fault} {MAKE_ONE}"))
    }
}

/// Whether a secret is made of so few different bytes that it was not drawn at random: of 32 random
/// ones, about 30 differ.
pub(crate) fn repeats_a_few(secret: &[u8]) -> bool {
    const FEWEST: usize = 8;
    let distinct: std::collections::BTreeSet<&u8> = secret.iter().collect();
    distinct.len() < FEWEST
}

/// The address of a store. It may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl(StoreLocation);

impl StoreUrl {
    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &StoreLocation {
        &self.0
    }

    /// A relative path is relative to `folder`.
    pub(in crate::configuration) fn anchor(&mut self, folder: &Path) {
        if let StoreLocation::Sqlite(path) = &mut self.0 {
            *path = folder.join(&*path);
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl FromStr for StoreUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        locate(text).map(Self)
    }
}

/// Serializing the configuration means showing it to someone, so the value is masked.
macro_rules! masked {
    ($($type:ty),+) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(MASK)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                from_text(deserializer)
            }
        }

        impl Setting for $type {
            const KIND: Kind = Kind::Secret;
        }
    )+ };
}

masked!(SecretKey, StoreUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_by_neither_debug_nor_serialisation() {
        let text = "canary/f8Zk2LqPw9XsVbNmRt4Yh6Jg3Dc";
        let secret: SecretKey = text.parse().unwrap();
        assert_eq!(format!("{secret:?}"), "SecretKey([redacted])");
        assert_eq!(
            serde_json::to_string(&secret).unwrap(),
            format!("\"{MASK}\"")
        );
        assert_eq!(secret.expose_secret(), text);
    }
}
