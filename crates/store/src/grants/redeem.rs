//! Redeeming what a grant hands out once (a code: RFC 6749, section 4.1.3): what is presented, what
//! is decided, what the record is then.

use super::{EndCause, Grant, Origin, RefreshFamily, Used, WhatEnded, end};
use crate::access_tokens::NewAccessToken;
use crate::acts::{Act, Decision};
use crate::events::{Event, EventKind};
use crate::refresh_tokens::{KeyThumbprint, MacKey};
use crate::{ActId, GrantId, SecretHash};

/// Redeem a code. Everything that must be right is in the act, so that it is one step.
#[derive(Debug, Clone)]
pub struct Redeem {
    pub grant: GrantId,
    pub presented: SecretHash,
    /// The authenticated client.
    pub client_id: String,
    pub proof: Proof,
    /// Starts the refresh family if the grant is `refreshable`.
    pub refresh: NewRefreshFamily,
    /// An access token that needs a row (opaque, or a persisted JWT).
    pub access_token: Option<NewAccessToken>,
}

/// What is presented beside the secret: that, and for what origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// `grant_type=authorization_code`.
    Code {
        /// As presented; `None` if the parameter was missing.
        redirect_uri: Option<String>,
        /// S256 of the presented `code_verifier`; `None` if the parameter was missing.
        code_challenge: Option<String>,
    },
    /// `grant_type=urn:ietf:params:oauth:grant-type:device_code`. The secret is all the proof.
    DeviceCode,
}

/// The first member of a refresh family.
#[derive(Debug, Clone)]
pub struct NewRefreshFamily {
    pub mac_key: MacKey,
    pub first: SecretHash,
    pub idle_expires_at: Option<i64>,
    /// The key that every refresh token of the family is bound to (RFC 9449, section 5: a public
    /// client's are).
    pub binding_key: Option<KeyThumbprint>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RedeemOutcome {
    /// The code was valid and is now used. The grant as it is now: `refresh` is `Some` if a family
    /// began.
    Redeemed(Box<Grant>),
    /// No such grant, a grant without a code, or a wrong secret to one. Nothing changed.
    Unknown,
    /// The code is another client's. Nothing changed.
    ForeignClient,
    /// The right client with a wrong redirect_uri or verifier: the code is invalidated, the grant ended.
    Invalidated { redirect_uri_matches: bool },
    /// Too late. Nothing changed.
    Expired { expired_at: i64 },
    /// Used before, and everything in it right: the grant ended.
    Replayed { used_at: i64 },
    /// Used before, and redirect_uri or verifier wrong. Nothing changed.
    UsedWithWrongProof,
    /// The grant had ended (nothing changed), or something above it (the code may be used now). No
    /// token may be returned.
    Ended(WhatEnded),
}

/// What [`super::Grants::redeem`] does, in this order:
///
/// 1. no such grant, no code of this kind, a wrong secret → `Unknown`
/// 2. another client → `ForeignClient`
/// 3. the grant itself ended → `Ended`
/// 4. used: proof right → `Replayed` (ends), proof wrong → `UsedWithWrongProof`
/// 5. expired → `Expired`
/// 6. proof wrong → `Invalidated` (ends)
/// 7. the code is used, whatever became of the parents: one of them ended → `Ended`, else
///    `Redeemed`
///
/// Parents are compared last and undo nothing: the grant is one record and they may be elsewhere,
/// so that not every engine could make the act depend on them. Only 4 (right), 6 and 7 change the
/// record.
pub fn decide_redeem(
    found: Option<Grant>,
    act: &Redeem,
    by: ActId,
    now: i64,
) -> Decision<Grant, RedeemOutcome> {
    use RedeemOutcome::{Ended, Expired, ForeignClient, Invalidated, Redeemed, Replayed, Unknown};
    let Some(mut grant) = found else {
        return Decision::returns(Unknown);
    };
    let Some(Presented {
        matches,
        used,
        expires_at,
        redirect_uri_matches,
        proven,
    }) = presented(&grant.origin, act)
    else {
        return Decision::returns(Unknown);
    };
    if !matches {
        return Decision::returns(Unknown);
    }
    if grant.client_id != act.client_id {
        return Decision::returns(ForeignClient);
    }
    if let Some(ended) = grant.ended {
        return Decision::returns(Ended(WhatEnded::Grant(ended.cause)));
    }
    if let Some(Used { at: used_at, .. }) = used {
        return match proven {
            true => end(grant, EndCause::CodeReplayed, Replayed { used_at }, by, now),
            false => Decision::returns(RedeemOutcome::UsedWithWrongProof),
        };
    }
    let expired_at = expires_at.min(grant.expires_at);
    if now >= expired_at {
        return Decision::returns(Expired { expired_at });
    }
    if !proven {
        let outcome = Invalidated {
            redirect_uri_matches,
        };
        return end(grant, EndCause::CodeInvalidated, outcome, by, now);
    }
    grant.written_by = by;
    grant.keep_until = grant.keep_until.max(grant.expires_at);
    if let Some(voucher) = grant.origin.voucher_mut() {
        voucher.used = Some(Used { at: now, by });
    }
    grant.refresh = grant.refreshable.then(|| RefreshFamily {
        mac_key: act.refresh.mac_key.clone(),
        binding_key: act.refresh.binding_key,
        current: act.refresh.first,
        predecessor: None,
        idle_expires_at: act.refresh.idle_expires_at,
        rotated_at: now,
    });
    let event = Event::about_grant(EventKind::CodeRedeemed, &grant, now);
    Decision::returns(Redeemed(Box::new(grant.clone())))
        .moves(grant)
        .tells(event)
        .mints(act.access_token.as_ref())
        .unless_ended(Ended)
}

/// What was presented, beside what the grant has of that kind.
struct Presented {
    matches: bool,
    used: Option<Used>,
    expires_at: i64,
    redirect_uri_matches: bool,
    proven: bool,
}

/// `None` if the grant has nothing of the kind that was presented.
fn presented(origin: &Origin, act: &Redeem) -> Option<Presented> {
    let (voucher, redirect_uri_matches, proven) = match (origin, &act.proof) {
        (
            Origin::Code { code, request },
            Proof::Code {
                redirect_uri,
                code_challenge,
            },
        ) => {
            let redirect_uri_matches =
                redirect_uri.as_deref() == Some(request.redirect_uri.as_str());
            let proven = redirect_uri_matches && *code_challenge == request.code_challenge;
            (code, redirect_uri_matches, proven)
        }
        (Origin::Device { device_code }, Proof::DeviceCode) => (device_code, true, true),
        _ => return None,
    };
    Some(Presented {
        matches: voucher.hash.matches(&act.presented),
        used: voucher.used,
        expires_at: voucher.expires_at,
        redirect_uri_matches,
        proven,
    })
}

impl Act for Redeem {
    type Record = Grant;
    type Outcome = RedeemOutcome;

    fn key(&self) -> &GrantId {
        &self.grant
    }

    fn decide(&self, found: Option<Grant>, by: ActId, now: i64) -> Decision<Grant, RedeemOutcome> {
        decide_redeem(found, self, by, now)
    }

    fn is_in(&self, record: &Grant, by: ActId) -> bool {
        let used = record.origin.voucher().and_then(|voucher| voucher.used);
        used.is_some_and(|used| used.by == by) || record.was_ended_by(by)
    }
}
