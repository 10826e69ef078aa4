//! Somebody who sees every act and every answer, and remembers what the store need not: by it the
//! properties are judged.

use std::collections::{BTreeMap, BTreeSet};

use crate::acts::{
    Act, CheckOutcome, ClientId, EndGrantOutcome, Epoch, GrantId, IssueOutcome, Outcome,
    ParentEpochs, RedeemOutcome, RotateOutcome,
};
use crate::grant::Grant;
use crate::interleaving::World;
use crate::interleaving::requests::{InFlight, Request};
use crate::interleaving::scenarios::SUBJECT;
use crate::state::{Parent, State, parents};

/// What was seen. Codes and refresh tokens are those of the scenario's grant, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Witness {
    /// Codes that somebody was answered.
    pub codes: BTreeSet<u32>,
    /// Refresh tokens that somebody was answered.
    pub refresh_tokens: BTreeSet<u32>,
    /// Codes that were answered with tokens.
    redeemed: BTreeSet<u32>,
    /// What each used refresh token was exchanged for.
    successors: BTreeMap<u32, u32>,
    /// The parents' epochs when the credential behind a grant's code was verified.
    verified: BTreeMap<(GrantId, u32), ParentEpochs>,
    /// The epochs that answered endings have put in place.
    endings: BTreeMap<Parent, Epoch>,
    /// Somebody was answered that the scenario's grant itself has ended.
    has_ended: bool,
    /// What must never be.
    pub violations: BTreeSet<Violation>,
}

/// What must never be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Violation {
    CodeRedeemedTwice,
    SecondSuccessor,
    UsedSuccessorRepeated,
    AcceptedAfterItsEnding,
    ForeignClientAccepted,
    ForeignClientChangedTheGrant,
    AnotherGrantEnded,
    EndedWithoutCause,
}

/// An answer that lets somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    Redeemed,
    Rotated { successor: u32 },
    Repeated { successor: u32 },
    Kept,
    Checked,
}

impl Acceptance {
    /// `None` for a refusal, and for what isn't about a token.
    pub fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::RedeemCode(RedeemOutcome::Redeemed) => Some(Self::Redeemed),
            Outcome::RotateRefreshToken(RotateOutcome::Rotated { successor }) => {
                Some(Self::Rotated { successor })
            }
            Outcome::RotateRefreshToken(RotateOutcome::Repeated { successor }) => {
                Some(Self::Repeated { successor })
            }
            Outcome::RotateRefreshToken(RotateOutcome::Kept) => Some(Self::Kept),
            Outcome::CheckToken(CheckOutcome::Active) => Some(Self::Checked),
            _ => None,
        }
    }
}

impl Witness {
    /// Whether an ending of the grant or of a parent, as they were when its credential was
    /// verified, was answered.
    pub fn covers(&self, id: GrantId, grant: &Grant) -> bool {
        let ended_itself = id == SUBJECT && self.has_ended;
        ended_itself
            || self.has_newer_parents(id, grant, |parent| {
                self.endings.get(&parent).copied().unwrap_or_default()
            })
    }

    /// Whether an ending of this parent was answered.
    pub fn knows_the_end_of(&self, parent: Parent) -> bool {
        self.endings.contains_key(&parent)
    }

    /// An act was carried out and answered before the race.
    pub(super) fn told(&mut self, act: &Act, outcome: Outcome) {
        match (*act, outcome) {
            (Act::IssueCode { grant, taken, .. }, Outcome::IssueCode(IssueOutcome::Issued)) => {
                self.issued(grant, 0, taken);
                self.codes.extend((grant == SUBJECT).then_some(0));
            }
            (
                Act::RedeemCode { grant: SUBJECT, .. },
                Outcome::RedeemCode(RedeemOutcome::Redeemed),
            ) => {
                self.redeemed.insert(0);
                self.refresh_tokens.insert(0);
            }
            _ => {}
        }
    }

    /// A code was issued on a credential that was verified under these epochs.
    pub(super) fn issued(&mut self, id: GrantId, code: u32, verified: ParentEpochs) {
        self.verified.insert((id, code), verified);
    }

    /// A client's act has made `after` of `before`.
    pub(super) fn acted(
        &mut self,
        client: ClientId,
        outcome: Outcome,
        before: &Grant,
        after: &Grant,
    ) {
        if client != before.client && before != after {
            self.violations
                .insert(Violation::ForeignClientChangedTheGrant);
        }
        let current = |grant: &Grant| grant.family.as_ref().map(|family| family.current);
        if let (Some(used), Some(successor)) = (current(before), current(after))
            && used != successor
        {
            self.successors.insert(used, successor);
        }
        if let Some(Acceptance::Repeated { successor }) = Acceptance::of(outcome)
            && self.successors.contains_key(&successor)
        {
            self.violations.insert(Violation::UsedSuccessorRepeated);
        }
    }

    /// An act on the scenario's grant is over: no other may have ended by it.
    pub(super) fn ended_beside(&mut self, alive: &BTreeSet<GrantId>, store: &State) {
        if alive
            .iter()
            .any(|id| *id != SUBJECT && !is_alive(store, *id))
        {
            self.violations.insert(Violation::AnotherGrantEnded);
        }
    }

    /// The ending of a parent is over: no grant beside it may have ended by it.
    pub(super) fn ended_above(&mut self, alive: &BTreeSet<GrantId>, store: &State, parent: Parent) {
        let hangs_under = |grant: &Grant| {
            parents(grant)
                .into_iter()
                .flatten()
                .any(|(above, _)| above == parent)
        };
        let is_covered = |id: &GrantId| store.grants.get(id).is_some_and(hangs_under);
        if alive
            .iter()
            .any(|id| !is_covered(id) && !is_alive(store, *id))
        {
            self.violations.insert(Violation::AnotherGrantEnded);
        }
    }

    /// An ending that put this epoch in place is answered.
    pub(super) fn ending_answered(&mut self, parent: Parent, epoch: Epoch) {
        let known = self.endings.entry(parent).or_default();
        *known = epoch.max(*known);
    }

    /// A request on the scenario's grant is answered.
    pub(super) fn answered(&mut self, racer: &InFlight, outcome: Outcome, store: &State) {
        let Some(grant) = store.grants.get(&SUBJECT) else {
            return;
        };
        if let Some(acceptance) = Acceptance::of(outcome) {
            self.accepted(grant, racer, acceptance);
        }
        match outcome {
            Outcome::RedeemCode(RedeemOutcome::Replayed | RedeemOutcome::Burnt)
            | Outcome::RotateRefreshToken(RotateOutcome::Reused)
            | Outcome::EndGrant(EndGrantOutcome::Ended) => self.has_ended = true,
            Outcome::RedeemCode(RedeemOutcome::Ended)
            | Outcome::RotateRefreshToken(RotateOutcome::Ended)
            | Outcome::CheckToken(CheckOutcome::Ended)
                if !grant.ended
                    && !self.has_newer_parents(SUBJECT, grant, |parent| store.epoch(parent)) =>
            {
                self.violations.insert(Violation::EndedWithoutCause);
            }
            _ => {}
        }
    }

    fn accepted(&mut self, grant: &Grant, racer: &InFlight, acceptance: Acceptance) {
        if racer.late {
            self.violations.insert(Violation::AcceptedAfterItsEnding);
        }
        let (client, presented) = match racer.request {
            Request::Redeem { client, code, .. } => (client, code),
            Request::Refresh { client, token } => (client, token),
            _ => (grant.client, 0),
        };
        if client != grant.client {
            self.violations.insert(Violation::ForeignClientAccepted);
        }
        match acceptance {
            Acceptance::Redeemed => {
                if !self.redeemed.insert(presented) {
                    self.violations.insert(Violation::CodeRedeemedTwice);
                }
                self.refresh_tokens.insert(0);
            }
            Acceptance::Rotated { successor } | Acceptance::Repeated { successor } => {
                if self.successors.get(&presented) != Some(&successor) {
                    self.violations.insert(Violation::SecondSuccessor);
                }
                self.refresh_tokens.insert(successor);
            }
            Acceptance::Kept | Acceptance::Checked => {}
        }
    }

    /// Whether `epoch` gives some parent a newer epoch than the one under which the grant's
    /// credential was verified.
    fn has_newer_parents(
        &self,
        id: GrantId,
        grant: &Grant,
        epoch: impl Fn(Parent) -> Epoch,
    ) -> bool {
        let Some(&verified) = self.verified.get(&(id, grant.code)) else {
            return false;
        };
        let as_verified = Grant {
            taken: verified,
            family: None,
            ..*grant
        };
        parents(&as_verified)
            .into_iter()
            .flatten()
            .any(|(parent, verified)| epoch(parent) > verified)
    }
}

impl World {
    /// The grants that nothing has ended.
    pub(super) fn alive(&self) -> BTreeSet<GrantId> {
        self.store
            .grants
            .keys()
            .copied()
            .filter(|id| is_alive(&self.store, *id))
            .collect()
    }
}

fn is_alive(store: &State, id: GrantId) -> bool {
    store
        .grants
        .get(&id)
        .is_some_and(|grant| store.is_live(grant))
}
