//! What a request's act makes of the row that was read.

use crate::acts::{EndGrantOutcome, Outcome, RedeemOutcome, RotateOutcome, Secret};
use crate::grant::Grant;
use crate::interleaving::requests::{InFlight, Progress, Reply, Request};
use crate::interleaving::sign_in::Verified;
use crate::interleaving::witness::Acceptance;
use crate::interleaving::{Interleaving, World};

impl Interleaving {
    /// What the request's act makes of the row. `stored` is the row as it is now, which a mutant
    /// may not have looked at.
    pub(super) fn decide(
        &self,
        world: &mut World,
        racer: &InFlight,
        verified: Option<Verified>,
        row: &mut Option<Grant>,
        stored: Option<&Grant>,
    ) -> Reply {
        let now = racer.now;
        Reply::Returned(match (racer.request, row.as_mut(), stored) {
            (
                Request::Redeem {
                    code,
                    client,
                    proof,
                },
                row,
                _,
            ) => Outcome::RedeemCode(row.map_or(RedeemOutcome::Unknown, |row| {
                self.redeem(row, Secret::Issued(code), client, proof, now)
            })),
            (Request::Refresh { .. }, Some(row), Some(stored)) => {
                return self.decide_refresh(world, racer, row, stored);
            }
            (Request::Refresh { .. }, ..) => Outcome::RotateRefreshToken(RotateOutcome::Unknown),
            (Request::EndGrant { client }, row, _) => {
                Outcome::EndGrant(row.map_or(EndGrantOutcome::Unknown, |row| row.end(client)))
            }
            (Request::DeleteCodes { .. }, Some(row), _) => {
                let was_found = matches!(racer.progress, Progress::Found { .. });
                row.ended |= row.code_is_unused() || was_found;
                Outcome::Done
            }
            (Request::SignIn { .. } | Request::Continue, ..) => {
                self.decide_issue(world, racer, verified, row)
            }
            _ => Outcome::Done,
        })
    }

    fn decide_refresh(
        &self,
        world: &mut World,
        racer: &InFlight,
        row: &mut Grant,
        stored: &Grant,
    ) -> Reply {
        let Request::Refresh {
            token,
            client,
            faulty,
        } = racer.request
        else {
            return Reply::Contended;
        };
        let before = row.clone();
        let outcome = self.rotate(row, stored, Secret::Issued(token), client, racer.now);
        let outcome = Outcome::RotateRefreshToken(outcome);
        if !faulty || Acceptance::of(outcome).is_none() {
            return Reply::Returned(outcome);
        }
        *row = before;
        let grace_seconds = self.scenario.setup.lifetimes.grace_seconds;
        world
            .witness
            .fault_returned(token, racer.now, grace_seconds);
        Reply::Fault
    }
}
