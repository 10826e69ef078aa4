//! A cause: what happened, under a name that is stable in logs and documentation, with everything
//! that a response needs to know of it.
//!
//! Each area of a crate declares its causes in its `fault.rs` with [`causes!`](crate::causes). A
//! [`Catalogue`](crate::catalogue::Catalogue) gathers them, and `docs/errors.md` and the pages
//! under `/errors/` are made from it.

use countersign_oauth::error_code::ErrorCode;

use crate::pages::ErrorKind;
use crate::pages::error_kind::{INVALID_REQUEST, SERVER_FAULT, UNAVAILABLE};

/// One cause.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Stable, snake case.
    pub name: &'static str,
    /// The code on the wire; the RFC's.
    pub code: ErrorCode,
    pub exposure: Exposure,
    /// The HTTP status of a JSON response. A page has its kind's, a redirect none.
    pub status: u16,
    /// Which page says it, where a page does.
    pub page: ErrorKind,
    /// What a JSON response asks for.
    pub challenge: Challenge,
    /// Whether it is a sign of theft, and its log line a warning.
    pub alarming: bool,
    /// The rule, with its section.
    pub rule: &'static str,
    pub received: &'static str,
    pub expected: &'static str,
    pub fix: &'static str,
}

/// Whether the client may be told the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// A fault in the form of the request: naming it helps the client's developers and reveals
    /// nothing about users, grants or other clients.
    Shape,
    /// Only in the log, unless the operator explains errors.
    Hidden,
}

/// `WWW-Authenticate` (RFC 9110, section 11.6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    None,
    /// The client's own credentials (RFC 6749, section 5.2).
    Basic,
    /// An access token, with what is wrong with the one that was sent (RFC 6750, section 3).
    Bearer,
    /// An access token, and nothing more, not even in the body: none was sent (RFC 6750, section
    /// 3.1).
    BearerAlone,
}

/// A reference to a cause; equal when it is the same cause.
pub type Cause = &'static Entry;

impl Entry {
    /// A cause with what follows from its code alone.
    pub const fn of(name: &'static str, code: ErrorCode, exposure: Exposure) -> Entry {
        Entry {
            name,
            code,
            exposure,
            status: code.http_status(),
            page: match code {
                ErrorCode::ServerError => SERVER_FAULT,
                ErrorCode::TemporarilyUnavailable => UNAVAILABLE,
                _ => INVALID_REQUEST,
            },
            challenge: match code {
                ErrorCode::InvalidClient => Challenge::Basic,
                ErrorCode::InvalidToken | ErrorCode::InsufficientScope => Challenge::Bearer,
                _ => Challenge::None,
            },
            alarming: false,
            rule: "",
            received: "",
            expected: "",
            fix: "",
        }
    }

    /// A sign of theft: its log line is a warning.
    pub const fn alarming(self, alarming: bool) -> Entry {
        Entry { alarming, ..self }
    }

    /// With another HTTP status than the code's.
    pub const fn status(self, status: u16) -> Entry {
        Entry { status, ..self }
    }

    /// With another page than the code's.
    pub const fn page(self, page: ErrorKind) -> Entry {
        Entry { page, ..self }
    }

    /// With another challenge than the code's.
    pub const fn challenge(self, challenge: Challenge) -> Entry {
        Entry { challenge, ..self }
    }
}

/// Declares an area's causes: an enum whose variants say what happened. After the name come the
/// code and whether the client is told; then, if they do not follow from the code, the `status`,
/// the `page` (an [`ErrorKind`](crate::pages::ErrorKind) that is in scope) and the `challenge`;
/// last, whether it is `alarming`.
///
/// A crate that declares causes contributes them to the program's
/// [`Catalogue`](crate::catalogue::Catalogue).
#[macro_export]
macro_rules! causes {
    (
        $(#[$doc:meta])*
        pub enum $Enum:ident {
            $($Variant:ident = $name:literal $code:ident $exposure:ident
                $(status $status:literal)? $(page $page:ident)? $(challenge $challenge:ident)? $(alarming $alarming:literal)?
            {
                rule: $rule:literal,
                received: $received:literal,
                expected: $expected:literal,
                fix: $fix:literal $(,)?
            })*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $Enum { $(#[doc = $received] $Variant,)* }

        impl $Enum {
            /// Every cause of the area, in the order of its documentation.
            pub const ALL: &'static [$Enum] = &[$($Enum::$Variant,)*];

            /// Every cause of the area, for a catalogue.
            pub fn entries() -> impl Iterator<Item = $crate::error::Cause> {
                Self::ALL.iter().map(|cause| cause.entry())
            }

            /// What is known of the cause.
            pub fn entry(self) -> $crate::error::Cause {
                match self {
                    $($Enum::$Variant => {
                        static ENTRY: $crate::error::Entry = $crate::error::Entry {
                            rule: $rule,
                            received: $received,
                            expected: $expected,
                            fix: $fix,
                            ..$crate::error::Entry::of(
                                $name,
                                $crate::error::ErrorCode::$code,
                                $crate::error::Exposure::$exposure,
                            )
                            $(.status($status))?
                            $(.page($page))?
                            $(.challenge($crate::error::Challenge::$challenge))?
                            $(.alarming($alarming))?
                        };
                        &ENTRY
                    })*
                }
            }
        }

        impl From<$Enum> for $crate::error::Failure {
            fn from(cause: $Enum) -> $crate::error::Failure {
                $crate::error::Failure::new(cause.entry())
            }
        }
    };
}
