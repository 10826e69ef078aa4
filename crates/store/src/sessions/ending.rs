//! The end of a session. Its epoch is replaced, which ends everything below, and the record keeps
//! the act: a caller whose response was lost can learn again what it has ended.

use super::{BrowserSession, ClientSession, SessionEnd};
use crate::acts::Decision;
use crate::events::{Event, EventKind};
use crate::{ActId, Epoch};

/// What [`super::Sessions::end_session`] does to the session's record. Returns whether the session
/// has ended by this act.
pub fn decide_end_session(
    found: Option<BrowserSession>,
    by: ActId,
    now: i64,
) -> Decision<BrowserSession, bool> {
    let Some(mut session) = found else {
        return Decision::returns(false);
    };
    if let Some(ended) = session.ended {
        return Decision::returns(ended.by == by);
    }
    session.epoch = Epoch::from(by);
    session.ended = Some(SessionEnd { at: now, by });
    let event = Event::new(EventKind::SessionEnded, now);
    let event = event.sub(&session.sub).about(session.id);
    Decision::returns(true).moves(session).tells(event)
}

/// What [`super::Sessions::end_client_session`] does to the client session's record. Returns
/// whether it has ended by this act: not if there is none, and not if it ended before, by itself or
/// with its browser session.
pub fn decide_end_client_session(
    browser_session: Option<&BrowserSession>,
    found: Option<ClientSession>,
    by: ActId,
    now: i64,
) -> Decision<ClientSession, bool> {
    let Some(mut session) = found else {
        return Decision::returns(false);
    };
    if let Some(ended) = session.ended {
        return Decision::returns(ended.by == by);
    }
    let Some(above) = browser_session.filter(|session| session.ended.is_none()) else {
        return Decision::returns(false);
    };
    session.epoch = Epoch::from(by);
    session.ended = Some(SessionEnd { at: now, by });
    let event = Event::new(EventKind::ClientSessionEnded, now);
    let event = event.sub(&above.sub).client(&session.client_id);
    let event = event.about(session.sid);
    Decision::returns(true).moves(session).tells(event)
}
