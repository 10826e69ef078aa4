//! What exists before the first act, and the rules that hold.

use serde::{Deserialize, Serialize};

use crate::acts::{BrowserSessionId, ClientId, Under, UserId};

/// The users, browser sessions and clients, and how long things are valid.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Setup {
    /// How many users there are.
    pub users: u8,
    /// The user of each browser session.
    pub browser_sessions: Vec<UserId>,
    pub clients: Vec<Client>,
    pub lifetimes: Lifetimes,
}

/// A client's part in the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Client {
    /// Whether its refresh tokens rotate.
    pub rotates: bool,
}

/// How long things are valid, in seconds. Each is valid strictly before its end (RFC 7519, section
/// 4.1.4), so a length of 0 switches it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lifetimes {
    /// From the issue of the code.
    pub code_seconds: i64,
    /// From the act that made it.
    pub access_token_seconds: i64,
    /// The grant's absolute lifetime, from the issue of its (last) code: its code, its refresh
    /// tokens and its access tokens are valid before its end only.
    pub grant_seconds: i64,
    /// From the redemption, and again from each rotation (from each use where rotation is off); a
    /// repeat doesn't count.
    pub refresh_idle_seconds: i64,
    /// From the rotation. 0 is off even for a replica whose clock is behind.
    pub grace_seconds: i64,
}

impl Setup {
    /// The user of an online grant's browser session, or of an offline grant's consent.
    pub fn user_of(&self, under: Under) -> UserId {
        match under {
            Under::BrowserSession(BrowserSessionId(id)) => self
                .browser_sessions
                .get(usize::from(id))
                .copied()
                .unwrap_or(UserId(0)),
            Under::Consent(user) => user,
        }
    }

    /// Whether the client's refresh tokens rotate.
    pub fn rotates(&self, client: ClientId) -> bool {
        self.clients
            .get(usize::from(client.0))
            .is_none_or(|client| client.rotates)
    }
}
