//! What the secret in a cookie is worth.

use super::BrowserSession;
use crate::{Token, secret_family};

/// A session with the comparison of its user's epoch, from one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    pub session: BrowserSession,
    /// Whether the user is active and has the epoch that the session carries.
    pub user_lives: bool,
}

/// What a presented secret is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// The current secret of a session that lives: its user is signed in.
    Live(Box<BrowserSession>),
    /// An earlier secret of a live session: another one replaced it, and the browser that sends it
    /// may never have received that response. It signs no one in, but it still identifies the
    /// session, for a new proof and for a sign-out.
    Superseded(Box<BrowserSession>),
    /// No such session, or a secret that it never had.
    Unknown,
    Expired,
    /// The session has ended: by itself, or with its user's epoch (a new password, disabled,
    /// deleted).
    Ended,
}

impl SessionView {
    /// What `presented` is worth, in this order: a secret that the session never had is `Unknown`,
    /// whatever became of the session; then what ended, and what expired.
    pub fn state(self, presented: &Token, now: i64) -> SessionState {
        let SessionView {
            session,
            user_lives,
        } = self;
        let is_current = session.secret.matches(&presented.hash());
        if !is_current && !secret_family::is_member(presented, &session.mac_key) {
            return SessionState::Unknown;
        }
        if session.ended.is_some() {
            return SessionState::Ended;
        }
        if now >= session.expires_at {
            return SessionState::Expired;
        }
        match (user_lives, is_current) {
            (false, _) => SessionState::Ended,
            (true, true) => SessionState::Live(Box::new(session)),
            (true, false) => SessionState::Superseded(Box::new(session)),
        }
    }
}
