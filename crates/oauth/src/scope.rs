//! `scope`: an ordered set of scope tokens ([RFC 6749, section 3.3]).
//!
//! A token is printable ASCII without `"` and `\`. The grammar puts one space between tokens; more
//! of them, and spaces at either end, are read as one, as in `prompt`: they name no token, so the
//! meaning is the same, and a client must not lose a sign-in over them. [`Scope`] is always written
//! with one. A set remembers the order in which it was asked for, but two sets of the same tokens
//! are equal.
//!
//! [RFC 6749, section 3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub const OPENID: &str = "openid";
pub const PROFILE: &str = "profile";
pub const EMAIL: &str = "email";
pub const ADDRESS: &str = "address";
pub const PHONE: &str = "phone";
/// OpenID Connect Core, section 11: asks for a refresh token that outlives the browser session.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// The scopes that OIDC Core defines (5.4, 11).
pub const STANDARD: [&str; 6] = [OPENID, PROFILE, EMAIL, ADDRESS, PHONE, OFFLINE_ACCESS];

/// The maximum number of tokens in one set.
pub const MAX_TOKENS: usize = 100;
/// The maximum in a set that is read back from JSON: a union of several requests.
const MAX_STORED_TOKENS: usize = 1_000;
/// The longest token, in bytes.
pub const MAX_TOKEN_BYTES: usize = 256;

#[derive(Clone, Debug, Default)]
pub struct Scope {
    tokens: Vec<String>,
}

impl Scope {
    /// The empty scope.
    pub const EMPTY: Self = Self { tokens: Vec::new() };

    /// Reads a space-separated list. A text without tokens is the empty set: parameters sent empty
    /// count as omitted. A token that is named twice counts once.
    ///
    /// # Errors
    /// Returns a [`ScopeFault`] for a token outside of the grammar or beyond a limit.
    pub fn parse(text: &str) -> Result<Self, ScopeFault> {
        Self::parse_within(text, MAX_TOKENS)
    }

    fn parse_within(text: &str, limit: usize) -> Result<Self, ScopeFault> {
        let mut scope = Self::default();
        for token in text.split(' ').filter(|token| !token.is_empty()) {
            scope.insert_within(token, limit)?;
        }
        Ok(scope)
    }

    /// Collects single tokens.
    ///
    /// # Errors
    /// Returns a [`ScopeFault`] for a token outside of the grammar or beyond a limit.
    pub fn from_tokens<T: AsRef<str>>(
        tokens: impl IntoIterator<Item = T>,
    ) -> Result<Self, ScopeFault> {
        let mut scope = Self::default();
        for token in tokens {
            scope.insert(token.as_ref())?;
        }
        Ok(scope)
    }

    /// Adds one token; a token already there stays where it is.
    ///
    /// # Errors
    /// Returns a [`ScopeFault`] for a token outside of the grammar or beyond a limit.
    pub fn insert(&mut self, token: &str) -> Result<(), ScopeFault> {
        self.insert_within(token, MAX_TOKENS)
    }

    fn insert_within(&mut self, token: &str, limit: usize) -> Result<(), ScopeFault> {
        check_token(token)?;
        if self.contains(token) {
            return Ok(());
        }
        if self.tokens.len() >= limit {
            return Err(ScopeFault::TooMany);
        }
        self.tokens.push(token.to_owned());
        Ok(())
    }

    pub fn contains(&self, token: &str) -> bool {
        self.tokens.iter().any(|held| held == token)
    }

    /// Whether every token of this set is in the other: what a refresh may ask for (RFC 6749,
    /// section 6).
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.tokens.iter().all(|token| other.contains(token))
    }

    /// The tokens of both, in the order of this one.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.filtered(|token| other.contains(token))
    }

    /// The tokens that are not in the other, in the order of this one.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.filtered(|token| !other.contains(token))
    }

    /// The tokens of either, this one's first. Two full sets may together exceed what
    /// `parse` takes; stored sets are read back within a wider limit.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut tokens = self.tokens.clone();
        tokens.extend(other.difference(self).tokens);
        Self { tokens }
    }

    /// This set without one token.
    #[must_use]
    pub fn without(&self, token: &str) -> Self {
        self.filtered(|held| held != token)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self {
            tokens: self
                .tokens
                .iter()
                .filter(|token| keep(token))
                .cloned()
                .collect(),
        }
    }
}

/// `scope-token = 1*NQCHAR`, where `NQCHAR = %x21 / %x23-5B / %x5D-7E`.
fn check_token(token: &str) -> Result<(), ScopeFault> {
    if token.is_empty() {
        return Err(ScopeFault::EmptyToken);
    }
    if token.len() > MAX_TOKEN_BYTES {
        return Err(ScopeFault::TokenTooLong);
    }
    let nqchar = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    if !token.bytes().all(nqchar) {
        return Err(ScopeFault::ForbiddenCharacter);
    }
    Ok(())
}

/// Why a text is no scope. All of them are `invalid_scope` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeFault {
    #[error("a scope token is empty")]
    EmptyToken,
    #[error(
        "a scope token contains a character outside of printable ASCII, or a quote or backslash"
    )]
    ForbiddenCharacter,
    #[error("a scope token is longer than {MAX_TOKEN_BYTES} bytes")]
    TokenTooLong,
    #[error("more than {MAX_TOKENS} scope tokens")]
    TooMany,
}

impl ScopeFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyToken => "scope_empty_token",
            Self::ForbiddenCharacter => "scope_forbidden_character",
            Self::TokenTooLong => "scope_token_too_long",
            Self::TooMany => "scope_too_many_tokens",
        }
    }
}

/// The order carries no meaning (RFC 6749, section 3.3).
impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.is_subset_of(other)
    }
}

impl Eq for Scope {}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.tokens.join(" "))
    }
}

impl FromStr for Scope {
    type Err = ScopeFault;

    fn from_str(text: &str) -> Result<Self, ScopeFault> {
        Self::parse(text)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_within(&text, MAX_STORED_TOKENS).map_err(serde::de::Error::custom)
    }
}
