//! `response_mode`: how an authorization response travels ([OAuth 2.0 Multiple Response Types,
//! section 2.1]; [Form Post Response Mode]).
//!
//! [OAuth 2.0 Multiple Response Types, section 2.1]: https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes
//! [Form Post Response Mode]: https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html

use serde::{Deserialize, Serialize};

use crate::response_type::ResponseType;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl ResponseMode {
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// The mode of a request that names none: `query` for `code` and `none`, `fragment` for every
    /// type that returns a token from the authorization endpoint.
    pub fn default_for(response_type: ResponseType) -> Self {
        if response_type.returns_token() {
            Self::Fragment
        } else {
            Self::Query
        }
    }

    /// The mode of a successful response. A token must not travel in a query (Multiple Response
    /// Types, sections 3 and 5), so that combination is refused.
    ///
    /// # Errors
    /// Returns a [`ResponseModeFault`].
    pub fn choose(
        requested: Option<&str>,
        response_type: ResponseType,
    ) -> Result<Self, ResponseModeFault> {
        let Some(name) = requested else {
            return Ok(Self::default_for(response_type));
        };
        match Self::parse(name).ok_or(ResponseModeFault::Unknown)? {
            Self::Query if response_type.returns_token() => Err(ResponseModeFault::TokenInQuery),
            mode => Ok(mode),
        }
    }
}

/// The mode of an error response, which is sent even if the request's own `response_type` or
/// `response_mode` is the fault. "Both successful and error responses SHOULD be returned using the
/// supplied Response Mode, or if none is supplied, using the default Response Mode" (Multiple
/// Response Types, sections 2.1 and 5):
///
/// 1. the requested mode, if it is among the `offered` ones and may be used with the response type;
/// 2. else the default of the response type, if that is known, be it supported here or not;
/// 3. else `query`, in which RFC 6749, section 4.1.2.1, returns errors.
#[must_use]
pub fn response_mode_for_error(
    response_mode: Option<&str>,
    response_type: Option<&str>,
    offered: &[ResponseMode],
) -> ResponseMode {
    let response_type = response_type.and_then(ResponseType::parse);
    let default = response_type.map_or(ResponseMode::Query, ResponseMode::default_for);
    match response_mode.and_then(ResponseMode::parse) {
        // Section 5: with a type that returns a token "the query encoding MUST NOT be used".
        Some(ResponseMode::Query) => default,
        Some(requested) if offered.contains(&requested) => requested,
        _ => default,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseModeFault {
    #[error("response_mode is not query, fragment or form_post")]
    Unknown,
    #[error("response_mode=query can't carry a token; use fragment or form_post")]
    TokenInQuery,
}

impl ResponseModeFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "response_mode_unknown",
            Self::TokenInQuery => "response_mode_token_in_query",
        }
    }
}
