//! The `sub` by which a client knows a user (OpenID Connect Core, section 8).
//!
//! A user has one `sub` in the store, which the server uses internally. A client with pairwise
//! subjects gets another one, which it shares with all clients of its sector and no others. The
//! client sees only that `sub`: in ID tokens, userinfo, logout tokens, JWT access tokens, and
//! introspection responses for its tokens. A `sub` that comes back is compared with the one that
//! the client got. No user is looked up by it.

use std::borrow::Cow;

use countersign_jose::base64url;
use countersign_jose::digest::HmacSha256;
use serde::{Deserialize, Serialize};

use crate::clients::Registered;

/// Derives the subjects of clients. The key belongs to the store and never changes.
#[derive(Debug, Clone)]
pub struct Subjects(HmacSha256);

impl Subjects {
    pub(crate) fn new(pairwise_key: &[u8]) -> Subjects {
        Subjects(HmacSha256::new(pairwise_key))
    }

    /// The user's `sub` as the client knows it.
    pub fn at<'a>(&self, client: &Registered, sub: &'a str) -> Cow<'a, str> {
        self.in_sector(client.sector.as_deref(), sub)
    }

    /// Whether a `sub` that came back names this user.
    pub fn names(&self, named: &NamedSubject, sub: &str) -> bool {
        self.in_sector(named.sector.as_deref(), sub) == named.sub
    }

    /// OpenID Connect Core, section 8.1: a pairwise subject is always the same for a sector and a
    /// user, differs between sectors and users, and can't be reversed by others. A MAC has these
    /// properties.
    fn in_sector<'a>(&self, sector: Option<&str>, sub: &'a str) -> Cow<'a, str> {
        let Some(sector) = sector else {
            return Cow::Borrowed(sub);
        };
        // The host is ASCII and has no NUL, so the two parts are unambiguous.
        let message = [sector.as_bytes(), b"\0", sub.as_bytes()].concat();
        let tag = self.0.tag(&message);
        let (half, _) = tag.split_at(SUBJECT_BYTES);
        Cow::Owned(base64url::encode(half))
    }
}

/// As long as the `sub` of an account.
const SUBJECT_BYTES: usize = 16;

/// A `sub` that came back, in an `id_token_hint` or the `claims` parameter, and its sector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedSubject {
    sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sector: Option<String>,
}

impl NamedSubject {
    /// A `sub` that `client` got. `None` for a client that no longer exists, which is treated as
    /// one without pairwise subjects.
    pub fn told_to(client: Option<&Registered>, sub: &str) -> NamedSubject {
        NamedSubject {
            sub: sub.to_owned(),
            sector: client.and_then(|client| client.sector.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Subjects;

    /// A test vector of our own, since the subjects that applications have stored must not change.
    /// Computed with another implementation: HMAC-SHA-256 of `app.example`, NUL and `alice`.
    #[test]
    fn a_pairwise_subject_is_what_it_always_was() {
        let subjects = Subjects::new(&[7; 32]);
        let told = subjects.in_sector(Some("app.example"), "alice");
        assert_eq!(told, "KoXM0BftX1YJDKbzioTFEA");
        assert_eq!(subjects.in_sector(None, "alice"), "alice");
    }

    #[test]
    fn sector_and_user_are_not_mistaken() {
        let subjects = Subjects::new(&[7; 32]);
        let one = subjects.in_sector(Some("a.example"), "b");
        let other = subjects.in_sector(Some("a.exampl"), "eb");
        assert_ne!(one, other);
    }
}
