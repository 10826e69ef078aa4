//! Consents: all of a user's in one hash, three fields for each client.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use countersign_store::consents::{Consent, ConsentStep, Consents};
use countersign_store::grants::IssueCode;
use countersign_store::{Epoch, StoreError};
use redis::Script;

use crate::fields::Fields;
use crate::{Redis, keys};

static RECORD: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("consents/record.lua")));
static WITHDRAW: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("consents/withdraw.lua")));

#[async_trait]
impl Consents for Redis {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        let all = self.consents_of(sub).await?;
        Ok(all
            .into_iter()
            .find(|consent| consent.client_id == client_id))
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let mut reads = redis::pipe();
        reads.hgetall(self.keys.consents(sub));
        let (fields,): (HashMap<String, Vec<u8>>,) = self.read(&reads).await?;
        let Some(fields) = Fields::of("consents", sub, fields) else {
            return Ok(Vec::new());
        };
        fields
            .beginning_with("epoch:")
            .map(|client_id| {
                Ok(Consent {
                    sub: sub.to_owned(),
                    client_id: client_id.to_owned(),
                    epoch: Epoch::from_bytes(fields.bytes(&format!("epoch:{client_id}"))?),
                    scope: fields.text(&format!("scope:{client_id}"))?.to_owned(),
                    updated_at: fields.integer(&format!("updated_at:{client_id}"))?,
                })
            })
            .collect()
    }

    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut call = WITHDRAW.key(self.keys.consents(sub));
        call.key(self.keys.events(keys::partition(sub.as_bytes())))
            .arg(now)
            .arg(sub)
            .arg(client_id);
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "withdrawn" => Ok(true),
            "unknown" => Ok(false),
            _ => reply.unexpected(),
        }
    }
}

impl Redis {
    /// What issuing a code does to the consent; the grant takes the epoch that stands there.
    pub(crate) async fn take_consent_step(
        &self,
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
        let sub = grant.sub.as_str();
        let mut call = RECORD.key(self.keys.consents(sub));
        call.key(self.keys.events(keys::partition(sub.as_bytes())))
            .arg(now)
            .arg(sub)
            .arg(&grant.client_id)
            .arg(scope)
            .arg(proposed_epoch.as_bytes().as_slice());
        let reply = self.act(&call).await?;
        Epoch::from_slice(&reply.bytes(1)?)
            .ok_or_else(|| StoreError::corrupt("consents", sub, "an epoch is unreadable"))
    }
}
