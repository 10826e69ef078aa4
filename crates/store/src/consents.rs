//! What a user allowed a client, or their operator did; the parent of every grant.

pub mod acts;

use async_trait::async_trait;

use crate::acts::Decision;
use crate::events::{Event, EventKind};
use crate::{ActId, Epoch, StoreError};

/// The format in which this program writes consents. It reads this one and older ones; a newer one
/// is
/// [`StoreError::NewerRecord`].
pub const FORMAT: i64 = 1;

/// The acts on consents. Issuing a code takes the one that gives them ([`decide_consent`]).
#[async_trait]
pub trait Consents: Send + Sync {
    /// The consent of a user to a client, unless it was withdrawn.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError>;

    /// Every consent of a user that was not withdrawn, by client.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError>;

    /// Withdraws it, and with it ends the user's grants to the client. Returns whether it was this
    /// act that withdrew it. See [`decide_withdrawal`].
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub sub: String,
    pub client_id: String,
    /// An ending replaces it; from a withdrawal it is the act's id.
    pub epoch: Epoch,
    pub basis: ConsentBasis,
    /// Space-separated: every scope that the user ever allowed this client and did not withdraw.
    /// Empty where the user never did.
    pub scope: String,
    /// A fingerprint of the client as the user was shown it, where the client may change what
    /// people are shown of it without anyone who vouches for that; otherwise empty.
    pub given_to: String,
    pub updated_at: i64,
}

impl Consent {
    pub fn is_withdrawn(&self) -> bool {
        self.basis == ConsentBasis::Withdrawn
    }
}

/// What a consent is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConsentBasis {
    /// The user's own act: this alone is remembered.
    User,
    /// The operator's `insecure_skip_consent`: grants belong to it, and nothing is remembered.
    Operator,
    /// Nothing any more. It is kept so that the withdrawal finds itself, and so that no epoch comes
    /// back.
    Withdrawn,
}

impl ConsentBasis {
    pub const fn as_str(self) -> &'static str {
        match self {
            ConsentBasis::User => "user",
            ConsentBasis::Operator => "operator",
            ConsentBasis::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(text: &str) -> Option<ConsentBasis> {
        match text {
            "user" => Some(ConsentBasis::User),
            "operator" => Some(ConsentBasis::Operator),
            "withdrawn" => Some(ConsentBasis::Withdrawn),
            _ => None,
        }
    }
}

/// What issuing a code does to the consent that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentStep {
    /// It was read, and it covers the request: the grant carries the epoch of that read.
    Rest,
    /// The user allowed `scope` just now: it is added to what is remembered of the client as it
    /// was shown. What was allowed to a client that looked otherwise is no longer remembered. The
    /// grant takes the consent's epoch, which is the proposed one if there was no consent.
    Record {
        scope: String,
        given_to: String,
        proposed_epoch: Epoch,
    },
    /// The operator has the client skip consent: the grant takes the consent's epoch, and nothing
    /// is remembered.
    Skip { proposed_epoch: Epoch },
}

/// What a [`ConsentStep`] does to the consent's record. Returns the epoch that the grant takes;
/// `None` for [`ConsentStep::Rest`], which reads and writes nothing.
///
/// A scope that the operator skipped is never remembered: not when the consent is the operator's,
/// and not when the user then allows less.
pub fn decide_consent(
    found: Option<Consent>,
    sub: &str,
    client_id: &str,
    step: &ConsentStep,
    now: i64,
) -> Decision<Consent, Option<Epoch>> {
    let (basis, allowed, given_to, proposed_epoch) = match step {
        ConsentStep::Rest => return Decision::returns(None),
        ConsentStep::Record {
            scope,
            given_to,
            proposed_epoch,
        } => (ConsentBasis::User, &**scope, &**given_to, *proposed_epoch),
        ConsentStep::Skip { proposed_epoch } => (ConsentBasis::Operator, "", "", *proposed_epoch),
    };
    let known = found.filter(|consent| !consent.is_withdrawn());
    if let Some(known) = &known
        && basis == ConsentBasis::Operator
    {
        return Decision::returns(Some(known.epoch));
    }
    let (epoch, remembered) = match &known {
        Some(known) if known.given_to == given_to => (known.epoch, known.scope.as_str()),
        Some(known) => (known.epoch, ""),
        None => (proposed_epoch, ""),
    };
    let consent = Consent {
        sub: sub.to_owned(),
        client_id: client_id.to_owned(),
        epoch,
        basis,
        scope: union(remembered, allowed),
        given_to: given_to.to_owned(),
        updated_at: now,
    };
    let kind = match basis {
        ConsentBasis::Operator => EventKind::ConsentSkipped,
        _ => EventKind::ConsentRecorded,
    };
    let event = Event::new(kind, now).sub(sub).client(client_id);
    Decision::returns(Some(epoch)).begins(consent).tells(event)
}

/// What [`Consents::withdraw_consent`] does: the epoch is replaced, by which every grant below has
/// ended, and nothing is remembered. Returns whether it was withdrawn by this act.
pub fn decide_withdrawal(found: Option<Consent>, by: ActId, now: i64) -> Decision<Consent, bool> {
    let epoch = Epoch::from(by);
    match found {
        None => Decision::returns(false),
        Some(consent) if consent.is_withdrawn() => Decision::returns(consent.epoch == epoch),
        Some(consent) => {
            let event = Event::new(EventKind::ConsentWithdrawn, now);
            let event = event.sub(&consent.sub).client(&consent.client_id);
            let withdrawn = Consent {
                epoch,
                basis: ConsentBasis::Withdrawn,
                scope: String::new(),
                given_to: String::new(),
                updated_at: now,
                ..consent
            };
            Decision::returns(true).moves(withdrawn).tells(event)
        }
    }
}

/// The union of two scope lists, in order of first appearance.
pub fn union(remembered: &str, added: &str) -> String {
    let mut scopes: Vec<&str> = remembered.split(' ').filter(|s| !s.is_empty()).collect();
    for scope in added.split(' ').filter(|s| !s.is_empty()) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::Write;

    const PROPOSED: Epoch = Epoch::from_bytes([1; 16]);
    const KNOWN: Epoch = Epoch::from_bytes([2; 16]);

    fn consent(basis: ConsentBasis, scope: &str) -> Consent {
        Consent {
            sub: "alice".to_owned(),
            client_id: "app".to_owned(),
            epoch: KNOWN,
            basis,
            scope: scope.to_owned(),
            given_to: String::new(),
            updated_at: 1,
        }
    }

    #[test]
    fn every_step_on_every_basis() {
        use ConsentBasis::{Operator, User, Withdrawn};
        let allow = ConsentStep::Record {
            scope: "openid email".to_owned(),
            given_to: String::new(),
            proposed_epoch: PROPOSED,
        };
        let skip = ConsentStep::Skip {
            proposed_epoch: PROPOSED,
        };
        let user = || Some(consent(User, "openid profile"));
        let operator = || Some(consent(Operator, ""));
        let withdrawn = || Some(consent(Withdrawn, ""));
        // What was there, the step, the epoch that the grant takes, what is written.
        let table = [
            (None, &allow, PROPOSED, Some((User, "openid email"))),
            (user(), &allow, KNOWN, Some((User, "openid profile email"))),
            (operator(), &allow, KNOWN, Some((User, "openid email"))),
            (withdrawn(), &allow, PROPOSED, Some((User, "openid email"))),
            (None, &skip, PROPOSED, Some((Operator, ""))),
            (user(), &skip, KNOWN, None),
            (operator(), &skip, KNOWN, None),
            (withdrawn(), &skip, PROPOSED, Some((Operator, ""))),
        ];
        for (found, step, epoch, expected) in table {
            let case = format!("{step:?} on {found:?}");
            let decision = decide_consent(found, "alice", "app", step, 9);
            assert_eq!(decision.outcome, Some(epoch), "{case}");
            let written = match &decision.write {
                Write::Record(change) => Some(&change.record),
                _ => None,
            };
            let read = written.map(|consent| (consent.basis, consent.scope.as_str()));
            assert_eq!(read, expected, "{case}");
            assert!(
                written.is_none_or(|consent| consent.epoch == epoch),
                "{case}"
            );
        }
        // What was allowed to a client that looked otherwise is not carried over.
        let changed = ConsentStep::Record {
            scope: "openid email".to_owned(),
            given_to: "another".to_owned(),
            proposed_epoch: PROPOSED,
        };
        let decision = decide_consent(user(), "alice", "app", &changed, 9);
        let Write::Record(change) = &decision.write else {
            panic!("it is written");
        };
        assert_eq!(change.record.scope, "openid email");
        assert_eq!(change.record.given_to, "another");
        assert_eq!(change.record.epoch, KNOWN);
        let rests = decide_consent(user(), "alice", "app", &ConsentStep::Rest, 9);
        assert_eq!(rests.outcome, None);
        assert!(matches!(rests.write, Write::Nothing));
    }
}
