//! Redeeming a code (RFC 6749 4.1.3): what is presented, what is decided, what the row is then.

use super::{Dead, EndCause, Grant, GrantView, RefreshFamily};
use crate::access_tokens::NewAccessToken;
use crate::refresh_tokens::MacKey;
use crate::{GrantId, SecretHash};

/// Redeem a code. Everything that must be right stands in the act, so that it is one step.
#[derive(Debug, Clone)]
pub struct RedeemCode {
    pub grant: GrantId,
    pub code: SecretHash,
    /// The authenticated client.
    pub client_id: String,
    /// As presented; `None` where the parameter was missing.
    pub redirect_uri: Option<String>,
    /// S256 of the presented `code_verifier`; `None` where the parameter was missing.
    pub code_challenge: Option<String>,
    /// Starts the refresh family if the grant is `refreshable`.
    pub refresh: NewRefreshFamily,
    /// An access token that needs a row (opaque, or a persisted JWT).
    pub access_token: Option<NewAccessToken>,
}

/// The first member of a refresh family.
#[derive(Debug, Clone)]
pub struct NewRefreshFamily {
    pub mac_key: MacKey,
    pub first: SecretHash,
    pub idle_expires_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RedeemOutcome {
    /// The code was good and is used. The grant as it is now: `refresh` is `Some` if a family began.
    Redeemed(Box<Grant>),
    /// No such grant, or a wrong secret to one. Nothing changed.
    Unknown,
    /// The code is another client's. Nothing changed.
    ForeignClient,
    /// The right client with a wrong redirect_uri or verifier: the code is burnt, the grant ended.
    Burnt { redirect_uri_matches: bool },
    /// Too late. Nothing changed.
    Expired { expired_at: i64 },
    /// Used before, and everything in it right: the grant ended.
    Replayed { used_at: i64 },
    /// Used before, and redirect_uri or verifier wrong. Nothing changed.
    UsedWithWrongProof,
    /// The grant had ended (nothing changed), or something above it (the code may be used now). No
    /// token may be answered.
    Ended(Dead),
}

/// What [`Grants::redeem_code`] does, in this order:
///
/// 1. a wrong secret → `Unknown`
/// 2. another client → `ForeignClient`
/// 3. the grant itself ended → `Ended`
/// 4. used: proof right → `Replayed` (ends), proof wrong → `UsedWithWrongProof`
/// 5. expired → `Expired`
/// 6. proof wrong → `Burnt` (ends)
/// 7. the code is used, whatever became of the parents: one of them ended → `Ended`, else `Redeemed`
///
/// Parents are compared last and undo nothing: the row is one record and they may lie elsewhere, so
/// that not every engine could make the act depend on them. Only 4 (right), 6 and 7
/// ([`apply_redeem`]) change the row.
pub fn decide_redeem(view: &GrantView, act: &RedeemCode, now: i64) -> RedeemDecision {
    let grant = &view.grant;
    if !grant.code.hash.matches(&act.code) {
        return RedeemDecision::Refuse(RedeemOutcome::Unknown);
    }
    if grant.client_id != act.client_id {
        return RedeemDecision::Refuse(RedeemOutcome::ForeignClient);
    }
    if let Some(ended) = grant.ended {
        return RedeemDecision::Refuse(RedeemOutcome::Ended(Dead::Grant(ended.cause)));
    }
    let redirect_uri_matches =
        act.redirect_uri.as_deref() == Some(grant.code.redirect_uri.as_str());
    let proof = redirect_uri_matches && act.code_challenge == grant.code.code_challenge;
    match (grant.code.used_at, proof) {
        (Some(used_at), true) => {
            return RedeemDecision::End(
                EndCause::CodeReplayed,
                RedeemOutcome::Replayed { used_at },
            );
        }
        (Some(_), false) => return RedeemDecision::Refuse(RedeemOutcome::UsedWithWrongProof),
        (None, _) => {}
    }
    let expired_at = grant.code.expires_at.min(grant.expires_at);
    if now >= expired_at {
        return RedeemDecision::Refuse(RedeemOutcome::Expired { expired_at });
    }
    if !proof {
        let outcome = RedeemOutcome::Burnt {
            redirect_uri_matches,
        };
        return RedeemDecision::End(EndCause::CodeBurnt, outcome);
    }
    RedeemDecision::Redeem
}

#[derive(Debug, Clone, PartialEq)]
pub enum RedeemDecision {
    /// Write the row of [`apply_redeem`] and answer its outcome.
    Redeem,
    /// End the grant and answer this.
    End(EndCause, RedeemOutcome),
    /// Change nothing and answer this.
    Refuse(RedeemOutcome),
}

/// The row after [`RedeemDecision::Redeem`], to be written in any case, and what to answer. The
/// act's access token is written only with `Redeemed`.
#[must_use]
pub fn apply_redeem(view: GrantView, act: &RedeemCode, now: i64) -> (Grant, RedeemOutcome) {
    let GrantView { mut grant, dead } = view;
    grant.code.used_at = Some(now);
    if grant.refreshable {
        grant.refresh = Some(RefreshFamily {
            mac_key: act.refresh.mac_key.clone(),
            current: act.refresh.first,
            predecessor: None,
            idle_expires_at: act.refresh.idle_expires_at,
            rotated_at: now,
        });
    }
    let outcome = match dead {
        Some(dead) => RedeemOutcome::Ended(dead),
        None => RedeemOutcome::Redeemed(Box::new(grant.clone())),
    };
    (grant, outcome)
}
