//! What must always hold, and what must sometimes happen so that it isn't held by standing still.

use stateright::Property;

use crate::acts::{CheckOutcome, IssueOutcome, Outcome, RedeemOutcome, RotateOutcome, Secret};
use crate::interleaving::scenarios::{SESSION, SUBJECT, Scenario};
use crate::interleaving::witness::{Acceptance, Violation};
use crate::interleaving::{Interleaving, World};
use crate::state::Parent;

/// The invariants, and what the scenario has to show.
pub(super) fn properties(scenario: &Scenario) -> Vec<Property<Interleaving>> {
    let shown = sights()
        .into_iter()
        .filter(|(name, _)| scenario.shows.contains(name));
    invariants()
        .into_iter()
        .chain(shown.map(|(name, seen)| Property::sometimes(name, seen)))
        .collect()
}

type Condition = fn(&Interleaving, &World) -> bool;

fn invariants() -> Vec<Property<Interleaving>> {
    let invariants: [(&'static str, Condition); 10] = [
        ("a code is answered with tokens once", |_, world| {
            never(world, Violation::CodeRedeemedTwice)
        }),
        ("a refresh token has one successor", |_, world| {
            never(world, Violation::SecondSuccessor)
        }),
        ("a used successor is not repeated", |_, world| {
            never(world, Violation::UsedSuccessorRepeated)
        }),
        (
            "one refresh token of a grant would rotate",
            at_most_one_would_rotate,
        ),
        // The request began, or its act was carried out, after the answer. A request that overlaps
        // the ending may be answered with tokens:
        (
            "nothing is accepted after its ending was answered",
            |_, world| never(world, Violation::AcceptedAfterItsEnding),
        ),
        // ... which are dead from the moment of the ending's answer, and stay so.
        (
            "an answered ending leaves nothing alive that it covers",
            |_, world| all_covered_are_dead(world),
        ),
        ("another client is never accepted", |_, world| {
            never(world, Violation::ForeignClientAccepted)
        }),
        ("another client's requests change no grant", |_, world| {
            never(world, Violation::ForeignClientChangedTheGrant)
        }),
        (
            "a grant ends alone, and with its own parents only",
            |_, world| never(world, Violation::AnotherGrantEnded),
        ),
        (
            "nothing is said to have ended that nobody ended",
            |_, world| never(world, Violation::EndedWithoutCause),
        ),
    ];
    invariants
        .into_iter()
        .map(|(name, holds)| Property::always(name, holds))
        .collect()
}

fn never(world: &World, violation: Violation) -> bool {
    !world.witness.violations.contains(&violation)
}

fn all_covered_are_dead(world: &World) -> bool {
    world
        .store
        .grants
        .iter()
        .all(|(&id, grant)| !(world.store.is_live(grant) && world.witness.covers(id, grant)))
}

fn at_most_one_would_rotate(model: &Interleaving, world: &World) -> bool {
    let Some(row) = world.store.grants.get(&SUBJECT) else {
        return true;
    };
    let now = row.family.as_ref().map_or(0, |family| family.rotated_at);
    let would_rotate = |token: &&u32| {
        let outcome = model.rotate(
            &mut row.clone(),
            row,
            Secret::Issued(**token),
            row.client,
            now,
        );
        matches!(outcome, RotateOutcome::Rotated { .. })
    };
    world
        .witness
        .refresh_tokens
        .iter()
        .filter(would_rotate)
        .count()
        <= 1
}

/// What can be seen in some state, mostly that a racer is about to answer something.
fn sights() -> [(&'static str, Condition); 23] {
    use Outcome::{CheckToken, IssueCode, RedeemCode, RotateRefreshToken};
    [
        ("a code is redeemed", |_, world| {
            world.answers(|answer| answer == RedeemCode(RedeemOutcome::Redeemed))
        }),
        ("a code is replayed", |_, world| {
            world.answers(|answer| answer == RedeemCode(RedeemOutcome::Replayed))
        }),
        ("a used code comes with a wrong proof", |_, world| {
            world.answers(|answer| answer == RedeemCode(RedeemOutcome::UsedWithWrongProof))
        }),
        ("a code is burnt", |_, world| {
            world.answers(|answer| answer == RedeemCode(RedeemOutcome::Burnt))
        }),
        ("a code has expired", |_, world| {
            world.answers(|answer| answer == RedeemCode(RedeemOutcome::Expired))
        }),
        ("a replaced code is unknown", |_, world| {
            world.answers(|answer| answer == RedeemCode(RedeemOutcome::Unknown))
        }),
        ("another client's code is refused", |_, world| {
            world.answers(|answer| answer == RedeemCode(RedeemOutcome::ForeignClient))
        }),
        ("a code is dead on arrival", |_, world| {
            world.answers(|answer| answer == RedeemCode(RedeemOutcome::Ended))
        }),
        ("a code is replaced", |_, world| {
            world.answers(|answer| answer == IssueCode(IssueOutcome::Replaced))
        }),
        ("a finished interaction is told so", |_, world| {
            world.answers(|answer| answer == IssueCode(IssueOutcome::AlreadyUsed))
        }),
        ("a refresh token rotates", |_, world| {
            world.answers(|answer| {
                matches!(answer, RotateRefreshToken(RotateOutcome::Rotated { .. }))
            })
        }),
        ("a rotation is repeated", |_, world| {
            world.answers(|answer| {
                matches!(answer, RotateRefreshToken(RotateOutcome::Repeated { .. }))
            })
        }),
        ("a refresh token is kept", |_, world| {
            world.answers(|answer| answer == RotateRefreshToken(RotateOutcome::Kept))
        }),
        ("a refresh token is reused", |_, world| {
            world.answers(|answer| answer == RotateRefreshToken(RotateOutcome::Reused))
        }),
        ("a refresh token has expired", |_, world| {
            world.answers(|answer| answer == RotateRefreshToken(RotateOutcome::Expired))
        }),
        ("another client's refresh token is refused", |_, world| {
            world.answers(|answer| answer == RotateRefreshToken(RotateOutcome::ForeignClient))
        }),
        ("a refresh meets its grant's end", |_, world| {
            world.answers(|answer| answer == RotateRefreshToken(RotateOutcome::Ended))
        }),
        ("a token is active", |_, world| {
            world.answers(|answer| answer == CheckToken(CheckOutcome::Active))
        }),
        ("a token is denied", |_, world| {
            world.answers(|answer| answer == CheckToken(CheckOutcome::Denied))
        }),
        ("a token's grant has ended", |_, world| {
            world.answers(|answer| answer == CheckToken(CheckOutcome::Ended))
        }),
        (
            "an offline token outlives its browser session",
            |_, world| {
                world
                    .witness
                    .knows_the_end_of(Parent::BrowserSession(SESSION))
                    && world.answers(|answer| answer == CheckToken(CheckOutcome::Active))
            },
        ),
        ("tokens are answered beside their ending", |_, world| {
            let gives = |answer| {
                Acceptance::of(answer).is_some_and(|acceptance| acceptance != Acceptance::Checked)
            };
            world.is_covered() && world.answers(gives)
        }),
        ("two racers get the same successor", |_, world| {
            let mut successors = world.racers.iter().filter_map(|racer| {
                match racer.answer().and_then(Acceptance::of) {
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
    ]
}
