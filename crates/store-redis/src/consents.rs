//! Consents: all of a user's in one hash, four fields for each client.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use countersign_jose::random::SystemRandom;
use countersign_store::acts::{Decision, Write};
use countersign_store::consents::{
    Consent, ConsentBasis, ConsentStep, Consents, decide_consent, decide_withdrawal,
};
use countersign_store::grants::IssueCode;
use countersign_store::{ActId, Epoch, StoreError};
use redis::Script;

use crate::fields::Fields;
use crate::{Redis, grants, keys};

static COMMIT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("consents/commit.lua")));

#[async_trait]
impl Consents for Redis {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        let found = self.find_consent(sub, client_id).await?;
        Ok(found.filter(|consent| !consent.is_withdrawn()))
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let mut all = self.all_consents(sub).await?;
        all.retain(|consent| !consent.is_withdrawn());
        Ok(all)
    }

    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let by = ActId::generate(&SystemRandom);
        let decide = |found| decide_withdrawal(found, by, now);
        self.change_consent(sub, client_id, decide).await
    }
}

impl Redis {
    /// What issuing a code does to the consent. Returns the epoch that the grant takes.
    pub(crate) async fn take_consent_step(
        &self,
        act: &IssueCode,
        now: i64,
    ) -> Result<Epoch, StoreError> {
        let (grant, step) = (&act.grant, &act.consent);
        if *step == ConsentStep::Rest {
            return Ok(grant.parents.consent);
        }
        let (sub, client_id) = (grant.sub.as_str(), grant.client_id.as_str());
        let decide = |found| decide_consent(found, sub, client_id, step, now);
        let taken = self.change_consent(sub, client_id, decide).await?;
        Ok(taken.unwrap_or(grant.parents.consent))
    }

    /// Reads, decides, and writes if the consent still is what was read; otherwise once more.
    async fn change_consent<O>(
        &self,
        sub: &str,
        client_id: &str,
        decide: impl Fn(Option<Consent>) -> Decision<Consent, O>,
    ) -> Result<O, StoreError> {
        loop {
            let found = self.find_consent(sub, client_id).await?;
            let read = match &found {
                None => (Vec::new(), "", String::new()),
                Some(known) => (
                    known.epoch.as_bytes().to_vec(),
                    known.basis.as_str(),
                    known.scope.clone(),
                ),
            };
            let (write, outcome) = decide(found).under(None);
            let Write::Record(change) = write else {
                return Ok(outcome);
            };
            let consent = &change.record;
            let mut call = COMMIT.key(self.keys.consents(sub));
            call.key(self.keys.events(keys::partition(sub.as_bytes())))
                .arg(client_id)
                .arg(read.0)
                .arg(read.1)
                .arg(read.2)
                .arg(consent.epoch.as_bytes().as_slice())
                .arg(consent.basis.as_str())
                .arg(&consent.scope)
                .arg(consent.updated_at);
            grants::event(&mut call, change.event.as_ref());
            let reply = self.act(&call).await?;
            match reply.word()?.as_str() {
                "written" => return Ok(outcome),
                "conflict" => {}
                _ => return reply.unexpected(),
            }
        }
    }

    async fn find_consent(
        &self,
        sub: &str,
        client_id: &str,
    ) -> Result<Option<Consent>, StoreError> {
        let all = self.all_consents(sub).await?;
        let mut all = all.into_iter();
        Ok(all.find(|consent| consent.client_id == client_id))
    }

    async fn all_consents(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let mut reads = redis::pipe();
        reads.hgetall(self.keys.consents(sub));
        let (fields,): (HashMap<String, Vec<u8>>,) = self.read(&reads).await?;
        let Some(fields) = Fields::of("consents", sub, fields) else {
            return Ok(Vec::new());
        };
        fields
            .beginning_with("epoch:")
            .map(|client_id| {
                let basis = ConsentBasis::parse(fields.text(&format!("basis:{client_id}"))?);
                Ok(Consent {
                    sub: sub.to_owned(),
                    client_id: client_id.to_owned(),
                    epoch: Epoch::from_bytes(fields.bytes(&format!("epoch:{client_id}"))?),
                    basis: basis.ok_or_else(|| fields.corrupt("a basis is unknown"))?,
                    scope: fields.text(&format!("scope:{client_id}"))?.to_owned(),
                    updated_at: fields.integer(&format!("updated_at:{client_id}"))?,
                })
            })
            .collect()
    }
}
