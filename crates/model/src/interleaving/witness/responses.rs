//! What the witness concludes when a request returns.

use crate::acts::{CheckOutcome, EndGrantOutcome, Epoch, Outcome, RedeemOutcome, RotateOutcome};
use crate::grant::Grant;
use crate::interleaving::requests::{InFlight, Request};
use crate::interleaving::scenarios::SUBJECT;
use crate::interleaving::witness::{Acceptance, Violation, Witness};
use crate::state::{Parent, State, parents};

impl Witness {
    /// An ending that put this epoch in place returns.
    pub(in crate::interleaving) fn ending_returned(&mut self, parent: Parent, epoch: Epoch) {
        let known = self.endings.entry(parent).or_default();
        *known = epoch.max(*known);
    }

    /// The deletion of all codes returns: those that were known when it began are gone.
    pub(in crate::interleaving) fn codes_deleted(&mut self, known: u32) {
        self.deleted_below = known.max(self.deleted_below);
    }

    /// A request on the scenario's grant returns.
    pub(in crate::interleaving) fn responded(
        &mut self,
        racer: &InFlight,
        outcome: Outcome,
        store: &State,
    ) {
        self.forgotten(racer, outcome);
        let Some(grant) = store.grants.get(&SUBJECT) else {
            return;
        };
        if let Some(acceptance) = Acceptance::of(outcome) {
            self.accepted(grant, racer, acceptance);
        }
        match outcome {
            Outcome::RedeemCode(RedeemOutcome::Replayed | RedeemOutcome::Invalidated)
            | Outcome::RotateRefreshToken(RotateOutcome::Reused)
            | Outcome::EndGrant(EndGrantOutcome::Ended) => self.has_ended = true,
            Outcome::RedeemCode(RedeemOutcome::Ended)
            | Outcome::RotateRefreshToken(RotateOutcome::Ended)
            | Outcome::CheckToken(CheckOutcome::Ended)
                if !self.has_cause_to_end(grant, store) =>
            {
                self.violations.insert(Violation::EndedWithoutCause);
            }
            _ => {}
        }
    }

    fn has_cause_to_end(&self, grant: &Grant, store: &State) -> bool {
        grant.ended
            || self.has_newer_parents(SUBJECT, grant, |parent| store.epoch(parent))
            || parents(grant)
                .into_iter()
                .flatten()
                .any(|(parent, _)| store.disabled.contains(&parent))
    }

    /// A used code must be known as used until its grant is over.
    fn forgotten(&mut self, racer: &InFlight, outcome: Outcome) {
        if let (Outcome::RedeemCode(RedeemOutcome::Unknown), Request::Redeem { code, .. }) =
            (outcome, racer.request)
            && self
                .used
                .is_some_and(|used| used.code == code && racer.now < used.expires_at)
        {
            self.violations.insert(Violation::UsedCodeForgotten);
        }
    }

    fn accepted(&mut self, grant: &Grant, racer: &InFlight, acceptance: Acceptance) {
        if racer.late {
            self.violations.insert(Violation::AcceptedAfterItsEnding);
        }
        let (client, presented) = match racer.request {
            Request::Redeem { client, code, .. } => (client, code),
            Request::Refresh { client, token, .. } => (client, token),
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
            Acceptance::Rotated { successor } => {
                let rotation = self.rotations.get(&presented);
                if !rotation.is_some_and(|rotation| {
                    rotation.successor == successor && rotation.by == racer.act
                }) {
                    self.violations.insert(Violation::SecondSuccessor);
                }
                self.refresh_tokens.insert(successor);
            }
            Acceptance::Repeated { successor } => {
                let rotation = self.rotations.get(&presented);
                if rotation.is_none_or(|rotation| rotation.successor != successor) {
                    self.violations.insert(Violation::SecondSuccessor);
                }
                self.refresh_tokens.insert(successor);
            }
            Acceptance::Kept | Acceptance::Checked => {}
        }
    }
}
