//! What an act is: one pure decision on one record, carried out by any engine.
//!
//! An act's decision is a function of the record as it was read, of the request, of `now` and of
//! the act's own random id; it returns what is to be written and what the caller is told
//! ([`Decision`]). No engine repeats a rule. An engine that runs Rust inside its transaction
//! (memory, SQLite) decides and writes there, and compares the parents in the same transaction
//! ([`Decision::under`]). An engine that others share (PostgreSQL, Redis) is driven by
//! [`shared::carry_out`]: read, decide, commit by compare-and-set, read the parents.

mod decision;
pub mod shared;
#[cfg(test)]
mod shared_tests;

pub use decision::{Change, Decision, Write};

use crate::ActId;

/// What an act is about: one row, or one key, that decides.
pub trait Record: Send + Sync + Sized {
    type Key: Send + Sync + ?Sized;

    /// The record's version: the id of the act that last wrote it. It is random because a counter
    /// could start again when a row is replaced.
    fn written_by(&self) -> ActId;
}

/// A request to one record.
pub trait Act: Sync {
    type Record: Record;
    type Outcome: Send;

    /// Whether it is an ending: it must not wait, and tries again without delay after a conflict.
    const IS_ENDING: bool = false;

    /// Which record it is about.
    fn key(&self) -> &<Self::Record as Record>::Key;

    /// Decides on the record as it was read. `by` is this act's id, whatever the attempt.
    fn decide(
        &self,
        found: Option<Self::Record>,
        by: ActId,
        now: i64,
    ) -> Decision<Self::Record, Self::Outcome>;

    /// Whether `record` shows that this act was committed, whatever came after it.
    fn is_in(&self, record: &Self::Record, by: ActId) -> bool;

    /// Whether the act may decide again on a record that has changed and does not show it, although
    /// the fate of its commit is unknown. Only an ending that is permanent may: it can neither undo
    /// what came after that commit nor be wrong about who did what.
    fn may_start_again(&self, _record: Option<&Self::Record>) -> bool {
        Self::IS_ENDING
    }
}
