//! What a shared engine keeps in the record to find an act again, whatever came between.

use crate::acts::{Outcome, RedeemOutcome, RotateOutcome};
use crate::grant::Grant;
use crate::interleaving::engine::{ActId, Commit};
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;

/// What a shared engine keeps in the record to find an act again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Marks {
    /// The act that last wrote the record.
    pub version: u8,
    /// The act that made the present code.
    issued_by: ActId,
    /// The act that used the code.
    used_by: ActId,
    /// The acts that made the current refresh token and its predecessor: a rotation is known by its
    /// successor.
    rotated_by: [ActId; 2],
    /// The act that ended the grant.
    ended_by: ActId,
}

impl Interleaving {
    /// Whether the record says that this act was carried out.
    pub(super) fn finds_itself(&self, world: &World, act: ActId, outcome: Outcome) -> bool {
        let marks = world.marks;
        if self.mutant == Some(Mutant::OneSlotForTheLastAct) {
            return marks.version == act;
        }
        match outcome {
            Outcome::IssueCode(_) => marks.issued_by == act,
            Outcome::RedeemCode(RedeemOutcome::Redeemed) => marks.used_by == act,
            Outcome::RotateRefreshToken(RotateOutcome::Rotated { .. }) => {
                marks.rotated_by.contains(&act)
            }
            Outcome::RotateRefreshToken(RotateOutcome::Kept) => marks.version == act,
            _ => marks.ended_by == act,
        }
    }

    pub(super) fn marked(&self, marks: Marks, commit: &Commit, before: Option<&Grant>) -> Marks {
        let act = commit.act;
        let mut marked = Marks {
            version: self.next_version(marks.version, commit),
            ..marks
        };
        let Some(after) = &commit.row else {
            return marked;
        };
        if matches!(commit.outcome, Outcome::IssueCode(_)) {
            marked.issued_by = act;
        }
        let family = |grant: &Grant| grant.family.as_ref().map(|family| family.current);
        match (before.and_then(family), family(after)) {
            (None, Some(_)) => marked.used_by = act,
            (Some(used), Some(current)) if used != current => {
                marked.rotated_by = [act, marks.rotated_by[0]];
            }
            _ => {}
        }
        if after.ended && before.is_some_and(|before| !before.ended) {
            marked.ended_by = act;
        }
        marked
    }

    fn next_version(&self, version: u8, commit: &Commit) -> u8 {
        match (self.mutant, commit.outcome) {
            (Some(Mutant::VersionCounterRestarts), Outcome::IssueCode(_)) => 0,
            (Some(Mutant::VersionCounterRestarts), _) => version + 1,
            _ => commit.act,
        }
    }
}
