//! Browser sessions: one hash each, with their client sessions as fields of it.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use countersign_store::grants::JoinSession;
use countersign_store::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionState, Sessions,
};
use countersign_store::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};
use redis::Script;

use crate::fields::{Fields, NewFields, to_json};
use crate::{Redis, garbage_after, grants, keys};

static START: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("sessions/start.lua")));
static RENEW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("sessions/renew.lua")));
static END: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("sessions/end.lua")));
static JOIN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("sessions/join.lua")));
static END_CLIENT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("sessions/end_client.lua")));

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
        let id = &session.id;
        let mut fields = NewFields::default()
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
        let mut call = START.key(self.keys.session(id));
        call.key(self.keys.events(keys::partition(id.as_bytes())))
            .arg(now)
            .arg(id.to_string())
            .arg(&session.sub)
            .arg(garbage_after(session.expires_at));
        grants::fields(&mut call, &fields);
        self.act(&call).await.map(drop)
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let mut fields = NewFields::default()
            .blob("secret", act.secret.as_bytes())
            .blob("user_epoch", act.user_epoch.as_bytes())
            .integer("auth_time", act.auth_time)
            .text("amr", &to_json(&act.amr)?)
            .optional_text("acr", act.acr.as_deref())
            .integer("expires_at", act.expires_at);
        if let Some(proved_in) = &act.proved_in {
            fields = fields.blob("proved_in", proved_in.as_bytes());
        }
        let mut call = RENEW.key(self.keys.session(&act.id));
        call.key(self.keys.events(keys::partition(act.id.as_bytes())))
            .arg(now)
            .arg(act.id.to_string())
            .arg(act.presented.as_bytes().as_slice())
            .arg(act.user_epoch.as_bytes().as_slice())
            .arg(garbage_after(act.expires_at));
        grants::fields(&mut call, &fields);
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "unknown" => Ok(RenewOutcome::Unknown),
            "renewed" => match self.user_lives(&reply.text(1)?, &act.user_epoch).await? {
                true => Ok(RenewOutcome::Renewed),
                false => Ok(RenewOutcome::Unknown),
            },
            _ => reply.unexpected(),
        }
    }

    async fn session(
        &self,
        id: &SessionId,
        secret: &SecretHash,
        now: i64,
    ) -> Result<SessionState, StoreError> {
        let mut reads = redis::pipe();
        reads.hgetall(self.keys.session(id));
        let (fields,): (HashMap<String, Vec<u8>>,) = self.read(&reads).await?;
        let session = match read(id, fields)? {
            Some(session) if session.secret.matches(secret) => session,
            _ => return Ok(SessionState::Unknown),
        };
        if now >= session.expires_at {
            return Ok(SessionState::Expired);
        }
        match self.user_lives(&session.sub, &session.user_epoch).await? {
            true => Ok(SessionState::Live(Box::new(session))),
            false => Ok(SessionState::Ended),
        }
    }

    async fn end_session(
        &self,
        id: &SessionId,
        now: i64,
    ) -> Result<Vec<ClientSession>, StoreError> {
        let mut call = END.key(self.keys.session(id));
        call.key(self.keys.events(keys::partition(id.as_bytes())))
            .arg(now)
            .arg(id.to_string());
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "unknown" => Ok(Vec::new()),
            "ended" => client_sessions(id, reply.hash(1)?),
            _ => reply.unexpected(),
        }
    }

    async fn end_client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut call = END_CLIENT.key(self.keys.session(browser_session));
        call.key(
            self.keys
                .events(keys::partition(browser_session.as_bytes())),
        )
        .arg(now)
        .arg(client_id);
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "ended" => Ok(true),
            "unknown" => Ok(false),
            _ => reply.unexpected(),
        }
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
}

impl Redis {
    /// Gets or makes the client session of (browser session, client).
    pub(crate) async fn join_session(
        &self,
        joins: &JoinSession,
        client_id: &str,
        now: i64,
    ) -> Result<ClientSessionField, StoreError> {
        let proposal = ClientSessionField {
            sid: joins.proposed_sid,
            epoch: joins.proposed_epoch,
            created_at: now,
        };
        let mut call = JOIN.key(self.keys.session(&joins.browser_session));
        call.arg(joins.browser_session_epoch.as_bytes().as_slice())
            .arg(ClientSessionField::name(client_id))
            .arg(proposal.to_string());
        let reply = self.act(&call).await?;
        ClientSessionField::read(&reply.text(1)?).ok_or_else(|| unreadable(&joins.browser_session))
    }
}

/// A client session as its browser session's field: sid and epoch, 22 characters each, and the second
/// in which it began.
pub(crate) struct ClientSessionField {
    pub sid: ClientSessionId,
    pub epoch: Epoch,
    pub created_at: i64,
}

impl ClientSessionField {
    pub fn name(client_id: &str) -> String {
        format!("client:{client_id}")
    }

    pub fn read(text: &str) -> Option<ClientSessionField> {
        let (sid, rest) = text.split_at_checked(22)?;
        let (epoch, created_at) = rest.split_at_checked(22)?;
        Some(ClientSessionField {
            sid: sid.parse().ok()?,
            epoch: epoch.parse().ok()?,
            created_at: created_at.parse().ok()?,
        })
    }

    fn of(self, browser_session: &SessionId, client_id: &str) -> ClientSession {
        ClientSession {
            sid: self.sid,
            epoch: self.epoch,
            browser_session: *browser_session,
            client_id: client_id.to_owned(),
            created_at: self.created_at,
        }
    }
}

impl std::fmt::Display for ClientSessionField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}", self.sid, self.epoch, self.created_at)
    }
}

fn read(
    id: &SessionId,
    fields: HashMap<String, Vec<u8>>,
) -> Result<Option<BrowserSession>, StoreError> {
    let Some(fields) = Fields::of("browser session", id, fields) else {
        return Ok(None);
    };
    Ok(Some(BrowserSession {
        id: *id,
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
