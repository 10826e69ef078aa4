//! The end of a grant by an act on itself.

use super::{EndCause, Ended, Grant};
use crate::acts::{Act, Decision};
use crate::events::{Event, EventKind};
use crate::{ActId, GrantId};

/// End one grant.
#[derive(Debug, Clone)]
pub struct EndGrant {
    pub grant: GrantId,
    /// Only if it is this client's grant (RFC 7009, section 2.1).
    pub client_id: Option<String>,
    pub cause: EndCause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndGrantOutcome {
    Ended,
    AlreadyEnded,
    ForeignClient,
    Unknown,
}

/// What [`super::Grants::end_grant`] does.
pub fn decide_end(
    found: Option<Grant>,
    act: &EndGrant,
    by: ActId,
    now: i64,
) -> Decision<Grant, EndGrantOutcome> {
    let Some(grant) = found else {
        return Decision::returns(EndGrantOutcome::Unknown);
    };
    if act
        .client_id
        .as_ref()
        .is_some_and(|id| *id != grant.client_id)
    {
        return Decision::returns(EndGrantOutcome::ForeignClient);
    }
    if grant.ended.is_some() {
        return Decision::returns(EndGrantOutcome::AlreadyEnded);
    }
    end(grant, act.cause, EndGrantOutcome::Ended, by, now)
}

impl Act for EndGrant {
    type Record = Grant;
    type Outcome = EndGrantOutcome;

    const IS_ENDING: bool = true;

    fn key(&self) -> &GrantId {
        &self.grant
    }

    fn decide(
        &self,
        found: Option<Grant>,
        by: ActId,
        now: i64,
    ) -> Decision<Grant, EndGrantOutcome> {
        decide_end(found, self, by, now)
    }

    fn is_in(&self, record: &Grant, by: ActId) -> bool {
        record.was_ended_by(by)
    }
}

/// What [`super::Grants::delete_all_codes`] does to one grant: ends it if its code is unused.
/// Returns whether it did.
pub fn decide_delete_code(found: Option<Grant>, by: ActId, now: i64) -> Decision<Grant, bool> {
    match found {
        Some(grant) if grant.has_unused_code() => {
            end(grant, EndCause::DeletedByOperator, true, by, now)
        }
        _ => Decision::returns(false),
    }
}

/// [`decide_delete_code`] of one grant.
pub(super) struct DeleteCode(pub GrantId);

impl Act for DeleteCode {
    type Record = Grant;
    type Outcome = bool;

    const IS_ENDING: bool = true;

    fn key(&self) -> &GrantId {
        &self.0
    }

    fn decide(&self, found: Option<Grant>, by: ActId, now: i64) -> Decision<Grant, bool> {
        decide_delete_code(found, by, now)
    }

    fn is_in(&self, record: &Grant, by: ActId) -> bool {
        record.was_ended_by(by)
    }
}

/// Ends `grant` and returns `outcome`.
pub(crate) fn end<O>(
    mut grant: Grant,
    cause: EndCause,
    outcome: O,
    by: ActId,
    now: i64,
) -> Decision<Grant, O> {
    grant.written_by = by;
    grant.ended = Some(Ended { at: now, cause, by });
    let event = Event::about_grant(EventKind::GrantEnded, &grant, now).cause(cause.as_str());
    Decision::returns(outcome).moves(grant).tells(event)
}
