//! The model with one known bug each. The checker must find every one of them: that is how we know
//! that the properties bite.

use crate::acts::{ClientId, Outcome, Proof, RedeemOutcome, RotateOutcome, Secret};
use crate::grant::{Grant, Standing};
use crate::interleaving::Interleaving;
use crate::interleaving::scenarios::{OWN, SESSION, USER};
use crate::state::{Parent, State};

/// A bug that such a system could have, most of them seen in one that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// Redemption reads the row, decides, and writes it in a second statement.
    ReadThenWriteRedemption,
    /// So does rotation.
    ReadThenWriteRotation,
    /// A sign-in takes the epochs when it writes the grant, and not in the read that verified the
    /// credential.
    EpochsReadLate,
    /// A grant under an old browser session takes the user's epoch of now, not the one that the
    /// sign-in handed down.
    SessionTakesTheUserAnew,
    /// The grace repeats any used token's successor, used or not.
    GraceIgnoresUse,
    /// The grace lets the predecessor rotate again.
    GraceRotatesAgain,
    /// The grace repeats the successor to whoever asks.
    GraceForAnyClient,
    /// A replayed code ends the grant before anybody looks whose it is.
    ForeignReplayEnds,
    /// A replayed code is refused and the grant lives on.
    ReplayForgiven,
    /// A reused refresh token ends all of the user's grants to the client.
    ReuseEndsTheConsent,
    /// A refresh compares the epochs before its act and not after.
    ComparedBeforeTheActOnly,
    /// An ending is answered, and then carried out.
    EndingAnsweredFirst,
    /// Logout ends the user's offline grants too.
    OfflineEndsWithTheSession,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::ReadThenWriteRedemption,
        Self::ReadThenWriteRotation,
        Self::EpochsReadLate,
        Self::SessionTakesTheUserAnew,
        Self::GraceIgnoresUse,
        Self::GraceRotatesAgain,
        Self::GraceForAnyClient,
        Self::ForeignReplayEnds,
        Self::ReplayForgiven,
        Self::ReuseEndsTheConsent,
        Self::ComparedBeforeTheActOnly,
        Self::EndingAnsweredFirst,
        Self::OfflineEndsWithTheSession,
    ];
}

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

    /// `stored` is the row as it stands now, which a mutant may not have looked at.
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
