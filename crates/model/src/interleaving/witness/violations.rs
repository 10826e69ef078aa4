//! What must never be seen, and which outcomes let a client in.

use crate::acts::{CheckOutcome, Outcome, RedeemOutcome, RotateOutcome};

/// What must never be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Violation {
    CodeRedeemedTwice,
    SecondSuccessor,
    UsedSuccessorRepeated,
    AcceptedAfterItsEnding,
    ForeignClientAccepted,
    ForeignClientChangedTheGrant,
    AnotherGrantEnded,
    EndedWithoutCause,
    ReportedWithoutCause,
    ReplacedCodeAccepted,
    CarriedOutAndNotFound,
    UsedCodeForgotten,
    IssuedAgain,
    FaultHidReuse,
    GrantedTooMuch,
    UsedGrantDeleted,
}

/// An outcome that lets a client in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    Redeemed,
    Rotated { successor: u32 },
    Repeated { successor: u32 },
    Kept,
    Checked,
}

impl Acceptance {
    /// `None` for a refusal, and for what isn't about a token.
    pub fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::RedeemCode(RedeemOutcome::Redeemed) => Some(Self::Redeemed),
            Outcome::RotateRefreshToken(RotateOutcome::Rotated { successor }) => {
                Some(Self::Rotated { successor })
            }
            Outcome::RotateRefreshToken(RotateOutcome::Repeated { successor }) => {
                Some(Self::Repeated { successor })
            }
            Outcome::RotateRefreshToken(RotateOutcome::Kept) => Some(Self::Kept),
            Outcome::CheckToken(CheckOutcome::Active) => Some(Self::Checked),
            _ => None,
        }
    }
}
