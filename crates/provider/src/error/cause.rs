//! A cause: what happened, under a name that is stable in logs and documentation.
//!
//! Each area of the provider declares its causes beside its code with [`causes!`]; [`super::all`]
//! gathers them, and `docs/errors.md` and the pages under `/errors/` are made from them.

use countersign_oauth::error_code::ErrorCode;

/// One cause, with everything that is to be said about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Stable, snake case.
    pub name: &'static str,
    /// The code on the wire; the RFC's.
    pub code: ErrorCode,
    pub exposure: Exposure,
    /// The rule, with its section.
    pub rule: &'static str,
    pub received: &'static str,
    pub expected: &'static str,
    pub fix: &'static str,
}

/// Whether the client may be told the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// A fault in the request's own shape: telling it helps whoever writes the client and tells
    /// nobody anything about users, grants or other clients.
    Shape,
    /// Only in the log, unless the operator explains errors.
    Hidden,
}

/// A reference to a cause; equal when it is the same cause.
pub type Cause = &'static Entry;

/// Declares an area's causes: an enum whose variants say what happened.
macro_rules! causes {
    (
        $(#[$doc:meta])*
        pub enum $Enum:ident {
            $($Variant:ident = $name:literal $code:ident $exposure:ident {
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

            pub fn entry(self) -> $crate::error::Cause {
                match self {
                    $($Enum::$Variant => {
                        static ENTRY: $crate::error::Entry = $crate::error::Entry {
                            name: $name,
                            code: countersign_oauth::error_code::ErrorCode::$code,
                            exposure: $crate::error::Exposure::$exposure,
                            rule: $rule,
                            received: $received,
                            expected: $expected,
                            fix: $fix,
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
pub(crate) use causes;
