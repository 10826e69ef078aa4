//! Consents: what a user, or the operator, allowed a client.

use async_trait::async_trait;
use countersign_store::acts::Change;
use countersign_store::acts::shared::{Fate, Hint, carry_out};
use countersign_store::consents::acts::{ConsentKey, KeptConsent, Withdraw};
use countersign_store::consents::{Consent, Consents, FORMAT};
use countersign_store::{ActId, StoreError};

use super::Postgres;
use super::commit::{commit, send};
use super::engine::Layout;
use super::events::Columns as EventColumns;
use super::statements::Params;
use crate::rows::{Cells, consent};

#[async_trait]
impl Consents for Postgres {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        let found = KeptConsent::read(self, &ConsentKey::new(sub, client_id)).await?;
        Ok(found
            .map(|kept| kept.consent)
            .filter(|consent| !consent.is_withdrawn()))
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let columns = consent::COLUMNS;
        let mut found = self
            .all(
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
        let act = Withdraw(ConsentKey::new(sub, client_id));
        carry_out(self, &act, Hint::Unread, now).await
    }
}

const BEGIN: &str = commit!(
    "INSERT INTO consents
         (sub, client_id, written_by, format, epoch, basis, scope, given_to, updated_at)
     VALUES ($7, $8, $9, $10, $11, $12, $13, $14, $15)
     ON CONFLICT (sub, client_id) DO NOTHING
     RETURNING sub"
);

const MOVE: &str = commit!(
    "UPDATE consents
     SET written_by = $9, format = $10, epoch = $11, basis = $12, scope = $13, given_to = $14,
         updated_at = $15
     WHERE sub = $7 AND client_id = $8 AND written_by = $16
     RETURNING sub"
);

#[async_trait]
impl Layout for KeptConsent {
    async fn read(store: &Postgres, key: &ConsentKey) -> Result<Option<KeptConsent>, StoreError> {
        let columns = consent::COLUMNS;
        store
            .one(
                "consent",
                &format!(
                    "SELECT {columns}, written_by FROM consents WHERE sub = $1 AND client_id = $2"
                ),
                &[&key.sub, &key.client_id],
                |cells| {
                    Ok(KeptConsent {
                        consent: consent::read(cells)?,
                        written_by: ActId::from_bytes(cells.at("written_by").bytes()?),
                    })
                },
            )
            .await
    }

    async fn commit(
        store: &Postgres,
        before: Option<ActId>,
        change: &Change<KeptConsent>,
    ) -> Result<Fate, StoreError> {
        let KeptConsent {
            consent,
            written_by,
        } = &change.record;
        let event = EventColumns::of(change.event.as_ref());
        let row: Params<'_> = &[
            &event.kind,
            &event.at,
            &event.sub,
            &event.client_id,
            &event.about,
            &event.cause,
            &consent.sub,
            &consent.client_id,
            &&written_by.as_bytes()[..],
            &FORMAT,
            &&consent.epoch.as_bytes()[..],
            &consent.basis.as_str(),
            &consent.scope,
            &consent.given_to,
            &consent.updated_at,
        ];
        let Some(before) = before else {
            return send(store, BEGIN, row, None).await;
        };
        let before: Params<'_> = &[&&before.as_bytes()[..]];
        send(store, MOVE, &[row, before].concat(), None).await
    }
}
