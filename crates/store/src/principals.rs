//! A name and the subject or the client that has it: one record in an engine that others share, so
//! that no two ever have the same name (RFC 9068, section 5). It stays when a subject is deleted,
//! and the name stays taken.

use crate::acts::{Act, Decision, Record};
use crate::clients::Client;
use crate::events::{Event, EventKind};
use crate::standing::{
    Standing, StandingChange, StandingDecision, StandingOutcome, Status, decide_standing,
};
use crate::subjects::Subject;
use crate::{ActId, Epoch};

#[derive(Debug, Clone)]
pub struct NamedPrincipal {
    pub name: String,
    pub principal: Principal,
    /// The act that took the name.
    pub created_by: ActId,
    pub written_by: ActId,
}

#[derive(Debug, Clone)]
pub enum Principal {
    Subject(Subject),
    Client(Client),
    /// A subject that was deleted. No act writes the record again, so its version is the act that
    /// deleted it.
    Deleted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Subject,
    Client,
}

impl Record for NamedPrincipal {
    type Key = str;

    fn written_by(&self) -> ActId {
        self.written_by
    }
}

impl NamedPrincipal {
    fn kind(&self) -> Option<Kind> {
        match &self.principal {
            Principal::Subject(_) => Some(Kind::Subject),
            Principal::Client(_) => Some(Kind::Client),
            Principal::Deleted => None,
        }
    }

    fn standing(&self) -> Option<Standing> {
        match &self.principal {
            Principal::Subject(subject) => Some(subject.standing()),
            Principal::Client(client) => Some(client.standing()),
            Principal::Deleted => None,
        }
    }

    fn take_on(&mut self, standing: Standing, now: i64) {
        match &mut self.principal {
            Principal::Subject(subject) => {
                subject.epoch = standing.epoch;
                subject.status = standing.status;
            }
            Principal::Client(client) => {
                client.epoch = standing.epoch;
                client.status = standing.status;
                client.updated_at = now;
                client.revision += 1;
            }
            Principal::Deleted => {}
        }
    }
}

/// Takes a name, if no one has or had it. Returns whether it did.
pub struct Create {
    name: String,
    principal: Principal,
    event: Option<EventKind>,
}

impl Create {
    /// A subject that is active. Its event is written with its account, which may be in another
    /// store.
    pub fn subject(sub: &str, epoch: Epoch) -> Create {
        Create {
            name: sub.to_owned(),
            principal: Principal::Subject(Subject {
                sub: sub.to_owned(),
                epoch,
                status: Status::Active,
            }),
            event: None,
        }
    }

    /// A client in its first revision.
    pub fn client(client: &Client) -> Create {
        Create {
            name: client.client_id.clone(),
            principal: Principal::Client(Client {
                revision: 1,
                ..client.clone()
            }),
            event: Some(EventKind::ClientCreated),
        }
    }
}

impl Act for Create {
    type Record = NamedPrincipal;
    type Outcome = bool;

    fn key(&self) -> &str {
        &self.name
    }

    fn decide(
        &self,
        found: Option<NamedPrincipal>,
        by: ActId,
        now: i64,
    ) -> Decision<NamedPrincipal, bool> {
        if found.is_some() {
            return Decision::returns(false);
        }
        let decision = Decision::returns(true).begins(NamedPrincipal {
            name: self.name.clone(),
            principal: self.principal.clone(),
            created_by: by,
            written_by: by,
        });
        match self.event {
            Some(kind) => decision.tells(Event::new(kind, now).client(&self.name)),
            None => decision,
        }
    }

    fn is_in(&self, record: &NamedPrincipal, by: ActId) -> bool {
        record.created_by == by
    }
}

/// [`decide_standing`] of a subject or a client.
pub struct ChangeStanding<'a> {
    pub name: &'a str,
    pub of: Kind,
    pub change: StandingChange,
}

impl ChangeStanding<'_> {
    fn event(&self, now: i64) -> Event {
        match self.of {
            Kind::Subject => Event::new(self.change.of_user(), now).sub(self.name),
            Kind::Client => Event::new(self.change.of_client(), now).client(self.name),
        }
    }
}

impl Act for ChangeStanding<'_> {
    type Record = NamedPrincipal;
    type Outcome = StandingOutcome;

    /// An enabling tries again without delay as well: of concurrent acts, each changes the
    /// standing.
    const IS_ENDING: bool = true;

    fn key(&self) -> &str {
        self.name
    }

    fn decide(
        &self,
        found: Option<NamedPrincipal>,
        by: ActId,
        now: i64,
    ) -> Decision<NamedPrincipal, StandingOutcome> {
        let found = found.filter(|found| found.kind() == Some(self.of));
        let standing = found.as_ref().and_then(NamedPrincipal::standing);
        match (found, decide_standing(standing, &self.change)) {
            (Some(mut record), StandingDecision::Write(standing)) => {
                record.written_by = by;
                record.take_on(standing, now);
                Decision::returns(StandingOutcome::Changed)
                    .moves(record)
                    .tells(self.event(now))
            }
            (_, StandingDecision::Keep(outcome)) => Decision::returns(outcome),
            (None, StandingDecision::Write(_)) => Decision::returns(StandingOutcome::Unknown),
        }
    }

    fn is_in(&self, record: &NamedPrincipal, by: ActId) -> bool {
        match self.change {
            StandingChange::End { epoch } | StandingChange::Disable { epoch } => record
                .standing()
                .is_some_and(|standing| standing.epoch == epoch),
            StandingChange::Enable { .. } => record.written_by == by,
        }
    }

    /// Never: its epoch must not be written a second time ([`decide_standing`]).
    fn may_start_again(&self, _record: Option<&NamedPrincipal>) -> bool {
        false
    }
}

/// Deletes a subject. Returns whether it was this act that did.
pub struct DeleteSubject<'a>(pub &'a str);

impl Act for DeleteSubject<'_> {
    type Record = NamedPrincipal;
    type Outcome = bool;

    const IS_ENDING: bool = true;

    fn key(&self) -> &str {
        self.0
    }

    fn decide(
        &self,
        found: Option<NamedPrincipal>,
        by: ActId,
        now: i64,
    ) -> Decision<NamedPrincipal, bool> {
        match found {
            Some(mut record) if record.kind() == Some(Kind::Subject) => {
                record.written_by = by;
                record.principal = Principal::Deleted;
                Decision::returns(true)
                    .moves(record)
                    .tells(Event::new(EventKind::UserEnded, now).sub(self.0))
            }
            Some(record) => Decision::returns(self.is_in(&record, by)),
            None => Decision::returns(false),
        }
    }

    fn is_in(&self, record: &NamedPrincipal, by: ActId) -> bool {
        matches!(record.principal, Principal::Deleted) && record.written_by == by
    }
}
