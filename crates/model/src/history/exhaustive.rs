//! Every history up to a length, over a small world, each state by its shortest way only.
//!
//! Acts that change nothing in a state are all put to it in one history, the ones that change it in
//! one history each: a backend that moved a row where it must not is found by the step that
//! follows.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::acts::{Act, BrowserSessionId, ClientId, GrantId, Under, UserId};
use crate::history::alphabet::{Place, cookies, endings, grant_acts, standings};
use crate::history::{History, Step};
use crate::state::{Client, Lifetimes, Setup, State};

/// All histories of at most `depth` moves in each of four small worlds (an online grant beside
/// every ending, or beside disabled users and clients; an offline grant; one whose client doesn't
/// rotate), and of one move fewer in three more: an online grant beside its session's cookie, and
/// beside an offline grant of another client, with endings or with the deletion of all codes. A
/// move is an act that changes something, or a wait for the end of a lifetime.
///
/// Each more of depth multiplies them by five.
pub fn exhaustive(depth: usize) -> Vec<History> {
    worlds()
        .iter()
        .flat_map(|world| {
            let is_wide = world.places.len() > 1 || world.beside == Beside::Cookies;
            world.histories(depth.saturating_sub(usize::from(is_wide)))
        })
        .collect()
}

#[derive(Clone)]
struct World {
    name: &'static str,
    setup: Setup,
    places: Vec<Place>,
    beside: Beside,
}

/// What is tried beside the acts on the grants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// Whatever ends what they belong to.
    Endings,
    /// What disables and enables users and clients.
    Standings,
    /// The browser session's cookie, and what ends it.
    Cookies,
    /// The deletion of all codes.
    Deletion,
}

/// A state that was reached, and how.
struct Reached {
    state: State,
    now: i64,
    moves: usize,
    steps: Vec<Step>,
}

/// Just inside every ten-second limit of [`LIFETIMES`], and just at its end.
const WAITS: [i64; 2] = [9, 10];

const LIFETIMES: Lifetimes = Lifetimes {
    code_seconds: 10,
    access_token_seconds: 20,
    grant_seconds: 30,
    refresh_idle_seconds: 20,
    grace_seconds: 10,
};

impl World {
    fn histories(&self, depth: usize) -> Vec<History> {
        let start = Reached {
            state: State::new(Arc::new(self.setup.clone())),
            now: 0,
            moves: 0,
            steps: Vec::new(),
        };
        let mut seen = HashSet::from([(start.state.clone(), start.now)]);
        let mut queue = VecDeque::from([start]);
        let mut histories = Vec::new();
        while let Some(reached) = queue.pop_front() {
            let mut extended = false;
            for next in self.moves(&reached) {
                if reached.moves < depth && seen.insert((next.state.clone(), next.now)) {
                    extended = true;
                    queue.push_back(next);
                } else if reached.moves < depth && next.now == reached.now {
                    histories.push(self.probed(&next, histories.len()));
                }
            }
            let probed = self.probed(&reached, histories.len());
            if !extended || probed.steps.len() > reached.steps.len() {
                histories.push(probed);
            }
        }
        histories
    }

    /// Everything that one move leads to.
    fn moves(&self, from: &Reached) -> Vec<Reached> {
        let mut reached: Vec<Reached> = self
            .acts(&from.state)
            .into_iter()
            .filter_map(|act| {
                let mut state = from.state.clone();
                let step = Step::carry_out(&mut state, act, from.now);
                let mut steps = from.steps.clone();
                steps.push(step);
                (state != from.state).then_some(Reached {
                    state,
                    now: from.now,
                    moves: from.moves + 1,
                    steps,
                })
            })
            .collect();
        if !from.state.grants.is_empty() {
            reached.extend(WAITS.map(|seconds| Reached {
                state: from.state.clone(),
                now: from.now + seconds,
                moves: from.moves + 1,
                steps: from.steps.clone(),
            }));
        }
        reached
    }

    /// The way to a state, and then every act that changes nothing there.
    fn probed(&self, reached: &Reached, number: usize) -> History {
        let mut steps = reached.steps.clone();
        for act in self.acts(&reached.state) {
            let mut state = reached.state.clone();
            let step = Step::carry_out(&mut state, act, reached.now);
            if state == reached.state {
                steps.push(step);
            }
        }
        History {
            name: format!("{}/{number}", self.name),
            setup: self.setup.clone(),
            steps,
        }
    }

    fn acts(&self, state: &State) -> Vec<Act> {
        let mut acts: Vec<Act> = self
            .places
            .iter()
            .flat_map(|place| grant_acts(state, place))
            .collect();
        if !state.grants.is_empty() {
            acts.extend(self.acts_beside(state));
        }
        acts
    }

    fn acts_beside(&self, state: &State) -> Vec<Act> {
        let of_each_place = |acts_of: fn(&State, &Place) -> Vec<Act>| {
            let mut acts = Vec::new();
            for act in self.places.iter().flat_map(|place| acts_of(state, place)) {
                if !acts.contains(&act) {
                    acts.push(act);
                }
            }
            acts
        };
        match self.beside {
            Beside::Endings => of_each_place(endings),
            Beside::Standings => of_each_place(standings),
            Beside::Cookies => [of_each_place(cookies), of_each_place(endings)].concat(),
            Beside::Deletion => vec![Act::DeleteAllCodes],
        }
    }
}

fn worlds() -> Vec<World> {
    let online = Place {
        grant: GrantId(0),
        client: ClientId(0),
        foreign: ClientId(1),
        under: Under::BrowserSession(BrowserSessionId(0)),
    };
    let offline = Place {
        under: Under::Consent(UserId(0)),
        ..online
    };
    let other = Place {
        grant: GrantId(1),
        client: ClientId(1),
        foreign: ClientId(0),
        ..offline
    };
    let setup = Setup {
        users: 1,
        browser_sessions: vec![UserId(0)],
        clients: vec![Client { rotates: true }; 2],
        lifetimes: LIFETIMES,
    };
    let without_rotation = Setup {
        clients: vec![Client { rotates: false }; 2],
        ..setup.clone()
    };
    let world = World {
        name: "online",
        setup,
        places: vec![online],
        beside: Beside::Endings,
    };
    vec![
        World {
            name: "offline",
            places: vec![offline],
            ..world.clone()
        },
        World {
            name: "without-rotation",
            setup: without_rotation,
            ..world.clone()
        },
        World {
            name: "two-grants",
            places: vec![online, other],
            ..world.clone()
        },
        World {
            name: "standings",
            beside: Beside::Standings,
            ..world.clone()
        },
        World {
            name: "cookies",
            setup: Setup {
                users: 2,
                ..world.setup.clone()
            },
            beside: Beside::Cookies,
            ..world.clone()
        },
        World {
            name: "deletion",
            places: vec![online, other],
            beside: Beside::Deletion,
            ..world.clone()
        },
        world,
    ]
}
