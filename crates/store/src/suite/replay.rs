//! One history of the model, replayed: the model's small numbers on one side, real ids, epochs and
//! secrets on the other (`countersign_model`'s documentation says how).

use std::collections::HashMap;

use countersign_jose::random::{self, SystemRandom};
use countersign_model::acts::{
    Act, CheckOutcome, ClientId, EnableOutcome, EndClientSessionOutcome, EndGrantOutcome,
    Epoch as Number, GrantId as Small, IssueOutcome, Outcome, ParentEpochs, Proof, RedeemOutcome,
    RotateOutcome, Secret, Under, UserId,
};
use countersign_model::history::{History, Made, Step};
use countersign_model::state::Parent;

use super::world::{
    CHALLENGE, Grants, REDIRECT_URI, World, client, epoch, guess, name, proof as proof_of, session,
};
use crate::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder, TokenState};
use crate::consents::ConsentStep;
use crate::grants::{
    self, EndCause, IssueCode, NewRefreshFamily, Otherwise, Redeem, RotateRefreshToken,
    SessionParents, Successor,
};
use crate::refresh_tokens::MacKey;
use crate::standing::{StandingChange, StandingOutcome};
use crate::{Epoch, GrantId, SecretHash, SessionId, Token, TokenKind, refresh_tokens};

/// Replays `history` on ids of its own and says where the store first answers another thing than
/// the model. With `opaque` every access token has a row, else none has.
pub(super) async fn replay(
    store: &Grants,
    history: &History,
    opaque: bool,
    base: i64,
) -> Result<(), String> {
    let mut replay = Replay::begin(store, history, opaque, base).await;
    for (number, step) in history.steps.iter().enumerate() {
        let answered = replay.step(number, step).await;
        if answered != step.expected {
            let before: Vec<String> = history.steps[..number]
                .iter()
                .map(|step| format!("\n  {:>4} {:?} = {:?}", step.now, step.act, step.expected))
                .collect();
            let kind = if opaque { "opaque tokens" } else { "JWTs" };
            return Err(format!(
                "history {} ({kind}), step {number}, {:?} at {}: expected {:?}, answered \
                 {answered:?}; after{}",
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
    offline: Vec<crate::sessions::BrowserSession>,
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
            deleted.expect("answers");
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
            assert!(store.create_client(&client).await.expect("answers"));
        }
        for number in 0..setup.users {
            let epoch = replay.epoch(Parent::User(UserId(number)), Number(0));
            let sub = &replay.subs[usize::from(number)];
            let created = store.create_subject(sub, epoch, base).await;
            assert!(created.expect("answers"));
            let session = session(sub, epoch, base);
            let started = store.start_session(&session, None, base).await;
            started.expect("answers");
            replay.offline.push(session);
        }
        for (number, user) in setup.browser_sessions.iter().enumerate() {
            let id = countersign_model::acts::BrowserSessionId(number as u8);
            let user_epoch = replay.epoch(Parent::User(*user), Number(0));
            let sub = &replay.subs[usize::from(user.0)];
            let mut session = session(sub, user_epoch, base);
            session.epoch = replay.epoch(Parent::BrowserSession(id), Number(0));
            let started = store.start_session(&session, None, base).await;
            started.expect("answers");
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
            } => Outcome::RotateRefreshToken(self.rotate(grant, token, client, now, made).await),
            Act::CheckToken {
                grant,
                access_token,
            } => Outcome::CheckToken(self.check(grant, access_token, now).await),
            Act::EndGrant { grant, client } => {
                let id = self.secrets(grant).id;
                let client_id = &self.clients[usize::from(client.0)];
                let cause = EndCause::Revoked;
                let ended = self.store.end_grant(&id, Some(client_id), cause, now).await;
                Outcome::EndGrant(match ended.expect("answers") {
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
            } => {
                let tokens = &self.secrets(grant).access_tokens;
                if let Some(&(hash, expires_at)) = tokens.get(access_token as usize) {
                    let done = self.store.deny_access_token(&hash, expires_at + 60, now);
                    done.await.expect("answers");
                }
                Outcome::Done
            }
            Act::EndBrowserSession { browser_session } => {
                self.next_epoch(Parent::BrowserSession(browser_session));
                let id = self.sessions[usize::from(browser_session.0)];
                self.store.end_session(&id, now).await.expect("answers");
                Outcome::Done
            }
            Act::EndClientSession {
                browser_session,
                client,
            } => {
                let session = self.sessions[usize::from(browser_session.0)];
                let client_id = &self.clients[usize::from(client.0)];
                let found = self.store.client_session(&session, client_id).await;
                let ended = match found.expect("answers") {
                    Some(found) => self.store.end_client_session(&found.sid, now).await,
                    None => Ok(false),
                };
                Outcome::EndClientSession(match ended.expect("answers") {
                    true => EndClientSessionOutcome::Ended,
                    false => EndClientSessionOutcome::Unknown,
                })
            }
            Act::WithdrawConsent { user, client } => {
                self.next_epoch(Parent::Consent(user, client));
                let sub = &self.subs[usize::from(user.0)];
                let client_id = &self.clients[usize::from(client.0)];
                let withdrawn = self.store.withdraw_consent(sub, client_id, now).await;
                withdrawn.expect("answers");
                Outcome::Done
            }
            Act::EndUser { user, epoch } => {
                let epoch = self.epoch(Parent::User(user), epoch);
                self.change_user(user, StandingChange::End { epoch }, now)
                    .await
            }
            Act::DisableUser { user, epoch } => {
                let epoch = self.epoch(Parent::User(user), epoch);
                self.change_user(user, StandingChange::Disable { epoch }, now)
                    .await
            }
            Act::EnableUser { user, disabled_by } => {
                let disabled_by = self.epoch(Parent::User(user), disabled_by);
                self.change_user(user, StandingChange::Enable { disabled_by }, now)
                    .await
            }
            Act::EndClient { client, epoch } => {
                let epoch = self.epoch(Parent::Client(client), epoch);
                self.change_client(client, StandingChange::End { epoch }, now)
                    .await
            }
            Act::DisableClient { client, epoch } => {
                let epoch = self.epoch(Parent::Client(client), epoch);
                self.change_client(client, StandingChange::Disable { epoch }, now)
                    .await
            }
            Act::EnableClient {
                client,
                disabled_by,
            } => {
                let disabled_by = self.epoch(Parent::Client(client), disabled_by);
                self.change_client(client, StandingChange::Enable { disabled_by }, now)
                    .await
            }
            Act::DeleteAllCodes => {
                let deleted = self.store.delete_all_codes(now).await;
                Outcome::CodesDeleted(deleted.expect("answers") as u32)
            }
        }
    }

    async fn change_user(&self, user: UserId, change: StandingChange, now: i64) -> Outcome {
        let sub = &self.subs[usize::from(user.0)];
        let changed = self.store.change_subject_standing(sub, &change, now).await;
        changed_standing(&change, changed.expect("answers"))
    }

    async fn change_client(&self, client: ClientId, change: StandingChange, now: i64) -> Outcome {
        let id = &self.clients[usize::from(client.0)];
        let changed = self.store.change_client_standing(id, &change, now).await;
        changed_standing(&change, changed.expect("answers"))
    }

    async fn issue(
        &mut self,
        grant: Small,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
        now: i64,
        made: Made,
    ) -> IssueOutcome {
        let act = self.issue_act(grant, client, under, taken, now);
        let outcome = self.store.issue_code(&act, now).await.expect("answers");
        if made.code.is_some() {
            self.secrets(grant).codes.push(act.code.hash);
        }
        match outcome {
            grants::IssueOutcome::Issued { .. } => IssueOutcome::Issued,
            grants::IssueOutcome::Replaced { .. } => IssueOutcome::Replaced,
            grants::IssueOutcome::AlreadyUsed => IssueOutcome::AlreadyUsed,
        }
    }

    fn issue_act(
        &mut self,
        grant: Small,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
        now: i64,
    ) -> IssueCode {
        let user = self.history.setup.user_of(under);
        let consent = Parent::Consent(user, client);
        let client_id = self.clients[usize::from(client.0)].clone();
        let mut world = World::stranger(&client_id, now);
        world.sub.clone_from(&self.subs[usize::from(user.0)]);
        world.user_epoch = self.epoch(Parent::User(user), taken.user);
        world.client_epoch = self.epoch(Parent::Client(client), taken.client);
        match under {
            Under::Consent(_) => world.session = self.offline[usize::from(user.0)].clone(),
            Under::BrowserSession(id) => {
                let taken = taken.browser_session.unwrap_or_default();
                world.session.id = self.sessions[usize::from(id.0)];
                world.session.epoch = self.epoch(Parent::BrowserSession(id), taken);
            }
        }
        let mut act = world.issue();
        if let Under::Consent(_) = under {
            act.grant.parents.session = None;
        }
        debug_assert!(
            act.grant
                .parents
                .session
                .as_ref()
                .is_none_or(|session: &SessionParents| session.browser_session == world.session.id)
        );
        let taken_consent = self.epoch(consent, taken.consent);
        act.grant.parents.consent = taken_consent;
        // What was read before a withdrawal is rested on; the present one is (or was) given.
        let present = self.endings.get(&consent).copied().unwrap_or_default();
        act.consent = match taken.consent.0 == present {
            false => ConsentStep::Rest,
            true => ConsentStep::Record {
                scope: act.grant.scope.clone(),
                proposed_epoch: taken_consent,
            },
        };
        let lifetimes = &self.history.setup.lifetimes;
        act.grant.id = self.secrets(grant).id;
        act.code.hash = guess();
        act.code.expires_at = now + lifetimes.code_seconds;
        act.grant.expires_at = now + lifetimes.grant_seconds;
        act
    }

    fn redemption(
        &mut self,
        grant: Small,
        code: Secret,
        client: ClientId,
        proof: Proof,
        number: usize,
        now: i64,
    ) -> (Redeem, Token) {
        let secrets = self.secrets(grant);
        let presented = match code {
            Secret::Issued(number) => secrets.codes.get(number as usize).copied(),
            Secret::MadeUp => None,
        };
        let first = refresh_tokens::generate(secrets.id, &secrets.mac_key, &SystemRandom);
        let mut act = Redeem {
            grant: secrets.id,
            presented: presented.unwrap_or_else(guess),
            client_id: String::new(),
            proof: proof_of(Some(REDIRECT_URI), Some(CHALLENGE)),
            refresh: NewRefreshFamily {
                mac_key: secrets.mac_key.clone(),
                first: first.hash(),
                idle_expires_at: None,
                binding_key: None,
            },
            access_token: None,
        };
        act.client_id
            .clone_from(&self.clients[usize::from(client.0)]);
        act.refresh.idle_expires_at = Some(now + self.history.setup.lifetimes.refresh_idle_seconds);
        act.access_token = self.new_access_token(act.grant, now);
        if proof == Proof::Wrong {
            match number % 2 {
                0 => act.proof = proof_of(Some(REDIRECT_URI), Some(&CHALLENGE.to_lowercase())),
                _ => act.proof = proof_of(None, Some(CHALLENGE)),
            }
        }
        (act, first)
    }

    async fn redeem(
        &mut self,
        grant: Small,
        (act, first): (Redeem, Token),
        now: i64,
        made: Made,
    ) -> RedeemOutcome {
        let outcome = self.store.redeem(&act, now).await.expect("answers");
        self.remember(grant, made, first, act.access_token.as_ref(), now);
        match outcome {
            grants::RedeemOutcome::Redeemed(_) => RedeemOutcome::Redeemed,
            grants::RedeemOutcome::Unknown => RedeemOutcome::Unknown,
            grants::RedeemOutcome::ForeignClient => RedeemOutcome::ForeignClient,
            grants::RedeemOutcome::Burnt { .. } => RedeemOutcome::Burnt,
            grants::RedeemOutcome::Expired { .. } => RedeemOutcome::Expired,
            grants::RedeemOutcome::Replayed { .. } => RedeemOutcome::Replayed,
            grants::RedeemOutcome::UsedWithWrongProof => RedeemOutcome::UsedWithWrongProof,
            grants::RedeemOutcome::Ended(_) => RedeemOutcome::Ended,
        }
    }

    async fn rotate(
        &mut self,
        grant: Small,
        token: Secret,
        client: ClientId,
        now: i64,
        made: Made,
    ) -> RotateOutcome {
        let rotates = self.history.setup.rotates(client);
        let lifetimes = &self.history.setup.lifetimes;
        let (idle, grace) = (lifetimes.refresh_idle_seconds, lifetimes.grace_seconds);
        let secrets = self.secrets(grant);
        let (id, mac_key) = (secrets.id, secrets.mac_key.clone());
        let made_up = Token::generate(TokenKind::RefreshToken, *id.as_bytes(), &SystemRandom);
        let presented = match token {
            Secret::Issued(number) => secrets.refresh_tokens.get(number as usize),
            Secret::MadeUp => None,
        };
        let presented = presented.unwrap_or(&made_up);
        let next = refresh_tokens::generate(id, &mac_key, &SystemRandom);
        let mut act = RotateRefreshToken {
            grant: id,
            client_id: String::new(),
            presented: presented.hash(),
            of_the_family: refresh_tokens::is_of_the_family(presented, &mac_key),
            successor: rotates.then(|| Successor {
                hash: next.hash(),
                sealed: refresh_tokens::seal_successor(presented, &next, &SystemRandom),
                grace_until: now + grace,
            }),
            idle_expires_at: Some(now + idle),
            binding_key: None,
            access_token: None,
            otherwise: Otherwise::Proceed,
            hint: None,
        };
        act.client_id
            .clone_from(&self.clients[usize::from(client.0)]);
        act.access_token = self.new_access_token(id, now);
        let outcome = self.store.rotate_refresh_token(&act, now).await;
        let outcome = match outcome.expect("answers") {
            grants::RotateOutcome::Rotated => RotateOutcome::Rotated {
                successor: self.secrets(grant).refresh_tokens.len() as u32,
            },
            grants::RotateOutcome::Kept => RotateOutcome::Kept,
            grants::RotateOutcome::Repeated { sealed_successor } => RotateOutcome::Repeated {
                successor: self.opened(grant, token, &sealed_successor),
            },
            grants::RotateOutcome::Reused { .. } => RotateOutcome::Reused,
            grants::RotateOutcome::Unknown => RotateOutcome::Unknown,
            grants::RotateOutcome::ForeignClient => RotateOutcome::ForeignClient,
            grants::RotateOutcome::Expired { .. } => RotateOutcome::Expired,
            grants::RotateOutcome::Ended(_) => RotateOutcome::Ended,
            outcome @ (grants::RotateOutcome::Withheld | grants::RotateOutcome::WrongKey) => {
                panic!("no history has a key or a fault to hold back: {outcome:?}")
            }
        };
        self.remember(grant, made, next, act.access_token.as_ref(), now);
        outcome
    }

    /// The number of the token that the presented one opens; one that is nobody's where it opens
    /// nothing, or what the store was never given.
    fn opened(&mut self, grant: Small, presented: Secret, sealed: &[u8]) -> u32 {
        let tokens = &self.secrets(grant).refresh_tokens;
        let Secret::Issued(number) = presented else {
            return u32::MAX;
        };
        let presented = tokens.get(number as usize);
        let opened = presented.and_then(|token| refresh_tokens::open_successor(token, sealed));
        let opened = opened.map(|token| token.hash());
        let found = tokens.iter().position(|token| Some(token.hash()) == opened);
        found.map_or(u32::MAX, |number| number as u32)
    }

    async fn check(&mut self, grant: Small, access_token: u32, now: i64) -> CheckOutcome {
        let secrets = self.secrets(grant);
        let id = secrets.id;
        let Some(&(hash, expires_at)) = secrets.access_tokens.get(access_token as usize) else {
            return CheckOutcome::Ended;
        };
        let check = match self.opaque {
            true => CheckAccessToken::Opaque { grant: id, hash },
            // Its bearer looks at a JWT's exp before the store is asked.
            false if now >= expires_at => return CheckOutcome::Expired,
            false => CheckAccessToken::Jwt {
                grant: id,
                jti: hash,
                must_be_kept: false,
            },
        };
        let state = self.store.check_access_token(&check, now).await;
        match state.expect("answers") {
            TokenState::Active(_) => CheckOutcome::Active,
            TokenState::Expired { .. } => CheckOutcome::Expired,
            TokenState::Denied => CheckOutcome::Denied,
            TokenState::Unknown | TokenState::Ended(_) => CheckOutcome::Ended,
        }
    }

    fn new_access_token(&self, id: GrantId, now: i64) -> Option<NewAccessToken> {
        self.opaque.then(|| NewAccessToken {
            hash: guess(),
            id,
            holder: NewHolder::Grant,
            scope: None,
            expires_at: now + self.history.setup.lifetimes.access_token_seconds,
        })
    }

    /// Keeps what a step made, whatever it answered.
    fn remember(
        &mut self,
        grant: Small,
        made: Made,
        refresh_token: Token,
        access_token: Option<&NewAccessToken>,
        now: i64,
    ) {
        let expires_at = now + self.history.setup.lifetimes.access_token_seconds;
        let secrets = self.secrets(grant);
        if made.refresh_token.is_some() {
            secrets.refresh_tokens.push(refresh_token);
        }
        if made.access_token.is_some() {
            let hash = access_token.map_or_else(guess, |token| token.hash);
            secrets.access_tokens.push((hash, expires_at));
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

/// What the model says of an act on a standing. Each user and client is there, and an ending always
/// takes place.
fn changed_standing(change: &StandingChange, outcome: StandingOutcome) -> Outcome {
    match (change, outcome) {
        (StandingChange::Enable { .. }, StandingOutcome::Changed) => {
            Outcome::Enable(EnableOutcome::Enabled)
        }
        (StandingChange::Enable { .. }, StandingOutcome::ChangedMeanwhile) => {
            Outcome::Enable(EnableOutcome::ChangedMeanwhile)
        }
        (_, StandingOutcome::Changed) => Outcome::Done,
        (_, outcome) => panic!("{change:?} gave {outcome:?}"),
    }
}
