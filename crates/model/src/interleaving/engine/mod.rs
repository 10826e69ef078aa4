//! How an act is carried out on the grant's record.
//!
//! In process it is one step. A shared engine reads the record, decides, and commits if the record
//! still has the version that was read: the random id of the act that last wrote it. A transition
//! keeps the id of its act, so that a commit whose response was lost is found when the record is
//! read again, whatever happened in between. If it isn't found, its outcome is unknown: it is
//! contended, and decides nothing.

mod decide;
mod lost_responses;
mod marks;

use crate::acts::{ClientId, Outcome};
use crate::grant::Grant;
use crate::interleaving::comparison::ended;
use crate::interleaving::requests::{InFlight, Progress, Reply, Request};
use crate::interleaving::scenarios::{Engine, OWN, SUBJECT};
use crate::interleaving::sign_in::Verified;
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;
pub use marks::Marks;

/// The id of an act in a shared engine. 0 is the prelude's, and everyone's in process.
pub type ActId = u8;

/// A write that depends on the version that was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commit {
    pub request: Request,
    pub act: ActId,
    pub now: i64,
    pub expected: u8,
    pub row: Option<Grant>,
    pub outcome: Outcome,
    /// For a code: what its credential was verified with.
    pub verified: Option<Verified>,
    /// It was sent before, and the response was lost.
    pub is_sent_again: bool,
}

impl Interleaving {
    /// Each act on the record has an id of its own in a shared engine.
    pub(in crate::interleaving) fn number_of_the_act(
        &self,
        world: &mut World,
        request: Request,
    ) -> ActId {
        let writes = !matches!(request, Request::Check { .. } | Request::End(_));
        if self.scenario.engine == Engine::InProcess || !writes {
            return 0;
        }
        world.last_act += 1;
        world.last_act
    }

    /// Reads and decides; in process it writes as well.
    pub(in crate::interleaving) fn act(
        &self,
        world: &mut World,
        racer: &mut InFlight,
        verified: Option<Verified>,
    ) -> Progress {
        let stored = world.store.grants.get(&SUBJECT).cloned();
        // A racer that (wrongly) remembers the row doesn't look again.
        let read = match &racer.progress {
            Progress::Found {
                remembered: Some(row),
                ..
            } => Some(Grant::clone(row)),
            _ => stored.clone(),
        };
        let verified = verified.map(|verified| verified.at_the_act(world));
        let mut row = read.clone();
        let reply = self.decide(world, racer, verified, &mut row, stored.as_ref());
        let Reply::Returned(outcome) = reply else {
            return Progress::Responding { reply, code: None };
        };
        let commit = Commit {
            request: racer.request,
            act: racer.act,
            now: racer.now,
            expected: world.marks.version,
            row,
            outcome,
            verified,
            is_sent_again: false,
        };
        let moves = commit.row != read || racer.request == Request::Upkeep;
        if self.scenario.engine == Engine::Shared && moves {
            let compares_now = self.mutant == Some(Mutant::ParentsReadBeforeTheCommit);
            if compares_now && !read.is_none_or(|row| world.store.parents_live(&row)) {
                return self.decided(world, ended(outcome));
            }
            return Progress::Committing(Box::new(commit));
        }
        racer.late |= world.is_covered_for(racer.request);
        self.write(world, commit);
        self.decided(world, outcome)
    }

    /// Commits if the record still is what was read.
    pub(in crate::interleaving) fn commit(
        &self,
        world: &mut World,
        racer: &mut InFlight,
        commit: Commit,
    ) -> Progress {
        if world.marks.version != commit.expected {
            // What came first may be the one that was sent before.
            return match commit.is_sent_again {
                true => Progress::Unsure(Box::new(commit)),
                false => Progress::Conflicted {
                    verified: commit.verified,
                },
            };
        }
        racer.late |= world.is_covered_for(racer.request);
        let outcome = commit.outcome;
        self.write(world, commit);
        self.decided(world, outcome)
    }

    /// Puts the row in its place, under the witness's eyes.
    fn write(&self, world: &mut World, commit: Commit) {
        let alive = world.alive();
        let before = world.store.grants.remove(&SUBJECT);
        let grace_seconds = self.scenario.setup.lifetimes.grace_seconds;
        world.witness.acted(&commit, before.as_ref(), grace_seconds);
        if self.scenario.engine == Engine::Shared && before != commit.row
            || commit.request == Request::Upkeep
        {
            world.marks = self.marked(world.marks, &commit, before.as_ref());
        }
        let outcome = commit.outcome;
        world
            .store
            .grants
            .extend(commit.row.map(|row| (SUBJECT, row)));
        self.after_act(&mut world.store, outcome);
        world.witness.ended_beside(&alive, &world.store);
    }
}

impl Commit {
    /// The client that sent it; the grant's own where the request names none.
    pub(in crate::interleaving) fn client(&self) -> ClientId {
        match self.request {
            Request::Redeem { client, .. }
            | Request::Refresh { client, .. }
            | Request::EndGrant { client } => client,
            _ => OWN,
        }
    }
}
