//! A user has proved who they are: a session starts, or continues under a new secret.

use super::BrowserSession;
use crate::acts::Decision;
use crate::ended::WhatEnded;
use crate::events::{Event, EventKind};
use crate::{Epoch, GrantId, SecretHash, SessionId};

/// Renew a session. Its caller holds a secret of the session's family, the current one or an
/// earlier one, and has verified a fresh proof by `sub`.
#[derive(Debug, Clone)]
pub struct RenewSession {
    pub id: SessionId,
    pub sub: String,
    /// The new secret. Each act has its own, so an act whose response was lost is recognised by it.
    pub secret: SecretHash,
    /// The user's epoch, read before the new proof was verified.
    pub user_epoch: Epoch,
    /// Unix seconds.
    pub auth_time: i64,
    pub amr: Vec<String>,
    pub acr: Option<String>,
    pub proved_in: Option<GrantId>,
    pub expires_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenewOutcome {
    /// The session as it is now.
    Renewed(Box<BrowserSession>),
    /// There is no session to renew: it ended (with its user's epoch too), it expired, or it is
    /// another user's. What ended does not come back: the proof is for a new session.
    Unknown,
}

/// What [`super::Sessions::start_session`] does to the new session's record: nothing where one of
/// its id is there, be it this act's own or that of an earlier sign-in by the same form.
pub fn decide_start(
    found: Option<BrowserSession>,
    session: &BrowserSession,
    now: i64,
) -> Decision<BrowserSession, ()> {
    match found {
        Some(_) => Decision::returns(()),
        None => {
            let event = Event::new(EventKind::SessionStarted, now);
            Decision::returns(())
                .begins(session.clone())
                .tells(event.sub(&session.sub).about(session.id))
        }
    }
}

/// What [`super::Sessions::renew_session`] does, in this order:
///
/// 1. no session, one that ended, another user's, or one under another epoch of the user's than the
///    proof → `Unknown`
/// 2. the act's secret is the current one: it was carried out before → `Renewed`
/// 3. expired → `Unknown`
/// 4. the secret is replaced, whichever was current: the user's epoch is another by now →
///    `Unknown`, else `Renewed`
///
/// Renewals do not exclude each other: of two at once the later one's secret is current, and the
/// other names the same session.
pub fn decide_renewal(
    found: Option<BrowserSession>,
    act: &RenewSession,
    now: i64,
) -> Decision<BrowserSession, RenewOutcome> {
    let is_the_users = |session: &BrowserSession| {
        session.sub == act.sub && session.user_epoch == act.user_epoch && session.ended.is_none()
    };
    let Some(mut session) = found.filter(is_the_users) else {
        return Decision::returns(RenewOutcome::Unknown);
    };
    let unknown = |_: WhatEnded| RenewOutcome::Unknown;
    if session.secret.matches(&act.secret) {
        return Decision::returns(RenewOutcome::Renewed(Box::new(session))).unless_ended(unknown);
    }
    if now >= session.expires_at {
        return Decision::returns(RenewOutcome::Unknown);
    }
    session.secret = act.secret;
    session.auth_time = act.auth_time;
    session.amr.clone_from(&act.amr);
    session.acr.clone_from(&act.acr);
    session.proved_in = act.proved_in;
    session.expires_at = act.expires_at;
    let event = Event::new(EventKind::SessionRenewed, now);
    let event = event.sub(&session.sub).about(session.id);
    Decision::returns(RenewOutcome::Renewed(Box::new(session.clone())))
        .moves(session)
        .tells(event)
        .unless_ended(unknown)
}
