//! Claims about the user, from the provider ([OpenID Connect Core, section 5.3]).
//!
//! Signed responses (`application/jwt`) are not read yet: they come only to clients that registered
//! for them.
//!
//! [OpenID Connect Core, section 5.3]: https://openid.net/specs/openid-connect-core-1_0.html#UserInfo

use std::fmt;

use countersign_fetch::http::StatusCode;
use countersign_fetch::http::header::{ACCEPT, AUTHORIZATION, WWW_AUTHENTICATE};
use countersign_fetch::{FetchError, Request, Response};
use countersign_jose::json::{self, JsonError};
use serde_json::{Map, Value};

use crate::client::Client;
use crate::secret::AccessToken;

impl Client {
    /// Fetches the claims of the user whom the ID token names.
    ///
    /// # Errors
    /// Returns a [`UserinfoError`]. A response about anyone but `subject` is refused: it MUST NOT
    /// be used (OpenID Connect Core, section 5.3.2).
    pub async fn userinfo(
        &self,
        access_token: &AccessToken,
        subject: &str,
    ) -> Result<UserInfo, UserinfoError> {
        let url = self
            .endpoints
            .userinfo
            .clone()
            .ok_or(UserinfoError::NoUserinfoEndpoint)?;
        let request = Request::get(url)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, &format!("Bearer {}", access_token.reveal()));
        let response = self.fetcher.send(request).await?;
        if response.status != StatusCode::OK {
            return Err(refusal(&response));
        }
        match response.media_type().as_deref() {
            Some("application/json") => {}
            Some("application/jwt") => return Err(UserinfoError::Signed),
            _ => return Err(UserinfoError::NotJson),
        }
        let claims = json::parse_object(&response.body)?;
        let received = claims.get("sub").and_then(Value::as_str);
        if received.ok_or(UserinfoError::SubjectMissing)? != subject {
            return Err(UserinfoError::SubjectMismatch);
        }
        Ok(UserInfo { claims })
    }
}

fn refusal(response: &Response) -> UserinfoError {
    let challenge = response
        .headers
        .get(WWW_AUTHENTICATE)
        .and_then(|value| value.to_str().ok());
    UserinfoError::Refused {
        status: response.status.as_u16(),
        challenge: challenge.map(|text| text.chars().take(500).collect()),
    }
}

/// Claims about the user whom the ID token names. `Debug` shows only their names.
#[derive(Clone, PartialEq)]
pub struct UserInfo {
    claims: Map<String, Value>,
}

impl UserInfo {
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

impl fmt::Debug for UserInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UserInfo")?;
        formatter.debug_set().entries(self.claims.keys()).finish()
    }
}

/// Why there are no claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserinfoError {
    #[error("the provider's metadata has no userinfo_endpoint")]
    NoUserinfoEndpoint,
    #[error("userinfo could not be fetched: {0}")]
    Fetch(#[from] FetchError),
    /// Mostly 401 with the cause in `WWW-Authenticate` (RFC 6750, section 3): the token expired, or
    /// was ended.
    #[error("userinfo returned {status}, {}", challenge.as_deref().unwrap_or("without a challenge"))]
    Refused {
        status: u16,
        challenge: Option<String>,
    },
    #[error("userinfo returned a signed token, which this client didn't register for")]
    Signed,
    #[error("userinfo returned something other than application/json")]
    NotJson,
    #[error("userinfo returned JSON that can't be read: {0}")]
    Malformed(#[from] JsonError),
    #[error("userinfo has no sub")]
    SubjectMissing,
    #[error("userinfo is about someone other than the ID token")]
    SubjectMismatch,
}

impl UserinfoError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoUserinfoEndpoint => "userinfo_no_endpoint",
            Self::Fetch(error) => error.code(),
            Self::Refused { .. } => "userinfo_refused",
            Self::Signed => "userinfo_signed",
            Self::NotJson => "userinfo_not_json",
            Self::Malformed(_) => "userinfo_malformed",
            Self::SubjectMissing => "userinfo_sub_missing",
            Self::SubjectMismatch => "userinfo_sub_mismatch",
        }
    }
}
