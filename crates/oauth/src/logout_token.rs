//! Logout tokens (OpenID Connect Back-Channel Logout, section 2.4): what a provider sends to an
//! application whose user's session has ended.

use std::collections::BTreeMap;

use serde::Serialize;

/// The type in the header, so that no other kind of token is taken for a logout token, nor a logout
/// token for another kind (Back-Channel Logout, section 2.4; RFC 8725, section 3.11).
pub const LOGOUT_TOKEN_TYP: &str = "logout+jwt";

/// The member of `events` that says what the token is.
pub const BACKCHANNEL_LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long a logout token is valid: "preferably at most two minutes in the future" (Back-Channel
/// Logout, section 2.4).
pub const LOGOUT_TOKEN_LIFETIME_SECONDS: i64 = 120;

/// The claims of a logout token. There is no `nonce`: it is prohibited, so that a logout token is
/// no ID token.
#[derive(Debug, Clone, Serialize)]
pub struct LogoutTokenClaims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    /// The one client that it is for.
    pub aud: &'a str,
    pub iat: i64,
    pub exp: i64,
    /// The same in every repetition, by which the receiver recognises one.
    pub jti: &'a str,
    /// Always there: without it the token would mean every session of the user at the client.
    pub sid: &'a str,
    events: BTreeMap<&'static str, Nothing>,
}

/// `{}`
#[derive(Debug, Clone, Copy, Serialize)]
struct Nothing {}

impl<'a> LogoutTokenClaims<'a> {
    /// A token that is valid from `now` on, in Unix seconds.
    #[must_use]
    pub fn new(
        iss: &'a str,
        aud: &'a str,
        (sub, sid): (&'a str, &'a str),
        jti: &'a str,
        now: i64,
    ) -> LogoutTokenClaims<'a> {
        LogoutTokenClaims {
            iss,
            sub,
            aud,
            iat: now,
            exp: now.saturating_add(LOGOUT_TOKEN_LIFETIME_SECONDS),
            jti,
            sid,
            events: BTreeMap::from([(BACKCHANNEL_LOGOUT_EVENT, Nothing {})]),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The claims of the example in Back-Channel Logout, section 2.4.
    #[test]
    fn the_claims_are_those_of_the_specification() {
        let claims = LogoutTokenClaims::new(
            "https://server.example.com",
            "s6BhdRkqt3",
            ("248289761001", "08a5019c-17e1-4977-8f42-65a12843ea02"),
            "bWJq",
            1_471_566_154,
        );
        let expected = json!({
            "iss": "https://server.example.com",
            "sub": "248289761001",
            "aud": "s6BhdRkqt3",
            "iat": 1_471_566_154,
            "exp": 1_471_566_274,
            "jti": "bWJq",
            "sid": "08a5019c-17e1-4977-8f42-65a12843ea02",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        assert_eq!(serde_json::to_value(&claims).expect("JSON"), expected);
    }
}
