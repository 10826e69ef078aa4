//! Whether an access token is accepted: by its own row or its claims, by its grant, and by all that
//! is above that.

use super::{Grant, GrantView, WhatEnded};
use crate::access_tokens::{NewAccessToken, TokenRow};

/// What is found of a token, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenState {
    /// No such token, a wrong secret to a known id, or a grant that is gone.
    Unknown,
    /// Past its own end or its grant's. (A JWT's own end is its bearer's to check.)
    Expired { expired_at: i64 },
    /// Its grant, or something above it, has ended.
    Ended(WhatEnded),
    /// This one token was revoked.
    Denied,
    /// Accepted. For a JWT `scope` and `expires_at` are in the token itself.
    Active(Box<ActiveToken>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct ActiveToken {
    pub holder: Holder,
    /// Scope and expiry from the row; `None` for a JWT that has none.
    pub row: Option<TokenRow>,
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

/// What [`super::Grants::check_access_token`] returns for a token of a grant. `row` is an
/// opaque token's own, which its caller has found; a JWT's row says nothing but that it is there.
pub fn decide_check_of_grant(
    view: Option<GrantView>,
    row: Option<&NewAccessToken>,
    denied: bool,
    now: i64,
) -> TokenState {
    let Some(GrantView { grant, what_ended }) = view else {
        return TokenState::Unknown;
    };
    let expired_at = row.map_or(grant.expires_at, |row| row.expires_at.min(grant.expires_at));
    if now >= expired_at {
        return TokenState::Expired { expired_at };
    }
    if let Some(what_ended) = what_ended {
        return TokenState::Ended(what_ended);
    }
    if denied {
        return TokenState::Denied;
    }
    let row = row.map(|row| TokenRow {
        scope: row.scope.clone().unwrap_or_else(|| grant.scope.clone()),
        audience: row.audience.clone(),
        expires_at: row.expires_at,
    });
    TokenState::Active(Box::new(ActiveToken {
        holder: Holder::Grant(grant),
        row,
    }))
}

/// The same for a token of a client itself. `client_lives`: the client is active and has the epoch
/// that the token carries.
pub fn decide_check_of_client(
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
        return TokenState::Ended(WhatEnded::Client);
    }
    if denied {
        return TokenState::Denied;
    }
    let row = row.map(|row| TokenRow {
        scope: row.scope.clone().unwrap_or_default(),
        audience: row.audience.clone(),
        expires_at: row.expires_at,
    });
    let holder = Holder::Client {
        client_id: client_id.to_owned(),
    };
    TokenState::Active(Box::new(ActiveToken { holder, row }))
}
