//! The compact serialisation (RFC 7515, section 7.1): `header.payload.signature`.

use std::fmt;

use super::{Header, JwsError};
use crate::base64url;
use crate::key::VerifyingKey;

/// A longer token is refused unless the caller says otherwise.
pub const DEFAULT_MAX_BYTES: usize = 64 * 1024;

/// A well-formed token whose signature is not checked yet. Use it to choose a key and for nothing
/// else.
pub struct CompactJws<'a> {
    header: Header,
    payload: Vec<u8>,
    signing_input: &'a str,
    signature: Vec<u8>,
}

impl<'a> CompactJws<'a> {
    /// Decodes a token of at most [`DEFAULT_MAX_BYTES`].
    ///
    /// # Errors
    /// Returns a [`JwsError`] of any variant except those about keys.
    pub fn decode(token: &'a str) -> Result<Self, JwsError> {
        Self::decode_within(token, DEFAULT_MAX_BYTES)
    }

    /// Decodes a token of at most `limit` bytes.
    ///
    /// # Errors
    /// See [`CompactJws::decode`].
    pub fn decode_within(token: &'a str, limit: usize) -> Result<Self, JwsError> {
        if token.len() > limit {
            return Err(JwsError::TooLarge {
                bytes: token.len(),
                limit,
            });
        }
        // RFC 7515, section 5.2: the parts, the header, the payload, the signature.
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JwsError::NotThreeParts)?;
        let (header, payload) = signing_input
            .split_once('.')
            .ok_or(JwsError::NotThreeParts)?;
        match payload.bytes().filter(|&byte| byte == b'.').count() {
            0 => {}
            2 => return Err(JwsError::Encrypted),
            _ => return Err(JwsError::NotThreeParts),
        }
        let part =
            |name, text: &str| base64url::decode(text).map_err(|_| JwsError::NotBase64Url(name));
        let header = Header::parse(&part("header", header)?)?;
        let payload = part("payload", payload)?;
        if signature.is_empty() {
            return Err(JwsError::EmptySignature);
        }
        Ok(Self {
            header,
            payload,
            signing_input,
            signature: part("signature", signature)?,
        })
    }

    /// The header, unverified.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload, unverified. Use it to find out whose key to take (an `iss`) and for nothing
    /// else.
    #[must_use]
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// What the signature covers: header and payload as they came, with the dot.
    #[must_use]
    pub fn signing_input(&self) -> &'a str {
        self.signing_input
    }

    /// Checks the signature under a key whose algorithm must be the token's.
    ///
    /// # Errors
    /// Returns [`JwsError::WrongAlgorithm`] or [`JwsError::BadSignature`].
    pub fn verify(self, key: &VerifyingKey) -> Result<VerifiedJws, JwsError> {
        self.check(key)?;
        Ok(self.into_verified())
    }

    /// Checks the signature under each key until one verifies it, for issuers that name no `kid`.
    ///
    /// # Errors
    /// The last key's error, or [`JwsError::NoKey`] without any.
    pub fn verify_with_any<'k>(
        self,
        keys: impl IntoIterator<Item = &'k VerifyingKey>,
    ) -> Result<VerifiedJws, JwsError> {
        let mut result = Err(JwsError::NoKey);
        for key in keys {
            result = self.check(key);
            if result.is_ok() {
                break;
            }
        }
        result.map(|()| self.into_verified())
    }

    /// The same, keeping the token: another key may be tried, now or after keys were fetched.
    ///
    /// # Errors
    /// Returns [`JwsError::WrongAlgorithm`] or [`JwsError::BadSignature`].
    pub fn verified_by(&self, key: &VerifyingKey) -> Result<VerifiedJws, JwsError> {
        self.check(key)?;
        Ok(VerifiedJws {
            header: self.header.clone(),
            payload: self.payload.clone(),
        })
    }

    fn check(&self, key: &VerifyingKey) -> Result<(), JwsError> {
        if self.header.alg() != key.alg() {
            return Err(JwsError::WrongAlgorithm {
                token: self.header.alg(),
                key: key.alg(),
            });
        }
        if key.verifies(self.signing_input.as_bytes(), &self.signature) {
            Ok(())
        } else {
            Err(JwsError::BadSignature)
        }
    }

    fn into_verified(self) -> VerifiedJws {
        VerifiedJws {
            header: self.header,
            payload: self.payload,
        }
    }
}

/// The claims may be personal data and the signature is a bearer value: neither is printed.
impl fmt::Debug for CompactJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompactJws")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Header and payload of a token whose signature was checked. Only [`CompactJws`] makes one.
#[derive(Clone, PartialEq)]
pub struct VerifiedJws {
    header: Header,
    payload: Vec<u8>,
}

impl VerifiedJws {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload's bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub(crate) fn into_header(self) -> Header {
        self.header
    }
}

impl fmt::Debug for VerifiedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJws")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
