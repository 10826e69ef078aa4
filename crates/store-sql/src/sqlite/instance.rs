//! What the database knows of itself: one row, written once.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::instance::{Instance, Instances};
use rusqlite::{Connection, params};

use super::Sqlite;
use super::statements::{one, run};
use crate::rows::Cells;

#[async_trait]
impl Instances for Sqlite {
    async fn adopt_instance(&self, proposed: &Instance) -> Result<Instance, StoreError> {
        let proposed = proposed.clone();
        self.act(move |connection| {
            if let Some(known) = instance(connection)? {
                return Ok(known);
            }
            run(
                connection,
                "INSERT INTO instance (singleton, id, issuer, key_check, pairwise_key, created_at)
                 VALUES (1, ?1, ?2, ?3, ?4, ?5)",
                params![
                    proposed.id,
                    proposed.issuer,
                    proposed.key_check,
                    proposed.pairwise_key,
                    proposed.created_at
                ],
            )?;
            Ok(proposed)
        })
        .await
    }

    async fn replace_sealed(
        &self,
        before: &Instance,
        after: &Instance,
    ) -> Result<bool, StoreError> {
        let (before, after) = (before.clone(), after.clone());
        self.act(move |connection| {
            let sql = "UPDATE instance SET key_check = ?3, pairwise_key = ?4
                       WHERE key_check = ?1 AND pairwise_key = ?2";
            let values = params![
                before.key_check,
                before.pairwise_key,
                after.key_check,
                after.pairwise_key
            ];
            Ok(run(connection, sql, values)? == 1)
        })
        .await
    }

    async fn instance(&self) -> Result<Option<Instance>, StoreError> {
        self.read(instance)
    }
}

fn instance(connection: &Connection) -> Result<Option<Instance>, StoreError> {
    one(
        connection,
        "instance",
        "SELECT id, issuer, key_check, pairwise_key, created_at FROM instance",
        [],
        |cells| {
            Ok(Instance {
                id: cells.at("id").text()?.to_owned(),
                issuer: cells.at("issuer").text()?.to_owned(),
                key_check: cells.at("key_check").blob()?.to_vec(),
                pairwise_key: cells.at("pairwise_key").blob()?.to_vec(),
                created_at: cells.at("created_at").integer()?,
            })
        },
    )
}
