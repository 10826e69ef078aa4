//! A commit whose response is lost, and what becomes of its act.

use crate::interleaving::comparison::ended;
use crate::interleaving::engine::Commit;
use crate::interleaving::requests::{InFlight, Progress, Reply, Request, USER_RECORD};
use crate::interleaving::scenarios::SUBJECT;
use crate::interleaving::witness::Acceptance;
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;

impl Interleaving {
    /// The write is sent, and the connection is cut before the response.
    pub(in crate::interleaving) fn lose_the_response(
        &self,
        world: &mut World,
        mut racer: InFlight,
    ) -> InFlight {
        world.cuts -= 1;
        racer.progress = match racer.progress {
            Progress::Committing(commit) => {
                world.adrift.push(Commit::clone(&commit));
                Progress::Unsure(commit)
            }
            Progress::HashWritten => {
                world.end(USER_RECORD);
                Progress::Resending
            }
            other => other,
        };
        racer
    }

    /// A commit whose response was lost reaches the store.
    pub(in crate::interleaving) fn arrive(&self, world: &mut World, commit: usize) {
        let commit = world.adrift.remove(commit);
        if world.marks.version != commit.expected {
            return;
        }
        let is_late = world.is_covered_for(commit.request);
        for racer in &mut world.racers {
            if racer.act == commit.act {
                racer.arrived = true;
                racer.late |= is_late;
            }
        }
        self.write(world, commit);
    }

    /// Looks for an act whose response was lost.
    pub(in crate::interleaving) fn read_again(
        &self,
        world: &mut World,
        racer: &mut InFlight,
        commit: Commit,
    ) -> Progress {
        let (outcome, verified) = (commit.outcome, commit.verified);
        if self.mutant == Some(Mutant::SpuriousReuse) {
            return self.act(world, racer, verified);
        }
        if self.finds_itself(world, racer.act, outcome) {
            let has_ended = world.store.grants.get(&SUBJECT).is_none_or(|row| row.ended);
            return match Acceptance::of(outcome) {
                Some(_) if has_ended => self.decided(world, ended(outcome)),
                _ => self.decided(world, outcome),
            };
        }
        if world.marks.version == commit.expected {
            return Progress::Committing(Box::new(Commit {
                is_sent_again: true,
                ..commit
            }));
        }
        let is_ending = matches!(
            racer.request,
            Request::EndGrant { .. } | Request::DeleteCodes { .. }
        );
        if is_ending || self.mutant == Some(Mutant::UnknownFateEndsTheGrant) {
            return self.act(world, racer, verified);
        }
        if racer.arrived {
            world.witness.not_found_again(outcome);
        }
        Progress::Responding {
            reply: Reply::Contended,
            code: None,
        }
    }
}
