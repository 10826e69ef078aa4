//! The acts on a consent in an engine that others share, which carries them out by compare-and-set.

use super::{Consent, ConsentStep, decide_consent, decide_withdrawal};
use crate::acts::shared::{Engine, Hint, carry_out};
use crate::acts::{Act, Decision, Record};
use crate::{ActId, Epoch, StoreError};

/// What issuing a code does to the consent. Returns the epoch that the grant takes; `None` for
/// [`ConsentStep::Rest`].
///
/// # Errors
/// As [`super::Consents`] says.
pub async fn take_consent_step<E: Engine<KeptConsent>>(
    engine: &E,
    key: ConsentKey,
    step: &ConsentStep,
    now: i64,
) -> Result<Option<Epoch>, StoreError> {
    if *step == ConsentStep::Rest {
        return Ok(None);
    }
    carry_out(engine, &TakeStep { key, step }, Hint::Unread, now).await
}

/// A consent with its version.
#[derive(Debug, Clone)]
pub struct KeptConsent {
    pub consent: Consent,
    pub written_by: ActId,
}

/// Whose consent, and to which client.
#[derive(Debug, Clone)]
pub struct ConsentKey {
    pub sub: String,
    pub client_id: String,
}

impl ConsentKey {
    pub fn new(sub: &str, client_id: &str) -> ConsentKey {
        ConsentKey {
            sub: sub.to_owned(),
            client_id: client_id.to_owned(),
        }
    }
}

impl Record for KeptConsent {
    type Key = ConsentKey;

    fn written_by(&self) -> ActId {
        self.written_by
    }
}

fn kept(by: ActId) -> impl FnOnce(Consent) -> KeptConsent {
    move |consent| KeptConsent {
        consent,
        written_by: by,
    }
}

/// [`decide_consent`].
struct TakeStep<'a> {
    key: ConsentKey,
    step: &'a ConsentStep,
}

impl Act for TakeStep<'_> {
    type Record = KeptConsent;
    type Outcome = Option<Epoch>;

    fn key(&self) -> &ConsentKey {
        &self.key
    }

    fn decide(
        &self,
        found: Option<KeptConsent>,
        by: ActId,
        now: i64,
    ) -> Decision<KeptConsent, Option<Epoch>> {
        let ConsentKey { sub, client_id } = &self.key;
        let found = found.map(|kept| kept.consent);
        decide_consent(found, sub, client_id, self.step, now).within(kept(by))
    }

    /// The epoch that it proposed is no one else's. Where it joined another's epoch, only the
    /// version shows it.
    fn is_in(&self, record: &KeptConsent, by: ActId) -> bool {
        let proposed = match self.step {
            ConsentStep::Rest => None,
            ConsentStep::Record { proposed_epoch, .. } | ConsentStep::Skip { proposed_epoch } => {
                Some(*proposed_epoch)
            }
        };
        record.written_by == by || proposed == Some(record.consent.epoch)
    }
}

/// [`decide_withdrawal`].
pub struct Withdraw(pub ConsentKey);

impl Act for Withdraw {
    type Record = KeptConsent;
    type Outcome = bool;

    const IS_ENDING: bool = true;

    fn key(&self) -> &ConsentKey {
        &self.0
    }

    fn decide(
        &self,
        found: Option<KeptConsent>,
        by: ActId,
        now: i64,
    ) -> Decision<KeptConsent, bool> {
        decide_withdrawal(found.map(|kept| kept.consent), by, now).within(kept(by))
    }

    fn is_in(&self, record: &KeptConsent, by: ActId) -> bool {
        record.consent.is_withdrawn() && record.consent.epoch == Epoch::from(by)
    }

    /// Never: the user may have allowed the client again by then, and that is not withdrawn.
    fn may_start_again(&self, _record: Option<&KeptConsent>) -> bool {
        false
    }
}
