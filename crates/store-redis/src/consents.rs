//! Consents: all of a user's in one hash, seven fields for each client, each consent with a version
//! of its own.

use async_trait::async_trait;
use countersign_store::acts::Change;
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::consents::acts::{ConsentKey, KeptConsent, Withdraw};
use countersign_store::consents::{Consent, ConsentBasis, Consents, FORMAT};
use countersign_store::{ActId, Epoch, StoreError};
use redis::{Pipeline, Value};

use crate::commit::{Commit, VERSION};
use crate::engine::Layout;
use crate::fields::{Fields, Hash, NewFields, values_as};
use crate::keys::Keys;
use crate::{Redis, keys};

#[async_trait]
impl Consents for Redis {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        let key = ConsentKey::new(sub, client_id);
        let values = self.read(&KeptConsent::reads(&self.keys, &key)).await?;
        let found = KeptConsent::found(&key, values)?;
        Ok(found
            .map(|kept| kept.consent)
            .filter(|consent| !consent.is_withdrawn()))
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let mut reads = redis::pipe();
        reads.hgetall(self.keys.consents(sub));
        let (fields,): (Hash,) = self.read(&reads).await?;
        let Some(fields) = Fields::of(KeptConsent::NAME, sub, fields) else {
            return Ok(Vec::new());
        };
        let mut consents = Vec::new();
        for client_id in fields.beginning_with("epoch:") {
            let kept = read(&ConsentKey::new(sub, client_id), &fields)?;
            if !kept.consent.is_withdrawn() {
                consents.push(kept.consent);
            }
        }
        Ok(consents)
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

/// The fields of a client's consent, before the colon.
const FIELDS: [&str; 7] = [
    "epoch",
    "basis",
    "scope",
    "given_to",
    "updated_at",
    "format",
    VERSION,
];

fn field(name: &str, client_id: &str) -> String {
    format!("{name}:{client_id}")
}

impl Layout for KeptConsent {
    const NAME: &'static str = "consent";

    fn reads(keys: &Keys, key: &ConsentKey) -> Pipeline {
        let names: Vec<String> = FIELDS.map(|name| field(name, &key.client_id)).into();
        let mut reads = redis::pipe();
        reads.hmget(keys.consents(&key.sub), &names);
        reads
    }

    fn found(key: &ConsentKey, values: Vec<Value>) -> Result<Option<KeptConsent>, StoreError> {
        let (values,): (Vec<Option<Vec<u8>>>,) = values_as(Self::NAME, values)?;
        let names = FIELDS.iter().map(|name| field(name, &key.client_id));
        let fields: Hash = names
            .zip(values)
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        match Fields::of(Self::NAME, &key.client_id, fields) {
            None => Ok(None),
            Some(fields) => read(key, &fields).map(Some),
        }
    }

    fn commit(
        keys: &Keys,
        before: Option<ActId>,
        change: &Change<KeptConsent>,
    ) -> Result<Commit, StoreError> {
        let KeptConsent {
            consent,
            written_by,
        } = &change.record;
        let (sub, client_id) = (consent.sub.as_str(), consent.client_id.as_str());
        let named = |name| field(name, client_id);
        let fields = NewFields::default()
            .integer(&named("format"), FORMAT)
            .blob(&named(VERSION), written_by.as_bytes())
            .blob(&named("epoch"), consent.epoch.as_bytes())
            .text(&named("basis"), consent.basis.as_str())
            .text(&named("scope"), &consent.scope)
            .text(&named("given_to"), &consent.given_to)
            .integer(&named("updated_at"), consent.updated_at);
        let mut commit = Commit::of(keys.consents(sub), before).with_version_in(named(VERSION));
        commit.set(keys.consents(sub), &fields);
        let partition = keys::partition(sub.as_bytes());
        commit.tell(keys.events(partition), change.event.as_ref());
        Ok(commit)
    }
}

fn read(key: &ConsentKey, fields: &Fields) -> Result<KeptConsent, StoreError> {
    let named = |name| field(name, &key.client_id);
    fields.check_format(&named("format"), FORMAT)?;
    let basis = ConsentBasis::parse(fields.text(&named("basis"))?);
    let consent = Consent {
        sub: key.sub.clone(),
        client_id: key.client_id.clone(),
        epoch: Epoch::from_bytes(fields.bytes(&named("epoch"))?),
        basis: basis.ok_or_else(|| fields.corrupt("a basis is unknown"))?,
        scope: fields.text(&named("scope"))?.to_owned(),
        given_to: fields.text(&named("given_to"))?.to_owned(),
        updated_at: fields.integer(&named("updated_at"))?,
    };
    Ok(KeptConsent {
        consent,
        written_by: ActId::from_bytes(fields.bytes(&named(VERSION))?),
    })
}
