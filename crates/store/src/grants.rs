//! The grant: what a user (or an exchange) allowed a client, from its code to its last token.
//!
//! One row decides everything about a grant. It owns one code, one refresh family and its access
//! tokens, and it remembers the epochs of its parents ([`Parents`]). The order in which an act
//! looks at a row is part of its contract and stands at [`decide_redeem`] and [`decide_rotate`];
//! backends that run Rust inside the act call these functions, the others are written to them and
//! held to them by the suite.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::access_tokens::{CheckAccessToken, NewAccessToken, TokenState};
use crate::consents::ConsentStep;
use crate::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};

/// The acts on a grant. Each is atomic, and is durable when it answers.
#[async_trait]
pub trait Grants: Send + Sync {
    /// Writes a grant with its unused code, and with it the client session (online) and the
    /// consent that it hangs under; replaces an unused code of the same grant and client. Parents
    /// are not compared here: an ending that came between is seen at redemption, because the grant
    /// carries the epochs its caller has read.
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError>;

    /// Redeems a code (RFC 6749 4.1.3): the only way to use one. See [`decide_redeem`].
    async fn redeem_code(&self, act: &RedeemCode, now: i64) -> Result<RedeemOutcome, StoreError>;

    /// Reads a grant and compares its parents, for the checks that come before an act.
    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError>;

    /// Presents a refresh token (RFC 6749 6): rotates, repeats, or refuses. See [`decide_rotate`].
    async fn rotate_refresh_token(
        &self,
        act: &RotateRefreshToken,
        now: i64,
    ) -> Result<RotateOutcome, StoreError>;

    /// Whether an access token is accepted: its own row or its denial, its grant, every parent.
    async fn check_access_token(
        &self,
        check: &CheckAccessToken,
        now: i64,
    ) -> Result<TokenState, StoreError>;

    /// Writes an access token that belongs to no grant (client credentials), or a persisted one.
    async fn insert_access_token(&self, token: &NewAccessToken, now: i64)
    -> Result<(), StoreError>;

    /// Ends one grant. With `client_id`, only if the grant is that client's (RFC 7009 2.1).
    async fn end_grant(
        &self,
        id: &GrantId,
        client_id: Option<&str>,
        cause: EndCause,
        now: i64,
    ) -> Result<EndGrantOutcome, StoreError>;

    /// Refuses one JWT from now until `until`, its expiry plus leeway.
    async fn deny_access_token(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError>;

    /// Ends every grant whose code was not used yet; answers how many.
    async fn delete_all_codes(&self, now: i64) -> Result<u64, StoreError>;
}

/// A grant as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    pub id: GrantId,
    pub client_id: String,
    /// The user's `sub`.
    pub sub: String,
    /// Space-separated, as granted.
    pub scope: String,
    pub parents: Parents,
    /// What the later answers repeat from the authorization; never changes.
    pub authorization: Authorization,
    pub code: Code,
    /// Whether redeeming the code starts a refresh family.
    pub refreshable: bool,
    pub refresh: Option<RefreshFamily>,
    pub ended: Option<Ended>,
    pub created_at: i64,
    /// The absolute end of the grant: nothing of it is accepted from this second on.
    pub expires_at: i64,
}

impl Grant {
    /// Whether `act` may put its code in the place of this grant's: its code is unused, it has not
    /// ended, and it is the same client's.
    pub fn may_be_replaced_by(&self, act: &IssueCode) -> bool {
        self.code.used_at.is_none() && self.ended.is_none() && self.client_id == act.grant.client_id
    }
}

/// The epochs that a grant's parents had when the user's credential was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parents {
    pub user: Epoch,
    pub client: Epoch,
    pub consent: Epoch,
    /// An online grant hangs under a session; an offline grant does not (OIDC Core 11).
    pub session: Option<SessionParents>,
}

/// An online grant's place in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionParents {
    pub browser_session: SessionId,
    pub browser_session_epoch: Epoch,
    pub sid: ClientSessionId,
    pub client_session_epoch: Epoch,
}

/// What was authorized, as far as tokens and userinfo repeat it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Authorization {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// When the user proved who they are, Unix seconds.
    pub auth_time: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The `sid` of the client session that the authorization took place in, offline grants too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<ClientSessionId>,
}

/// The grant's one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub hash: SecretHash,
    pub redirect_uri: String,
    /// Always in S256 form, whatever the client sent (RFC 7636 4.2).
    pub code_challenge: Option<String>,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

/// The grant's one refresh family.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshFamily {
    /// Makes and recognises the MAC half of every secret of the family; never changes.
    pub mac_key: [u8; 32],
    pub current: SecretHash,
    pub predecessor: Option<Predecessor>,
    /// Refused from this second on if it was not used before; `None` without an idle limit.
    pub idle_expires_at: Option<i64>,
    pub rotated_at: i64,
}

/// Without the MAC key.
impl fmt::Debug for RefreshFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshFamily")
            .field("current", &self.current)
            .field("predecessor", &self.predecessor)
            .field("idle_expires_at", &self.idle_expires_at)
            .field("rotated_at", &self.rotated_at)
            .finish_non_exhaustive()
    }
}

/// Without the MAC key.
impl fmt::Debug for NewRefreshFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRefreshFamily")
            .field("first", &self.first)
            .field("idle_expires_at", &self.idle_expires_at)
            .finish_non_exhaustive()
    }
}

/// The token that `current` replaced, while a retry of it may still be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predecessor {
    pub hash: SecretHash,
    /// A retry is answered before this second.
    pub grace_until: i64,
    /// `current`, sealed under a key that only the presented predecessor yields. Empty where there
    /// is no grace, and once upkeep has emptied it: then no retry is answered.
    pub sealed_successor: Vec<u8>,
}

/// Where and why a grant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub at: i64,
    pub cause: EndCause,
}

/// Why a grant ended by an act on itself. The text is what rows and events hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndCause {
    /// The code was presented again with everything right (RFC 6749 4.1.2).
    CodeReplayed,
    /// The right client presented the unused code with a wrong verifier or redirect_uri.
    CodeBurnt,
    /// A rotated refresh token was presented again (RFC 9700 4.14.2).
    RefreshTokenReused,
    /// The client revoked it (RFC 7009 2.1).
    Revoked,
    /// An operator deleted it.
    DeletedByOperator,
}

impl EndCause {
    pub const ALL: [EndCause; 5] = [
        EndCause::CodeReplayed,
        EndCause::CodeBurnt,
        EndCause::RefreshTokenReused,
        EndCause::Revoked,
        EndCause::DeletedByOperator,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            EndCause::CodeReplayed => "code_replayed",
            EndCause::CodeBurnt => "code_burnt",
            EndCause::RefreshTokenReused => "refresh_token_reused",
            EndCause::Revoked => "revoked",
            EndCause::DeletedByOperator => "deleted_by_operator",
        }
    }

    /// Reads the text of a row.
    pub fn parse(text: &str) -> Option<EndCause> {
        EndCause::ALL
            .into_iter()
            .find(|cause| cause.as_str() == text)
    }
}

/// A grant with the comparison of its parents, from one read.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantView {
    pub grant: Grant,
    /// `Some` where the grant or anything above it has ended.
    pub dead: Option<Dead>,
}

/// What ended: the grant itself, or a parent whose epoch is another one now or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dead {
    Grant(EndCause),
    User,
    Client,
    Consent,
    BrowserSession,
    ClientSession,
}

/// Issue a code: the end of an authorization.
#[derive(Debug, Clone)]
pub struct IssueCode {
    /// With `code.used_at` and `refresh` and `ended` empty. For an online grant the `sid` and its
    /// epoch are proposals: an existing client session of the browser session is joined instead.
    pub grant: Grant,
    /// What happens to the user's consent to the client in the same act.
    pub consent: ConsentStep,
    /// The browser session that the authorization took place in, and the proposal for its client
    /// session. Present for offline grants too, which have a `sid` without hanging under it.
    pub joins: JoinSession,
}

/// Get or create the client session of (browser session, client).
#[derive(Debug, Clone)]
pub struct JoinSession {
    pub browser_session: SessionId,
    /// As read with the cookie.
    pub browser_session_epoch: Epoch,
    pub proposed_sid: ClientSessionId,
    pub proposed_epoch: Epoch,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueOutcome {
    /// The grant is written. `sid` is the client session's, new or joined.
    Issued { sid: ClientSessionId },
    /// The same authorization was finished before, its code was unused and is void now.
    Replaced { sid: ClientSessionId },
    /// The same authorization was finished before and its code was used or its grant has ended, or
    /// the id is another client's. Nothing changed.
    AlreadyUsed,
}

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
#[derive(Clone)]
pub struct NewRefreshFamily {
    pub mac_key: [u8; 32],
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndGrantOutcome {
    Ended,
    AlreadyEnded,
    ForeignClient,
    Unknown,
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
            mac_key: act.refresh.mac_key,
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
