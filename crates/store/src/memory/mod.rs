//! The memory backend: everything in one process, nothing after it. For tests, for trying out, and
//! as the plainest statement of what each act means.
//!
//! One mutex over all state, held for the length of an act and never across an await.

mod clients;
mod device_requests;
mod events;
mod grants;
mod housekeeping;
mod instance;
mod keys;
mod listing;
mod logout;
mod personal_tokens;
mod registration;
mod replay;
mod resources;
mod restoration;
mod sessions;
mod subjects;
mod throttle;
mod users;

use std::collections::{BTreeMap, HashMap, HashSet};

use countersign_jose::random::SystemRandom;
use parking_lot::{Mutex, MutexGuard};

use crate::access_tokens::NewAccessToken;
use crate::clients::Client;
use crate::consents::Consent;
use crate::device_requests::DeviceRequest;
use crate::events::{Event, StoredEvent};
use crate::grants::{Grant, GrantView, WhatEnded};
use crate::instance::Instance;
use crate::keys::SigningKeyRecord;
use crate::personal_tokens::Change;
use crate::registration::{InitialAccessToken, Registration};
use crate::replay::UseKey;
use crate::resources::Resource;
use crate::sessions::{BrowserSession, ClientSession};
use crate::subjects::{Status, Subject};
use crate::users::User;
use crate::{ActId, ClientSessionId, GrantId, SecretHash, SessionId};

/// A store that lives as long as this value.
#[derive(Default)]
pub struct Memory {
    state: Mutex<State>,
}

impl Memory {
    pub fn new() -> Memory {
        Memory::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

#[derive(Default)]
struct State {
    /// Every `sub` and `client_id` there ever was (RFC 9068, section 5).
    principals: HashSet<String>,
    subjects: HashMap<String, Subject>,
    clients: BTreeMap<String, Client>,
    registrations: HashMap<String, Registration>,
    initial_access_tokens: BTreeMap<String, InitialAccessToken>,
    consents: HashMap<(String, String), Consent>,
    sessions: HashMap<SessionId, BrowserSession>,
    client_sessions: BTreeMap<(SessionId, String), ClientSession>,
    grants: HashMap<GrantId, Grant>,
    access_tokens: HashMap<SecretHash, NewAccessToken>,
    denied_tokens: HashMap<SecretHash, i64>,
    device_requests: HashMap<GrantId, DeviceRequest>,
    users: BTreeMap<String, Account>,
    names: HashMap<String, String>,
    keys: Vec<SigningKeyRecord>,
    resources: BTreeMap<String, Resource>,
    setup_link: Option<(SecretHash, i64)>,
    attempts: HashMap<[u8; 32], throttle::Counted>,
    /// Until when each is remembered.
    used_once: HashMap<UseKey, i64>,
    events: BTreeMap<i64, OutboxRow>,
    next_event: i64,
    logout_calls: BTreeMap<ClientSessionId, logout::WaitingCall>,
    /// By their place in the history.
    personal_token_changes: BTreeMap<i64, Change>,
    next_change: i64,
    next_revision: i64,
    instance: Option<Instance>,
}

struct Account {
    user: User,
    /// Its `sub` in the form in which names are compared: no other account may have such a name.
    sub_as_name: Option<String>,
    password_hash: Option<String>,
}

struct OutboxRow {
    event: StoredEvent,
    claimed_until: i64,
    delivered_at: Option<i64>,
}

/// The id of an act.
fn next_act() -> ActId {
    ActId::generate(&SystemRandom)
}

impl State {
    /// Emits what a decision tells, if it tells anything.
    fn tell(&mut self, event: Option<Event>) {
        if let Some(event) = event {
            self.emit(event);
        }
    }

    fn emit(&mut self, event: Event) {
        self.next_event += 1;
        let id = self.next_event;
        let event = StoredEvent {
            id,
            kind: event.kind,
            at: event.at,
            sub: event.sub,
            client_id: event.client_id,
            about: event.about,
            cause: event.cause.map(str::to_owned),
        };
        self.events.insert(
            id,
            OutboxRow {
                event,
                claimed_until: i64::MIN,
                delivered_at: None,
            },
        );
    }

    fn next_revision(&mut self) -> i64 {
        self.next_revision += 1;
        self.next_revision
    }

    fn view(&self, id: &GrantId) -> Option<GrantView> {
        let grant = self.grants.get(id)?.clone();
        let what_ended = self.what_ended(&grant);
        Some(GrantView { grant, what_ended })
    }

    /// Compares every epoch that the grant carries; a parent that is gone has ended.
    fn what_ended(&self, grant: &Grant) -> Option<WhatEnded> {
        if let Some(ended) = grant.ended {
            return Some(WhatEnded::Grant(ended.cause));
        }
        let parents = &grant.parents;
        let client = self.clients.get(&grant.client_id);
        if !client.is_some_and(|c| c.epoch == parents.client && c.status == Status::Active) {
            return Some(WhatEnded::Client);
        }
        let user = self.subjects.get(&grant.sub);
        if !user.is_some_and(|u| u.epoch == parents.user && u.status == Status::Active) {
            return Some(WhatEnded::User);
        }
        let key = (grant.sub.clone(), grant.client_id.clone());
        let consent = self.consents.get(&key);
        if consent.is_none_or(|c| c.epoch != parents.consent) {
            return Some(WhatEnded::Consent);
        }
        let session = parents.session.as_ref()?;
        let browser = self.sessions.get(&session.browser_session);
        if browser.is_none_or(|b| b.epoch != session.browser_session_epoch) {
            return Some(WhatEnded::BrowserSession);
        }
        let key = (session.browser_session, grant.client_id.clone());
        let client_session = self.client_sessions.get(&key);
        if !client_session
            .is_some_and(|c| c.sid == session.sid && c.epoch == session.client_session_epoch)
        {
            return Some(WhatEnded::ClientSession);
        }
        None
    }
}
