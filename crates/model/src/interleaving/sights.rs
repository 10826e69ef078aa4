//! What a scenario can promise to show.

use crate::acts::{CheckOutcome, IssueOutcome, Outcome, RedeemOutcome, RotateOutcome};
use crate::interleaving::passwords::NEW;
use crate::interleaving::properties::Condition;
use crate::interleaving::requests::{InFlight, Progress, Reply, Request};
use crate::interleaving::scenarios::{FOREIGN, SESSION, SUBJECT};
use crate::interleaving::witness::Acceptance;
use crate::state::Parent;

/// What can be seen in some state, mostly that a racer is about to return some outcome.
pub(super) fn sights() -> [(&'static str, Condition); 33] {
    use Outcome::{CheckToken, IssueCode, RedeemCode, RotateRefreshToken};
    [
        ("a code is redeemed", |_, world| {
            world.returns(|outcome| outcome == RedeemCode(RedeemOutcome::Redeemed))
        }),
        ("a code is replayed", |_, world| {
            world.returns(|outcome| outcome == RedeemCode(RedeemOutcome::Replayed))
        }),
        ("a used code comes with a wrong proof", |_, world| {
            world.returns(|outcome| outcome == RedeemCode(RedeemOutcome::UsedWithWrongProof))
        }),
        ("a code is invalidated", |_, world| {
            world.returns(|outcome| outcome == RedeemCode(RedeemOutcome::Invalidated))
        }),
        ("a code has expired", |_, world| {
            world.returns(|outcome| outcome == RedeemCode(RedeemOutcome::Expired))
        }),
        ("a replaced code is unknown", |_, world| {
            world.returns(|outcome| outcome == RedeemCode(RedeemOutcome::Unknown))
        }),
        ("another client's code is refused", |_, world| {
            world.returns(|outcome| outcome == RedeemCode(RedeemOutcome::ForeignClient))
        }),
        ("a code is invalid from the start", |_, world| {
            world.returns(|outcome| outcome == RedeemCode(RedeemOutcome::Ended))
        }),
        ("a code is replaced", |_, world| {
            world.returns(|outcome| outcome == IssueCode(IssueOutcome::Replaced))
        }),
        ("a finished authorization is refused", |_, world| {
            world.returns(|outcome| outcome == IssueCode(IssueOutcome::AlreadyUsed))
        }),
        ("a refresh token rotates", |_, world| {
            world.returns(|outcome| {
                matches!(outcome, RotateRefreshToken(RotateOutcome::Rotated { .. }))
            })
        }),
        ("a rotation is repeated", |_, world| {
            world.returns(|outcome| {
                matches!(outcome, RotateRefreshToken(RotateOutcome::Repeated { .. }))
            })
        }),
        ("a refresh token is kept", |_, world| {
            world.returns(|outcome| outcome == RotateRefreshToken(RotateOutcome::Kept))
        }),
        ("a refresh token is reused", |_, world| {
            world.returns(|outcome| outcome == RotateRefreshToken(RotateOutcome::Reused))
        }),
        ("a refresh token has expired", |_, world| {
            world.returns(|outcome| outcome == RotateRefreshToken(RotateOutcome::Expired))
        }),
        ("another client's refresh token is refused", |_, world| {
            world.returns(|outcome| outcome == RotateRefreshToken(RotateOutcome::ForeignClient))
        }),
        ("a refresh meets its grant's end", |_, world| {
            world.returns(|outcome| outcome == RotateRefreshToken(RotateOutcome::Ended))
        }),
        ("a token is active", |_, world| {
            world.returns(|outcome| outcome == CheckToken(CheckOutcome::Active))
        }),
        ("a token is denied", |_, world| {
            world.returns(|outcome| outcome == CheckToken(CheckOutcome::Denied))
        }),
        ("a token's grant has ended", |_, world| {
            world.returns(|outcome| outcome == CheckToken(CheckOutcome::Ended))
        }),
        (
            "an offline token outlives its browser session",
            |_, world| {
                world
                    .witness
                    .knows_the_end_of(Parent::BrowserSession(SESSION))
                    && world.returns(|outcome| outcome == CheckToken(CheckOutcome::Active))
            },
        ),
        ("tokens are returned beside their ending", |_, world| {
            let gives = |outcome| {
                Acceptance::of(outcome).is_some_and(|acceptance| acceptance != Acceptance::Checked)
            };
            world.is_covered() && world.returns(gives)
        }),
        ("two racers get the same successor", |_, world| {
            let mut successors = world.racers.iter().filter_map(|racer| {
                match racer.outcome().and_then(Acceptance::of) {
                    Some(
                        Acceptance::Rotated { successor } | Acceptance::Repeated { successor },
                    ) => Some(successor),
                    _ => None,
                }
            });
            successors
                .next()
                .is_some_and(|first| successors.any(|other| other == first))
        }),
        (
            "a fault is returned for a token that is good",
            |_, world| world.replies(Reply::Fault),
        ),
        ("a used token with a fault is reuse", |_, world| {
            world.racers.iter().any(|racer| {
                matches!(racer.request, Request::Refresh { faulty: true, .. })
                    && racer.outcome() == Some(RotateRefreshToken(RotateOutcome::Reused))
            })
        }),
        ("a commit conflicts", |_, world| {
            let conflicts =
                |racer: &InFlight| matches!(racer.progress, Progress::Conflicted { .. });
            world.racers.iter().any(conflicts)
        }),
        ("a commit is sent again", |_, world| {
            let again = |racer: &InFlight| matches!(&racer.progress, Progress::Committing(commit) if commit.is_sent_again);
            world.racers.iter().any(again)
        }),
        (
            "an act whose response was lost is found again",
            |_, world| {
                let accepts = |outcome| Acceptance::of(outcome).is_some();
                let found =
                    |racer: &InFlight| racer.arrived && racer.outcome().is_some_and(accepts);
                world.racers.iter().any(found)
            },
        ),
        ("an act of unknown fate is contended", |_, world| {
            world.replies(Reply::Contended)
        }),
        ("a token outlives another client's session", |_, world| {
            world
                .witness
                .knows_the_end_of(Parent::ClientSession(SESSION, FOREIGN))
                && world.returns(|outcome| outcome == CheckToken(CheckOutcome::Active))
        }),
        ("a grant is collected", |_, world| {
            !world.store.grants.contains_key(&SUBJECT) && world.witness.codes.contains(&0)
        }),
        (
            "a new password signs in before the old one's end",
            |_, world| {
                !world.witness.password_changed
                    && world
                        .browser_session
                        .is_some_and(|session| session.password == NEW)
            },
        ),
        ("a deleted code is refused", |_, world| {
            world.racers.iter().any(|racer| {
                world.witness.deleted(racer.request)
                    && racer.outcome() == Some(RedeemCode(RedeemOutcome::Ended))
            })
        }),
    ]
}
