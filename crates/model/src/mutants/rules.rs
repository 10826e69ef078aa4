//! What a mutant makes of the rules of the row.

use crate::acts::{ClientId, Outcome, Proof, RedeemOutcome, RotateOutcome, Secret};
use crate::grant::{Grant, Standing};
use crate::interleaving::Interleaving;
use crate::interleaving::scenarios::{OWN, SESSION, USER};
use crate::mutants::Mutant;
use crate::state::{Parent, State};

/// The rules of the row, with the bug if there is one.
impl Interleaving {
    pub(crate) fn redeem(
        &self,
        row: &mut Grant,
        code: Secret,
        client: ClientId,
        proof: Proof,
        now: i64,
    ) -> RedeemOutcome {
        let present = Secret::Issued(row.code);
        let code = match (self.mutant, code) {
            (Some(Mutant::ReplacedCodeLives), Secret::Issued(n)) if n < row.code => present,
            _ => code,
        };
        let outcome = row.redeem(code, client, proof, now, &self.scenario.setup.lifetimes);
        match (self.mutant, outcome) {
            (Some(Mutant::ForeignReplayEnds), RedeemOutcome::ForeignClient)
                if row.family.is_some() =>
            {
                row.ended = true
            }
            (Some(Mutant::ReplayForgiven), RedeemOutcome::Replayed) => row.ended = false,
            _ => {}
        }
        outcome
    }

    /// `stored` is the row as it is now, which a mutant may not have looked at.
    pub(crate) fn rotate(
        &self,
        row: &mut Grant,
        stored: &Grant,
        token: Secret,
        client: ClientId,
        now: i64,
    ) -> RotateOutcome {
        let setup = &self.scenario.setup;
        let before = row.clone();
        let outcome = row.rotate(token, client, setup.rotates(client), now, &setup.lifetimes);
        let Some(family) = &before.family else {
            return outcome;
        };
        let grace_seconds = setup.lifetimes.grace_seconds;
        let in_grace = grace_seconds > 0 && now < family.rotated_at + grace_seconds;
        let is_predecessor = family.standing(token) == Some(Standing::Predecessor);
        match (self.mutant, outcome, token) {
            (Some(Mutant::GraceIgnoresUse), RotateOutcome::Reused, Secret::Issued(used))
                if in_grace =>
            {
                *row = before;
                RotateOutcome::Repeated {
                    successor: used + 1,
                }
            }
            (Some(Mutant::GraceForAnyClient), RotateOutcome::ForeignClient, _)
                if in_grace && is_predecessor =>
            {
                RotateOutcome::Repeated {
                    successor: family.current,
                }
            }
            (Some(Mutant::GraceRotatesAgain), RotateOutcome::Repeated { successor }, _) => {
                rotated_to(row, successor + 1)
            }
            // Each draws a successor of its own, and the later write covers the earlier.
            (Some(Mutant::ReadThenWriteRotation), RotateOutcome::Rotated { successor }, _) => {
                let drawn = stored
                    .family
                    .as_ref()
                    .map_or(0, |family| family.current + 1);
                rotated_to(row, drawn.max(successor))
            }
            _ => outcome,
        }
    }

    pub(crate) fn after_act(&self, store: &mut State, outcome: Outcome) {
        let is_reuse = outcome == Outcome::RotateRefreshToken(RotateOutcome::Reused);
        if is_reuse && self.mutant == Some(Mutant::ReuseEndsTheConsent) {
            store.replace(Parent::Consent(USER, OWN));
        }
    }

    pub(crate) fn is_live(&self, store: &State, row: &Grant) -> bool {
        store.is_live(row) && !self.session_ended_wrongly(store, row)
    }

    /// Whether an offline grant is taken to have ended with the user's browser session.
    pub(crate) fn session_ended_wrongly(&self, store: &State, row: &Grant) -> bool {
        let session_ended = store.epoch(Parent::BrowserSession(SESSION)).0 > 0;
        self.mutant == Some(Mutant::OfflineEndsWithTheSession)
            && row.browser_session.is_none()
            && session_ended
    }
}

fn rotated_to(row: &mut Grant, successor: u32) -> RotateOutcome {
    if let Some(family) = &mut row.family {
        family.current = successor;
    }
    RotateOutcome::Rotated { successor }
}
