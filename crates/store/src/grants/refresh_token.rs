//! What a refresh token is worth, for those who ask and do not use it: nothing changes, whatever is
//! presented.

use super::{Grant, GrantView, WhatEnded};
use crate::{Token, refresh_tokens};

/// What is found of a refresh token, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum RefreshTokenState {
    /// No such grant, no refresh family, or a secret that the family never made.
    Unknown,
    /// Its grant, or something above it, has ended.
    Ended(WhatEnded),
    /// It was rotated. Within the grace its client may still repeat that, but the token to use is
    /// its successor.
    Rotated,
    /// Past its absolute or idle lifetime.
    Expired { expired_at: i64 },
    /// The current token of its family.
    Active {
        grant: Box<Grant>,
        issued_at: i64,
        /// The earlier of the absolute and the idle end.
        expires_at: i64,
    },
}

/// Whether a refresh token would be rotated or kept now, as [`super::decide_rotate`] would find.
pub fn decide_check_of_refresh_token(
    view: Option<GrantView>,
    presented: &Token,
    now: i64,
) -> RefreshTokenState {
    let Some(GrantView { grant, what_ended }) = view else {
        return RefreshTokenState::Unknown;
    };
    if !grant.has_made(presented) {
        return RefreshTokenState::Unknown;
    }
    let Some(family) = &grant.refresh else {
        return RefreshTokenState::Unknown;
    };
    if let Some(what_ended) = what_ended {
        return RefreshTokenState::Ended(what_ended);
    }
    if !family.current.matches(&presented.hash()) {
        return RefreshTokenState::Rotated;
    }
    let idle = family.idle_expires_at.unwrap_or(i64::MAX);
    let expires_at = grant.expires_at.min(idle);
    if now >= expires_at {
        return RefreshTokenState::Expired {
            expired_at: expires_at,
        };
    }
    RefreshTokenState::Active {
        issued_at: family.rotated_at,
        expires_at,
        grant: Box::new(grant),
    }
}

impl Grant {
    /// Whether the value is a refresh token of this grant: its current one, or an earlier one.
    pub fn has_made(&self, refresh_token: &Token) -> bool {
        self.refresh.as_ref().is_some_and(|family| {
            family.current.matches(&refresh_token.hash())
                || refresh_tokens::is_of_the_family(refresh_token, &family.mac_key)
        })
    }
}
