//! Presenting a refresh token (RFC 6749 6): what is presented, what is decided, what the row is then.

use super::{Dead, EndCause, Grant, GrantView, Predecessor};
use crate::access_tokens::NewAccessToken;
use crate::{GrantId, SecretHash};

/// Present a refresh token.
#[derive(Debug, Clone)]
pub struct RotateRefreshToken {
    pub grant: GrantId,
    /// The authenticated client.
    pub client_id: String,
    pub presented: SecretHash,
    /// Whether the presented secret's MAC half is the family's: a value that the family once made.
    pub of_the_family: bool,
    /// The next member, or `None` where the client's refresh tokens do not rotate.
    pub successor: Option<Successor>,
    pub idle_expires_at: Option<i64>,
    pub access_token: Option<NewAccessToken>,
}

/// The next member of a refresh family.
#[derive(Debug, Clone)]
pub struct Successor {
    pub hash: SecretHash,
    /// The successor's plaintext under a key that only the presented token yields; empty switches
    /// the grace off.
    pub sealed: Vec<u8>,
    /// A retry of the presented token is answered before this second.
    pub grace_until: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RotateOutcome {
    /// The successor is current now.
    Rotated,
    /// The token stays as it is (no rotation for this client).
    Kept,
    /// A retry within the grace while the successor is unused: the same successor again, sealed.
    Repeated { sealed_successor: Vec<u8> },
    /// A used token of the family, outside the grace: the grant ended.
    Reused { rotated_at: i64 },
    /// No such grant, no refresh family, or a secret that the family never made. Nothing changed.
    Unknown,
    /// The grant is another client's. Nothing changed.
    ForeignClient,
    /// Past its absolute or idle lifetime. Nothing changed.
    Expired { expired_at: i64 },
    /// The grant had ended (nothing changed), or something above it (the row may have moved). No
    /// token may be answered.
    Ended(Dead),
}

/// What [`Grants::rotate_refresh_token`] does, in this order:
///
/// 1. no family, or a secret that is neither current, nor the predecessor, nor of the family →
///    `Unknown`
/// 2. another client → `ForeignClient`
/// 3. the grant itself ended → `Ended`
/// 4. an ancestor, or the predecessor outside its grace → `Reused` (ends), however old
/// 5. past the grant's end or the idle one → `Expired`
/// 6. the predecessor: a parent ended → `Ended`, else `Repeated`
/// 7. the current one is rotated or kept, whatever became of the parents: one of them ended →
///    `Ended`, else `Rotated` or `Kept`
///
/// Parents are compared last and undo nothing, as in [`decide_redeem`]. Only 4 and 7
/// ([`apply_rotate`]) change the row.
pub fn decide_rotate(view: &GrantView, act: &RotateRefreshToken, now: i64) -> RotateDecision {
    let grant = &view.grant;
    let Some(family) = &grant.refresh else {
        return RotateDecision::Refuse(RotateOutcome::Unknown);
    };
    let is_current = family.current.matches(&act.presented);
    let predecessor = family
        .predecessor
        .as_ref()
        .filter(|p| p.hash.matches(&act.presented));
    if !is_current && predecessor.is_none() && !act.of_the_family {
        return RotateDecision::Refuse(RotateOutcome::Unknown);
    }
    if grant.client_id != act.client_id {
        return RotateDecision::Refuse(RotateOutcome::ForeignClient);
    }
    if let Some(ended) = grant.ended {
        return RotateDecision::Refuse(RotateOutcome::Ended(Dead::Grant(ended.cause)));
    }
    let in_grace = predecessor.filter(|p| now < p.grace_until && !p.sealed_successor.is_empty());
    if !is_current && in_grace.is_none() {
        return RotateDecision::End(
            EndCause::RefreshTokenReused,
            RotateOutcome::Reused {
                rotated_at: family.rotated_at,
            },
        );
    }
    let idle = family.idle_expires_at.unwrap_or(i64::MAX);
    let expired_at = grant.expires_at.min(idle);
    if now >= expired_at {
        return RotateDecision::Refuse(RotateOutcome::Expired { expired_at });
    }
    match (in_grace, view.dead) {
        (None, _) => RotateDecision::Rotate,
        (Some(_), Some(dead)) => RotateDecision::Refuse(RotateOutcome::Ended(dead)),
        (Some(predecessor), None) => RotateDecision::Repeat(predecessor.sealed_successor.clone()),
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum RotateDecision {
    /// Write the row of [`apply_rotate`] and answer its outcome.
    Rotate,
    /// Write the access token, answer the sealed successor.
    Repeat(Vec<u8>),
    /// End the grant and answer this.
    End(EndCause, RotateOutcome),
    /// Change nothing and answer this.
    Refuse(RotateOutcome),
}

/// The row after [`RotateDecision::Rotate`], to be written in any case, and what to answer. The
/// act's access token is written only with `Rotated` and `Kept`.
#[must_use]
pub fn apply_rotate(view: GrantView, act: &RotateRefreshToken, now: i64) -> (Grant, RotateOutcome) {
    let GrantView { mut grant, dead } = view;
    let Some(family) = &mut grant.refresh else {
        return (grant, RotateOutcome::Unknown);
    };
    family.idle_expires_at = act.idle_expires_at;
    let mut outcome = RotateOutcome::Kept;
    if let Some(successor) = &act.successor {
        family.predecessor = Some(Predecessor {
            hash: family.current,
            grace_until: successor.grace_until,
            sealed_successor: successor.sealed.clone(),
        });
        family.current = successor.hash;
        family.rotated_at = now;
        outcome = RotateOutcome::Rotated;
    }
    if let Some(dead) = dead {
        outcome = RotateOutcome::Ended(dead);
    }
    (grant, outcome)
}
