//! Access tokens: which of them need a row, and when one is accepted.
//!
//! A JWT needs none: it names its grant, and the grant decides, with a denylist of single JWTs.
//! An opaque token has a row, found by its hash. A client may ask that its JWTs be kept as well.

use crate::grants::{Dead, Grant, GrantView};
use crate::{Epoch, GrantId, SecretHash};

/// An access token's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccessToken {
    /// The token's secret (opaque) or its `jti` (a persisted JWT), hashed.
    pub hash: SecretHash,
    /// The id in the token: the grant's, or the token's own for client credentials.
    pub id: GrantId,
    pub holder: NewHolder,
    /// Space-separated; `None` stands for all of the grant's.
    pub scope: Option<String>,
    /// Refused from this second on.
    pub expires_at: i64,
}

/// To whom a new token's life is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewHolder {
    /// The grant whose act writes the token.
    Grant,
    /// The client itself (RFC 6749 4.4), with the epoch read when it was authenticated.
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

/// What is found of a token, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenState {
    /// No such token, a wrong secret to a known id, or a grant that is gone.
    Unknown,
    /// Past its own end or its grant's. (A JWT's own end is its bearer's to check.)
    Expired { expired_at: i64 },
    /// Its grant, or something above it, had ended.
    Ended(Dead),
    /// This one token was revoked.
    Denied,
    /// Accepted. For a JWT `scope` and `expires_at` stand in the token itself.
    Active(Box<ActiveToken>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct ActiveToken {
    pub holder: Holder,
    /// Scope and expiry from the row; `None` for a JWT that has none.
    pub row: Option<TokenRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    pub scope: String,
    pub expires_at: i64,
}

#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly always a grant, and boxed where it is kept: ActiveToken"
)]
pub enum Holder {
    Grant(Grant),
    Client { client_id: String },
}

/// What [`crate::grants::Grants::check_access_token`] answers about a token of a grant. `row` is an
/// opaque token's own, which its caller has found; a JWT's row says nothing but that it is there.
pub fn decide_of_grant(
    view: Option<GrantView>,
    row: Option<&NewAccessToken>,
    denied: bool,
    now: i64,
) -> TokenState {
    let Some(GrantView { grant, dead }) = view else {
        return TokenState::Unknown;
    };
    let expired_at = row.map_or(grant.expires_at, |row| row.expires_at.min(grant.expires_at));
    if now >= expired_at {
        return TokenState::Expired { expired_at };
    }
    if let Some(dead) = dead {
        return TokenState::Ended(dead);
    }
    if denied {
        return TokenState::Denied;
    }
    let row = row.map(|row| TokenRow {
        scope: row.scope.clone().unwrap_or_else(|| grant.scope.clone()),
        expires_at: row.expires_at,
    });
    TokenState::Active(Box::new(ActiveToken {
        holder: Holder::Grant(grant),
        row,
    }))
}

/// The same for a token of a client itself. `client_lives`: the client is active and has the epoch
/// that the token carries.
pub fn decide_of_client(
    client_id: &str,
    client_lives: bool,
    row: Option<&NewAccessToken>,
    denied: bool,
    now: i64,
) -> TokenState {
    if let Some(row) = row.filter(|row| now >= row.expires_at) {
        return TokenState::Expired {
            expired_at: row.expires_at,
        };
    }
    if !client_lives {
        return TokenState::Ended(Dead::Client);
    }
    if denied {
        return TokenState::Denied;
    }
    let row = row.map(|row| TokenRow {
        scope: row.scope.clone().unwrap_or_default(),
        expires_at: row.expires_at,
    });
    let holder = Holder::Client {
        client_id: client_id.to_owned(),
    };
    TokenState::Active(Box::new(ActiveToken { holder, row }))
}
