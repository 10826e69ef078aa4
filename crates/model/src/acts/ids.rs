//! Small numbers in place of ids, epochs and secrets, so that a history is readable and a backend
//! can map them to its own.

use serde::{Deserialize, Serialize};

/// What a grant belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Under {
    /// An online grant. Its user is the browser session's.
    BrowserSession(BrowserSessionId),
    /// An offline grant: under this user's consent to the client.
    Consent(UserId),
}

/// The epochs that a grant takes from its parents as their credentials are verified. The client
/// session isn't among them: it is joined, or made, by the act that writes the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ParentEpochs {
    pub user: Epoch,
    /// Online grants only.
    pub browser_session: Option<Epoch>,
    pub consent: Epoch,
    pub client: Epoch,
}

/// One epoch of a record, named by how many endings that record had before. A real one is 128
/// random bits, so none ever returns.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// A presented secret whose prefix names its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// The nth that was made for the record, from 0. One that wasn't made yet counts as made up.
    Issued(u32),
    /// The right shape, the right record, another secret.
    MadeUp,
}

/// Whether redirect_uri and code_verifier are those of the code (RFC 6749, section 4.1.3; RFC 7636,
/// section 4.6).
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
