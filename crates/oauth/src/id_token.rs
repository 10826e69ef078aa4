//! The ID token: what it says ([OpenID Connect Core, section 2]), the hashes that tie it to a code
//! or an access token, and the checks of a received one ([OpenID Connect Core, section 3.1.3.7]).
//!
//! [OpenID Connect Core, section 2]: https://openid.net/specs/openid-connect-core-1_0.html#IDToken
//! [OpenID Connect Core, section 3.1.3.7]: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation

mod expectation;
mod fault;
mod hint;
mod verify;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::audience::Audience;

pub use expectation::{IdTokenExpectation, NonceRule};
pub use fault::IdTokenFault;
pub use hint::{IdTokenHint, verify_id_token_hint};
pub use verify::{VerifiedIdToken, verify_id_token};

/// The claims of an ID token. Times are Unix seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    #[serde(deserialize_with = "crate::numeric_date::required")]
    pub exp: i64,
    #[serde(deserialize_with = "crate::numeric_date::required")]
    pub iat: i64,
    #[serde(
        default,
        deserialize_with = "crate::numeric_date::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The client session (OIDC Back-Channel Logout, section 2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Claims about the user, and any others.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The `typ` of the ID tokens that we sign. OIDC requires none; `JWT` is what RFC 7519, section
/// 5.1, recommends.
pub const ID_TOKEN_TYP: &str = "JWT";

/// The value of `at_hash` or `c_hash`: the left half of the hash of the ASCII text, in base64url.
/// The hash is that of the ID token's algorithm; for EdDSA with Ed25519 it is SHA-512 (OIDC Core,
/// sections 3.1.3.6 and 3.3.2.11).
pub fn left_half_hash(alg: SignatureAlgorithm, value: &str) -> String {
    base64url::encode(alg.half_hash(value.as_bytes()))
}
