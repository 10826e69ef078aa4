//! The client session that a new grant belongs to.

use super::{BrowserSession, ClientSession};
use crate::acts::Decision;
use crate::{ClientSessionId, Epoch, SessionId};

/// Get or create the client session of (browser session, client).
#[derive(Debug, Clone)]
pub struct JoinSession {
    pub browser_session: SessionId,
    /// As read with the cookie.
    pub browser_session_epoch: Epoch,
    pub proposed_sid: ClientSessionId,
    pub proposed_epoch: Epoch,
}

/// Gets or makes the client session of (browser session, client), the first step of issuing a code:
///
/// 1. the browser session has ended, or has another epoch → the proposal, and nothing is written:
///    what carries it is invalid from the start
/// 2. there is one that lives → that one
/// 3. else the proposal, which replaces one that ended
pub fn decide_join(
    browser_session: Option<&BrowserSession>,
    found: Option<ClientSession>,
    act: &JoinSession,
    client_id: &str,
    now: i64,
) -> Decision<ClientSession, ClientSession> {
    let proposed = ClientSession {
        sid: act.proposed_sid,
        epoch: act.proposed_epoch,
        browser_session: act.browser_session,
        client_id: client_id.to_owned(),
        created_at: now,
        ended: None,
    };
    let lives = browser_session.is_some_and(|session| session.epoch == act.browser_session_epoch);
    match found {
        _ if !lives => Decision::returns(proposed),
        Some(known) if known.ended.is_none() => Decision::returns(known),
        _ => Decision::returns(proposed.clone()).begins(proposed),
    }
}
