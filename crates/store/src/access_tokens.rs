//! Access tokens: which of them need a row. When one is accepted is its grant's to say
//! (`grants/check.rs`).
//!
//! A JWT needs none: it names its grant, and the grant decides, with a denylist of single JWTs.
//! An opaque token has a row, found by its hash. A client may ask that its JWTs be kept as well.

use crate::{Epoch, GrantId, SecretHash};

/// An access token's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccessToken {
    /// The token's secret (opaque) or its `jti` (a persisted JWT), hashed.
    pub hash: SecretHash,
    /// The id in the token: the grant's, or the token's own for client credentials.
    pub id: GrantId,
    pub holder: NewHolder,
    /// Space-separated; `None` means all of the grant's.
    pub scope: Option<String>,
    /// The resources that the token is for (RFC 8707, section 2); empty means the issuer.
    pub audience: Vec<String>,
    /// Refused from this second on.
    pub expires_at: i64,
}

impl NewAccessToken {
    /// The audience as one text, for engines that keep it so. No identifier of a resource contains
    /// a blank (RFC 3986, section 2).
    pub fn audience_text(&self) -> Option<String> {
        (!self.audience.is_empty()).then(|| self.audience.join(" "))
    }

    /// The audience of [`audience_text`](Self::audience_text).
    pub fn audience_of(text: Option<&str>) -> Vec<String> {
        let words = text.unwrap_or_default().split(' ');
        words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// To whom a new token's life is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewHolder {
    /// The grant whose act writes the token.
    Grant,
    /// The client itself (RFC 6749, section 4.4), with the epoch read when it was authenticated.
    Client { client_id: String, epoch: Epoch },
}

/// Which token is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckAccessToken {
    /// An opaque token of a grant.
    Opaque { grant: GrantId, hash: SecretHash },
    /// A JWT of a grant whose signature and times were verified.
    Jwt {
        grant: GrantId,
        jti: SecretHash,
        must_be_kept: bool,
    },
    /// An opaque token of a client itself.
    OpaqueOfClient { id: GrantId, hash: SecretHash },
    /// A JWT of a client itself.
    JwtOfClient {
        client_id: String,
        epoch: Epoch,
        jti: SecretHash,
        must_be_kept: bool,
    },
}

impl CheckAccessToken {
    /// The hash of the token's secret, or of its `jti`: what its row and its denial are found by.
    pub fn named_by(&self) -> &SecretHash {
        match self {
            CheckAccessToken::Opaque { hash, .. }
            | CheckAccessToken::OpaqueOfClient { hash, .. } => hash,
            CheckAccessToken::Jwt { jti, .. } | CheckAccessToken::JwtOfClient { jti, .. } => jti,
        }
    }
}

/// What an accepted token's own row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    pub scope: String,
    /// As in [`NewAccessToken::audience`].
    pub audience: Vec<String>,
    pub expires_at: i64,
}
