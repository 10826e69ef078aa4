//! What must always hold of a browser's sessions, and what must be seen to happen.

use stateright::Property;

use crate::browser_sessions::{Browser, Progress, Request, User, Violation, World};

type Condition = fn(&Browser, &World) -> bool;

pub(super) fn properties() -> Vec<Property<Browser>> {
    let invariants: [(&'static str, Condition); 4] = [
        ("an earlier secret signs no one in", |_, world| {
            never(world, Violation::SignedInByAnEarlierSecret)
        }),
        (
            "a confirmed sign-out leaves no session of the browser alive",
            |_, world| never(world, Violation::AliveAfterTheSignOut),
        ),
        ("an ended session does not come back", |_, world| {
            never(world, Violation::EndedSessionRevived)
        }),
        ("a session holds one user", |_, world| {
            never(world, Violation::SessionChangedItsUser)
        }),
    ];
    let sights: [(&'static str, Condition); 4] = [
        ("a session is renewed by an earlier secret", |_, world| {
            world.racers.iter().any(|racer| {
                let renews = matches!(racer.progress, Progress::Renewing(_));
                let earlier = racer.cookie.is_some_and(|cookie| {
                    let session = world.sessions.get(&cookie.session);
                    session.is_some_and(|session| session.secret > cookie.secret)
                });
                renews && earlier
            })
        }),
        ("a session is replaced by another user's", |_, world| {
            world.cookie.is_some_and(|cookie| {
                let session = world.sessions.get(&cookie.session);
                session.is_some_and(|session| session.user == User::Bob)
            })
        }),
        ("a proof overtakes a sign-out", |_, world| {
            let signs_out = |request| request == Request::SignOut;
            !world.lives(0)
                && world.sessions.len() > 1
                && world.racers.iter().any(|racer| signs_out(racer.request))
        }),
        ("a browser is signed out", |_, world| {
            world.cookie.is_none() && world.racers.is_empty()
        }),
    ];
    let invariants = invariants.map(|(name, holds)| Property::always(name, holds));
    let sights = sights.map(|(name, seen)| Property::sometimes(name, seen));
    invariants.into_iter().chain(sights).collect()
}

fn never(world: &World, violation: Violation) -> bool {
    !world.violations.contains(&violation)
}
