//! JWT access tokens ([RFC 9068]): their claims, and the checks that a resource makes.
//!
//! A signature says nothing of revocation. The provider's own endpoints and the gateway ask
//! the grant store as well; a resource that only verifies accepts a token until its `exp`.
//!
//! [RFC 9068]: https://www.rfc-editor.org/rfc/rfc9068

mod verify;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::audience::Audience;
use crate::scope::Scope;

pub use verify::{
    AccessTokenExpectation, AccessTokenFault, VerifiedAccessToken, verify_jwt_access_token,
};

/// The `typ` of a JWT access token (RFC 9068, section 2.1).
pub const ACCESS_TOKEN_TYP: &str = "at+jwt";

/// The claims of RFC 9068, section 2.2. Times are Unix seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    #[serde(deserialize_with = "crate::numeric_date::required")]
    pub exp: i64,
    #[serde(deserialize_with = "crate::numeric_date::required")]
    pub iat: i64,
    pub jti: String,
    pub client_id: String,
    /// Absent where the request named none and none was granted (2.2.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// 2.2.1: when and how the user was authenticated.
    #[serde(
        default,
        deserialize_with = "crate::numeric_date::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The key that the token is bound to (RFC 7800).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Value>,
    /// Any other claim: the grant's id, groups and roles (2.2.3.1).
    #[serde(flatten)]
    pub other: Map<String, Value>,
}
