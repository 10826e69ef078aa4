//! What must always hold, and that what a [scenario](Scenario) promises to show does happen: no
//! property may hold because nothing happens.

use stateright::Property;

use crate::acts::{RotateOutcome, Secret};
use crate::interleaving::passwords::OLD;
use crate::interleaving::requests::USER_RECORD;
use crate::interleaving::scenarios::{ONLINE, OWN, SUBJECT, Scenario};
use crate::interleaving::sights::sights;
use crate::interleaving::witness::Violation;
use crate::interleaving::{Interleaving, World};

/// The invariants, and what the scenario has to show.
pub(super) fn properties(scenario: &Scenario) -> Vec<Property<Interleaving>> {
    let never = NEVER
        .into_iter()
        .map(|(name, holds)| Property::always(name, holds));
    let always = ALWAYS
        .into_iter()
        .map(|(name, holds)| Property::always(name, holds));
    let shown = sights()
        .into_iter()
        .filter(|(name, _)| scenario.shows.contains(name))
        .map(|(name, seen)| Property::sometimes(name, seen));
    never.chain(always).chain(shown).collect()
}

pub(super) type Condition = fn(&Interleaving, &World) -> bool;

/// What the witness must never see.
const NEVER: [(&str, Condition); 16] = [
    ("a code is exchanged for tokens once", |_, world| {
        never(world, Violation::CodeRedeemedTwice)
    }),
    ("a replaced code is never accepted", |_, world| {
        never(world, Violation::ReplacedCodeAccepted)
    }),
    (
        "a used code is remembered while its grant lives",
        |_, world| never(world, Violation::UsedCodeForgotten),
    ),
    (
        "a finished authorization is not finished again",
        |_, world| never(world, Violation::IssuedAgain),
    ),
    ("a refresh token has one successor", |_, world| {
        never(world, Violation::SecondSuccessor)
    }),
    ("a used successor is not repeated", |_, world| {
        never(world, Violation::UsedSuccessorRepeated)
    }),
    (
        "reuse and replay are only reported with a cause",
        |_, world| never(world, Violation::ReportedWithoutCause),
    ),
    ("an act that was carried out is found again", |_, world| {
        never(world, Violation::CarriedOutAndNotFound)
    }),
    ("a fault in the request hides no reuse", |_, world| {
        never(world, Violation::FaultHidReuse)
    }),
    ("a read before the act widens nothing", |_, world| {
        never(world, Violation::GrantedTooMuch)
    }),
    // The request began, or its act was carried out, after the ending returned. A request that
    // overlaps the ending may return tokens:
    (
        "nothing is accepted after its ending returned",
        |_, world| never(world, Violation::AcceptedAfterItsEnding),
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
        "deleting codes ends no grant whose code was used",
        |_, world| never(world, Violation::UsedGrantDeleted),
    ),
    ("nothing is said to have ended that lives", |_, world| {
        never(world, Violation::EndedWithoutCause)
    }),
];

/// What must hold in each state.
const ALWAYS: [(&str, Condition); 4] = [
    (
        "one refresh token of a grant would rotate",
        at_most_one_would_rotate,
    ),
    // ... which are refused from the moment that the ending returns, and stay so.
    (
        "an ending that returned leaves nothing valid that it covers",
        |_, world| all_covered_have_ended(world),
    ),
    (
        "an old password opens nothing once its change returned",
        |_, world| nothing_lives_by_the_old_password(world),
    ),
    ("a disabled user stays disabled", |_, world| {
        !world.witness.user_disabled || world.store.disabled.contains(&USER_RECORD)
    }),
];

fn never(world: &World, violation: Violation) -> bool {
    !world.witness.violations.contains(&violation)
}

fn all_covered_have_ended(world: &World) -> bool {
    world
        .store
        .grants
        .iter()
        .all(|(&id, grant)| !(world.store.is_live(grant) && world.witness.covers(id, grant)))
}

fn nothing_lives_by_the_old_password(world: &World) -> bool {
    if !world.witness.password_changed {
        return true;
    }
    let grant_lives = world.store.grants.iter().any(|(&id, grant)| {
        world.store.is_live(grant) && world.witness.password_of(id, grant) == Some(OLD)
    });
    let present = world.store.present_epochs(OWN, ONLINE);
    let session_lives = world.browser_session.is_some_and(|session| {
        session.password == OLD
            && session.epoch == present.browser_session
            && world.store.accepts(USER_RECORD, session.user)
    });
    !grant_lives && !session_lives
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
