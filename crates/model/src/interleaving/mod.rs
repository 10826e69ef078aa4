//! Requests taken apart: what racing replicas may do to a grant between one step of a request and
//! its next.
//!
//! [`crate::state::apply`] says what one act does. A request is more: it reads, acts, compares the
//! parents' epochs, answers, and between any two of these another replica may do the same. Three
//! racers, each a process that can carry any request of the scenario, are walked by a model checker
//! through every order of their steps, with the clock moving on at any point. Racers are alike, so
//! states that differ only in who does what are one.
//!
//! Whoever stops halfway is covered too: a racer that takes no further step is a process that died.

mod comparison;
mod properties;
pub mod requests;
pub mod scenarios;
pub mod sign_in;
pub mod witness;

use stateright::{Model, Property};

use crate::acts::Outcome;
use crate::interleaving::requests::{InFlight, Progress, Request};
use crate::interleaving::scenarios::{SUBJECT, Scenario};
use crate::interleaving::sign_in::BrowserSession;
use crate::interleaving::witness::Witness;
use crate::mutants::Mutant;
use crate::state::State;

/// A scenario to be walked through, perhaps with one deliberate bug.
#[derive(Clone, Debug)]
pub struct Interleaving {
    pub scenario: Scenario,
    pub mutant: Option<Mutant>,
}

/// Everything at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub store: State,
    /// What a sign-in of the race has written.
    pub browser_session: Option<BrowserSession>,
    /// The position of the present instant in the scenario's list.
    pub instant: usize,
    /// Requests under way, at most [`RACERS`], in no order that matters (they are kept sorted).
    pub racers: Vec<InFlight>,
    /// How many requests may still begin.
    pub budget: u8,
    pub witness: Witness,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An idle racer takes up a request.
    Begin(Request),
    /// The racer at this position takes its next step; where reads run in parallel, `read` is the
    /// bit of the one that returns.
    Step { racer: usize, read: u8 },
    /// The clock moves to the scenario's next instant.
    Tick,
}

/// How many requests may be under way at once.
pub const RACERS: usize = 3;

impl Model for Interleaving {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        let (store, witness) = self.scenario.beginning();
        vec![World {
            store,
            browser_session: None,
            instant: 0,
            racers: Vec::new(),
            budget: self.scenario.budget,
            witness,
        }]
    }

    fn actions(&self, world: &World, events: &mut Vec<Event>) {
        for (racer, in_flight) in world.racers.iter().enumerate() {
            match in_flight.progress {
                Progress::Comparing { unread, .. } => {
                    events.extend(
                        (0..8)
                            .map(|bit| 1 << bit)
                            .filter(|read| unread & read != 0)
                            .map(|read| Event::Step { racer, read }),
                    );
                }
                _ => events.push(Event::Step { racer, read: 0 }),
            }
        }
        if world.racers.len() < RACERS && world.budget > 0 {
            events.extend(self.scenario.requests(world).into_iter().map(Event::Begin));
        }
        // Nobody would notice the time once nothing can begin: a request takes its instant when it
        // begins.
        if world.instant + 1 < self.scenario.instants.len() && world.budget > 0 {
            events.push(Event::Tick);
        }
    }

    fn next_state(&self, before: &World, event: Event) -> Option<World> {
        let mut world = before.clone();
        match event {
            Event::Tick => world.instant += 1,
            Event::Begin(request) => {
                world.budget -= 1;
                let now = *self.scenario.instants.get(world.instant)?;
                let late = world.is_covered();
                let begun = InFlight {
                    request,
                    now,
                    late,
                    progress: Progress::Begun,
                };
                // A check's first step is to look at the clock, which nobody can come before.
                let is_check = matches!(request, Request::Check { .. });
                let further = if is_check {
                    self.step(&mut world, begun, 0)
                } else {
                    Some(begun)
                };
                world.racers.extend(further);
            }
            Event::Step { racer, read } => {
                if racer >= world.racers.len() {
                    return None;
                }
                let in_flight = world.racers.remove(racer);
                if let Some(further) = self.step(&mut world, in_flight, read) {
                    world.racers.push(further);
                }
            }
        }
        world.racers.sort_unstable();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::properties(&self.scenario)
    }
}

impl World {
    /// Whether an ending of the scenario's grant, or of anything that it hangs under, was answered.
    pub fn is_covered(&self) -> bool {
        self.store
            .grants
            .get(&SUBJECT)
            .is_some_and(|grant| self.witness.covers(SUBJECT, grant))
    }

    /// Whether some racer is about to answer what `is` looks for.
    pub fn answers(&self, is: fn(Outcome) -> bool) -> bool {
        self.racers
            .iter()
            .any(|racer| racer.answer().is_some_and(is))
    }
}
