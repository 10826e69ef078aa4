//! The grant: what a user (or an exchange) allowed a client, from its code to its last token.
//!
//! One record decides everything about a grant. It has an origin, at most one refresh family and
//! its access tokens, and it remembers the epochs of its parents ([`Parents`]). What an act decides
//! is a function here: [`decide_issue`], [`decide_redeem`], [`decide_rotate`], [`decide_end`],
//! [`decide_delete_code`]. Every engine calls these ([`crate::acts`]); the order in which they look
//! at a record is part of the acts' contract.

mod approve;
mod check;
mod ending;
mod issue;
mod origin;
mod redeem;
mod refresh_token;
mod rotate;
pub mod shared;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::access_tokens::{CheckAccessToken, NewAccessToken};
use crate::acts::Record;
use crate::events::{Event, EventKind};
use crate::refresh_tokens::{KeyThumbprint, MacKey};
use crate::{ActId, ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};

pub use crate::ended::{EndCause, Ended, WhatEnded};
pub use crate::sessions::JoinSession;
pub use approve::decide_approved_grant;
pub use check::{ActiveToken, Holder, TokenState, decide_check_of_client, decide_check_of_grant};
pub(crate) use ending::end;
pub use ending::{EndGrant, EndGrantOutcome, decide_delete_code, decide_end};
pub use issue::{IssueCode, IssueOutcome, Joined, NewCode, TokensInResponse, decide_issue};
pub use origin::{CodeRequest, Origin, OriginDetails, PersonalToken, Used, Voucher};
pub use redeem::{NewRefreshFamily, Proof, Redeem, RedeemOutcome, decide_redeem};
pub use refresh_token::{RefreshTokenState, decide_check_of_refresh_token};
pub use rotate::{Otherwise, RotateOutcome, RotateRefreshToken, Successor, decide_rotate};

/// The format in which this program writes grants. It reads this one and older ones; a newer one is
/// [`StoreError::NewerRecord`]. A new format is written only after the last program that does not
/// know it has left.
pub const FORMAT: i64 = 1;

/// The acts on a grant. Each is atomic, and is durable when it returns.
///
/// # Errors
/// Every act returns [`StoreError::Unavailable`] if the engine can't be reached or can't make the
/// act durable, [`StoreError::Refused`] if it refuses by its own rules, [`StoreError::Corrupt`] for
/// a record that matches no valid state, [`StoreError::NewerRecord`] for one in a newer format,
/// and, from an engine that others share, [`StoreError::Contended`].
#[async_trait]
pub trait Grants: Send + Sync {
    /// Writes a grant with its unused code, and with it the client session (online) and the consent
    /// that it depends on; replaces an unused code of the same grant and client. See
    /// [`decide_issue`].
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError>;

    /// Redeems a code (RFC 6749, section 4.1.3): the only way to use one. See [`decide_redeem`].
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
    async fn redeem(&self, act: &Redeem, now: i64) -> Result<RedeemOutcome, StoreError>;

    /// Reads a grant and compares its parents, for the checks that come before an act.
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError>;

    /// Presents a refresh token (RFC 6749, section 6): rotates, repeats, or refuses. See
    /// [`decide_rotate`].
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
    async fn rotate_refresh_token(
        &self,
        act: &RotateRefreshToken,
        now: i64,
    ) -> Result<RotateOutcome, StoreError>;

    /// Whether an access token is accepted: its own row or its denial, its grant, every parent.
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
    async fn check_access_token(
        &self,
        check: &CheckAccessToken,
        now: i64,
    ) -> Result<TokenState, StoreError>;

    /// Writes an access token that belongs to no grant (client credentials), or a persisted one.
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
    async fn insert_access_token(&self, token: &NewAccessToken, now: i64)
    -> Result<(), StoreError>;

    /// Ends one grant. With `client_id`, only if the grant is that client's (RFC 7009,
    /// section 2.1).
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
    async fn end_grant(
        &self,
        id: &GrantId,
        client_id: Option<&str>,
        cause: EndCause,
        now: i64,
    ) -> Result<EndGrantOutcome, StoreError>;

    /// Refuses one access token from now until `until`, its expiry plus leeway: a JWT by its `jti`,
    /// an opaque one by its secret, hashed (RFC 7009, section 2.1).
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
    async fn deny_access_token(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError>;

    /// Ends every grant whose code has not been used yet, and returns how many there were.
    ///
    /// # Errors
    /// A [`StoreError`], as [`Grants`] describes.
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
    /// What tokens and userinfo repeat from the authorization; never changes.
    pub authorization: Authorization,
    pub origin: Origin,
    /// Whether redeeming the code starts a refresh family.
    pub refreshable: bool,
    pub refresh: Option<RefreshFamily>,
    pub ended: Option<Ended>,
    pub created_at: i64,
    /// The absolute end of the grant: nothing of it is accepted from this second on.
    pub expires_at: i64,
    /// Until when the record is needed, whatever has become of it: until its code is over, or the
    /// grant itself once that is used, and as long as an open form may name its id. It is collected
    /// [`crate::COLLECT_AFTER_SECONDS`] after that.
    pub keep_until: i64,
    /// The record's version.
    pub written_by: ActId,
}

impl Grant {
    /// Whether it can still be redeemed, as far as its own record says.
    pub fn has_unused_code(&self) -> bool {
        self.ended.is_none()
            && self
                .origin
                .voucher()
                .is_some_and(|code| code.used.is_none())
    }

    fn was_ended_by(&self, by: ActId) -> bool {
        self.ended.is_some_and(|ended| ended.by == by)
    }
}

impl Record for Grant {
    type Key = GrantId;

    fn written_by(&self) -> ActId {
        self.written_by
    }
}

/// What an approval writes of a grant, whatever its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewGrant {
    pub id: GrantId,
    pub client_id: String,
    pub sub: String,
    pub scope: String,
    pub parents: Parents,
    pub authorization: Authorization,
    pub refreshable: bool,
    pub created_at: i64,
    pub expires_at: i64,
}

impl NewGrant {
    pub(crate) fn written(self, origin: Origin, keep_until: i64, by: ActId) -> Grant {
        Grant {
            id: self.id,
            client_id: self.client_id,
            sub: self.sub,
            scope: self.scope,
            parents: self.parents,
            authorization: self.authorization,
            origin,
            refreshable: self.refreshable,
            refresh: None,
            ended: None,
            created_at: self.created_at,
            expires_at: self.expires_at,
            keep_until,
            written_by: by,
        }
    }
}

/// The epochs that a grant's parents had when the user's credential was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parents {
    pub user: Epoch,
    pub client: Epoch,
    pub consent: Epoch,
    /// An online grant belongs to a session; an offline grant does not (OpenID Connect Core 1.0,
    /// section 11).
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
    /// The resources that its tokens may be for (RFC 8707, section 2); empty means the issuer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Beside what the scope releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Box<GrantedClaims>>,
}

/// Claims that were asked for by name, as far as the client may have them (OpenID Connect Core,
/// section 5.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedClaims {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
    /// The languages that claims are preferred in (section 5.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locales: Vec<String>,
}

/// The grant's one refresh family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshFamily {
    /// Makes and recognises the MAC half of every secret of the family; never changes.
    pub mac_key: MacKey,
    /// The key that the client must prove possession of to use any token of the family (RFC 9449,
    /// section 5); never changes.
    pub binding_key: Option<KeyThumbprint>,
    pub current: SecretHash,
    pub predecessor: Option<Predecessor>,
    /// Refused from this second on if it was not used before; `None` without an idle limit.
    pub idle_expires_at: Option<i64>,
    pub rotated_at: i64,
}

/// The token that `current` replaced, while a retry of it may still be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predecessor {
    pub hash: SecretHash,
    /// A retry is repeated before this second.
    pub grace_until: i64,
    /// `current`, sealed under a key that only the presented predecessor yields. Empty if there is
    /// no grace, and once upkeep has emptied it: then no retry is repeated.
    pub sealed_successor: Vec<u8>,
}

/// A grant with the comparison of its parents, from one read.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantView {
    pub grant: Grant,
    /// `Some` if the grant or anything above it has ended.
    pub what_ended: Option<WhatEnded>,
}

impl Event {
    /// What became of a grant: who, at which client, which one.
    #[must_use]
    pub fn about_grant(kind: EventKind, grant: &Grant, at: i64) -> Event {
        let event = Event::new(kind, at).sub(&grant.sub);
        event.client(&grant.client_id).about(grant.id)
    }
}
