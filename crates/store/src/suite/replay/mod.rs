//! One history of the model, replayed: the model's small numbers on one side, real ids, epochs and
//! secrets on the other (`countersign_model`'s documentation says how). Each file has the acts on
//! one kind of record.

mod access_tokens;
mod codes;
mod parents;
mod refresh_tokens;

use std::collections::HashMap;

use countersign_jose::random;
use countersign_model::acts::{
    Act, BrowserSessionId, ClientId, EndGrantOutcome, Epoch as Number, GrantId as Small, Outcome,
    UserId,
};
use countersign_model::history::{History, Step};
use countersign_model::state::Parent;

use super::world::{Grants, client, epoch, name, session};
use crate::grants::{self, EndCause};
use crate::refresh_tokens::MacKey;
use crate::sessions::BrowserSession;
use crate::{Epoch, GrantId, SecretHash, SessionId, Token};

/// Replays `history` on ids of its own and says where the store first returns something else than
/// the model. With `opaque` every access token has a row, else none has.
pub(super) async fn replay(
    store: &Grants,
    history: &History,
    opaque: bool,
    base: i64,
) -> Result<(), String> {
    let mut replay = Replay::begin(store, history, opaque, base).await;
    for (number, step) in history.steps.iter().enumerate() {
        let returned = replay.step(number, step).await;
        if returned != step.expected {
            let before: Vec<String> = history.steps[..number]
                .iter()
                .map(|step| format!("\n  {:>4} {:?} = {:?}", step.now, step.act, step.expected))
                .collect();
            let kind = if opaque { "opaque tokens" } else { "JWTs" };
            return Err(format!(
                "history {} ({kind}), step {number}, {:?} at {}: expected {:?}, returned \
                 {returned:?}; after{}",
                history.name,
                step.act,
                step.now,
                step.expected,
                before.concat(),
            ));
        }
    }
    Ok(())
}

struct Replay<'a> {
    store: &'a Grants,
    history: &'a History,
    opaque: bool,
    base: i64,
    subs: Vec<String>,
    clients: Vec<String>,
    sessions: Vec<SessionId>,
    /// Where each user's offline grants were authorized; no history ends these.
    offline: Vec<BrowserSession>,
    /// Each parent's epochs by their numbers; the last one is the present one's at most.
    epochs: HashMap<Parent, Vec<Epoch>>,
    endings: HashMap<Parent, u32>,
    grants: HashMap<Small, Secrets>,
}

/// What was handed out for a grant, by the numbers of the model.
struct Secrets {
    id: GrantId,
    mac_key: MacKey,
    codes: Vec<SecretHash>,
    refresh_tokens: Vec<Token>,
    access_tokens: Vec<(SecretHash, i64)>,
}

impl<'a> Replay<'a> {
    async fn begin(store: &'a Grants, history: &'a History, opaque: bool, base: i64) -> Self {
        let setup = &history.setup;
        if history.needs_the_store_alone() {
            // What earlier histories have left.
            let deleted = store.delete_all_codes(base).await;
            deleted.expect("returns");
        }
        let mut replay = Replay {
            store,
            history,
            opaque,
            base,
            subs: (0..setup.users).map(|_| name("user")).collect(),
            clients: setup.clients.iter().map(|_| name("client")).collect(),
            sessions: Vec::new(),
            offline: Vec::new(),
            epochs: HashMap::new(),
            endings: HashMap::new(),
            grants: HashMap::new(),
        };
        for number in 0..setup.clients.len() as u8 {
            let mut client = client(&replay.clients[usize::from(number)]);
            client.epoch = replay.epoch(Parent::Client(ClientId(number)), Number(0));
            assert!(store.create_client(&client).await.expect("returns"));
        }
        for number in 0..setup.users {
            let epoch = replay.epoch(Parent::User(UserId(number)), Number(0));
            let sub = &replay.subs[usize::from(number)];
            let created = store.create_subject(sub, epoch, base).await;
            assert!(created.expect("returns"));
            let session = session(sub, epoch, base);
            let started = store.start_session(&session, None, base).await;
            started.expect("returns");
            replay.offline.push(session);
        }
        for (number, user) in setup.browser_sessions.iter().enumerate() {
            let id = BrowserSessionId(number as u8);
            let user_epoch = replay.epoch(Parent::User(*user), Number(0));
            let sub = &replay.subs[usize::from(user.0)];
            let mut session = session(sub, user_epoch, base);
            session.epoch = replay.epoch(Parent::BrowserSession(id), Number(0));
            let started = store.start_session(&session, None, base).await;
            started.expect("returns");
            replay.sessions.push(session.id);
        }
        replay
    }

    async fn step(&mut self, number: usize, step: &Step) -> Outcome {
        let now = self.base + step.now;
        let made = step.made;
        match step.act {
            Act::IssueCode {
                grant,
                client,
                under,
                taken,
            } => Outcome::IssueCode(self.issue(grant, client, under, taken, now, made).await),
            Act::RedeemCode {
                grant,
                code,
                client,
                proof,
            } => {
                let act = self.redemption(grant, code, client, proof, number, now);
                Outcome::RedeemCode(self.redeem(grant, act, now, made).await)
            }
            Act::RotateRefreshToken {
                grant,
                token,
                client,
                faulty,
            } => {
                let rotated = self.rotate(grant, token, client, faulty, now, made);
                Outcome::RotateRefreshToken(rotated.await)
            }
            Act::CheckToken {
                grant,
                access_token,
            } => Outcome::CheckToken(self.check(grant, access_token, now).await),
            Act::EndGrant { grant, client } => {
                let id = self.secrets(grant).id;
                let client_id = &self.clients[usize::from(client.0)];
                let cause = EndCause::Revoked;
                let ended = self.store.end_grant(&id, Some(client_id), cause, now).await;
                Outcome::EndGrant(match ended.expect("returns") {
                    grants::EndGrantOutcome::Ended | grants::EndGrantOutcome::AlreadyEnded => {
                        EndGrantOutcome::Ended
                    }
                    grants::EndGrantOutcome::ForeignClient => EndGrantOutcome::ForeignClient,
                    grants::EndGrantOutcome::Unknown => EndGrantOutcome::Unknown,
                })
            }
            Act::DenyAccessToken {
                grant,
                access_token,
            } => self.deny(grant, access_token, now).await,
            Act::DeleteAllCodes => {
                let deleted = self.store.delete_all_codes(now).await;
                Outcome::CodesDeleted(deleted.expect("returns") as u32)
            }
            act => self.parent_step(act, now).await,
        }
    }

    fn secrets(&mut self, grant: Small) -> &mut Secrets {
        self.grants.entry(grant).or_insert_with(|| Secrets {
            id: GrantId::from_bytes(random::bytes()),
            mac_key: MacKey::from_bytes(random::bytes()),
            codes: Vec::new(),
            refresh_tokens: Vec::new(),
            access_tokens: Vec::new(),
        })
    }

    fn epoch(&mut self, parent: Parent, number: Number) -> Epoch {
        let epochs = self.epochs.entry(parent).or_default();
        while epochs.len() <= number.0 as usize {
            epochs.push(epoch());
        }
        epochs[number.0 as usize]
    }

    fn next_epoch(&mut self, parent: Parent) -> Epoch {
        let endings = self.endings.entry(parent).or_default();
        *endings += 1;
        let number = Number(*endings);
        self.epoch(parent, number)
    }
}
