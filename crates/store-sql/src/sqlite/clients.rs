//! Registered clients.

use async_trait::async_trait;
use countersign_store::clients::{
    Client, ClientEpochs, ClientSecrets, ClientStanding, Clients, FORMAT, UpdateClient,
    UpdateClientOutcome,
};
use countersign_store::events::{Event, EventKind};
use countersign_store::standing::{
    StandingChange, StandingDecision, StandingOutcome, decide_standing,
};
use countersign_store::users::Replacement;
use countersign_store::{Epoch, StoreError};
use rusqlite::{Connection, params};

use super::statements::{all, exists, one, run};
use super::subjects::take_name;
use super::{Sqlite, events};
use crate::rows::{Cells, client};

#[async_trait]
impl ClientEpochs for Sqlite {
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError> {
        let client = client.clone();
        self.act(move |connection| create(connection, &client))
            .await
    }

    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        self.read(|connection| client(connection, client_id))
    }

    async fn change_client_standing(
        &self,
        client_id: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        let (client_id, change) = (client_id.to_owned(), *change);
        self.act(move |connection| {
            let current = client(connection, &client_id)?.map(|client| client.standing());
            let standing = match decide_standing(current, &change) {
                StandingDecision::Keep(outcome) => return Ok(outcome),
                StandingDecision::Write(standing) => standing,
            };
            let changed = run(
                connection,
                "UPDATE clients
                 SET epoch = ?2, status = ?3, revision = revision + 1, updated_at = ?4
                 WHERE client_id = ?1",
                params![
                    client_id,
                    standing.epoch.as_bytes(),
                    standing.status.as_str(),
                    now
                ],
            )?;
            tell(connection, changed, change.of_client(), &client_id, now)?;
            Ok(StandingOutcome::Changed)
        })
        .await
    }
}

#[async_trait]
impl Clients for Sqlite {
    async fn client_standing(&self, client_id: &str) -> Result<Option<ClientStanding>, StoreError> {
        self.read(|connection| {
            one(
                connection,
                "client",
                "SELECT client_id, epoch, status, revision FROM clients WHERE client_id = ?1",
                params![client_id],
                |cells| {
                    let _client_id = cells.text()?;
                    Ok(ClientStanding {
                        epoch: Epoch::from_bytes(cells.bytes()?),
                        status: cells.status()?,
                        revision: cells.integer()?,
                    })
                },
            )
        })
    }

    async fn list_clients(&self, after: &str, limit: u32) -> Result<Vec<Client>, StoreError> {
        let columns = client::COLUMNS;
        self.read(|connection| {
            all(
                connection,
                "client",
                &format!(
                    "SELECT {columns} FROM clients WHERE client_id > ?1 ORDER BY client_id LIMIT ?2"
                ),
                params![after, limit],
                |cells| client::read(cells),
            )
        })
    }

    async fn update_client(
        &self,
        act: &UpdateClient,
        now: i64,
    ) -> Result<UpdateClientOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| update(connection, &act, now))
            .await
    }

    async fn reseal_client_secrets(
        &self,
        client_id: &str,
        revision: i64,
        secrets: &ClientSecrets,
    ) -> Result<UpdateClientOutcome, StoreError> {
        let (client_id, secrets) = (client_id.to_owned(), secrets.to_text());
        self.act(move |connection| {
            let changed = run(
                connection,
                "UPDATE clients SET secrets = ?3, revision = revision + 1
                 WHERE client_id = ?1 AND revision = ?2",
                params![client_id, revision, secrets],
            )?;
            match changed {
                0 => unchanged(connection, &client_id),
                _ => Ok(UpdateClientOutcome::Updated),
            }
        })
        .await
    }

    async fn delete_client(&self, client_id: &str, now: i64) -> Result<bool, StoreError> {
        let client_id = client_id.to_owned();
        self.act(move |connection| {
            run(
                connection,
                "DELETE FROM consents WHERE client_id = ?1",
                params![client_id],
            )?;
            let sql = "DELETE FROM clients WHERE client_id = ?1";
            let changed = run(connection, sql, params![client_id])?;
            tell(
                connection,
                changed,
                EventKind::ClientDeleted,
                &client_id,
                now,
            )
        })
        .await
    }
}

fn client(connection: &Connection, client_id: &str) -> Result<Option<Client>, StoreError> {
    let columns = client::COLUMNS;
    one(
        connection,
        "client",
        &format!("SELECT {columns} FROM clients WHERE client_id = ?1"),
        params![client_id],
        |cells| client::read(cells),
    )
}

/// Whether a client or a subject has the id, or had it.
pub(super) fn is_taken(connection: &Connection, client_id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM principals WHERE name = ?1";
    exists(connection, sql, params![client_id])
}

pub(super) fn create(connection: &Connection, client: &Client) -> Result<bool, StoreError> {
    if !take_name(connection, &client.client_id, "client")? {
        return Ok(false);
    }
    let changed = run(
        connection,
        "INSERT INTO clients (client_id, epoch, status, secrets, metadata, revision, created_at,
                              updated_at, format, owner)
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9)",
        params![
            client.client_id,
            client.epoch.as_bytes(),
            client.status.as_str(),
            client.secrets.to_text(),
            client.metadata,
            client.created_at,
            client.updated_at,
            FORMAT,
            client.owner,
        ],
    )?;
    tell(
        connection,
        changed,
        EventKind::ClientCreated,
        &client.client_id,
        client.created_at,
    )
}

fn update(
    connection: &Connection,
    act: &UpdateClient,
    now: i64,
) -> Result<UpdateClientOutcome, StoreError> {
    let secrets = act.secrets.as_ref().map(ClientSecrets::to_text);
    let owner = match &act.owner {
        Some(Replacement::Set(owner)) => Some(owner),
        Some(Replacement::Remove) | None => None,
    };
    let changed = run(
        connection,
        "UPDATE clients
         SET metadata = coalesce(?3, metadata), secrets = coalesce(?4, secrets),
             owner = iif(?6, ?7, owner), revision = revision + 1, updated_at = ?5
         WHERE client_id = ?1 AND revision = ?2",
        params![
            act.client_id,
            act.revision,
            act.metadata,
            secrets,
            now,
            act.owner.is_some(),
            owner,
        ],
    )?;
    if changed == 0 {
        return unchanged(connection, &act.client_id);
    }
    tell(
        connection,
        changed,
        EventKind::ClientUpdated,
        &act.client_id,
        now,
    )?;
    Ok(UpdateClientOutcome::Updated)
}

/// Why no row of that revision was changed.
fn unchanged(connection: &Connection, client_id: &str) -> Result<UpdateClientOutcome, StoreError> {
    let sql = "SELECT 1 FROM clients WHERE client_id = ?1";
    Ok(match exists(connection, sql, params![client_id])? {
        true => UpdateClientOutcome::ChangedMeanwhile,
        false => UpdateClientOutcome::Unknown,
    })
}

/// Reports a change, if there was one, and returns whether there was.
fn tell(
    connection: &Connection,
    changed: usize,
    kind: EventKind,
    client_id: &str,
    now: i64,
) -> Result<bool, StoreError> {
    if changed > 0 {
        events::append(connection, Event::new(kind, now).client(client_id))?;
    }
    Ok(changed > 0)
}
