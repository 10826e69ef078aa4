//! Requests taken apart: what racing replicas may do to a grant between one step of a request and
//! its next.
//!
//! [`crate::state::apply`] says what one act does. A request does more: it reads, acts, compares
//! the parents' epochs and returns, and between any two of these steps another replica may do the
//! same. Three racers, each a process that can carry any request of the [scenario](scenarios), are
//! walked by a model checker through every order of their steps, with the clock moving on at any
//! point. Racers are alike, so states that differ only in who does what are one. In a scenario with
//! a shared [engine](mod@engine), the act itself consists of a read and a commit, whose response
//! may be lost.
//!
//! A process that dies halfway is covered too: it is a racer that takes no further step.

mod comparison;
pub mod engine;
mod housekeeping;
mod passwords;
mod properties;
mod refresh;
pub mod requests;
pub mod scenarios;
mod sights;
pub mod sign_in;
pub mod witness;

use stateright::{Model, Property};

use crate::acts::Outcome;
use crate::interleaving::engine::{ActId, Commit, Marks};
use crate::interleaving::requests::{InFlight, Progress, Reply, Request};
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
    /// What a shared engine keeps beside the grant's row.
    pub marks: Marks,
    /// Commits that were sent and whose response is lost. They may still arrive, or never.
    pub adrift: Vec<Commit>,
    /// How many responses may still be lost.
    pub cuts: u8,
    /// The last act that was numbered.
    pub last_act: ActId,
    /// The user's present password.
    pub password: u8,
    /// How much the grant allows: the user may allow less, never more.
    pub scope: u8,
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
    /// The racer at this position takes its next step. If reads run in parallel, `read` is the bit
    /// of the one that returns.
    Step { racer: usize, read: u8 },
    /// The racer at this position sends its write, and the response is lost.
    Cut { racer: usize },
    /// The commit at this position arrives after all.
    Arrive { commit: usize },
    /// The clock moves to the scenario's next instant.
    Tick,
}

/// How many requests may be under way at once.
pub const RACERS: usize = 3;

impl Model for Interleaving {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        vec![self.scenario.beginning()]
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
            if world.cuts > 0 && in_flight.is_writing() {
                events.push(Event::Cut { racer });
            }
        }
        events.extend((0..world.adrift.len()).map(|commit| Event::Arrive { commit }));
        if world.racers.len() < RACERS && world.budget > 0 {
            events.extend(self.scenario.requests(world).into_iter().map(Event::Begin));
        }
        // The time makes no difference once nothing can begin: a request takes its instant when it
        // begins.
        if world.instant + 1 < self.scenario.instants.len() && world.budget > 0 {
            events.push(Event::Tick);
        }
    }

    fn next_state(&self, before: &World, event: Event) -> Option<World> {
        let mut world = before.clone();
        match event {
            Event::Tick => world.instant += 1,
            Event::Begin(request) => self.begin(&mut world, request),
            Event::Step { racer, read } => {
                let in_flight = world.take(racer)?;
                let further = self.step(&mut world, in_flight, read);
                world.racers.extend(further);
            }
            Event::Cut { racer } => {
                let in_flight = world.take(racer)?;
                let unsure = self.lose_the_response(&mut world, in_flight);
                world.racers.push(unsure);
            }
            Event::Arrive { commit } => self.arrive(&mut world, commit),
        }
        world.racers.sort_unstable();
        world.adrift.sort_unstable();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::properties(&self.scenario)
    }
}

impl Interleaving {
    fn begin(&self, world: &mut World, request: Request) {
        world.budget -= 1;
        let begun = InFlight {
            request,
            now: self.scenario.now(world),
            act: self.number_of_the_act(world, request),
            late: world.is_covered_for(request),
            arrived: false,
            progress: Progress::Begun,
        };
        // A check's first step is to look at the clock, which nothing can come before.
        let is_check = matches!(request, Request::Check { .. });
        let further = if is_check {
            self.step(world, begun, 0)
        } else {
            Some(begun)
        };
        world.racers.extend(further);
    }
}

impl World {
    /// Whether an ending of the scenario's grant, or of anything above it, has returned.
    pub fn is_covered(&self) -> bool {
        self.store
            .grants
            .get(&SUBJECT)
            .is_some_and(|grant| self.witness.covers(SUBJECT, grant))
    }

    /// The same, for what this request presents.
    pub fn is_covered_for(&self, request: Request) -> bool {
        self.is_covered() || self.witness.deleted(request)
    }

    /// Whether some racer is about to return an outcome that `is` looks for.
    pub fn returns(&self, is: fn(Outcome) -> bool) -> bool {
        self.racers
            .iter()
            .any(|racer| racer.outcome().is_some_and(is))
    }

    /// Whether some racer is about to return this.
    pub fn replies(&self, reply: Reply) -> bool {
        self.racers.iter().any(|racer| racer.reply() == Some(reply))
    }

    fn take(&mut self, racer: usize) -> Option<InFlight> {
        (racer < self.racers.len()).then(|| self.racers.remove(racer))
    }
}
