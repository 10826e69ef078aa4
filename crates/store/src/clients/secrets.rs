//! The secrets of a client. There may be several, so that a client can be given a new one before
//! the old one is refused.

use std::ops::Deref;

use countersign_jose::base64url;
use serde::{Deserialize, Serialize};

use crate::SecretHash;

/// A client has no more secrets than this at once.
pub const MAX_CLIENT_SECRETS: usize = 5;

/// The secrets of a client, oldest first. None for a client that is public or authenticates by a
/// key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientSecrets(Vec<ClientSecret>);

/// One secret. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// By which it is named where it may not be shown.
    pub id: String,
    pub created_at: i64,
    /// It is refused from then on.
    pub expires_at: Option<i64>,
    pub kept: KeptSecret,
}

/// What is kept of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptSecret {
    /// SHA-256 of a generated 256-bit secret.
    Hashed(SecretHash),
    /// The secret itself, sealed, for clients with a symmetric algorithm.
    Sealed(Vec<u8>),
}

impl ClientSecret {
    #[must_use]
    pub fn is_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

impl ClientSecrets {
    /// As one text, for an engine's column or field.
    #[must_use]
    pub fn to_text(&self) -> String {
        let written: Vec<Written> = self.0.iter().map(Written::of).collect();
        // Texts and numbers, which JSON can always hold.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    pub fn from_text(text: &str) -> Result<ClientSecrets, String> {
        let written: Vec<Written> =
            serde_json::from_str(text).map_err(|error| format!("its secrets: {error}"))?;
        let read = written.into_iter().map(Written::read);
        let read: Option<Vec<ClientSecret>> = read.collect();
        read.map(ClientSecrets)
            .ok_or_else(|| "one of its secrets is neither hashed nor sealed".to_owned())
    }
}

impl From<Vec<ClientSecret>> for ClientSecrets {
    fn from(secrets: Vec<ClientSecret>) -> ClientSecrets {
        ClientSecrets(secrets)
    }
}

impl Deref for ClientSecrets {
    type Target = [ClientSecret];

    fn deref(&self) -> &[ClientSecret] {
        &self.0
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

impl Written {
    fn of(secret: &ClientSecret) -> Written {
        let (hash, sealed) = match &secret.kept {
            KeptSecret::Hashed(hash) => (Some(base64url::encode(hash.as_bytes())), None),
            KeptSecret::Sealed(sealed) => (None, Some(base64url::encode(sealed))),
        };
        Written {
            id: secret.id.clone(),
            created_at: secret.created_at,
            expires_at: secret.expires_at,
            hash,
            sealed,
        }
    }

    fn read(self) -> Option<ClientSecret> {
        let kept = match (self.hash, self.sealed) {
            (Some(hash), None) => {
                KeptSecret::Hashed(SecretHash::from_slice(&base64url::decode(&hash).ok()?)?)
            }
            (None, Some(sealed)) => KeptSecret::Sealed(base64url::decode(&sealed).ok()?),
            _ => return None,
        };
        Some(ClientSecret {
            id: self.id,
            created_at: self.created_at,
            expires_at: self.expires_at,
            kept,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_hashed_nor_sealed_is_corrupt() {
        for text in [
            "",
            "{}",
            r#"[{"id":"a"}]"#,
            r#"[{"id":"a","created_at":1}]"#,
            r#"[{"id":"a","created_at":1,"hash":"AA"}]"#,
            r#"[{"id":"a","created_at":1,"hash":"!"}]"#,
            r#"[{"id":"a","created_at":1,"sealed":"AA","plain":"secret"}]"#,
            r#"[{"id":"a","created_at":1,"sealed":"AA","hash":"AA"}]"#,
        ] {
            assert!(ClientSecrets::from_text(text).is_err(), "{text}");
        }
        assert_eq!(ClientSecrets::from_text("[]"), Ok(ClientSecrets::default()));
    }
}
