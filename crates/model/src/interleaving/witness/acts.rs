//! What the witness makes of an act as it is carried out on the grant's row.

use std::collections::BTreeSet;

use crate::acts::{GrantId, IssueOutcome, Outcome, RedeemOutcome, RotateOutcome};
use crate::grant::Grant;
use crate::interleaving::engine::{ActId, Commit};
use crate::interleaving::requests::Request;
use crate::interleaving::scenarios::SUBJECT;
use crate::interleaving::witness::{Acceptance, Rotation, UsedCode, Violation, Witness, is_alive};
use crate::state::{Parent, State, parents};

impl Witness {
    /// An act is carried out: `before` is what it finds, and the commit says what it makes of that.
    pub(in crate::interleaving) fn acted(
        &mut self,
        commit: &Commit,
        before: Option<&Grant>,
        grace_seconds: i64,
    ) {
        self.reported(commit, grace_seconds);
        let Some(after) = &commit.row else { return };
        match commit.outcome {
            Outcome::IssueCode(IssueOutcome::AlreadyUsed) => {}
            Outcome::IssueCode(_) => self.wrote_a_code(commit, before, after),
            _ => {}
        }
        if let Some(before) = before {
            self.moved(commit, before, after);
        }
        self.has_ended_row |= after.ended;
    }

    fn wrote_a_code(&mut self, commit: &Commit, before: Option<&Grant>, after: &Grant) {
        if before.is_none() && (self.used.is_some() || self.has_ended_row) {
            self.violations.insert(Violation::IssuedAgain);
        }
        if let Some(verified) = commit.verified {
            self.issued(SUBJECT, after.code, verified.epochs, verified.password);
        }
    }

    fn moved(&mut self, commit: &Commit, before: &Grant, after: &Grant) {
        if commit.client() != before.client && before != after {
            self.violations
                .insert(Violation::ForeignClientChangedTheGrant);
        }
        let is_deletion = matches!(commit.request, Request::DeleteCodes { .. });
        if is_deletion && before.family.is_some() && after.ended && !before.ended {
            self.violations.insert(Violation::UsedGrantDeleted);
        }
        if let Request::Redeem { code, .. } = commit.request
            && before.family.is_none()
            && after.family.is_some()
        {
            if code != before.code {
                self.violations.insert(Violation::ReplacedCodeAccepted);
            }
            self.used = Some(UsedCode {
                code,
                by: commit.act,
                expires_at: after.expires_at,
            });
        }
        let current = |grant: &Grant| grant.family.as_ref().map(|family| family.current);
        if let (Some(used), Some(successor)) = (current(before), current(after))
            && used != successor
        {
            let rotation = Rotation {
                successor,
                by: commit.act,
                at: commit.now,
            };
            self.rotations.insert(used, rotation);
        }
        if let Some(Acceptance::Repeated { successor }) = Acceptance::of(commit.outcome)
            && self.rotations.contains_key(&successor)
        {
            self.violations.insert(Violation::UsedSuccessorRepeated);
        }
    }

    /// A replay needs a redemption by another act, a reuse an earlier use that no grace covers.
    fn reported(&mut self, commit: &Commit, grace_seconds: i64) {
        let has_cause = match (commit.outcome, commit.request) {
            (Outcome::RedeemCode(RedeemOutcome::Replayed), Request::Redeem { code, .. }) => self
                .used
                .is_some_and(|used| used.code == code && is_anothers(used.by, commit.act)),
            (
                Outcome::RotateRefreshToken(RotateOutcome::Reused),
                Request::Refresh { token, .. },
            ) => {
                self.is_reuse(token, commit.now, grace_seconds)
                    && self
                        .rotations
                        .get(&token)
                        .is_some_and(|rotation| is_anothers(rotation.by, commit.act))
            }
            _ => true,
        };
        if !has_cause {
            self.violations.insert(Violation::ReportedWithoutCause);
        }
    }

    /// A request was refused for a fault of its own.
    pub(in crate::interleaving) fn fault_returned(
        &mut self,
        token: u32,
        now: i64,
        grace_seconds: i64,
    ) {
        if self.is_reuse(token, now, grace_seconds) {
            self.violations.insert(Violation::FaultHidReuse);
        }
    }

    /// A refresh grants `granted` where the grant allows `allowed`.
    pub(in crate::interleaving) fn granted(&mut self, granted: u8, allowed: u8) {
        if granted > allowed {
            self.violations.insert(Violation::GrantedTooMuch);
        }
    }

    fn is_reuse(&self, token: u32, now: i64, grace_seconds: i64) -> bool {
        self.rotations.get(&token).is_some_and(|rotation| {
            grace_seconds == 0
                || now >= rotation.at + grace_seconds
                || self.rotations.contains_key(&rotation.successor)
        })
    }

    /// An act whose response was lost, and which was carried out, didn't find itself. This may
    /// happen only to a rotation that two others have followed, and to acts that only the version
    /// identifies.
    pub(in crate::interleaving) fn not_found_again(&mut self, outcome: Outcome) {
        let is_lasting = matches!(
            outcome,
            Outcome::RedeemCode(_)
                | Outcome::EndGrant(_)
                | Outcome::RotateRefreshToken(RotateOutcome::Reused)
        );
        if is_lasting {
            self.violations.insert(Violation::CarriedOutAndNotFound);
        }
    }

    /// An act on the scenario's grant is over: no other may have ended by it.
    pub(in crate::interleaving) fn ended_beside(
        &mut self,
        alive: &BTreeSet<GrantId>,
        store: &State,
    ) {
        if alive
            .iter()
            .any(|id| *id != SUBJECT && !is_alive(store, *id))
        {
            self.violations.insert(Violation::AnotherGrantEnded);
        }
    }

    /// The ending of a parent is over: no grant beside it may have ended by it.
    pub(in crate::interleaving) fn ended_above(
        &mut self,
        alive: &BTreeSet<GrantId>,
        store: &State,
        parent: Parent,
    ) {
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
}

/// Whether the use was another act's than this one. Acts in process have no numbers, and each is
/// carried out once.
fn is_anothers(by: ActId, act: ActId) -> bool {
    by != act || act == 0
}
