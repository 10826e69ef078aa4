//! Authentication context classes: how sure it is who signed in ([OpenID Connect Core, section 2],
//! `acr`; `phr` and `phrh` of [OpenID Connect EAP ACR Values]).
//!
//! [OpenID Connect Core, section 2]: https://openid.net/specs/openid-connect-core-1_0.html#IDToken
//! [OpenID Connect EAP ACR Values]: https://openid.net/specs/openid-connect-eap-acr-values-1_0.html

use serde::{Deserialize, Serialize};

/// One factor, such as a password.
pub const ONE_FACTOR: &str = "1";
/// Two factors of different kinds.
pub const TWO_FACTORS: &str = "2";

/// The class that the authentication methods amount to (RFC 8176, section 2: `mfa` means that
/// several factors were used).
#[must_use]
pub fn acr_of<T: AsRef<str>>(amr: &[T]) -> &'static str {
    match amr.iter().any(|method| method.as_ref() == "mfa") {
        true => TWO_FACTORS,
        false => ONE_FACTOR,
    }
}

/// The classes that a client asks for, in order of preference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedAcr {
    pub values: Vec<String>,
    /// Whether the sign-in fails without one of them (OpenID Connect Core, section 5.5.1.1).
    pub essential: bool,
}

impl RequestedAcr {
    /// The values of `acr_values`, which are voluntary (OpenID Connect Core, section 3.1.2.1).
    /// `None` if there are none.
    #[must_use]
    pub fn voluntary<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let words = words.into_iter().filter(|word| !word.is_empty());
        let values: Vec<String> = words.map(str::to_owned).collect();
        (!values.is_empty()).then_some(Self {
            values,
            essential: false,
        })
    }

    /// Whether a sign-in of this class satisfies the request. Two factors include one.
    #[must_use]
    pub fn takes(&self, acr: Option<&str>) -> bool {
        let is_met = |wanted: &String| {
            acr == Some(wanted.as_str()) || acr == Some(TWO_FACTORS) && wanted == ONE_FACTOR
        };
        !self.essential || self.values.is_empty() || self.values.iter().any(is_met)
    }
}
