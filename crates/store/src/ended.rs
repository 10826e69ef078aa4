//! What has ended: a grant, by an act on itself, or something above it.

use std::fmt;

use crate::ActId;

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
    CodeInvalidated,
    /// A rotated refresh token was presented again (RFC 9700, section 4.14.2).
    RefreshTokenReused,
    /// The client revoked it (RFC 7009, section 2.1).
    Revoked,
    /// An operator deleted it.
    DeletedByOperator,
    /// Its user revoked it.
    RevokedByUser,
}

impl EndCause {
    pub const ALL: [EndCause; 6] = [
        EndCause::CodeReplayed,
        EndCause::CodeInvalidated,
        EndCause::RefreshTokenReused,
        EndCause::Revoked,
        EndCause::DeletedByOperator,
        EndCause::RevokedByUser,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            EndCause::CodeReplayed => "code_replayed",
            EndCause::CodeInvalidated => "code_invalidated",
            EndCause::RefreshTokenReused => "refresh_token_reused",
            EndCause::Revoked => "revoked",
            EndCause::DeletedByOperator => "deleted_by_operator",
            EndCause::RevokedByUser => "revoked_by_user",
        }
    }

    /// Reads the text of a row.
    pub fn parse(text: &str) -> Option<EndCause> {
        EndCause::ALL
            .into_iter()
            .find(|cause| cause.as_str() == text)
    }
}

/// What has ended: the grant itself, or a parent whose epoch has changed or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhatEnded {
    Grant(EndCause),
    User,
    Client,
    Consent,
    BrowserSession,
    ClientSession,
}

impl fmt::Display for WhatEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WhatEnded::Grant(EndCause::CodeReplayed) => "its code was presented twice",
            WhatEnded::Grant(EndCause::CodeInvalidated) => {
                "its code was presented with a wrong proof"
            }
            WhatEnded::Grant(EndCause::RefreshTokenReused) => {
                "a used refresh token was presented again"
            }
            WhatEnded::Grant(EndCause::Revoked) => "the client revoked it",
            WhatEnded::Grant(EndCause::DeletedByOperator) => "an operator deleted it",
            WhatEnded::Grant(EndCause::RevokedByUser) => "its user revoked it",
            WhatEnded::User => "the user was disabled or deleted, or has a new password",
            WhatEnded::Client => {
                "the client was disabled or deleted, or authenticates otherwise now"
            }
            WhatEnded::Consent => "the user's consent to the client was withdrawn",
            WhatEnded::BrowserSession => "the user signed out, or the session is over",
            WhatEnded::ClientSession => "the user signed out of the application",
        })
    }
}
