//! The grant: what a user (or an exchange) allowed a client, from its code to its last token.
//!
//! One row decides everything about a grant. It owns one code, one refresh family and its access
//! tokens, and it remembers the epochs of its parents ([`Parents`]). The order in which an act
//! looks at a row is part of its contract and stands at [`decide_redeem`] and [`decide_rotate`];
//! backends that run Rust inside the act call these functions, the others are written to them and
//! held to them by the suite.

mod redeem;
mod rotate;

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::access_tokens::{CheckAccessToken, NewAccessToken, TokenState};
use crate::consents::ConsentStep;
use crate::refresh_tokens::MacKey;
use crate::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};

pub use redeem::{
    NewRefreshFamily, RedeemCode, RedeemDecision, RedeemOutcome, apply_redeem, decide_redeem,
};
pub use rotate::{
    RotateDecision, RotateOutcome, RotateRefreshToken, Successor, apply_rotate, decide_rotate,
};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshFamily {
    /// Makes and recognises the MAC half of every secret of the family; never changes.
    pub mac_key: MacKey,
    pub current: SecretHash,
    pub predecessor: Option<Predecessor>,
    /// Refused from this second on if it was not used before; `None` without an idle limit.
    pub idle_expires_at: Option<i64>,
    pub rotated_at: i64,
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

impl fmt::Display for Dead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dead::Grant(EndCause::CodeReplayed) => "its code was presented twice",
            Dead::Grant(EndCause::CodeBurnt) => "its code was presented with a wrong proof",
            Dead::Grant(EndCause::RefreshTokenReused) => "a used refresh token was presented again",
            Dead::Grant(EndCause::Revoked) => "the client revoked it",
            Dead::Grant(EndCause::DeletedByOperator) => "an operator deleted it",
            Dead::User => "the user was disabled or deleted, or has a new password",
            Dead::Client => "the client was disabled or deleted, or authenticates otherwise now",
            Dead::Consent => "the user's consent to the client was withdrawn",
            Dead::BrowserSession => "the user signed out, or the session is over",
            Dead::ClientSession => "the user signed out of the application",
        })
    }
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndGrantOutcome {
    Ended,
    AlreadyEnded,
    ForeignClient,
    Unknown,
}
