//! The next step of each request.

use crate::acts::{CheckOutcome, Epoch, Outcome};
use crate::grant::Grant;
use crate::interleaving::requests::{InFlight, Progress, Reply, Request, USER_RECORD, responding};
use crate::interleaving::scenarios::SUBJECT;
use crate::interleaving::witness::Acceptance;
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;
use crate::state::Parent;

impl Interleaving {
    /// The request's next step; `None` when it is over. `read` is the bit of the read that returns,
    /// where several are out.
    pub(in crate::interleaving) fn step(
        &self,
        world: &mut World,
        mut racer: InFlight,
        read: u8,
    ) -> Option<InFlight> {
        racer.progress = match (racer.progress.clone(), racer.request) {
            (Progress::Responding { reply, code }, _) => {
                self.respond(world, &racer, reply, code);
                return None;
            }
            (Progress::Comparing { outcome, unread }, request) => {
                self.compare(world, request, outcome, unread, read)
            }
            (Progress::Committing(commit), _) => self.commit(world, &mut racer, *commit),
            (Progress::Conflicted { verified }, _) => self.act(world, &mut racer, verified),
            (Progress::Unsure(commit), _) => self.read_again(world, &mut racer, *commit),
            (_, Request::SignIn { .. }) => self.sign_in(world, &mut racer)?,
            (_, Request::Continue) => self.continue_session(world, &mut racer)?,
            (_, Request::Redeem { .. }) => self.redeeming(world, &mut racer),
            (_, Request::Refresh { token, .. }) => self.refreshing(world, &mut racer, token),
            (_, Request::Check { access_token }) => self.checking(world, racer.now, access_token),
            (_, Request::Deny { access_token }) => {
                responding(world.store.deny(SUBJECT, access_token))
            }
            (_, Request::DeleteCodes { .. }) => self.deleting(world, &mut racer),
            (_, Request::EndGrant { .. } | Request::Upkeep) => self.act(world, &mut racer, None),
            (_, Request::End(parent)) => self.end(world, &racer, parent)?,
            (_, Request::Collect) => self.collect(world, racer.now),
            (_, Request::Narrow) => narrow(world),
            (_, Request::ChangePassword) => self.change_password(world, &racer),
            (_, Request::Disable) => disable(world),
        };
        Some(racer)
    }

    fn redeeming(&self, world: &mut World, racer: &mut InFlight) -> Progress {
        if self.mutant == Some(Mutant::ReadThenWriteRedemption) && racer.progress == Progress::Begun
        {
            return Progress::Found {
                scope: world.scope,
                remembered: world.store.grants.get(&SUBJECT).cloned().map(Box::new),
            };
        }
        self.act(world, racer, None)
    }

    fn deleting(&self, world: &mut World, racer: &mut InFlight) -> Progress {
        let row = world.store.grants.get(&SUBJECT);
        let is_unused = row.is_some_and(Grant::code_is_unused);
        let is_blind = self.mutant == Some(Mutant::DeletionEndsBlindly);
        if is_blind && is_unused && racer.progress == Progress::Begun {
            return Progress::Found {
                scope: world.scope,
                remembered: None,
            };
        }
        self.act(world, racer, None)
    }

    fn checking(&self, world: &World, now: i64, access_token: u32) -> Progress {
        let expires_at = world
            .store
            .access_tokens
            .get(&SUBJECT)
            .and_then(|tokens| tokens.get(access_token as usize))
            .zip(world.store.grants.get(&SUBJECT));
        match expires_at {
            Some((&expires_at, grant)) if now < expires_at && now < grant.expires_at => {
                Progress::Comparing {
                    outcome: Outcome::CheckToken(CheckOutcome::Active),
                    unread: self.reads_of_a_check(world),
                }
            }
            _ => responding(Outcome::CheckToken(CheckOutcome::Expired)),
        }
    }

    /// `None` if it has returned before.
    fn end(&self, world: &mut World, racer: &InFlight, parent: Parent) -> Option<Progress> {
        if self.mutant == Some(Mutant::EndingReturnedFirst) && racer.progress == Progress::Begun {
            let next = Epoch(world.store.epoch(parent).0 + 1);
            world.witness.ending_returned(parent, next);
            return Some(Progress::ReturnedTooEarly);
        }
        world.end(parent);
        (racer.progress == Progress::Begun).then(|| responding(Outcome::Done))
    }

    fn respond(&self, world: &mut World, racer: &InFlight, reply: Reply, code: Option<u32>) {
        match (racer.request, reply) {
            (Request::End(parent), _) => world.ending_returned(parent),
            (Request::ChangePassword, _) => {
                world.ending_returned(USER_RECORD);
                world.witness.password_changed = true;
            }
            (Request::Disable, _) => {
                world.ending_returned(USER_RECORD);
                world.witness.user_disabled = true;
            }
            (Request::DeleteCodes { known }, Reply::Returned(_)) => {
                world.witness.codes_deleted(known);
            }
            (_, Reply::Returned(outcome)) => {
                world.witness.codes.extend(code);
                world.witness.responded(racer, outcome, &world.store);
                let acceptance = Acceptance::of(outcome);
                if acceptance.is_some_and(|acceptance| acceptance != Acceptance::Checked) {
                    world.store.mint_access_token(SUBJECT, racer.now);
                }
            }
            _ => {}
        }
    }
}

impl World {
    /// Ends what belongs to a parent.
    pub(in crate::interleaving) fn end(&mut self, parent: Parent) {
        let alive = self.alive();
        self.store.replace(parent);
        self.witness.ended_above(&alive, &self.store, parent);
    }

    fn ending_returned(&mut self, parent: Parent) {
        let epoch = self.store.epoch(parent);
        self.witness.ending_returned(parent, epoch);
    }
}

fn narrow(world: &mut World) -> Progress {
    world.scope = world.scope.saturating_sub(1);
    responding(Outcome::Done)
}

fn disable(world: &mut World) -> Progress {
    world.end(USER_RECORD);
    world.store.disabled.insert(USER_RECORD);
    responding(Outcome::Done)
}
