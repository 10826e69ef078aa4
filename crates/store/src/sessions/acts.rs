//! The acts on a [`SessionTree`], for engines that carry them out by compare-and-set.

use super::{
    BrowserSession, ClientSession, JoinSession, RenewOutcome, RenewSession, SessionTree,
    decide_end_client_session, decide_end_session, decide_join, decide_renewal, decide_start,
};
use crate::acts::{Act, Decision};
use crate::{ActId, ClientSessionId, SessionId};

/// [`decide_start`].
pub(super) struct Start<'a>(pub &'a BrowserSession);

impl Act for Start<'_> {
    type Record = SessionTree;
    type Outcome = ();

    fn key(&self) -> &SessionId {
        &self.0.id
    }

    fn decide(&self, found: Option<SessionTree>, by: ActId, now: i64) -> Decision<SessionTree, ()> {
        let found = found.map(|tree| tree.session);
        decide_start(found, self.0, now).within(|session| SessionTree::read(session, [], by))
    }

    /// The session's id was drawn for this act.
    fn is_in(&self, _record: &SessionTree, _by: ActId) -> bool {
        true
    }
}

/// [`decide_renewal`].
pub struct Renew<'a>(pub &'a RenewSession);

impl Act for Renew<'_> {
    type Record = SessionTree;
    type Outcome = RenewOutcome;

    fn key(&self) -> &SessionId {
        &self.0.id
    }

    fn decide(
        &self,
        found: Option<SessionTree>,
        by: ActId,
        now: i64,
    ) -> Decision<SessionTree, RenewOutcome> {
        let Some(tree) = found else {
            return Decision::returns(decide_renewal(None, self.0, now).outcome);
        };
        let found = Some(tree.session.clone());
        decide_renewal(found, self.0, now).within(|session| tree.with_session(session, by))
    }

    fn is_in(&self, record: &SessionTree, _by: ActId) -> bool {
        record.session.secret.matches(&self.0.secret)
    }
}

/// [`decide_end_session`]. Returns the client sessions that ended with it.
pub struct End(pub SessionId);

impl Act for End {
    type Record = SessionTree;
    type Outcome = Vec<ClientSession>;

    const IS_ENDING: bool = true;

    fn key(&self) -> &SessionId {
        &self.0
    }

    fn decide(
        &self,
        found: Option<SessionTree>,
        by: ActId,
        now: i64,
    ) -> Decision<SessionTree, Vec<ClientSession>> {
        let Some(tree) = found else {
            return Decision::returns(Vec::new());
        };
        let living = tree
            .client_sessions
            .values()
            .filter(|session| session.ended.is_none());
        let living: Vec<_> = living.cloned().collect();
        let decision = decide_end_session(Some(tree.session.clone()), by, now)
            .within(|session| tree.with_session(session, by));
        Decision {
            write: decision.write,
            outcome: match decision.outcome {
                true => living,
                false => Vec::new(),
            },
            ended: None,
        }
    }

    fn is_in(&self, record: &SessionTree, by: ActId) -> bool {
        record.session.ended.is_some_and(|ended| ended.by == by)
    }
}

/// [`decide_end_client_session`].
pub struct EndClientSession {
    pub browser_session: SessionId,
    pub sid: ClientSessionId,
}

impl Act for EndClientSession {
    type Record = SessionTree;
    type Outcome = bool;

    const IS_ENDING: bool = true;

    fn key(&self) -> &SessionId {
        &self.browser_session
    }

    fn decide(
        &self,
        found: Option<SessionTree>,
        by: ActId,
        now: i64,
    ) -> Decision<SessionTree, bool> {
        let Some(tree) = found else {
            return Decision::returns(false);
        };
        let session = tree.named(&self.sid).cloned();
        decide_end_client_session(Some(&tree.session), session, by, now)
            .within(|session| tree.clone().with(session, by))
    }

    fn is_in(&self, record: &SessionTree, by: ActId) -> bool {
        let mut ended = record
            .client_sessions
            .values()
            .filter_map(|session| session.ended);
        ended.any(|ended| ended.by == by)
    }

    /// Only while the session that it is about exists, since that says who ended it. One that took
    /// its place does not.
    fn may_start_again(&self, record: Option<&SessionTree>) -> bool {
        record.is_some_and(|tree| tree.named(&self.sid).is_some())
    }
}

/// [`decide_join`].
pub(super) struct Join<'a> {
    pub joins: &'a JoinSession,
    pub client_id: &'a str,
}

impl Act for Join<'_> {
    type Record = SessionTree;
    type Outcome = ClientSession;

    fn key(&self) -> &SessionId {
        &self.joins.browser_session
    }

    fn decide(
        &self,
        found: Option<SessionTree>,
        by: ActId,
        now: i64,
    ) -> Decision<SessionTree, ClientSession> {
        let Join { joins, client_id } = self;
        let Some(tree) = found else {
            // Without a browser session nothing is written.
            return Decision::returns(decide_join(None, None, joins, client_id, now).outcome);
        };
        let known = tree.client_sessions.get(*client_id).cloned();
        decide_join(Some(&tree.session), known, joins, client_id, now)
            .within(|session| tree.clone().with(session, by))
    }

    /// The sid was proposed by this act alone.
    fn is_in(&self, record: &SessionTree, _by: ActId) -> bool {
        let joined = record.client_sessions.get(self.client_id);
        joined.is_some_and(|session| session.sid == self.joins.proposed_sid)
    }
}
