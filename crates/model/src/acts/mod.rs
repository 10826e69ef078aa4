//! The acts that a grant store offers and everything they can return.
//!
//! An act is one call of a storage trait: atomic on one record, and followed by the comparison of
//! the parents' epochs where it would accept. Ids are small integers ([`ids`]). Secrets are named
//! by the order in which they were made: [`Secret::Issued`]`(0)` is a grant's first code (or first
//! refresh token), `Issued(1)` the one that replaced it (or its successor).

mod ids;
mod outcomes;

use serde::{Deserialize, Serialize};

pub use ids::{
    BrowserSessionId, ClientId, Epoch, GrantId, ParentEpochs, Proof, Secret, Under, UserId,
};
pub use outcomes::{
    CheckOutcome, CookieOutcome, EnableOutcome, EndClientSessionOutcome, EndGrantOutcome,
    IssueOutcome, Outcome, RedeemOutcome, RenewOutcome, RotateOutcome,
};

/// One act. The instant at which it is carried out is passed beside it, never inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Writes the grant with an unused code, or replaces its code while that is unused. `taken` are
    /// the parents' epochs as the read that verified the credential saw them. They are written down
    /// and not compared, so a grant may be invalid from the start. An online grant joins its client
    /// session, or makes it.
    IssueCode {
        grant: GrantId,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
    },
    /// Exchanges a code for the grant's tokens (RFC 6749, section 4.1.3). `client` is the
    /// authenticated one.
    RedeemCode {
        grant: GrantId,
        code: Secret,
        client: ClientId,
        proof: Proof,
    },
    /// Presents a refresh token (RFC 6749, section 6). `client` is the authenticated one. `faulty`:
    /// the request has another fault, which its caller holds back.
    RotateRefreshToken {
        grant: GrantId,
        token: Secret,
        client: ClientId,
        faulty: bool,
    },
    /// Asks whether an access token is valid (RFC 7662, section 2.2; OpenID Connect Core 1.0,
    /// section 5.3). `access_token` counts the grant's access tokens from 0.
    CheckToken { grant: GrantId, access_token: u32 },
    /// Ends the grant because its refresh token was revoked (RFC 7009, section 2.1). `client` is
    /// the authenticated one.
    EndGrant { grant: GrantId, client: ClientId },
    /// Puts one access token's `jti` on the denylist (RFC 7009, section 2.1).
    DenyAccessToken { grant: GrantId, access_token: u32 },
    /// Presents a browser session's cookie.
    PresentCookie {
        browser_session: BrowserSessionId,
        secret: Secret,
    },
    /// The user has given a fresh proof, verified under this epoch: the session goes on under the
    /// secret of this number. The next number is a new secret, the present one the act carried out
    /// again.
    RenewSession {
        browser_session: BrowserSessionId,
        user: UserId,
        user_epoch: Epoch,
        secret: u32,
    },
    /// Logout: replaces the browser session's epoch. Offline grants survive (OpenID Connect
    /// Back-Channel Logout 1.0, section 2.7).
    EndBrowserSession { browser_session: BrowserSessionId },
    /// Ends one client's part of a browser session. The next grant of the two begins another.
    EndClientSession {
        browser_session: BrowserSessionId,
        client: ClientId,
    },
    /// Replaces the epoch of the user's consent to the client.
    WithdrawConsent { user: UserId, client: ClientId },
    /// A new password: gives the user this epoch, which is drawn for this act alone. Carried out
    /// again, it changes nothing.
    EndUser { user: UserId, epoch: Epoch },
    /// The same, and allows the user nothing from now on.
    DisableUser { user: UserId, epoch: Epoch },
    /// Undoes the disabling that brought `disabled_by`, and no later one. What ended stays ended.
    EnableUser { user: UserId, disabled_by: Epoch },
    /// A client's grants end.
    EndClient { client: ClientId, epoch: Epoch },
    /// The same, and allows the client nothing from now on.
    DisableClient { client: ClientId, epoch: Epoch },
    /// As for a user.
    EnableClient {
        client: ClientId,
        disabled_by: Epoch,
    },
    /// Ends every grant with an unused code, whosever it is.
    DeleteAllCodes,
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
            Self::PresentCookie { .. }
            | Self::RenewSession { .. }
            | Self::EndBrowserSession { .. }
            | Self::EndClientSession { .. }
            | Self::WithdrawConsent { .. }
            | Self::EndUser { .. }
            | Self::DisableUser { .. }
            | Self::EnableUser { .. }
            | Self::EndClient { .. }
            | Self::DisableClient { .. }
            | Self::EnableClient { .. }
            | Self::DeleteAllCodes => None,
        }
    }
}
