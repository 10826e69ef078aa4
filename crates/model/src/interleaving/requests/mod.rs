//! The requests and their steps. Each step is atomic in the store; anything may happen before the
//! next.
//!
//! | request | steps |
//! |---|---|
//! | sign-in | read the user's epoch and status; verify the password; write the browser session, read consent and client; issue the code; respond |
//! | continue | read the browser session with what it handed down, consent and client; issue the code; respond |
//! | redeem | act; compare the epochs, in any order; respond |
//! | refresh | read the grant and its epochs; act; compare the epochs, in any order; respond |
//! | check | read the grant, the denylist, each epoch, in any order; respond |
//! | new password | write the hash; replace the user's epoch; respond |
//! | ending | replace the epoch, or mark the row, or write to the denylist; respond |
//!
//! In process an act is one step. A shared engine reads and decides, then commits.

mod steps;

use crate::acts::{ClientId, Epoch, Outcome, Proof, Under};
use crate::grant::Grant;
use crate::interleaving::engine::{ActId, Commit};
use crate::interleaving::scenarios::USER;
use crate::interleaving::sign_in::{Consent, Verified};
use crate::state::Parent;

/// What a racer was asked to do with the scenario's grant. Secrets are right ones that someone has
/// received; the client may be any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Request {
    /// Password, consent and code in one, for the authorization whose id is the grant's.
    SignIn {
        under: Under,
        consent: Consent,
        password: u8,
    },
    /// The same authorization, finished on the strength of the browser session.
    Continue,
    Redeem {
        code: u32,
        client: ClientId,
        proof: Proof,
    },
    /// `faulty`: something else in the request is wrong, such as a scope that is too wide.
    Refresh {
        token: u32,
        client: ClientId,
        faulty: bool,
    },
    Check {
        access_token: u32,
    },
    Deny {
        access_token: u32,
    },
    EndGrant {
        client: ClientId,
    },
    End(Parent),
    /// Ends each grant with an unused code. Codes below `known` had been handed out before.
    DeleteCodes {
        known: u32,
    },
    /// Writes the record without changing what it says.
    Upkeep,
    /// Deletes the record if nothing can be made of it any more.
    Collect,
    /// The user allows the client less than before.
    Narrow,
    ChangePassword,
    Disable,
}

/// A request that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InFlight {
    pub request: Request,
    /// When it began; seconds. Every act of it carries this instant, however late it comes.
    pub now: i64,
    /// The id of its act in a shared engine.
    pub act: ActId,
    /// An ending that covers its grant returned before the request began, or before its act was
    /// carried out: it must not be accepted.
    pub late: bool,
    /// Its act was carried out after its response had been lost.
    pub arrived: bool,
    pub progress: Progress,
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Progress {
    Begun,
    /// Sign-in: the user's epoch was read and the password comes next.
    EpochRead {
        user: Epoch,
    },
    /// Sign-in: the password was right.
    PasswordVerified {
        user: Epoch,
    },
    /// Sign-in and continue: the user may have a code.
    Consented {
        verified: Verified,
    },
    /// Refresh: the grant was found alive and allowed this much. The row is remembered by those
    /// only that (wrongly) act on what they remember.
    Found {
        scope: u8,
        remembered: Option<Box<Grant>>,
    },
    /// Shared engine: decided on what was read, and about to be sent.
    Committing(Box<Commit>),
    /// Shared engine: another act came first.
    Conflicted {
        verified: Option<Verified>,
    },
    /// Shared engine: sent, and the response is lost.
    Unsure(Box<Commit>),
    /// The act has given `outcome`, which holds if the reads that are still out find nothing ended.
    /// A bit per read.
    Comparing {
        outcome: Outcome,
        unread: u8,
    },
    /// New password: the hash is written, the ending comes next.
    HashWritten,
    /// New password: the ending was sent and its response is lost. It is sent again.
    Resending,
    /// Only returning is left.
    Responding {
        reply: Reply,
        code: Option<u32>,
    },
    /// An ending that returned before it was carried out: a bug.
    ReturnedTooEarly,
}

/// What a request returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reply {
    /// What the act returned.
    Returned(Outcome),
    /// The request's own fault, held back until the token itself was found good.
    Fault,
    /// Neither yes nor no: the act's fate is unknown (503).
    Contended,
}

impl InFlight {
    /// What it is about to return.
    pub fn reply(&self) -> Option<Reply> {
        match self.progress {
            Progress::Responding { reply, .. } => Some(reply),
            _ => None,
        }
    }

    /// The outcome that it is about to return.
    pub fn outcome(&self) -> Option<Outcome> {
        match self.reply() {
            Some(Reply::Returned(outcome)) => Some(outcome),
            _ => None,
        }
    }

    /// Whether its next step is a write whose response can be lost.
    pub(in crate::interleaving) fn is_writing(&self) -> bool {
        matches!(
            self.progress,
            Progress::Committing(_) | Progress::HashWritten
        )
    }
}

/// The only user's record.
pub(in crate::interleaving) const USER_RECORD: Parent = Parent::User(USER);

pub(in crate::interleaving) fn responding(outcome: Outcome) -> Progress {
    Progress::Responding {
        reply: Reply::Returned(outcome),
        code: None,
    }
}
