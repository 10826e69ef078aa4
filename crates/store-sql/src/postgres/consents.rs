//! Consents: what a user allowed a client, or their operator did.

use async_trait::async_trait;
use countersign_jose::random::SystemRandom;
use countersign_store::acts::{Decision, Write};
use countersign_store::consents::{
    Consent, ConsentStep, Consents, FORMAT, decide_consent, decide_withdrawal,
};
use countersign_store::grants::IssueCode;
use countersign_store::{ActId, Epoch, StoreError};
use deadpool_postgres::Transaction;

use super::Postgres;
use super::statements::{all, append, failed, one, run};
use crate::rows::consent;

#[async_trait]
impl Consents for Postgres {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        let columns = consent::COLUMNS;
        let found = self
            .one(
                "consent",
                &format!("SELECT {columns} FROM consents WHERE sub = $1 AND client_id = $2"),
                &[&sub, &client_id],
                |cells| consent::read(cells),
            )
            .await?;
        Ok(found.filter(|consent| !consent.is_withdrawn()))
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let columns = consent::COLUMNS;
        let mut found = all(
            &self.connection().await?,
            "consent",
            &format!("SELECT {columns} FROM consents WHERE sub = $1 ORDER BY client_id"),
            &[&sub],
            |cells| consent::read(cells),
        )
        .await?;
        found.retain(|consent| !consent.is_withdrawn());
        Ok(found)
    }

    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut client = self.connection().await?;
        let transaction = self.begin(&mut client).await?;
        let found = locked(&transaction, sub, client_id).await?;
        let decision = decide_withdrawal(found, ActId::generate(&SystemRandom), now);
        let withdrawn = write(&transaction, decision).await?;
        transaction.commit().await.map_err(failed)?;
        Ok(withdrawn)
    }
}

/// What issuing a code does to the consent that its grant rests on.
pub(super) async fn take_step(
    transaction: &Transaction<'_>,
    act: &IssueCode,
    now: i64,
) -> Result<Epoch, StoreError> {
    let (grant, step) = (&act.grant, &act.consent);
    if *step == ConsentStep::Rest {
        return Ok(grant.parents.consent);
    }
    let (sub, client_id) = (grant.sub.as_str(), grant.client_id.as_str());
    // One that is not there can't be locked: whoever makes it first has the lock on its name.
    run(
        transaction,
        "SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))",
        &[&sub, &client_id],
    )
    .await?;
    let found = locked(transaction, sub, client_id).await?;
    let decision = decide_consent(found, sub, client_id, step, now);
    let taken = write(transaction, decision).await?;
    Ok(taken.unwrap_or(grant.parents.consent))
}

async fn locked(
    transaction: &Transaction<'_>,
    sub: &str,
    client_id: &str,
) -> Result<Option<Consent>, StoreError> {
    let columns = consent::COLUMNS;
    one(
        transaction,
        "consent",
        &format!("SELECT {columns} FROM consents WHERE sub = $1 AND client_id = $2 FOR UPDATE"),
        &[&sub, &client_id],
        |cells| consent::read(cells),
    )
    .await
}

async fn write<O>(
    transaction: &Transaction<'_>,
    decision: Decision<Consent, O>,
) -> Result<O, StoreError> {
    let (write, outcome) = decision.under(None);
    let Write::Record(change) = write else {
        return Ok(outcome);
    };
    let consent = &change.record;
    run(
        transaction,
        "INSERT INTO consents (sub, client_id, epoch, basis, scope, updated_at, format)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (sub, client_id) DO UPDATE
         SET format = excluded.format, epoch = excluded.epoch, basis = excluded.basis,
             scope = excluded.scope, updated_at = excluded.updated_at",
        &[
            &consent.sub,
            &consent.client_id,
            &&consent.epoch.as_bytes()[..],
            &consent.basis.as_str(),
            &consent.scope,
            &consent.updated_at,
            &FORMAT,
        ],
    )
    .await?;
    append(transaction, change.event).await?;
    Ok(outcome)
}
