//! Consents: what a user allowed a client.

use async_trait::async_trait;
use countersign_store::consents::{Consent, ConsentStep, Consents, union};
use countersign_store::grants::IssueCode;
use countersign_store::{Epoch, StoreError};
use deadpool_postgres::Transaction;

use super::Postgres;
use super::statements::{all, one, run};
use crate::rows::consent;

#[async_trait]
impl Consents for Postgres {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        self.one(
            "consent",
            "SELECT sub, client_id, epoch, scope, updated_at FROM consents
             WHERE sub = $1 AND client_id = $2",
            &[&sub, &client_id],
            |cells| consent::read(cells),
        )
        .await
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        all(
            &self.connection().await?,
            "consent",
            "SELECT sub, client_id, epoch, scope, updated_at FROM consents
             WHERE sub = $1 ORDER BY client_id",
            &[&sub],
            |cells| consent::read(cells),
        )
        .await
    }

    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let withdrawn = self
            .run(
                "WITH withdrawn AS (
                     DELETE FROM consents WHERE sub = $1 AND client_id = $2
                     RETURNING sub, client_id
                 )
                 INSERT INTO events (kind, at, sub, client_id)
                 SELECT 'consent_withdrawn', $3, sub, client_id FROM withdrawn",
                &[&sub, &client_id, &now],
            )
            .await?;
        Ok(withdrawn > 0)
    }
}

/// What issuing a code does to the consent that its grant rests on.
pub(super) async fn take_step(
    transaction: &Transaction<'_>,
    act: &IssueCode,
    now: i64,
) -> Result<Epoch, StoreError> {
    let grant = &act.grant;
    let ConsentStep::Record {
        scope,
        proposed_epoch,
    } = &act.consent
    else {
        return Ok(grant.parents.consent);
    };
    let proposed = union("", scope);
    let remembered = one(
        transaction,
        "consent",
        // The row is locked by this, new or not, until the transaction ends.
        "INSERT INTO consents AS k (sub, client_id, epoch, scope, updated_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (sub, client_id) DO UPDATE SET updated_at = excluded.updated_at
         RETURNING sub, client_id, epoch, scope, updated_at",
        &[
            &grant.sub,
            &grant.client_id,
            &&proposed_epoch.as_bytes()[..],
            &proposed,
            &now,
        ],
        |cells| consent::read(cells),
    )
    .await?;
    let (epoch, remembered) = match remembered {
        Some(consent) => (consent.epoch, consent.scope),
        None => (*proposed_epoch, String::new()),
    };
    let grown = union(&remembered, scope);
    if grown != remembered {
        let sql = "UPDATE consents SET scope = $3 WHERE sub = $1 AND client_id = $2";
        run(transaction, sql, &[&grant.sub, &grant.client_id, &grown]).await?;
    }
    run(
        transaction,
        "INSERT INTO events (kind, at, sub, client_id) VALUES ('consent_recorded', $1, $2, $3)",
        &[&now, &grant.sub, &grant.client_id],
    )
    .await?;
    Ok(epoch)
}
