//! A refresh: what it reads before its act, and what it makes of that.
//!
//! The early read may refuse a grant that has ended, and what it knew may narrow what the act
//! grants. A fault of the request's own is held back until the act has found the token itself good:
//! it must not hide a reuse.

use crate::acts::{Outcome, RotateOutcome};
use crate::interleaving::requests::{InFlight, Progress, Reply, Request, responding};
use crate::interleaving::scenarios::{Engine, SUBJECT};
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;

impl Interleaving {
    pub(super) fn refreshing(
        &self,
        world: &mut World,
        racer: &mut InFlight,
        token: u32,
    ) -> Progress {
        if let Progress::Found { scope, .. } = racer.progress {
            let granted = match self.mutant {
                Some(Mutant::EarlyReadWidens) => scope,
                _ => scope.min(world.scope),
            };
            world.witness.granted(granted, world.scope);
            return self.act(world, racer, None);
        }
        let row = world.store.grants.get(&SUBJECT);
        let Some(row) = row.filter(|row| self.is_live(&world.store, row)) else {
            return responding(Outcome::RotateRefreshToken(RotateOutcome::Ended));
        };
        let faulty = matches!(racer.request, Request::Refresh { faulty: true, .. });
        if faulty && self.mutant == Some(Mutant::FaultReturnedFirst) {
            let grace_seconds = self.scenario.setup.lifetimes.grace_seconds;
            let is_own =
                matches!(racer.request, Request::Refresh { client, .. } if client == row.client);
            if is_own {
                world
                    .witness
                    .fault_returned(token, racer.now, grace_seconds);
            }
            return Progress::Responding {
                reply: Reply::Fault,
                code: None,
            };
        }
        if self.scenario.engine == Engine::Shared {
            // The act takes this read as its own.
            return self.act(world, racer, None);
        }
        let remembers = self.mutant == Some(Mutant::ReadThenWriteRotation);
        Progress::Found {
            scope: world.scope,
            remembered: remembers.then(|| Box::new(row.clone())),
        }
    }
}
