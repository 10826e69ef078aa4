//! One browser, its cookie, and the sessions that it names: proofs and sign-outs whose responses
//! may be lost or arrive too late.
//!
//! A browser session keeps its id for life, and the secret in its cookie changes with each proof.
//! The secrets form a family: an earlier one signs no one in, but it names the session, so that a
//! new proof by the same user renews that session in place, a sign-in by another user replaces it,
//! and a sign-out ends it. Otherwise a person who clicks twice, or whose response is lost, would
//! leave a session behind that no sign-out can reach.
//!
//! A browser waits only for the response to its last request. Earlier requests may still be carried
//! out, at any later moment.

mod properties;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use stateright::{Model, Property};

pub use steps::{InFlight, Progress, Request};

/// The walk through everything that one browser may do with so many requests, perhaps with one
/// deliberate bug.
#[derive(Clone, Debug)]
pub struct Browser {
    /// How many requests begin in all.
    pub budget: u8,
    pub mutant: Option<Mutant>,
}

/// A bug in the handling of cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A cookie with an earlier secret is taken for one that names nothing.
    EarlierSecretNamesNothing,
    /// A cookie with an earlier secret signs in.
    EarlierSecretSignsIn,
    /// A sign-out with an earlier secret ends nothing.
    EarlierSecretSignsNoOneOut,
    /// A proof brings an ended session back.
    RenewalRevives,
    /// A proof by another user renews the session too.
    RenewalForAnyUser,
    /// A sign-in by another user leaves the session as it is.
    ReplacedSessionLives,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::EarlierSecretNamesNothing,
        Self::EarlierSecretSignsIn,
        Self::EarlierSecretSignsNoOneOut,
        Self::RenewalRevives,
        Self::RenewalForAnyUser,
        Self::ReplacedSessionLives,
    ];
}

/// A user who sits in front of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum User {
    Alice,
    Bob,
}

/// A browser session, by the order in which they were started.
pub type SessionId = u8;

/// What the browser presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cookie {
    pub session: SessionId,
    /// By the order in which the session's secrets were made.
    pub secret: u8,
}

/// A browser session as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    pub user: User,
    /// The present secret; any lower one is earlier.
    pub secret: u8,
    pub ended: bool,
}

/// Everything at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub sessions: BTreeMap<SessionId, Session>,
    pub cookie: Option<Cookie>,
    /// The grant of each proof's authorization, by the number of the request.
    pub grants: BTreeMap<u8, Grant>,
    /// Requests under way, at most [`RACERS`]; the last that began is the awaited one.
    pub racers: Vec<InFlight>,
    pub last_request: u8,
    pub budget: u8,
    pub violations: BTreeSet<Violation>,
}

/// An online grant, as far as its session is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    pub session: SessionId,
    /// The code was received and used: there are tokens.
    pub used: bool,
}

/// What must never be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Violation {
    SignedInByAnEarlierSecret,
    AliveAfterTheSignOut,
    EndedSessionRevived,
    SessionChangedItsUser,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Begin(Request),
    Step {
        racer: usize,
    },
    /// The response is sent, but never arrives.
    Lose {
        racer: usize,
    },
}

/// How many requests may be under way at once.
const RACERS: usize = 3;

/// Where it begins: Alice is signed in, and an application has tokens of hers.
const FIRST: SessionId = 0;

impl Model for Browser {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        let signed_in = Session {
            user: User::Alice,
            secret: 0,
            ended: false,
        };
        let grant = Grant {
            session: FIRST,
            used: true,
        };
        vec![World {
            sessions: BTreeMap::from([(FIRST, signed_in)]),
            cookie: Some(Cookie {
                session: FIRST,
                secret: 0,
            }),
            grants: BTreeMap::from([(0, grant)]),
            racers: Vec::new(),
            last_request: 0,
            budget: self.budget,
            violations: BTreeSet::new(),
        }]
    }

    fn actions(&self, world: &World, events: &mut Vec<Event>) {
        for (racer, in_flight) in world.racers.iter().enumerate() {
            // A response that the browser does not wait for is lost in any case.
            let is_responding = matches!(in_flight.progress, Progress::Responding { .. });
            if !is_responding || world.is_awaited(in_flight) {
                events.push(Event::Step { racer });
            }
            if is_responding {
                events.push(Event::Lose { racer });
            }
        }
        if world.racers.len() < RACERS && world.budget > 0 {
            let requests = [
                Request::Visit,
                Request::SignOut,
                Request::Prove(User::Alice),
                Request::Prove(User::Bob),
            ];
            events.extend(requests.map(Event::Begin));
        }
    }

    fn next_state(&self, before: &World, event: Event) -> Option<World> {
        let mut world = before.clone();
        match event {
            Event::Begin(request) => world.begin(request),
            Event::Step { racer } => {
                let in_flight = world.racers.remove(racer);
                if let Some(further) = self.step(&mut world, in_flight) {
                    world.racers.insert(racer, further);
                }
            }
            Event::Lose { racer } => {
                world.racers.remove(racer);
            }
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::properties()
    }
}
