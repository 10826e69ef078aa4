//! Signature algorithms of the provider's own keys.

use std::fmt;
use std::str::FromStr;

use countersign_jose::alg::SignatureAlgorithm;

use countersign_settings::{Kind, Setting, written_as_text};

/// A public-key signature algorithm. An HMAC key is shared with the verifier; the keys here are the
/// provider's alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningAlgorithm(SignatureAlgorithm);

impl SigningAlgorithm {
    pub const RS256: Self = Self(SignatureAlgorithm::RS256);
    pub const PS256: Self = Self(SignatureAlgorithm::PS256);
    pub const ES256: Self = Self(SignatureAlgorithm::ES256);
    pub const EDDSA: Self = Self(SignatureAlgorithm::EdDSA);
}

impl FromStr for SigningAlgorithm {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        name.parse()
            .ok()
            .filter(|algorithm: &SignatureAlgorithm| !algorithm.is_symmetric())
            .map(Self)
            .ok_or_else(|| {
                format!("{name} is not a public-key signature algorithm, such as RS256, PS256, ES256 or EdDSA.")
            })
    }
}

impl From<SigningAlgorithm> for SignatureAlgorithm {
    fn from(algorithm: SigningAlgorithm) -> Self {
        algorithm.0
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Setting for SigningAlgorithm {
    const KIND: Kind = Kind::Text;
}

written_as_text!(SigningAlgorithm);
