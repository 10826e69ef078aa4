//! A name and the subject or the client that has it: one hash under the name.

use countersign_store::acts::Change;
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::principals::{ChangeStanding, Kind, NamedPrincipal, Principal};
use countersign_store::standing::{StandingChange, StandingOutcome, Status};
use countersign_store::subjects::Subject;
use countersign_store::{ActId, Epoch, StoreError};
use redis::{Pipeline, Value};

use crate::commit::{Commit, VERSION};
use crate::engine::Layout;
use crate::fields::{FORMAT, Fields, Hash, NewFields, values_as};
use crate::keys::Keys;
use crate::{Redis, clients, keys};

impl Redis {
    /// The subject or the client that has the name, or that it was deleted.
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
            "deleted" => Principal::Deleted,
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
            Principal::Deleted => fields.text("kind", "deleted"),
        };
        let mut commit = Commit::of(keys.principal(name), before);
        commit.replace(keys.principal(name), &fields);
        if let Principal::Deleted = &record.principal {
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
