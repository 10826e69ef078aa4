//! What an act has decided: what is written, and what its caller is told.

use crate::access_tokens::NewAccessToken;
use crate::ended::WhatEnded;
use crate::events::Event;

/// A decision on a record. Built as a sentence:
/// `Decision::returns(outcome).moves(record).tells(event).unless_ended(Outcome::Ended)`.
#[derive(Debug)]
#[must_use]
pub struct Decision<R, O> {
    pub write: Write<R>,
    pub outcome: O,
    /// What is returned instead of `outcome` if a parent has ended. `None` if the parents do not
    /// matter.
    pub ended: Option<fn(WhatEnded) -> O>,
}

/// What a decision writes.
#[derive(Debug)]
pub enum Write<R> {
    /// Nothing. The decision takes effect at its read.
    Nothing,
    /// An access token's row alone. The record stays, and the decision takes effect at its read.
    AccessToken(NewAccessToken),
    /// The record with its access token and its event, in one step.
    Record(Box<Change<R>>),
}

/// A record as an act leaves it, and what is written with it.
#[derive(Debug)]
pub struct Change<R> {
    pub record: R,
    /// The record is new, or starts over: everything in it may differ from what was there.
    /// Otherwise only what the record's acts change may differ.
    pub begins: bool,
    /// Inserted by its hash, so that inserting it twice is harmless.
    pub access_token: Option<NewAccessToken>,
    pub event: Option<Event>,
}

impl<R, O> Decision<R, O> {
    /// Returns `outcome`. Changes nothing, unless the next calls say so.
    pub fn returns(outcome: O) -> Decision<R, O> {
        Decision {
            write: Write::Nothing,
            outcome,
            ended: None,
        }
    }

    /// Writes what has changed in an existing record.
    pub fn moves(self, record: R) -> Decision<R, O> {
        self.writes(record, false)
    }

    /// Writes a record that is new or starts over.
    pub fn begins(self, record: R) -> Decision<R, O> {
        self.writes(record, true)
    }

    fn writes(mut self, record: R, begins: bool) -> Decision<R, O> {
        self.write = Write::Record(Box::new(Change {
            record,
            begins,
            access_token: None,
            event: None,
        }));
        self
    }

    /// Writes `event` with the record. Without a record there is nothing to tell.
    pub fn tells(mut self, event: Event) -> Decision<R, O> {
        if let Write::Record(change) = &mut self.write {
            change.event = Some(event);
        }
        self
    }

    /// Writes the access token's row, if the token needs one.
    pub fn mints(mut self, access_token: Option<&NewAccessToken>) -> Decision<R, O> {
        let Some(token) = access_token.cloned() else {
            return self;
        };
        match &mut self.write {
            Write::Record(change) => change.access_token = Some(token),
            Write::Nothing | Write::AccessToken(_) => self.write = Write::AccessToken(token),
        }
        self
    }

    /// Returns `ended` instead of the outcome if a parent has ended. What is written stays written:
    /// every check refuses what is below a parent that has ended.
    pub fn unless_ended(mut self, ended: fn(WhatEnded) -> O) -> Decision<R, O> {
        self.ended = Some(ended);
        self
    }

    /// The same decision on the record that holds the one that it was made on. For engines that
    /// keep several things in one record.
    pub fn within<S>(self, hold: impl FnOnce(R) -> S) -> Decision<S, O> {
        let write = match self.write {
            Write::Nothing => Write::Nothing,
            Write::AccessToken(token) => Write::AccessToken(token),
            Write::Record(change) => Write::Record(Box::new(Change {
                record: hold(change.record),
                begins: change.begins,
                access_token: change.access_token,
                event: change.event,
            })),
        };
        Decision {
            write,
            outcome: self.outcome,
            ended: self.ended,
        }
    }

    /// The outcome, and what is to be written, given what the parents were in the act's own
    /// transaction. For engines that decide inside it.
    pub fn under(self, what_ended: Option<WhatEnded>) -> (Write<R>, O) {
        let outcome = match (self.ended, what_ended) {
            (Some(ended), Some(what_ended)) => ended(what_ended),
            _ => self.outcome,
        };
        (self.write, outcome)
    }
}
