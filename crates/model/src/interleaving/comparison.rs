//! The comparison of a grant's epochs with its parents', read by read: they may lie in different
//! places and return in any order.

use crate::acts::{CheckOutcome, Outcome, RedeemOutcome, RotateOutcome};
use crate::grant::Grant;
use crate::interleaving::requests::{Progress, Request, answering};
use crate::interleaving::scenarios::SUBJECT;
use crate::interleaving::witness::Acceptance;
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;
use crate::state::parents;

/// The bit of the grant's row among the reads of a check. The four below are its parents'.
const ROW: u8 = 1 << 4;
/// The bit of the denylist among the reads of a check.
const DENYLIST: u8 = 1 << 5;

impl Interleaving {
    /// An acceptance goes on to the comparison of the epochs; a refusal is answered as it is.
    pub(super) fn decided(&self, world: &World, outcome: Outcome) -> Progress {
        let is_refresh = matches!(outcome, Outcome::RotateRefreshToken(_));
        let skips = is_refresh && self.mutant == Some(Mutant::ComparedBeforeTheActOnly);
        match self.parents_that_may_end(world) {
            unread if unread != 0 && !skips && Acceptance::of(outcome).is_some() => {
                Progress::Comparing { outcome, unread }
            }
            _ => answering(outcome),
        }
    }

    /// What a check has to read.
    pub(super) fn reads_of_a_check(&self, world: &World) -> u8 {
        self.parents_that_may_end(world) | ROW | if self.scenario.denies { DENYLIST } else { 0 }
    }

    /// One of the parallel reads returns.
    pub(super) fn compare(
        &self,
        world: &World,
        request: Request,
        outcome: Outcome,
        unread: u8,
        read: u8,
    ) -> Progress {
        let Some(row) = world.store.grants.get(&SUBJECT) else {
            return answering(ended(outcome));
        };
        let denied = || matches!(request, Request::Check { access_token } if world.store.denied.contains(&(SUBJECT, access_token)));
        let found = match read {
            ROW if row.ended => Some(ended(outcome)),
            DENYLIST if denied() => Some(Outcome::CheckToken(CheckOutcome::Denied)),
            ROW | DENYLIST => None,
            _ => self.parent_ended(world, row, read).then(|| ended(outcome)),
        };
        match (found, unread & !read) {
            (Some(refusal), _) => answering(refusal),
            (None, 0) => answering(outcome),
            (None, unread) => Progress::Comparing { outcome, unread },
        }
    }

    fn parent_ended(&self, world: &World, row: &Grant, read: u8) -> bool {
        let mut read_parents = parents(row)
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| read == 1 << bit);
        read_parents.any(|(_, parent)| {
            parent.is_some_and(|(parent, taken)| world.store.epoch(parent) != taken)
        }) || self.session_ended_wrongly(&world.store, row)
    }

    /// A bit for each of the grant's parents that this scenario can end. The others' epochs never
    /// change: read at any moment, they are the same.
    fn parents_that_may_end(&self, world: &World) -> u8 {
        let Some(row) = world.store.grants.get(&SUBJECT) else {
            return 0;
        };
        let may_end = parents(row).map(|parent| {
            parent.is_some_and(|(parent, _)| self.scenario.endings.contains(&parent))
        });
        may_end
            .into_iter()
            .enumerate()
            .filter(|(_, may_end)| *may_end)
            .fold(0, |bits, (bit, _)| bits | 1 << bit)
    }
}

/// The same act's refusal.
fn ended(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::RedeemCode(_) => Outcome::RedeemCode(RedeemOutcome::Ended),
        Outcome::RotateRefreshToken(_) => Outcome::RotateRefreshToken(RotateOutcome::Ended),
        Outcome::CheckToken(_) => Outcome::CheckToken(CheckOutcome::Ended),
        other => other,
    }
}
