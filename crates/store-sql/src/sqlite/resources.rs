//! Declared resources. They are few: an act reads them all.

use async_trait::async_trait;
use countersign_store::resources::{
    ChangeResource, ChangeResourceOutcome, FORMAT, Resource, Resources, decide_resource,
};
use countersign_store::{ActId, StoreError};
use rusqlite::{Connection, params};

use super::statements::{SqliteCells, all, run};
use super::{Sqlite, events};
use crate::rows::Cells;

#[async_trait]
impl Resources for Sqlite {
    async fn resources(&self) -> Result<Vec<Resource>, StoreError> {
        self.read(read_all)
    }

    async fn change_resource(
        &self,
        act: &ChangeResource,
        now: i64,
    ) -> Result<ChangeResourceOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| {
            let decision = decide_resource(&read_all(connection)?, &act, now);
            if let Some(resource) = &decision.put {
                put(connection, resource)?;
            }
            if let Some(identifier) = decision.delete {
                let sql = "DELETE FROM resources WHERE identifier = ?1";
                run(connection, sql, params![identifier])?;
            }
            if let Some(event) = decision.event {
                events::append(connection, event)?;
            }
            Ok(decision.outcome)
        })
        .await
    }
}

fn read_all(connection: &Connection) -> Result<Vec<Resource>, StoreError> {
    all(
        connection,
        "resource",
        "SELECT identifier, format, attributes, version, created_at, updated_at
         FROM resources ORDER BY identifier",
        [],
        read,
    )
}

fn read(cells: &mut SqliteCells<'_>) -> Result<Resource, StoreError> {
    cells.known_format(FORMAT)?;
    Ok(Resource {
        identifier: cells.at("identifier").text()?.to_owned(),
        attributes: cells.at("attributes").text()?.to_owned(),
        version: ActId::from_bytes(cells.at("version").bytes()?),
        created_at: cells.at("created_at").integer()?,
        updated_at: cells.at("updated_at").integer()?,
    })
}

fn put(connection: &Connection, resource: &Resource) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO resources (identifier, format, attributes, version, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (identifier) DO UPDATE SET
             format = excluded.format, attributes = excluded.attributes,
             version = excluded.version, updated_at = excluded.updated_at",
        params![
            resource.identifier,
            FORMAT,
            resource.attributes,
            resource.version.as_bytes(),
            resource.created_at,
            resource.updated_at,
        ],
    )
    .map(drop)
}
