//! Whoever has a name: a subject or a client, one record under the name, so that no two ever share
//! one (RFC 9068, section 5). It stays when a subject is deleted, and the name stays taken.

use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::acts::{Act, Change, Decision, Record};
use countersign_store::clients::Client;
use countersign_store::events::{Event, EventKind};
use countersign_store::standing::{
    Standing, StandingChange, StandingDecision, StandingOutcome, Status, decide_standing,
};
use countersign_store::subjects::Subject;
use countersign_store::{ActId, Epoch, StoreError};
use redis::{Pipeline, Value};

use crate::commit::{Commit, VERSION};
use crate::engine::Layout;
use crate::fields::{FORMAT, Fields, Hash, NewFields, values_as};
use crate::keys::Keys;
use crate::{Redis, clients, keys};

#[derive(Debug, Clone)]
pub(crate) struct NamedPrincipal {
    pub name: String,
    pub principal: Principal,
    /// The act that took the name.
    pub created_by: ActId,
    pub written_by: ActId,
}

#[derive(Debug, Clone)]
pub(crate) enum Principal {
    Subject(Subject),
    Client(Client),
    /// A subject that was deleted, and by which act.
    Deleted {
        by: ActId,
    },
}

impl Record for NamedPrincipal {
    type Key = str;

    fn written_by(&self) -> ActId {
        self.written_by
    }
}

/// Takes a name, if no one has or had it. Returns whether it did.
pub(crate) struct Create {
    pub name: String,
    pub principal: Principal,
    pub event: Option<Event>,
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
        _now: i64,
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
        match &self.event {
            Some(event) => decision.tells(event.clone()),
            None => decision,
        }
    }

    fn is_in(&self, record: &NamedPrincipal, by: ActId) -> bool {
        record.created_by == by
    }
}

/// Ends, disables or enables a subject or a client.
pub(crate) struct ChangeStanding<'a> {
    pub name: &'a str,
    pub of: Kind,
    pub change: StandingChange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Subject,
    Client,
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
}

/// Deletes a subject. Returns whether it was this act that did.
pub(crate) struct DeleteSubject<'a>(pub &'a str);

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
                record.principal = Principal::Deleted { by };
                Decision::returns(true)
                    .moves(record)
                    .tells(Event::new(EventKind::UserEnded, now).sub(self.0))
            }
            Some(record) => Decision::returns(self.is_in(&record, by)),
            None => Decision::returns(false),
        }
    }

    fn is_in(&self, record: &NamedPrincipal, by: ActId) -> bool {
        matches!(&record.principal, Principal::Deleted { by: act } if *act == by)
    }
}

impl Redis {
    /// Whoever has the name, or had it.
    pub(crate) async fn principal(&self, name: &str) -> Result<Option<Principal>, StoreError> {
        let values = self.read(&NamedPrincipal::reads(&self.keys, name)).await?;
        Ok(NamedPrincipal::found(name, values)?.map(|found| found.principal))
    }

    pub(crate) async fn change_standing(
        &self,
        name: &str,
        of: Kind,
        change: StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        let act = ChangeStanding { name, of, change };
        carry_out(self, &act, Hint::Unread, now).await
    }
}

impl NamedPrincipal {
    fn kind(&self) -> Option<Kind> {
        match &self.principal {
            Principal::Subject(_) => Some(Kind::Subject),
            Principal::Client(_) => Some(Kind::Client),
            Principal::Deleted { .. } => None,
        }
    }

    fn standing(&self) -> Option<Standing> {
        match &self.principal {
            Principal::Subject(subject) => Some(subject.standing()),
            Principal::Client(client) => Some(client.standing()),
            Principal::Deleted { .. } => None,
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
            Principal::Deleted { .. } => {}
        }
    }
}

impl Layout for NamedPrincipal {
    const NAME: &'static str = "principal";

    fn reads(keys: &Keys, name: &str) -> Pipeline {
        let mut reads = redis::pipe();
        reads.hgetall(keys.principal(name));
        reads
    }

    fn found(name: &str, values: Vec<Value>) -> Result<Option<NamedPrincipal>, StoreError> {
        let (fields,): (Hash,) = values_as(Self::NAME, values)?;
        let Some(fields) = Fields::of(Self::NAME, name, fields) else {
            return Ok(None);
        };
        fields.check_format("format", FORMAT)?;
        let principal = match fields.text("kind")? {
            "subject" => Principal::Subject(Subject {
                sub: name.to_owned(),
                epoch: Epoch::from_bytes(fields.bytes("epoch")?),
                status: status(&fields)?,
            }),
            "client" => Principal::Client(clients::read(name, &fields)?),
            "deleted" => Principal::Deleted {
                by: ActId::from_bytes(fields.bytes("deleted_by")?),
            },
            _ => return Err(fields.corrupt("its kind is unknown")),
        };
        Ok(Some(NamedPrincipal {
            name: name.to_owned(),
            principal,
            created_by: ActId::from_bytes(fields.bytes("created_by")?),
            written_by: ActId::from_bytes(fields.bytes(VERSION)?),
        }))
    }

    fn commit(
        keys: &Keys,
        before: Option<ActId>,
        change: &Change<NamedPrincipal>,
    ) -> Result<Commit, StoreError> {
        let record = &change.record;
        let name = record.name.as_str();
        let fields = NewFields::default()
            .integer("format", FORMAT)
            .blob(VERSION, record.written_by.as_bytes())
            .blob("created_by", record.created_by.as_bytes());
        let fields = match &record.principal {
            Principal::Subject(subject) => fields
                .text("kind", "subject")
                .blob("epoch", subject.epoch.as_bytes())
                .text("status", subject.status.as_str()),
            Principal::Client(client) => clients::write(fields.text("kind", "client"), client),
            Principal::Deleted { by } => fields
                .text("kind", "deleted")
                .blob("deleted_by", by.as_bytes()),
        };
        let mut commit = Commit::of(keys.principal(name), before);
        commit.replace(keys.principal(name), &fields);
        if let Principal::Deleted { .. } = &record.principal {
            commit.run("DEL", keys.consents(name), &[]);
        }
        let partition = keys::partition(name.as_bytes());
        commit.tell(keys.events(partition), change.event.as_ref());
        Ok(commit)
    }
}

pub(crate) fn status(fields: &Fields) -> Result<Status, StoreError> {
    Status::parse(fields.text("status")?).ok_or_else(|| fields.corrupt("its status is unknown"))
}
