//! `response_mode`: how an authorization response travels ([OAuth 2.0 Multiple Response Types 2.1],
//! [Form Post Response Mode]).
//!
//! [OAuth 2.0 Multiple Response Types 2.1]: https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes
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

    /// The mode of a request that names none: `query` for `code` and `none`, `fragment` for every type
    /// that returns a token from the authorization endpoint.
    pub fn default_for(response_type: ResponseType) -> Self {
        if response_type.returns_token() {
            Self::Fragment
        } else {
            Self::Query
        }
    }

    /// The mode to answer in. A token must not travel in a query (Multiple Response Types 3 and 5), so that
    /// combination is refused.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseModeFault {
    #[error("response_mode is none of query, fragment and form_post")]
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
