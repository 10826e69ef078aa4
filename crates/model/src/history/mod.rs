//! Histories: sequences of acts with the outcome that the reference gives each, for replay on every
//! storage backend.
//!
//! The crate's documentation says how a backend replays one.

mod alphabet;
mod exhaustive;
mod random;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::acts::{Act, GrantId, Outcome};
use crate::state::{Setup, State, apply};

pub use exhaustive::exhaustive;
pub use random::random;

/// One history. It starts from an empty grant store with the users, browser sessions and clients of
/// `setup`.
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
    /// Seconds after the history's start. Replicas' clocks differ a little, so a step may lie a
    /// second before the one in front of it.
    pub now: i64,
    pub expected: Outcome,
    /// What it created, whatever it returned.
    pub made: Made,
}

/// The numbers of what a step made: the secrets to remember under them, for later steps present
/// them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// [`Act::IssueCode`] that wrote or replaced a code.
    pub code: Option<u32>,
    /// A redemption or a rotation that changed the row, even if it returned `Ended` because of a
    /// parent.
    pub refresh_token: Option<u32>,
    /// An access token that was returned.
    pub access_token: Option<u32>,
}

impl Step {
    /// Carries the act out on the reference.
    pub fn carry_out(state: &mut State, act: Act, now: i64) -> Self {
        let before = act
            .grant()
            .map(|grant| Made::last(state, grant))
            .unwrap_or_default();
        let expected = apply(state, &act, now);
        let after = act
            .grant()
            .map(|grant| Made::last(state, grant))
            .unwrap_or_default();
        Self {
            act,
            now,
            expected,
            made: after.since(before),
        }
    }
}

impl Made {
    /// The highest numbers that the grant has.
    fn last(state: &State, grant: GrantId) -> Self {
        let row = state.grants.get(&grant);
        let access_tokens = state.access_tokens.get(&grant).map_or(0, Vec::len) as u32;
        Self {
            code: row.map(|row| row.code),
            refresh_token: row
                .and_then(|row| row.family.as_ref())
                .map(|family| family.current),
            access_token: access_tokens.checked_sub(1),
        }
    }

    fn since(self, before: Self) -> Self {
        Self {
            code: self.code.filter(|_| self.code != before.code),
            refresh_token: self
                .refresh_token
                .filter(|_| self.refresh_token != before.refresh_token),
            access_token: self
                .access_token
                .filter(|_| self.access_token != before.access_token),
        }
    }
}

impl History {
    /// Whether it counts the grants of the whole store, and so needs one without any other history
    /// in it.
    pub fn needs_the_store_alone(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.act == Act::DeleteAllCodes)
    }

    /// The first step that isn't what the reference makes of its act, with what it makes of it.
    /// `None` for a history that is sound.
    pub fn first_deviation(&self) -> Option<(usize, Step)> {
        let mut state = State::new(Arc::new(self.setup.clone()));
        self.steps.iter().enumerate().find_map(|(index, step)| {
            let carried_out = Step::carry_out(&mut state, step.act, step.now);
            (carried_out != *step).then_some((index, carried_out))
        })
    }
}
