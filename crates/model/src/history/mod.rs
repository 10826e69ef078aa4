//! Histories: sequences of acts with the outcome that the reference gives each, for replay on every storage backend.
//!
//! The crate's documentation says how a backend replays one.

mod alphabet;
mod exhaustive;
mod random;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::acts::{Act, Outcome};
use crate::state::{Setup, State, apply};

pub use exhaustive::exhaustive;
pub use random::random;

/// One history. It starts from an empty grant store with the users, browser sessions and clients of `setup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Unique within what one generator returned, and the same in every run.
    pub name: String,
    pub setup: Setup,
    pub steps: Vec<Step>,
}

/// One act of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub act: Act,
    /// Seconds after the history's start. Replicas' clocks differ a little, so a step may lie a second before the one in front of it.
    pub now: i64,
    pub expected: Outcome,
}

impl History {
    /// The first step whose expectation isn't what the reference answers, with that answer. `None` for a history that is sound.
    pub fn first_deviation(&self) -> Option<(usize, Outcome)> {
        let mut state = State::new(Arc::new(self.setup.clone()));
        self.steps.iter().enumerate().find_map(|(index, step)| {
            let outcome = apply(&mut state, &step.act, step.now);
            (outcome != step.expected).then_some((index, outcome))
        })
    }
}
