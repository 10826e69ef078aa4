//! A successful response of the token endpoint ([RFC 6749, section 5.1], OpenID Connect Core,
//! section 3.1.3.3).
//!
//! [RFC 6749, section 5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1

use countersign_oauth::scope::Scope;
use serde_json::{Map, Value};

use super::TokenError;
use crate::id_token::IdToken;
use crate::secret::{AccessToken, RefreshToken};

/// What a grant was exchanged for.
#[derive(Clone, Debug)]
pub struct TokenSet {
    /// A bearer token (RFC 6750).
    pub access_token: AccessToken,
    /// When the access token ends, in Unix seconds by this machine's clock; `None` if the provider
    /// didn't say.
    pub expires_at: Option<i64>,
    /// After a refresh: the one to use next, which may be the old one.
    pub refresh_token: Option<RefreshToken>,
    /// What was granted. `None`: what was asked for (RFC 6749, section 5.1).
    pub scope: Option<Scope>,
    /// Who signed in. There whenever `openid` was asked for, but after a refresh only if the
    /// provider sent one.
    pub id_token: Option<IdToken>,
}

/// The members of a response, each of the right type; the ID token not verified yet.
pub(super) struct TokenResponse {
    pub(super) access_token: AccessToken,
    pub(super) expires_at: Option<i64>,
    pub(super) refresh_token: Option<RefreshToken>,
    pub(super) scope: Option<Scope>,
    pub(super) id_token: Option<String>,
}

impl TokenResponse {
    pub(super) fn read(mut members: Map<String, Value>, now: i64) -> Result<Self, TokenError> {
        let mut text = |member: &'static str| match members.remove(member) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(TokenError::MalformedMember { member }),
        };
        let access_token = required("access_token", text("access_token")?)?;
        let token_type = required("token_type", text("token_type")?)?;
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(TokenError::UnsupportedTokenType {
                received: token_type,
            });
        }
        let refresh_token = text("refresh_token")?.filter(|token| !token.is_empty());
        let scope = text("scope")?
            .map(|scope| Scope::parse(&scope))
            .transpose()?;
        let id_token = text("id_token")?;
        Ok(Self {
            access_token: AccessToken::new(access_token),
            expires_at: lifetime(&members)?.map(|seconds| now.saturating_add(seconds)),
            refresh_token: refresh_token.map(RefreshToken::new),
            scope,
            id_token,
        })
    }

    pub(super) fn into_tokens(self, id_token: Option<IdToken>) -> TokenSet {
        TokenSet {
            access_token: self.access_token,
            expires_at: self.expires_at,
            refresh_token: self.refresh_token,
            scope: self.scope,
            id_token,
        }
    }
}

fn required(member: &'static str, text: Option<String>) -> Result<String, TokenError> {
    text.filter(|text| !text.is_empty())
        .ok_or(TokenError::MissingMember { member })
}

/// `expires_in` is a number; some providers write it as a text of digits.
fn lifetime(members: &Map<String, Value>) -> Result<Option<i64>, TokenError> {
    let seconds = match members.get("expires_in") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(digits)) => digits.parse().ok(),
        Some(_) => None,
    };
    match seconds {
        Some(seconds) if seconds >= 0 => Ok(Some(seconds)),
        _ => Err(TokenError::MalformedMember {
            member: "expires_in",
        }),
    }
}
