//! Browser sessions: one hash each, with their client sessions as fields of it.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use countersign_jose::random::SystemRandom;
use countersign_store::acts::{Decision, Write};
use countersign_store::grants::{Dead, JoinSession};
use countersign_store::secret_family::MacKey;
use countersign_store::sessions::{
    BrowserSession, ClientSession, FORMAT, RenewOutcome, RenewSession, SessionEnd, SessionView,
    Sessions, decide_end_client_session, decide_end_session, decide_join, decide_renewal,
    decide_start,
};
use countersign_store::{
    ActId, ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError,
};
use redis::Script;

use crate::fields::{Fields, NewFields, to_json};
use crate::{Redis, garbage_after, grants, keys};

static COMMIT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("sessions/commit.lua")));
static COMMIT_CLIENT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("sessions/commit_client.lua")));

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
        let decide = |found| decide_start(found, session, now);
        self.change_session(&session.id, decide)
            .await
            .map(|(outcome, _)| outcome)
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let decide = |found| decide_renewal(found, act, now);
        let (outcome, ended) = self.change_session(&act.id, decide).await?;
        // The session lives longer now, and so does what finds it.
        for session in self.client_sessions(&act.id).await? {
            self.index(&session.sid, &act.id, act.expires_at).await?;
        }
        match ended {
            Some(ended) if !self.user_lives(&act.sub, &act.user_epoch).await? => {
                Ok(ended(Dead::User))
            }
            _ => Ok(outcome),
        }
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SessionView>, StoreError> {
        let Some(session) = self.browser_session(id).await? else {
            return Ok(None);
        };
        Ok(Some(SessionView {
            user_lives: self.user_lives(&session.sub, &session.user_epoch).await?,
            session,
        }))
    }

    async fn end_session(
        &self,
        id: &SessionId,
        now: i64,
    ) -> Result<Vec<ClientSession>, StoreError> {
        let by = ActId::generate(&SystemRandom);
        let decide = |found| decide_end_session(found, by, now);
        if !self.change_session(id, decide).await?.0 {
            return Ok(Vec::new());
        }
        let mut beneath = self.client_sessions(id).await?;
        beneath.retain(|session| session.ended.is_none());
        Ok(beneath)
    }

    async fn end_client_session(
        &self,
        sid: &ClientSessionId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let Some(found) = self.client_session_named(sid).await? else {
            return Ok(false);
        };
        let by = ActId::generate(&SystemRandom);
        let (id, client_id) = (found.browser_session, found.client_id);
        self.change_client_session(&id, &client_id, |above, found| {
            let found = found.filter(|session| session.sid == *sid);
            decide_end_client_session(above, found, by, now)
        })
        .await
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        let mut reads = redis::pipe();
        let field = ClientSessionField::name(client_id);
        reads.hget(self.keys.session(browser_session), field);
        let (found,): (Option<String>,) = self.read(&reads).await?;
        let Some(found) = found else { return Ok(None) };
        match ClientSessionField::read(&found) {
            Some(found) => Ok(Some(found.of(browser_session, client_id))),
            None => Err(unreadable(browser_session)),
        }
    }

    async fn client_session_named(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<ClientSession>, StoreError> {
        let mut reads = redis::pipe();
        reads.get(self.keys.client_session(sid));
        let (found,): (Option<Vec<u8>>,) = self.read(&reads).await?;
        let Some(id) = found.as_deref().and_then(SessionId::from_slice) else {
            return Ok(None);
        };
        let mut beneath = self.client_sessions(&id).await?.into_iter();
        Ok(beneath.find(|session| session.sid == *sid))
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
        if let Some(session) = self.browser_session(id).await? {
            // Before anything carries the sid.
            self.index(&joins.proposed_sid, id, session.expires_at)
                .await?;
        }
        self.change_client_session(id, client_id, |browser_session, found| {
            decide_join(browser_session, found, joins, client_id, now)
        })
        .await
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

    /// Reads, decides, and writes if the session still is what was read; otherwise once more.
    /// Returns the outcome, and what it is where the user has ended.
    async fn change_session<O>(
        &self,
        id: &SessionId,
        decide: impl Fn(Option<BrowserSession>) -> Decision<BrowserSession, O>,
    ) -> Result<(O, Option<fn(Dead) -> O>), StoreError> {
        loop {
            let found = self.browser_session(id).await?;
            let read = match &found {
                None => (Vec::new(), Vec::new()),
                Some(session) => (
                    session.secret.as_bytes().to_vec(),
                    session.epoch.as_bytes().to_vec(),
                ),
            };
            let decision = decide(found);
            let Write::Record(change) = decision.write else {
                return Ok((decision.outcome, decision.ended));
            };
            let session = &change.record;
            let fields = fields_of(session)?;
            let mut call = COMMIT.key(self.keys.session(id));
            call.key(self.keys.events(keys::partition(id.as_bytes())))
                .arg(read.0)
                .arg(read.1)
                .arg(garbage_after(session.expires_at))
                .arg(fields.as_args().len());
            grants::fields(&mut call, &fields);
            grants::event(&mut call, change.event.as_ref());
            let reply = self.act(&call).await?;
            match reply.word()?.as_str() {
                "written" => return Ok((decision.outcome, decision.ended)),
                "conflict" => {}
                _ => return reply.unexpected(),
            }
        }
    }

    async fn change_client_session<O>(
        &self,
        id: &SessionId,
        client_id: &str,
        decide: impl Fn(Option<&BrowserSession>, Option<ClientSession>) -> Decision<ClientSession, O>,
    ) -> Result<O, StoreError> {
        loop {
            let browser_session = self.browser_session(id).await?;
            let found = self.client_session(id, client_id).await?;
            let read = found.as_ref().map(ClientSessionField::from);
            let read = read.map_or_else(String::new, |field| field.to_string());
            let (write, outcome) = decide(browser_session.as_ref(), found).under(None);
            let (Write::Record(change), Some(browser_session)) = (write, browser_session) else {
                return Ok(outcome);
            };
            let mut call = COMMIT_CLIENT.key(self.keys.session(id));
            call.key(self.keys.events(keys::partition(id.as_bytes())))
                .arg(browser_session.epoch.as_bytes().as_slice())
                .arg(ClientSessionField::name(client_id))
                .arg(read)
                .arg(ClientSessionField::from(&change.record).to_string());
            grants::event(&mut call, change.event.as_ref());
            let reply = self.act(&call).await?;
            match reply.word()?.as_str() {
                "written" => return Ok(outcome),
                "conflict" => {}
                _ => return reply.unexpected(),
            }
        }
    }

    async fn browser_session(&self, id: &SessionId) -> Result<Option<BrowserSession>, StoreError> {
        let mut reads = redis::pipe();
        reads.hgetall(self.keys.session(id));
        let (fields,): (HashMap<String, Vec<u8>>,) = self.read(&reads).await?;
        read(id, fields)
    }

    async fn client_sessions(&self, id: &SessionId) -> Result<Vec<ClientSession>, StoreError> {
        let mut reads = redis::pipe();
        reads.hgetall(self.keys.session(id));
        let (fields,): (HashMap<String, Vec<u8>>,) = self.read(&reads).await?;
        client_sessions(id, fields)
    }
}

/// A client session as its browser session's field: sid and epoch, 22 characters each, the second in
/// which it began, and where it has ended, the second and the act, each behind a colon.
pub(crate) struct ClientSessionField {
    pub sid: ClientSessionId,
    pub epoch: Epoch,
    created_at: i64,
    ended: Option<SessionEnd>,
}

impl ClientSessionField {
    pub fn name(client_id: &str) -> String {
        format!("client:{client_id}")
    }

    pub fn read(text: &str) -> Option<ClientSessionField> {
        let (sid, rest) = text.split_at_checked(22)?;
        let (epoch, rest) = rest.split_at_checked(22)?;
        let mut rest = rest.split(':');
        let created_at = rest.next()?.parse().ok()?;
        let ended = match (rest.next(), rest.next(), rest.next()) {
            (None, None, None) => None,
            (Some(at), Some(by), None) => Some(SessionEnd {
                at: at.parse().ok()?,
                by: by.parse().ok()?,
            }),
            _ => return None,
        };
        Some(ClientSessionField {
            sid: sid.parse().ok()?,
            epoch: epoch.parse().ok()?,
            created_at,
            ended,
        })
    }

    fn of(self, browser_session: &SessionId, client_id: &str) -> ClientSession {
        ClientSession {
            sid: self.sid,
            epoch: self.epoch,
            browser_session: *browser_session,
            client_id: client_id.to_owned(),
            created_at: self.created_at,
            ended: self.ended,
        }
    }
}

impl From<&ClientSession> for ClientSessionField {
    fn from(session: &ClientSession) -> ClientSessionField {
        ClientSessionField {
            sid: session.sid,
            epoch: session.epoch,
            created_at: session.created_at,
            ended: session.ended,
        }
    }
}

impl std::fmt::Display for ClientSessionField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}", self.sid, self.epoch, self.created_at)?;
        match self.ended {
            Some(SessionEnd { at, by }) => write!(f, ":{at}:{by}"),
            None => Ok(()),
        }
    }
}

fn fields_of(session: &BrowserSession) -> Result<NewFields, StoreError> {
    let mut fields = NewFields::default()
        .integer("format", FORMAT)
        .blob("mac_key", session.mac_key.expose())
        .blob("secret", session.secret.as_bytes())
        .blob("epoch", session.epoch.as_bytes())
        .text("sub", &session.sub)
        .blob("user_epoch", session.user_epoch.as_bytes())
        .integer("auth_time", session.auth_time)
        .text("amr", &to_json(&session.amr)?)
        .optional_text("acr", session.acr.as_deref())
        .integer("created_at", session.created_at)
        .integer("expires_at", session.expires_at);
    if let Some(proved_in) = &session.proved_in {
        fields = fields.blob("proved_in", proved_in.as_bytes());
    }
    if let Some(ended) = &session.ended {
        fields = fields
            .integer("ended_at", ended.at)
            .blob("ended_by", ended.by.as_bytes());
    }
    Ok(fields)
}

fn read(
    id: &SessionId,
    fields: HashMap<String, Vec<u8>>,
) -> Result<Option<BrowserSession>, StoreError> {
    let Some(fields) = Fields::of("browser session", id, fields) else {
        return Ok(None);
    };
    fields.known_format(FORMAT)?;
    let ended_at = fields.optional_integer("ended_at")?;
    let ended_by = fields.optional_bytes("ended_by")?.map(ActId::from_bytes);
    Ok(Some(BrowserSession {
        id: *id,
        mac_key: MacKey::from_bytes(fields.bytes("mac_key")?),
        secret: SecretHash::from_bytes(fields.bytes("secret")?),
        epoch: Epoch::from_bytes(fields.bytes("epoch")?),
        sub: fields.text("sub")?.to_owned(),
        user_epoch: Epoch::from_bytes(fields.bytes("user_epoch")?),
        auth_time: fields.integer("auth_time")?,
        amr: fields.json("amr")?,
        acr: fields.optional_text("acr")?.map(str::to_owned),
        proved_in: fields.optional_bytes("proved_in")?.map(GrantId::from_bytes),
        created_at: fields.integer("created_at")?,
        expires_at: fields.integer("expires_at")?,
        ended: match (ended_at, ended_by) {
            (None, None) => None,
            (Some(at), Some(by)) => Some(SessionEnd { at, by }),
            _ => return Err(fields.corrupt("ended_at and ended_by are not both there")),
        },
    }))
}

fn client_sessions(
    id: &SessionId,
    fields: HashMap<String, Vec<u8>>,
) -> Result<Vec<ClientSession>, StoreError> {
    let Some(fields) = Fields::of("browser session", id, fields) else {
        return Ok(Vec::new());
    };
    fields
        .beginning_with("client:")
        .map(|client_id| {
            let text = fields.text(&ClientSessionField::name(client_id))?;
            let found = ClientSessionField::read(text).ok_or_else(|| unreadable(id))?;
            Ok(found.of(id, client_id))
        })
        .collect()
}

fn unreadable(browser_session: &SessionId) -> StoreError {
    let why = "a client session is unreadable";
    StoreError::corrupt("browser session", browser_session, why)
}
