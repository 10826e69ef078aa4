//! What is above a grant: ended, disabled, enabled, renewed.

use countersign_model::acts::{
    Act, BrowserSessionId, ClientId, CookieOutcome, EnableOutcome, EndClientSessionOutcome,
    Epoch as Number, Outcome, RenewOutcome, Secret, UserId,
};
use countersign_model::state::Parent;

use super::Replay;
use crate::sessions::{self, RenewSession, SessionState};
use crate::standing::{StandingChange, StandingOutcome};
use crate::suite::world::{cookie, state};
use crate::{Token, TokenKind};
use countersign_jose::random::SystemRandom;

impl Replay<'_> {
    /// An act on one of the records above a grant.
    pub(super) async fn parent_step(&mut self, act: Act, now: i64) -> Outcome {
        use StandingChange::{Disable, Enable, End};
        match act {
            Act::PresentCookie {
                browser_session,
                secret,
            } => Outcome::PresentCookie(self.present_cookie(browser_session, secret, now).await),
            Act::RenewSession {
                browser_session,
                user,
                user_epoch,
                secret,
            } => {
                let renewed = self.renew(browser_session, user, user_epoch, secret, now);
                Outcome::RenewSession(renewed.await)
            }
            Act::EndBrowserSession { browser_session } => {
                self.next_epoch(Parent::BrowserSession(browser_session));
                let id = self.sessions[usize::from(browser_session.0)];
                self.store.end_session(&id, now).await.expect("returns");
                Outcome::Done
            }
            Act::EndClientSession {
                browser_session,
                client,
            } => {
                let ended = self.end_client_session(browser_session, client, now);
                Outcome::EndClientSession(ended.await)
            }
            Act::WithdrawConsent { user, client } => {
                self.next_epoch(Parent::Consent(user, client));
                let sub = &self.subs[usize::from(user.0)];
                let client_id = &self.clients[usize::from(client.0)];
                let withdrawn = self.store.withdraw_consent(sub, client_id, now).await;
                withdrawn.expect("returns");
                Outcome::Done
            }
            Act::EndUser { user, epoch } => {
                let epoch = self.epoch(Parent::User(user), epoch);
                self.change_user(user, End { epoch }, now).await
            }
            Act::DisableUser { user, epoch } => {
                let epoch = self.epoch(Parent::User(user), epoch);
                self.change_user(user, Disable { epoch }, now).await
            }
            Act::EnableUser { user, disabled_by } => {
                let disabled_by = self.epoch(Parent::User(user), disabled_by);
                self.change_user(user, Enable { disabled_by }, now).await
            }
            Act::EndClient { client, epoch } => {
                let epoch = self.epoch(Parent::Client(client), epoch);
                self.change_client(client, End { epoch }, now).await
            }
            Act::DisableClient { client, epoch } => {
                let epoch = self.epoch(Parent::Client(client), epoch);
                self.change_client(client, Disable { epoch }, now).await
            }
            Act::EnableClient {
                client,
                disabled_by,
            } => {
                let disabled_by = self.epoch(Parent::Client(client), disabled_by);
                self.change_client(client, Enable { disabled_by }, now)
                    .await
            }
            act => panic!("{act:?} is an act on a grant"),
        }
    }

    async fn present_cookie(
        &self,
        browser_session: BrowserSessionId,
        secret: Secret,
        now: i64,
    ) -> CookieOutcome {
        let id = self.sessions[usize::from(browser_session.0)];
        let kind = TokenKind::BrowserSession;
        let presented = match secret {
            Secret::Issued(number) => cookie(&id, u64::from(number)),
            Secret::MadeUp => Token::generate(kind, *id.as_bytes(), &SystemRandom),
        };
        match state(self.store, &presented, now).await {
            SessionState::Live(_) => CookieOutcome::Live,
            SessionState::Superseded(_) => CookieOutcome::Superseded,
            SessionState::Unknown => CookieOutcome::Unknown,
            SessionState::Ended => CookieOutcome::Ended,
            SessionState::Expired => panic!("no history outlives a browser session"),
        }
    }

    async fn renew(
        &mut self,
        browser_session: BrowserSessionId,
        user: UserId,
        user_epoch: Number,
        secret: u32,
        now: i64,
    ) -> RenewOutcome {
        let id = self.sessions[usize::from(browser_session.0)];
        let act = RenewSession {
            id,
            sub: self.subs[usize::from(user.0)].clone(),
            secret: cookie(&id, u64::from(secret)).hash(),
            user_epoch: self.epoch(Parent::User(user), user_epoch),
            auth_time: now,
            amr: vec!["pwd".to_owned()],
            acr: None,
            proved_in: None,
            expires_at: now + 86_400,
        };
        let renewed = self.store.renew_session(&act, now).await;
        match renewed.expect("returns") {
            sessions::RenewOutcome::Renewed(_) => RenewOutcome::Renewed,
            sessions::RenewOutcome::Unknown => RenewOutcome::Unknown,
        }
    }

    async fn end_client_session(
        &self,
        browser_session: BrowserSessionId,
        client: ClientId,
        now: i64,
    ) -> EndClientSessionOutcome {
        let session = self.sessions[usize::from(browser_session.0)];
        let client_id = &self.clients[usize::from(client.0)];
        let found = self.store.client_session(&session, client_id).await;
        let ended = match found.expect("returns") {
            Some(found) => self.store.end_client_session(&found.sid, now).await,
            None => Ok(false),
        };
        match ended.expect("returns") {
            true => EndClientSessionOutcome::Ended,
            false => EndClientSessionOutcome::Unknown,
        }
    }

    async fn change_user(&self, user: UserId, change: StandingChange, now: i64) -> Outcome {
        let sub = &self.subs[usize::from(user.0)];
        let changed = self.store.change_subject_standing(sub, &change, now).await;
        changed_standing(&change, changed.expect("returns"))
    }

    async fn change_client(&self, client: ClientId, change: StandingChange, now: i64) -> Outcome {
        let id = &self.clients[usize::from(client.0)];
        let changed = self.store.change_client_standing(id, &change, now).await;
        changed_standing(&change, changed.expect("returns"))
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
