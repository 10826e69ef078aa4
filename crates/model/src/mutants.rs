//! The model with one known bug each. The checker must find every one of them: that is how we know that the properties bite.

use crate::acts::{
    BrowserSessionId, ClientId, GrantId, Proof, RedeemOutcome, RotateOutcome, Secret,
};
use crate::grant::{Grant, Standing};
use crate::interleaving::{Interleaving, World};
use crate::state::{Parent, State};

/// A bug that such a system could have, most of them seen in one that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// Redemption reads the row, decides, and writes it in a second statement.
    ReadThenWriteRedemption,
    /// So does rotation.
    ReadThenWriteRotation,
    /// A sign-in takes the epochs when it writes the grant, and not in the read that verified the credential.
    EpochsReadLate,
    /// The grace repeats any used token's successor, used or not.
    GraceIgnoresUse,
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
    pub const ALL: [Self; 11] = [
        Self::ReadThenWriteRedemption,
        Self::ReadThenWriteRotation,
        Self::EpochsReadLate,
        Self::GraceIgnoresUse,
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
        let lifetimes = &self.scenario.setup.lifetimes;
        let outcome = row.redeem(code, client, proof, now, lifetimes);
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

    pub(crate) fn rotate(
        &self,
        world: &mut World,
        id: GrantId,
        row: &mut Grant,
        token: Secret,
        client: ClientId,
        now: i64,
    ) -> RotateOutcome {
        let lifetimes = &self.scenario.setup.lifetimes;
        let rotates = world.store.rotates(client);
        let before = row.clone();
        let outcome = row.rotate(token, client, rotates, now, lifetimes);
        let Some(family) = &before.family else {
            return outcome;
        };
        let in_grace = now < family.rotated_at + lifetimes.grace_seconds;
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
                if in_grace && family.standing(token) == Some(Standing::Predecessor) =>
            {
                RotateOutcome::Repeated {
                    successor: family.current,
                }
            }
            (Some(Mutant::ReuseEndsTheConsent), RotateOutcome::Reused, _) => {
                world
                    .store
                    .replace(Parent::Consent(before.user, before.client));
                outcome
            }
            (Some(Mutant::ReadThenWriteRotation), RotateOutcome::Rotated { successor }, _) => {
                // Who didn't lock the row puts a successor of its own over that of another replica.
                let stored = world
                    .store
                    .grants
                    .get(&id)
                    .and_then(|stored| stored.family.as_ref())
                    .map_or(0, |stored| stored.current);
                let successor = successor.max(stored + 1);
                if let Some(family) = &mut row.family {
                    family.current = successor;
                }
                RotateOutcome::Rotated { successor }
            }
            _ => outcome,
        }
    }

    pub(crate) fn is_live(&self, store: &State, row: &Grant) -> bool {
        store.is_live(row) && !self.session_ended_wrongly(store, row)
    }

    /// Whether an offline grant is taken to have ended with the user's browser session.
    pub(crate) fn session_ended_wrongly(&self, store: &State, row: &Grant) -> bool {
        let session = Parent::BrowserSession(BrowserSessionId(0));
        self.mutant == Some(Mutant::OfflineEndsWithTheSession)
            && row.browser_session.is_none()
            && store.epoch(session).0 > 0
    }
}
