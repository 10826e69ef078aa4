//! 128-bit identifiers and epochs: random, compared as bytes, written as 22 base64url characters.

use std::fmt;
use std::str::FromStr;

use countersign_jose::base64url;
use countersign_jose::random::Random;

/// Length of an identifier's text: 128 bits in unpadded base64url.
pub const ID_CHARACTERS: usize = 22;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Draws a new one.
            pub fn generate(random: &dyn Random) -> $name {
                let mut bytes = [0; 16];
                random.fill(&mut bytes);
                $name(bytes)
            }

            pub const fn from_bytes(bytes: [u8; 16]) -> $name {
                $name(bytes)
            }

            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// From a database column; `None` if it is not 16 bytes.
            pub fn from_slice(bytes: &[u8]) -> Option<$name> {
                Some($name(bytes.try_into().ok()?))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&base64url::encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<$name, NotAnId> {
                if text.len() != ID_CHARACTERS {
                    return Err(NotAnId);
                }
                let bytes = base64url::decode(text).map_err(|_| NotAnId)?;
                $name::from_slice(&bytes).ok_or(NotAnId)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id_type! {
    /// A grant: made when the authorization request arrives, carried by every token of the grant.
    GrantId
}
id_type! {
    /// A browser session at the provider. Stays the same when the cookie's secret rotates.
    SessionId
}
id_type! {
    /// A client session: the `sid` of ID tokens and logout tokens (OpenID Connect Back-Channel
    /// Logout 1.0, section 2.1).
    ClientSessionId
}
id_type! {
    /// One act on one record: drawn for each, and the version of the record that it wrote last.
    ActId
}
id_type! {
    /// The generation of a parent in the tree of life. An ending replaces it.
    Epoch
}

impl ActId {
    /// The id as two numbers.
    pub(crate) fn halves(self) -> [u64; 2] {
        let number = u128::from_be_bytes(self.0);
        [(number >> 64) as u64, number as u64]
    }
}

impl From<ActId> for Epoch {
    /// The epoch that an ending brings: no one else's, since the act's id is no one else's.
    fn from(act: ActId) -> Epoch {
        Epoch(act.0)
    }
}

/// The text is not 128 bits in unpadded base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a 128-bit identifier in base64url")]
pub struct NotAnId;
