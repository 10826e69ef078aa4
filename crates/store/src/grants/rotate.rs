//! Presenting a refresh token (RFC 6749, section 6): what is presented, what is decided, what the
//! record is then.

use super::{EndCause, Grant, Predecessor, WhatEnded, end};
use crate::access_tokens::NewAccessToken;
use crate::acts::{Act, Decision};
use crate::events::{Event, EventKind};
use crate::refresh_tokens::KeyThumbprint;
use crate::{ActId, GrantId, SecretHash};

/// Present a refresh token.
#[derive(Debug, Clone)]
pub struct RotateRefreshToken {
    pub grant: GrantId,
    /// The authenticated client.
    pub client_id: String,
    pub presented: SecretHash,
    /// Whether the presented secret's MAC half is the family's: a value that the family once made.
    pub of_the_family: bool,
    /// The key whose possession the request proves (RFC 9449, section 5). Checked where the family
    /// is bound to one, for a rotation and for a repetition.
    pub binding_key: Option<KeyThumbprint>,
    /// The next member, or `None` if the client's refresh tokens do not rotate.
    pub successor: Option<Successor>,
    pub idle_expires_at: Option<i64>,
    pub access_token: Option<NewAccessToken>,
    /// What is done with a token that nothing is wrong with.
    pub otherwise: Otherwise,
    /// The grant as the caller has read it for this request. It spares a shared engine its first
    /// read; an engine that reads within the act ignores it.
    pub hint: Option<Grant>,
}

/// The next member of a refresh family.
#[derive(Debug, Clone)]
pub struct Successor {
    pub hash: SecretHash,
    /// The successor's plaintext under a key that only the presented token yields; empty switches
    /// the grace off.
    pub sealed: Vec<u8>,
    /// A retry of the presented token is repeated before this second.
    pub grace_until: i64,
}

/// What is done with a refresh token that would be rotated, kept or repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// It is.
    Proceed,
    /// Nothing, because the request has a further fault that its caller holds back: a mistake
    /// costs no refresh token, and hides no reuse. The outcome is [`RotateOutcome::Withheld`].
    Refuse,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RotateOutcome {
    /// The successor is current now.
    Rotated,
    /// The token stays as it is (no rotation for this client).
    Kept,
    /// A retry within the grace while the successor is unused: the same successor again, sealed.
    Repeated { sealed_successor: Vec<u8> },
    /// It would have been one of the three without [`Otherwise::Refuse`]. Nothing changed.
    Withheld,
    /// A used token of the family, outside the grace or with another key: the grant ended.
    Reused { rotated_at: i64 },
    /// No such grant, no refresh family, or a secret that the family never made. Nothing changed.
    Unknown,
    /// The grant is another client's. Nothing changed.
    ForeignClient,
    /// Past its absolute or idle lifetime. Nothing changed.
    Expired { expired_at: i64 },
    /// The current token with another key than the family is bound to, or without one. Nothing
    /// changed.
    WrongKey,
    /// The grant had ended (nothing changed), or something above it (the record may have moved).
    /// No token may be returned.
    Ended(WhatEnded),
}

/// What [`super::Grants::rotate_refresh_token`] does, in this order:
///
/// 1. no family, or a secret that is neither current, nor the predecessor, nor of the family →
///    `Unknown`
/// 2. another client → `ForeignClient`
/// 3. the grant itself ended → `Ended`
/// 4. an ancestor, or the predecessor outside its grace or with another key → `Reused` (ends),
///    however old, and whatever else is wrong with the request
/// 5. past the grant's end or the idle one → `Expired`
/// 6. the current one with another key → `WrongKey`
/// 7. the request has a further fault: a parent ended → `Ended`, else `Withheld`
/// 8. the predecessor: a parent ended → `Ended`, else `Repeated`
/// 9. the current one is rotated or kept, whatever became of the parents: one of them ended →
///    `Ended`, else `Rotated` or `Kept`
///
/// Parents are compared last and undo nothing, as in [`super::decide_redeem`]. Only 4 and 9 change
/// the record.
pub fn decide_rotate(
    found: Option<Grant>,
    act: &RotateRefreshToken,
    by: ActId,
    now: i64,
) -> Decision<Grant, RotateOutcome> {
    use RotateOutcome::{
        Ended, Expired, ForeignClient, Repeated, Reused, Unknown, Withheld, WrongKey,
    };
    let Some(mut grant) = found else {
        return Decision::returns(Unknown);
    };
    let Some(family) = &mut grant.refresh else {
        return Decision::returns(Unknown);
    };
    let is_current = family.current.matches(&act.presented);
    let predecessor = family
        .predecessor
        .as_ref()
        .filter(|predecessor| predecessor.hash.matches(&act.presented));
    if !is_current && predecessor.is_none() && !act.of_the_family {
        return Decision::returns(Unknown);
    }
    if grant.client_id != act.client_id {
        return Decision::returns(ForeignClient);
    }
    if let Some(ended) = grant.ended {
        return Decision::returns(Ended(WhatEnded::Grant(ended.cause)));
    }
    let key_matches = family.binding_key.is_none() || family.binding_key == act.binding_key;
    let handed_over = predecessor
        .filter(|predecessor| now < predecessor.grace_until && key_matches)
        .map(|predecessor| &predecessor.sealed_successor)
        .filter(|sealed| !sealed.is_empty());
    if !is_current && handed_over.is_none() {
        let rotated_at = family.rotated_at;
        let outcome = Reused { rotated_at };
        return end(grant, EndCause::RefreshTokenReused, outcome, by, now);
    }
    let idle = family.idle_expires_at.unwrap_or(i64::MAX);
    let expired_at = grant.expires_at.min(idle);
    if now >= expired_at {
        return Decision::returns(Expired { expired_at });
    }
    if !key_matches {
        return Decision::returns(WrongKey);
    }
    if act.otherwise == Otherwise::Refuse {
        return Decision::returns(Withheld).unless_ended(Ended);
    }
    if let Some(sealed) = handed_over {
        let sealed_successor = sealed.clone();
        return Decision::returns(Repeated { sealed_successor })
            .mints(act.access_token.as_ref())
            .unless_ended(Ended);
    }
    family.idle_expires_at = act.idle_expires_at;
    if let Some(successor) = &act.successor {
        family.predecessor = Some(Predecessor {
            hash: family.current,
            grace_until: successor.grace_until,
            sealed_successor: successor.sealed.clone(),
        });
        family.current = successor.hash;
        family.rotated_at = now;
    }
    grant.written_by = by;
    let rotates = act.successor.is_some();
    let event = rotates.then(|| Event::about_grant(EventKind::RefreshTokenRotated, &grant, now));
    let outcome = match rotates {
        true => RotateOutcome::Rotated,
        false => RotateOutcome::Kept,
    };
    let mut decision = Decision::returns(outcome)
        .moves(grant)
        .mints(act.access_token.as_ref())
        .unless_ended(Ended);
    if let Some(event) = event {
        decision = decision.tells(event);
    }
    decision
}

impl Act for RotateRefreshToken {
    type Record = Grant;
    type Outcome = RotateOutcome;

    fn key(&self) -> &GrantId {
        &self.grant
    }

    fn decide(&self, found: Option<Grant>, by: ActId, now: i64) -> Decision<Grant, RotateOutcome> {
        decide_rotate(found, self, by, now)
    }

    /// A rotation is known by its successor, as long as that is current or was the last to be.
    fn is_in(&self, record: &Grant, by: ActId) -> bool {
        let successor = self.successor.as_ref().map(|successor| successor.hash);
        let rotated = record.refresh.as_ref().is_some_and(|family| {
            let predecessor = family.predecessor.as_ref().map(|p| p.hash);
            successor.is_some() && (successor == Some(family.current) || successor == predecessor)
        });
        rotated || record.written_by == by || record.was_ended_by(by)
    }
}
