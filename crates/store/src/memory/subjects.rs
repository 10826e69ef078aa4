//! Users' standing and their consents: the epochs that every check compares.

use async_trait::async_trait;

use super::{Memory, State, next_act};
use crate::acts::{Decision, Write};
use crate::consents::{Consent, ConsentStep, Consents, decide_consent, decide_withdrawal};
use crate::events::{Event, EventKind};
use crate::grants::NewGrant;
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
        let found = self.state().known_consent(sub, client_id);
        Ok(found.filter(|consent| !consent.is_withdrawn()))
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let state = self.state();
        let given = state
            .consents
            .values()
            .filter(|consent| consent.sub == sub && !consent.is_withdrawn());
        let mut consents: Vec<Consent> = given.cloned().collect();
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
        let found = state.known_consent(sub, client_id);
        let decision = decide_withdrawal(found, next_act(), now);
        Ok(state.write_consent(decision))
    }
}

impl State {
    /// What writing a grant does to the consent that it depends on. Returns the epoch that
    /// the grant takes.
    pub(super) fn take_consent_step(
        &mut self,
        grant: &NewGrant,
        step: &ConsentStep,
        now: i64,
    ) -> Epoch {
        let (sub, client_id) = (grant.sub.as_str(), grant.client_id.as_str());
        let found = self.known_consent(sub, client_id);
        let decision = decide_consent(found, sub, client_id, step, now);
        let taken = self.write_consent(decision);
        taken.unwrap_or(grant.parents.consent)
    }

    fn known_consent(&self, sub: &str, client_id: &str) -> Option<Consent> {
        let key = (sub.to_owned(), client_id.to_owned());
        self.consents.get(&key).cloned()
    }

    fn write_consent<O>(&mut self, decision: Decision<Consent, O>) -> O {
        let (write, outcome) = decision.under(None);
        if let Write::Record(change) = write {
            let consent = change.record;
            let key = (consent.sub.clone(), consent.client_id.clone());
            self.consents.insert(key, consent);
            self.tell(change.event);
        }
        outcome
    }

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
