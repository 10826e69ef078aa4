//! What each act can return.

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use crate::acts::Act;

/// What an act returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    IssueCode(IssueOutcome),
    RedeemCode(RedeemOutcome),
    RotateRefreshToken(RotateOutcome),
    CheckToken(CheckOutcome),
    EndGrant(EndGrantOutcome),
    PresentCookie(CookieOutcome),
    RenewSession(RenewOutcome),
    EndClientSession(EndClientSessionOutcome),
    /// Of a user or a client.
    Enable(EnableOutcome),
    /// How many grants the deletion of all codes has ended.
    CodesDeleted(u32),
    /// [`Act::DenyAccessToken`], and the endings of everything but a grant or a client session. They
    /// may be repeated and always return this.
    Done,
}

/// What [`Act::IssueCode`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueOutcome {
    /// The grant is new.
    Issued,
    /// The grant's code was unused. The new code and the newly taken epochs replace it, and the old
    /// code is unknown.
    Replaced,
    /// The code was used, the grant has ended, or it is another client's: the authorization is
    /// finished. Nothing changed.
    AlreadyUsed,
}

/// What [`Act::RedeemCode`] returns, in the order in which it is found.
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
    Invalidated,
    /// The code is used now. The first refresh token and an access token were made.
    Redeemed,
}

/// What [`Act::RotateRefreshToken`] returns, in the order in which it is found.
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
    /// It would have been one of the next three if the request had no other fault. Nothing changed.
    Withheld,
    /// The predecessor within the grace: the same successor again and a new access token.
    Repeated { successor: u32 },
    /// The token is used now, `successor` is current, and there is a new access token.
    Rotated { successor: u32 },
    /// Rotation is off for the client: the token stays current, its idle lifetime starts again, and
    /// there is a new access token.
    Kept,
}

/// What [`Act::CheckToken`] returns, in the order in which it is found.
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

/// What [`Act::EndGrant`] returns.
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

/// What [`Act::PresentCookie`] returns, in the order in which it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CookieOutcome {
    /// A secret that the session never had.
    Unknown,
    /// The session has ended, or its user has.
    Ended,
    /// An earlier secret: it signs no one in, but still identifies the session.
    Superseded,
    Live,
}

/// What [`Act::RenewSession`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewOutcome {
    /// The session has ended, or is another user's, or another epoch's than the proof. What ended
    /// does not come back: the proof is for a new session.
    Unknown,
    /// The session has the new secret.
    Renewed,
}

/// What [`Act::EndClientSession`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndClientSessionOutcome {
    /// The client has no session under this browser session. Nothing changed.
    Unknown,
    Ended,
}

/// What [`Act::EnableUser`] and [`Act::EnableClient`] return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnableOutcome {
    /// Another act has ended or disabled it since. Nothing changed.
    ChangedMeanwhile,
    /// It is active, by this call or by an earlier one.
    Enabled,
}
