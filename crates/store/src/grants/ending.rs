//! The end of a grant by an act on itself, and what above it can have ended.

use std::fmt;

use super::Grant;
use crate::acts::{Act, Decision};
use crate::events::{Event, EventKind};
use crate::{ActId, GrantId};

/// When and why a grant ended, and by which act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub at: i64,
    pub cause: EndCause,
    pub by: ActId,
}

/// Why a grant ended by an act on itself. The text is what rows and events hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndCause {
    /// The code was presented again with everything right (RFC 6749, section 4.1.2).
    CodeReplayed,
    /// The right client presented the unused code with a wrong verifier or redirect_uri.
    CodeBurnt,
    /// A rotated refresh token was presented again (RFC 9700, section 4.14.2).
    RefreshTokenReused,
    /// The client revoked it (RFC 7009, section 2.1).
    Revoked,
    /// An operator deleted it.
    DeletedByOperator,
}

impl EndCause {
    pub const ALL: [EndCause; 5] = [
        EndCause::CodeReplayed,
        EndCause::CodeBurnt,
        EndCause::RefreshTokenReused,
        EndCause::Revoked,
        EndCause::DeletedByOperator,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            EndCause::CodeReplayed => "code_replayed",
            EndCause::CodeBurnt => "code_burnt",
            EndCause::RefreshTokenReused => "refresh_token_reused",
            EndCause::Revoked => "revoked",
            EndCause::DeletedByOperator => "deleted_by_operator",
        }
    }

    /// Reads the text of a row.
    pub fn parse(text: &str) -> Option<EndCause> {
        EndCause::ALL
            .into_iter()
            .find(|cause| cause.as_str() == text)
    }
}

/// What ended: the grant itself, or a parent whose epoch is another one now or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dead {
    Grant(EndCause),
    User,
    Client,
    Consent,
    BrowserSession,
    ClientSession,
}

impl fmt::Display for Dead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dead::Grant(EndCause::CodeReplayed) => "its code was presented twice",
            Dead::Grant(EndCause::CodeBurnt) => "its code was presented with a wrong proof",
            Dead::Grant(EndCause::RefreshTokenReused) => "a used refresh token was presented again",
            Dead::Grant(EndCause::Revoked) => "the client revoked it",
            Dead::Grant(EndCause::DeletedByOperator) => "an operator deleted it",
            Dead::User => "the user was disabled or deleted, or has a new password",
            Dead::Client => "the client was disabled or deleted, or authenticates otherwise now",
            Dead::Consent => "the user's consent to the client was withdrawn",
            Dead::BrowserSession => "the user signed out, or the session is over",
            Dead::ClientSession => "the user signed out of the application",
        })
    }
}

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
pub(super) fn end<O>(
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
