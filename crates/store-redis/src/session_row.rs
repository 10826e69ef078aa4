//! A browser session's hash: its own fields, and one for each of its client sessions.

use std::fmt;

use countersign_store::acts::Change;
use countersign_store::grants::WhatEnded;
use countersign_store::secret_family::MacKey;
use countersign_store::sessions::{BrowserSession, ClientSession, FORMAT, SessionEnd, SessionTree};
use countersign_store::{
    ActId, ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError,
};
use redis::{Pipeline, Value};

use crate::commit::{Commit, VERSION};
use crate::engine::Layout;
use crate::fields::{Fields, Hash, NewFields, to_json, values_as};
use crate::keys::{self, Keys};
use crate::parents::{self, StandingFields};

impl Layout for SessionTree {
    const NAME: &'static str = "browser session";

    fn reads(keys: &Keys, id: &SessionId) -> Pipeline {
        let mut reads = redis::pipe();
        reads.hgetall(keys.session(id));
        reads
    }

    fn found(id: &SessionId, values: Vec<Value>) -> Result<Option<SessionTree>, StoreError> {
        let (fields,): (Hash,) = values_as(Self::NAME, values)?;
        let Some(fields) = Fields::of(Self::NAME, id, fields) else {
            return Ok(None);
        };
        fields.check_format("format", FORMAT)?;
        let written_by = ActId::from_bytes(fields.bytes(VERSION)?);
        let (session, client_sessions) = (session(id, &fields)?, client_sessions(id, &fields)?);
        Ok(Some(SessionTree::read(
            session,
            client_sessions,
            written_by,
        )))
    }

    fn commit(
        keys: &Keys,
        before: Option<ActId>,
        change: &Change<SessionTree>,
    ) -> Result<Commit, StoreError> {
        let tree = &change.record;
        let id = &tree.session.id;
        let mut fields = session_fields(&tree.session)?
            .integer("format", FORMAT)
            .blob(VERSION, tree.written_by.as_bytes());
        for (client_id, session) in &tree.client_sessions {
            let field = ClientSessionField::from(session).to_string();
            fields = fields.text(&ClientSessionField::name(client_id), &field);
        }
        let mut commit = Commit::of(keys.session(id), before);
        commit.replace(keys.session(id), &fields);
        commit.expire(keys.session(id), tree.session.expires_at);
        let partition = keys::partition(id.as_bytes());
        commit.tell(keys.events(partition), change.event.as_ref());
        Ok(commit)
    }

    fn ask_parents(&self, keys: &Keys, reads: &mut Pipeline) {
        parents::ask_standing(&self.session.sub, keys, reads);
    }

    fn ended_parent(&self, values: Vec<Value>) -> Result<Option<WhatEnded>, StoreError> {
        let (user,): (StandingFields,) = values_as(Self::NAME, values)?;
        let lives = parents::lives(&user, &self.session.user_epoch);
        Ok((!lives).then_some(WhatEnded::User))
    }
}

/// A client session as a field of its browser session: sid and epoch, 22 characters each, the
/// second in which it began, and if it has ended, the second and the act, each after a colon.
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

    pub fn of(self, browser_session: &SessionId, client_id: &str) -> ClientSession {
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

impl fmt::Display for ClientSessionField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.sid, self.epoch, self.created_at)?;
        match self.ended {
            Some(SessionEnd { at, by }) => write!(f, ":{at}:{by}"),
            None => Ok(()),
        }
    }
}

fn session_fields(session: &BrowserSession) -> Result<NewFields, StoreError> {
    let mut fields = NewFields::default()
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

fn session(id: &SessionId, fields: &Fields) -> Result<BrowserSession, StoreError> {
    let ended_at = fields.optional_integer("ended_at")?;
    let ended_by = fields.optional_bytes("ended_by")?.map(ActId::from_bytes);
    Ok(BrowserSession {
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
    })
}

fn client_sessions(id: &SessionId, fields: &Fields) -> Result<Vec<ClientSession>, StoreError> {
    fields
        .beginning_with("client:")
        .map(|client_id| {
            let text = fields.text(&ClientSessionField::name(client_id))?;
            let found = ClientSessionField::read(text)
                .ok_or_else(|| fields.corrupt("a client session is unreadable"))?;
            Ok(found.of(id, client_id))
        })
        .collect()
}
