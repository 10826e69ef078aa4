//! Browser sessions and the client sessions beneath them: one record ([`SessionTree`]), and for
//! each client session a key that leads from its `sid` to the record.

use std::collections::BTreeMap;

use async_trait::async_trait;
use countersign_store::acts::shared::{Engine, Hint, carry_out};
use countersign_store::acts::{Act, Decision};
use countersign_store::grants::JoinSession;
use countersign_store::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionView, Sessions,
    decide_end_client_session, decide_end_session, decide_join, decide_renewal, decide_start,
};
use countersign_store::{ActId, ClientSessionId, SessionId, StoreError};

use crate::session_row::SessionTree;
use crate::{Redis, garbage_after};

#[async_trait]
impl Sessions for Redis {
    /// Two sessions, two partitions: the old one ends first, so that whatever stops this midway
    /// leaves a browser that has to sign in again.
    async fn start_session(
        &self,
        session: &BrowserSession,
        replaces: Option<&SessionId>,
        now: i64,
    ) -> Result<(), StoreError> {
        if let Some(old) = replaces {
            self.end_session(old, now).await?;
        }
        carry_out(self, &Start(session), Hint::Unread, now).await
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let outcome = carry_out(self, &Renew(act), Hint::Unread, now).await?;
        // The session lives longer now, and so does what leads to it.
        if let RenewOutcome::Renewed(session) = &outcome
            && let Some(tree) = self.session_tree(&act.id).await?
        {
            for beneath in tree.beneath.values() {
                self.index(&beneath.sid, &act.id, session.expires_at)
                    .await?;
            }
        }
        Ok(outcome)
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SessionView>, StoreError> {
        let Some(SessionTree { session, .. }) = self.session_tree(id).await? else {
            return Ok(None);
        };
        Ok(Some(SessionView {
            user_lives: self
                .standing_accepts(&session.sub, &session.user_epoch)
                .await?,
            session,
        }))
    }

    async fn end_session(
        &self,
        id: &SessionId,
        now: i64,
    ) -> Result<Vec<ClientSession>, StoreError> {
        carry_out(self, &End(*id), Hint::Unread, now).await
    }

    async fn end_client_session(
        &self,
        sid: &ClientSessionId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let Some(browser_session) = self.session_with(sid).await? else {
            return Ok(false);
        };
        let act = EndClientSession {
            browser_session,
            sid: *sid,
        };
        carry_out(self, &act, Hint::Unread, now).await
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        let tree = self.session_tree(browser_session).await?;
        Ok(tree.and_then(|mut tree| tree.beneath.remove(client_id)))
    }

    async fn client_session_named(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<ClientSession>, StoreError> {
        let Some(id) = self.session_with(sid).await? else {
            return Ok(None);
        };
        let tree = self.session_tree(&id).await?;
        Ok(tree.and_then(|mut tree| tree.take(sid)))
    }
}

impl Redis {
    /// Gets or makes the client session of (browser session, client).
    pub(crate) async fn join_session(
        &self,
        joins: &JoinSession,
        client_id: &str,
        now: i64,
    ) -> Result<ClientSession, StoreError> {
        let id = &joins.browser_session;
        let tree = self.session_tree(id).await?;
        if let Some(tree) = &tree {
            // Before anything carries the sid.
            let expires_at = tree.session.expires_at;
            self.index(&joins.proposed_sid, id, expires_at).await?;
        }
        let act = Join { joins, client_id };
        carry_out(self, &act, Hint::Read(tree), now).await
    }

    async fn session_tree(&self, id: &SessionId) -> Result<Option<SessionTree>, StoreError> {
        Engine::<SessionTree>::read(self, id).await
    }

    /// The browser session that has, or had, a client session of this name.
    async fn session_with(&self, sid: &ClientSessionId) -> Result<Option<SessionId>, StoreError> {
        let mut reads = redis::pipe();
        reads.get(self.keys.client_session(sid));
        let (found,): (Option<Vec<u8>>,) = self.read(&reads).await?;
        Ok(found.as_deref().and_then(SessionId::from_slice))
    }

    async fn index(
        &self,
        sid: &ClientSessionId,
        id: &SessionId,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let mut writes = redis::pipe();
        writes
            .cmd("SET")
            .arg(self.keys.client_session(sid))
            .arg(id.as_bytes().as_slice())
            .arg("PXAT")
            .arg(garbage_after(expires_at))
            .ignore();
        self.read(&writes).await
    }
}

impl SessionTree {
    fn take(&mut self, sid: &ClientSessionId) -> Option<ClientSession> {
        let beneath = std::mem::take(&mut self.beneath);
        beneath.into_values().find(|session| session.sid == *sid)
    }

    fn with(mut self, session: ClientSession, by: ActId) -> SessionTree {
        self.written_by = by;
        self.beneath.insert(session.client_id.clone(), session);
        self
    }
}

/// The record and what is in it: the browser session, and the client sessions beneath.
fn parts(found: Option<SessionTree>) -> (Option<BrowserSession>, BTreeMap<String, ClientSession>) {
    match found {
        Some(tree) => (Some(tree.session), tree.beneath),
        None => (None, BTreeMap::new()),
    }
}

fn tree(
    beneath: BTreeMap<String, ClientSession>,
    by: ActId,
) -> impl FnOnce(BrowserSession) -> SessionTree {
    move |session| SessionTree {
        session,
        beneath,
        written_by: by,
    }
}

/// [`decide_start`].
struct Start<'a>(&'a BrowserSession);

impl Act for Start<'_> {
    type Record = SessionTree;
    type Outcome = ();

    fn key(&self) -> &SessionId {
        &self.0.id
    }

    fn decide(&self, found: Option<SessionTree>, by: ActId, now: i64) -> Decision<SessionTree, ()> {
        let (session, beneath) = parts(found);
        decide_start(session, self.0, now).within(tree(beneath, by))
    }

    /// The session's id was drawn for this act.
    fn is_in(&self, _record: &SessionTree, _by: ActId) -> bool {
        true
    }
}

/// [`decide_renewal`].
struct Renew<'a>(&'a RenewSession);

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
        let (session, beneath) = parts(found);
        decide_renewal(session, self.0, now).within(tree(beneath, by))
    }

    fn is_in(&self, record: &SessionTree, _by: ActId) -> bool {
        record.session.secret.matches(&self.0.secret)
    }
}

/// [`decide_end_session`]. Returns the client sessions that ended with it.
struct End(SessionId);

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
        let (session, beneath) = parts(found);
        let mut ended: Vec<_> = beneath.values().cloned().collect();
        ended.retain(|session| session.ended.is_none());
        let decision = decide_end_session(session, by, now).within(tree(beneath, by));
        Decision {
            write: decision.write,
            outcome: match decision.outcome {
                true => ended,
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
struct EndClientSession {
    browser_session: SessionId,
    sid: ClientSessionId,
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
        let session = tree.clone().take(&self.sid);
        decide_end_client_session(Some(&tree.session), session, by, now)
            .within(|session| tree.clone().with(session, by))
    }

    fn is_in(&self, record: &SessionTree, by: ActId) -> bool {
        let mut ended = record.beneath.values().filter_map(|session| session.ended);
        ended.any(|ended| ended.by == by)
    }
}

/// [`decide_join`].
struct Join<'a> {
    joins: &'a JoinSession,
    client_id: &'a str,
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
        let known = tree.beneath.get(*client_id).cloned();
        decide_join(Some(&tree.session), known, joins, client_id, now)
            .within(|session| tree.clone().with(session, by))
    }

    /// The sid was proposed by this act alone.
    fn is_in(&self, record: &SessionTree, _by: ActId) -> bool {
        let joined = record.beneath.get(self.client_id);
        joined.is_some_and(|session| session.sid == self.joins.proposed_sid)
    }
}
