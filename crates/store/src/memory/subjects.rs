//! Users' standing and their consents: the epochs that every check compares.

use async_trait::async_trait;

use super::{Memory, State};
use crate::consents::{Consent, Consents};
use crate::events::{Event, EventKind};
use crate::standing::{StandingChange, StandingDecision, StandingOutcome, Status, decide_standing};
use crate::subjects::{Subject, Subjects};
use crate::{Epoch, StoreError};

#[async_trait]
impl Subjects for Memory {
    async fn create_subject(&self, sub: &str, epoch: Epoch, _now: i64) -> Result<bool, StoreError> {
        Ok(self.state().create_subject(sub, epoch))
    }

    async fn subject(&self, sub: &str) -> Result<Option<Subject>, StoreError> {
        Ok(self.state().subjects.get(sub).cloned())
    }

    async fn change_subject_standing(
        &self,
        sub: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        let mut state = self.state();
        let current = state.subjects.get(sub).map(Subject::standing);
        let standing = match decide_standing(current, change) {
            StandingDecision::Keep(outcome) => return Ok(outcome),
            StandingDecision::Write(standing) => standing,
        };
        let subject = Subject {
            sub: sub.to_owned(),
            epoch: standing.epoch,
            status: standing.status,
        };
        state.subjects.insert(sub.to_owned(), subject);
        state.emit(Event::new(change.of_user(), now).sub(sub));
        Ok(StandingOutcome::Changed)
    }

    async fn delete_subject(&self, sub: &str, now: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.subjects.remove(sub).is_none() {
            return Ok(false);
        }
        state.consents.retain(|(owner, _), _| owner != sub);
        state.emit(Event::new(EventKind::UserEnded, now).sub(sub));
        Ok(true)
    }
}

#[async_trait]
impl Consents for Memory {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        let key = (sub.to_owned(), client_id.to_owned());
        Ok(self.state().consents.get(&key).cloned())
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let state = self.state();
        let mut consents: Vec<Consent> = state
            .consents
            .values()
            .filter(|consent| consent.sub == sub)
            .cloned()
            .collect();
        consents.sort_by(|a, b| a.client_id.cmp(&b.client_id));
        Ok(consents)
    }

    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let key = (sub.to_owned(), client_id.to_owned());
        if state.consents.remove(&key).is_none() {
            return Ok(false);
        }
        state.emit(
            Event::new(EventKind::ConsentWithdrawn, now)
                .sub(sub)
                .client(client_id),
        );
        Ok(true)
    }
}

impl State {
    pub(super) fn create_subject(&mut self, sub: &str, epoch: Epoch) -> bool {
        if !self.principals.insert(sub.to_owned()) {
            return false;
        }
        let subject = Subject {
            sub: sub.to_owned(),
            epoch,
            status: Status::Active,
        };
        self.subjects.insert(sub.to_owned(), subject);
        true
    }
}
