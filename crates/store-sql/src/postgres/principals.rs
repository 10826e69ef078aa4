//! A name and the subject or the client that has it: one record. The name's row has the version,
//! for the row of the subject or the client as well, which only these statements write. The name's
//! row stays when a subject is deleted.

use async_trait::async_trait;
use countersign_store::acts::Change;
use countersign_store::acts::shared::{Fate, Hint, carry_out};
use countersign_store::principals::{ChangeStanding, Kind, NamedPrincipal, Principal};
use countersign_store::standing::{StandingChange, StandingOutcome};
use countersign_store::{ActId, StoreError, clients, subjects};

use super::Postgres;
use super::commit::{commit, send};
use super::engine::Layout;
use super::events::Columns as EventColumns;
use super::statements::{Params, PostgresCells};
use crate::rows::{Cells, client, subject};

impl Postgres {
    pub(super) async fn change_standing(
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

/// A name with the subject or the client that has it, in one statement and so in one snapshot.
const READ: &str = "
    SELECT p.name, p.kind, p.created_by, p.written_by,
           s.sub, s.format, s.epoch, s.status,
           c.client_id, c.format, c.epoch, c.status, c.secrets, c.metadata, c.owner,
           c.revision, c.created_at, c.updated_at
    FROM principals AS p
    LEFT JOIN subjects AS s ON s.sub = p.name
    LEFT JOIN clients AS c ON c.client_id = p.name
    WHERE p.name = $1";

/// Takes a name, if no one has or had it. `$created` writes the subject or the client that has it
/// now.
macro_rules! take_name {
    ($kind:literal, $created:expr) => {
        commit!(
            concat!(
                "INSERT INTO principals (name, kind, created_by, written_by)
                 VALUES ($7, '",
                $kind,
                "', $8, $8)
                 ON CONFLICT (name) DO NOTHING
                 RETURNING name"
            ),
            $created
        )
    };
}

const CREATE_SUBJECT: &str = take_name!(
    "subject",
    ", created AS (
         INSERT INTO subjects (sub, epoch, status, format)
         SELECT name, $9::bytea, $10::text, $11::bigint FROM moved
     )"
);

const CREATE_CLIENT: &str = take_name!(
    "client",
    ", created AS (
         INSERT INTO clients (client_id, epoch, status, format, revision, updated_at, secrets,
                              metadata, created_at, owner)
         SELECT name, $9::bytea, $10::text, $11::bigint, $12::bigint, $13::bigint, $14::text,
                $15::text, $16::bigint, $17::text
         FROM moved
     )"
);

const MOVE_SUBJECT: &str = commit!(
    "UPDATE principals SET written_by = $8 WHERE name = $7 AND written_by = $12 RETURNING name",
    ", changed AS (
         UPDATE subjects SET epoch = $9, status = $10, format = $11
         FROM moved WHERE sub = moved.name
     )"
);

const MOVE_CLIENT: &str = commit!(
    "UPDATE principals SET written_by = $8 WHERE name = $7 AND written_by = $14 RETURNING name",
    ", changed AS (
         UPDATE clients
         SET epoch = $9, status = $10, format = $11, revision = $12, updated_at = $13
         FROM moved WHERE client_id = moved.name
     )"
);

const DELETE_SUBJECT: &str = commit!(
    "UPDATE principals SET kind = 'deleted', written_by = $8
     WHERE name = $7 AND written_by = $9
     RETURNING name",
    ", deleted AS (
         DELETE FROM subjects USING moved WHERE sub = moved.name
     ), withdrawn AS (
         DELETE FROM consents USING moved WHERE sub = moved.name
     )"
);

#[async_trait]
impl Layout for NamedPrincipal {
    async fn read(store: &Postgres, name: &str) -> Result<Option<NamedPrincipal>, StoreError> {
        let rows = store.rows(READ, &[&name]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let cells = &mut PostgresCells::new("principal", row);
        let principal = match cells.at("kind").text()? {
            "subject" => Principal::Subject(subject::read(&mut PostgresCells::beginning_at(
                "subject", row, "sub",
            ))?),
            "client" => Principal::Client(client::read(&mut PostgresCells::beginning_at(
                "client",
                row,
                "client_id",
            ))?),
            "deleted" => Principal::Deleted,
            _ => return Err(cells.corrupt("its kind is unknown")),
        };
        Ok(Some(NamedPrincipal {
            name: name.to_owned(),
            principal,
            created_by: ActId::from_bytes(cells.at("created_by").bytes()?),
            written_by: ActId::from_bytes(cells.at("written_by").bytes()?),
        }))
    }

    async fn commit(
        store: &Postgres,
        before: Option<ActId>,
        change: &Change<NamedPrincipal>,
    ) -> Result<Fate, StoreError> {
        let record = &change.record;
        let event = EventColumns::of(change.event.as_ref());
        let name: Params<'_> = &[
            &event.kind,
            &event.at,
            &event.sub,
            &event.client_id,
            &event.about,
            &event.cause,
            &record.name,
            &&record.written_by.as_bytes()[..],
        ];
        let before = before.as_ref().map(|before| &before.as_bytes()[..]);
        let version: Params<'_> = &[&before];
        match &record.principal {
            Principal::Subject(subject) => {
                let row: Params<'_> = &[
                    &&subject.epoch.as_bytes()[..],
                    &subject.status.as_str(),
                    &subjects::FORMAT,
                ];
                match before {
                    None => send(store, CREATE_SUBJECT, &[name, row].concat(), None).await,
                    Some(_) => {
                        send(store, MOVE_SUBJECT, &[name, row, version].concat(), None).await
                    }
                }
            }
            Principal::Client(client) => {
                let moving: Params<'_> = &[
                    &&client.epoch.as_bytes()[..],
                    &client.status.as_str(),
                    &clients::FORMAT,
                    &client.revision,
                    &client.updated_at,
                ];
                let secrets = client.secrets.to_text();
                let fixed: Params<'_> = &[
                    &secrets,
                    &client.metadata,
                    &client.created_at,
                    &client.owner,
                ];
                match before {
                    None => send(store, CREATE_CLIENT, &[name, moving, fixed].concat(), None).await,
                    Some(_) => {
                        send(store, MOVE_CLIENT, &[name, moving, version].concat(), None).await
                    }
                }
            }
            Principal::Deleted => {
                send(store, DELETE_SUBJECT, &[name, version].concat(), None).await
            }
        }
    }
}
