//! A grant's parents: read in one pipeline, each from its own partition, and compared with the
//! epochs that the grant carries. A parent that is missing has ended.

use countersign_store::grants::{Grant, WhatEnded};
use countersign_store::subjects::Status;
use countersign_store::{Epoch, StoreError};
use redis::{Pipeline, Value};

use crate::Redis;
use crate::fields::values_as;
use crate::keys::Keys;
use crate::session_row::ClientSessionField;

/// Epoch and status as `HMGET` returns them.
pub(crate) type StandingFields = (Option<Vec<u8>>, Option<String>);

/// Reads the parents of a grant, in the order in which [`ended_parent`] takes them.
pub(crate) fn ask(grant: &Grant, keys: &Keys, reads: &mut Pipeline) {
    let (client_id, sub) = (grant.client_id.as_str(), grant.sub.as_str());
    ask_standing(client_id, keys, reads);
    ask_standing(sub, keys, reads);
    reads.hget(keys.consents(sub), format!("epoch:{client_id}"));
    if let Some(session) = &grant.parents.session {
        let key = keys.session(&session.browser_session);
        reads
            .hget(&key, "epoch")
            .hget(&key, ClientSessionField::name(client_id));
    }
}

/// What of the parents has ended.
pub(crate) fn ended_parent(
    grant: &Grant,
    values: Vec<Value>,
) -> Result<Option<WhatEnded>, StoreError> {
    type Above = (StandingFields, StandingFields, Option<Vec<u8>>);
    type Session = (Option<Vec<u8>>, Option<String>);
    let parents = &grant.parents;
    let mut values = values;
    let session = values.split_off(values.len().min(3));
    let (client, user, consent): Above = values_as("parent", values)?;
    if !lives(&client, &parents.client) {
        return Ok(Some(WhatEnded::Client));
    }
    if !lives(&user, &parents.user) {
        return Ok(Some(WhatEnded::User));
    }
    if !is(&consent, &parents.consent) {
        return Ok(Some(WhatEnded::Consent));
    }
    let Some(taken) = &parents.session else {
        return Ok(None);
    };
    let (browser_session, client_session): Session = values_as("session", session)?;
    if !is(&browser_session, &taken.browser_session_epoch) {
        return Ok(Some(WhatEnded::BrowserSession));
    }
    let known = client_session.as_deref().and_then(ClientSessionField::read);
    let same = known
        .is_some_and(|known| known.sid == taken.sid && known.epoch == taken.client_session_epoch);
    Ok((!same).then_some(WhatEnded::ClientSession))
}

/// Reads the epoch and the status of a user or a client.
pub(crate) fn ask_standing(name: &str, keys: &Keys, reads: &mut Pipeline) {
    reads.hmget(keys.principal(name), &["epoch", "status"]);
}

/// Whether a record that carries this epoch is live.
pub(crate) fn lives((epoch, status): &StandingFields, taken: &Epoch) -> bool {
    is(epoch, taken) && status.as_deref() == Some(Status::Active.as_str())
}

impl Redis {
    /// Whether a user or a client is active under `epoch`.
    pub(crate) async fn standing_accepts(
        &self,
        name: &str,
        epoch: &Epoch,
    ) -> Result<bool, StoreError> {
        let mut reads = redis::pipe();
        ask_standing(name, &self.keys, &mut reads);
        let (standing,): (StandingFields,) = self.read(&reads).await?;
        Ok(lives(&standing, epoch))
    }
}

fn is(epoch: &Option<Vec<u8>>, taken: &Epoch) -> bool {
    epoch.as_deref() == Some(taken.as_bytes().as_slice())
}
