//! The acts that a grant store offers and everything they can answer.
//!
//! An act is one call of a storage trait: atomic on the grant's row, and followed by the comparison
//! of the parents' epochs where it would accept. Ids are small integers, so that a history is
//! readable and a backend can map them to its own. Secrets are named by the order in which they
//! were made: [`Secret::Issued`]`(0)` is a grant's first code (or first refresh token), `Issued(1)`
//! the one that replaced it (or its successor).

use serde::{Deserialize, Serialize};

/// One act. The instant at which it is carried out is passed beside it, never inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Writes the grant with an unused code, or replaces its code while that is unused. `taken` are
    /// the parents' epochs as the read that verified the credential saw them; they are written down
    /// and not compared, so a grant may be dead on arrival.
    IssueCode {
        grant: GrantId,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
    },
    /// Exchanges a code for the grant's tokens (RFC 6749 4.1.3). `client` is the authenticated one.
    RedeemCode {
        grant: GrantId,
        code: Secret,
        client: ClientId,
        proof: Proof,
    },
    /// Presents a refresh token (RFC 6749 6). `client` is the authenticated one.
    RotateRefreshToken {
        grant: GrantId,
        token: Secret,
        client: ClientId,
    },
    /// Asks whether an access token is good (RFC 7662 2.2, OpenID Connect Core 5.3). `access_token`
    /// counts the grant's access tokens from 0.
    CheckToken { grant: GrantId, access_token: u32 },
    /// Ends the grant because its refresh token was revoked (RFC 7009 2.1). `client` is the
    /// authenticated one.
    EndGrant { grant: GrantId, client: ClientId },
    /// Puts one access token's `jti` on the denylist (RFC 7009 2.1).
    DenyAccessToken { grant: GrantId, access_token: u32 },
    /// Logout: replaces the browser session's epoch. Offline grants survive (OpenID Connect
    /// Back-Channel Logout 1.0, 2.7).
    EndBrowserSession { browser_session: BrowserSessionId },
    /// A new password, or the user was disabled: replaces the user's epoch.
    EndUser { user: UserId },
    /// Replaces the epoch of the user's consent to the client.
    WithdrawConsent { user: UserId, client: ClientId },
    /// The client was disabled: replaces the client's epoch.
    EndClient { client: ClientId },
}

impl Act {
    /// The grant that the act is on; `None` for an ending above it.
    pub fn grant(&self) -> Option<GrantId> {
        match *self {
            Self::IssueCode { grant, .. }
            | Self::RedeemCode { grant, .. }
            | Self::RotateRefreshToken { grant, .. }
            | Self::CheckToken { grant, .. }
            | Self::EndGrant { grant, .. }
            | Self::DenyAccessToken { grant, .. } => Some(grant),
            Self::EndBrowserSession { .. }
            | Self::EndUser { .. }
            | Self::WithdrawConsent { .. }
            | Self::EndClient { .. } => None,
        }
    }
}

/// What an act answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    IssueCode(IssueOutcome),
    RedeemCode(RedeemOutcome),
    RotateRefreshToken(RotateOutcome),
    CheckToken(CheckOutcome),
    EndGrant(EndGrantOutcome),
    /// `DenyAccessToken` and the four endings that replace an epoch; they may be repeated and
    /// always answer this.
    Done,
}

/// Answers of [`Act::IssueCode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueOutcome {
    /// The grant is new.
    Issued,
    /// The grant's code was unused; the new code and the newly taken epochs stand in its place, the
    /// old code is unknown.
    Replaced,
    /// The code was used, the grant has ended, or it is another client's: the interaction is done. Nothing changed.
    AlreadyUsed,
}

/// Answers of [`Act::RedeemCode`], in the order in which they are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedeemOutcome {
    /// No such grant, or not the secret of its present code. Nothing changed.
    Unknown,
    /// The code is another client's. Nothing changed.
    ForeignClient,
    /// The grant has ended, or (found last) one of its parents has.
    Ended,
    /// The code was used and everything is right: the grant has ended now.
    Replayed,
    /// The code was used and the proof is wrong. Nothing changed.
    UsedWithWrongProof,
    /// The code is unused and too old. Nothing changed.
    Expired,
    /// The code was unused and the proof is wrong: the grant has ended now.
    Burnt,
    /// The code is used now; the first refresh token and an access token were made.
    Redeemed,
}

/// Answers of [`Act::RotateRefreshToken`], in the order in which they are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RotateOutcome {
    /// No such grant, or a secret that was never issued for it. Nothing changed.
    Unknown,
    /// The refresh token is another client's. Nothing changed.
    ForeignClient,
    /// The grant has ended, or (found last) one of its parents has.
    Ended,
    /// A used token outside the grace: the grant has ended now.
    Reused,
    /// Past the grant's or the idle lifetime. Nothing changed.
    Expired,
    /// The predecessor within the grace: the same successor again and a new access token.
    Repeated { successor: u32 },
    /// The token is used now, `successor` is current, and there is a new access token.
    Rotated { successor: u32 },
    /// Rotation is off for the client: the token stays current, its idle lifetime begins anew, and
    /// there is a new access token.
    Kept,
}

/// Answers of [`Act::CheckToken`], in the order in which they are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Past its own end or its grant's.
    Expired,
    /// The grant, or one of its parents, has ended.
    Ended,
    /// Its `jti` is on the denylist.
    Denied,
    Active,
}

/// Answers of [`Act::EndGrant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndGrantOutcome {
    /// No such grant.
    Unknown,
    /// The grant is another client's. Nothing changed.
    ForeignClient,
    /// The grant has ended, now or before.
    Ended,
}

/// What a grant hangs under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Under {
    /// An online grant; its user is the browser session's.
    BrowserSession(BrowserSessionId),
    /// An offline grant: under this user's consent to the client.
    Consent(UserId),
}

/// The epochs that a grant took from its parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ParentEpochs {
    pub user: Epoch,
    /// Online grants only.
    pub browser_session: Option<Epoch>,
    pub consent: Epoch,
    pub client: Epoch,
}

/// One epoch of a record, named by how many endings that record had before: a real one is 128
/// random bits, so none ever returns.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// A presented secret whose prefix names the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// The nth that was made for the grant, from 0. One that wasn't made yet counts as made up.
    Issued(u32),
    /// The right shape, the right grant, another secret.
    MadeUp,
}

/// Whether redirect_uri and code_verifier are those of the code (RFC 6749 4.1.3, RFC 7636 4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    Right,
    Wrong,
}

/// A grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(pub u8);

/// A client: the position in [`crate::state::Setup::clients`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(pub u8);

/// A user, from 0 below [`crate::state::Setup::users`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub u8);

/// A browser session: the position in [`crate::state::Setup::browser_sessions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BrowserSessionId(pub u8);
