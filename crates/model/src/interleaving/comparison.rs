//! The comparison of a grant's epochs with its parents', read by read: they may lie in different
//! places and return in any order.

use crate::acts::{CheckOutcome, Epoch, IssueOutcome, Outcome, RedeemOutcome, RotateOutcome};
use crate::grant::Grant;
use crate::interleaving::requests::{Progress, Reply, Request, responding};
use crate::interleaving::scenarios::{Offer, SUBJECT};
use crate::interleaving::witness::Acceptance;
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;
use crate::state::{PARENTS, Parent, parents};

/// The bit of the grant's row among the reads of a check. Those below are its parents'.
const ROW: u8 = 1 << PARENTS;
/// The bit of the denylist among the reads of a check.
const DENYLIST: u8 = 1 << (PARENTS + 1);

impl Interleaving {
    /// An acceptance goes on to the comparison of the epochs; a refusal is returned as it is.
    pub(super) fn decided(&self, world: &World, outcome: Outcome) -> Progress {
        let unread = self.parents_that_may_end(world);
        let is_acceptance = Acceptance::of(outcome).is_some();
        if unread != 0 && is_acceptance && !self.has_compared_before(outcome) {
            return Progress::Comparing { outcome, unread };
        }
        let made = match outcome {
            Outcome::IssueCode(issued) => issued != IssueOutcome::AlreadyUsed,
            _ => false,
        };
        let row = world.store.grants.get(&SUBJECT);
        Progress::Responding {
            reply: Reply::Returned(outcome),
            code: row.map(|row| row.code).filter(|_| made),
        }
    }

    /// Whether a mutant takes a comparison before the act to be enough.
    fn has_compared_before(&self, outcome: Outcome) -> bool {
        match self.mutant {
            Some(Mutant::ComparedBeforeTheActOnly) => {
                matches!(outcome, Outcome::RotateRefreshToken(_))
            }
            Some(Mutant::ParentsReadBeforeTheCommit) => {
                !matches!(Acceptance::of(outcome), Some(Acceptance::Repeated { .. }))
            }
            _ => false,
        }
    }

    /// What a check has to read.
    pub(super) fn reads_of_a_check(&self, world: &World) -> u8 {
        let denies = self.scenario.offers(Offer::Deny);
        self.parents_that_may_end(world) | ROW | if denies { DENYLIST } else { 0 }
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
            return responding(ended(outcome));
        };
        let denied = || match request {
            Request::Check { access_token } => {
                world.store.denied.contains(&(SUBJECT, access_token))
            }
            _ => false,
        };
        let found = match read {
            ROW if row.ended => Some(ended(outcome)),
            DENYLIST if denied() => Some(Outcome::CheckToken(CheckOutcome::Denied)),
            ROW | DENYLIST => None,
            _ => self.parent_ended(world, row, read).then(|| ended(outcome)),
        };
        match (found, unread & !read) {
            (Some(refusal), _) => responding(refusal),
            (None, 0) => responding(outcome),
            (None, unread) => Progress::Comparing { outcome, unread },
        }
    }

    fn parent_ended(&self, world: &World, row: &Grant, read: u8) -> bool {
        let mut read_parents = parents(row)
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| read == 1 << bit);
        read_parents.any(|(_, parent)| {
            parent.is_some_and(|(parent, taken)| !self.sees_as_live(world, parent, taken))
        }) || self.session_ended_wrongly(&world.store, row)
    }

    fn sees_as_live(&self, world: &World, parent: Parent, taken: Epoch) -> bool {
        match (self.mutant, parent) {
            // What was read before the race.
            (Some(Mutant::StaleParentCache), _) => taken == Epoch::default(),
            (Some(Mutant::ClientSessionEndingIgnored), Parent::ClientSession(..)) => true,
            _ => world.store.accepts(parent, taken),
        }
    }

    /// A bit for each of the grant's parents that this scenario can end. The others' epochs never
    /// change: read at any moment, they are the same.
    fn parents_that_may_end(&self, world: &World) -> u8 {
        let Some(row) = world.store.grants.get(&SUBJECT) else {
            return 0;
        };
        let may_end = parents(row)
            .map(|parent| parent.is_some_and(|(parent, _)| self.scenario.may_end(parent)));
        may_end
            .into_iter()
            .enumerate()
            .filter(|(_, may_end)| *may_end)
            .fold(0, |bits, (bit, _)| bits | 1 << bit)
    }
}

/// The same act's refusal.
pub(super) fn ended(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::RedeemCode(_) => Outcome::RedeemCode(RedeemOutcome::Ended),
        Outcome::RotateRefreshToken(_) => Outcome::RotateRefreshToken(RotateOutcome::Ended),
        Outcome::CheckToken(_) => Outcome::CheckToken(CheckOutcome::Ended),
        other => other,
    }
}
