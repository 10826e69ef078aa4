//! Signature algorithms by their wire names (RFC 7518, section 3.1; RFC 8037, section 3.1; RFC
//! 8812, section 3.2).
//!
//! `none` is not a member of the enum, so no code path can choose it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A JWS `alg` that we sign and verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, salt of 32 bytes.
    PS256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384, salt of 48 bytes.
    PS384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512, salt of 64 bytes.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512.
    ES512,
    /// ECDSA on secp256k1 with SHA-256.
    ES256K,
    /// EdDSA on Ed25519; Ed448 is not supported. RFC 9864, section 2.2, names this `Ed25519`,
    /// which is read as well.
    EdDSA,
    /// HMAC with SHA-256.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    HS512,
}

use SignatureAlgorithm::{
    ES256, ES256K, ES384, ES512, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384,
    RS512,
};

impl SignatureAlgorithm {
    /// All of them, in the order of the enum.
    pub const ALL: [Self; 14] = [
        RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, ES256K, EdDSA, HS256, HS384,
        HS512,
    ];

    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            RS256 => "RS256",
            RS384 => "RS384",
            RS512 => "RS512",
            PS256 => "PS256",
            PS384 => "PS384",
            PS512 => "PS512",
            ES256 => "ES256",
            ES384 => "ES384",
            ES512 => "ES512",
            ES256K => "ES256K",
            EdDSA => "EdDSA",
            HS256 => "HS256",
            HS384 => "HS384",
            HS512 => "HS512",
        }
    }

    /// True for the HMAC algorithms, whose key both sides hold.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self, HS256 | HS384 | HS512)
    }

    /// True for RSASSA-PKCS1-v1_5 and RSASSA-PSS.
    #[must_use]
    pub const fn is_rsa(self) -> bool {
        matches!(self, RS256 | RS384 | RS512 | PS256 | PS384 | PS512)
    }

    /// The hash whose left half makes `at_hash`, `c_hash` and `s_hash` beside a signature of this
    /// algorithm (OpenID Connect Core, section 3.1.3.6). EdDSA names none itself; Ed25519 uses
    /// SHA-512 inside.
    #[must_use]
    pub fn half_hash(self, data: &[u8]) -> Vec<u8> {
        use crate::digest::{sha256, sha384, sha512};
        match self {
            RS256 | PS256 | ES256 | ES256K | HS256 => sha256(data)[..16].to_vec(),
            RS384 | PS384 | ES384 | HS384 => sha384(data)[..24].to_vec(),
            RS512 | PS512 | ES512 | HS512 | EdDSA => sha512(data)[..32].to_vec(),
        }
    }

    /// Bytes of an ECDSA, EdDSA or HMAC signature; an RSA one is as long as its modulus.
    pub(crate) const fn signature_len(self) -> Option<usize> {
        match self {
            ES256 | ES256K | EdDSA | HS512 => Some(64),
            ES384 => Some(96),
            ES512 => Some(132),
            HS256 => Some(32),
            HS384 => Some(48),
            _ => None,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name is not that of an algorithm in [`SignatureAlgorithm::ALL`]. Names are case-sensitive
/// (RFC 7515 section 4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a supported signature algorithm")]
pub struct UnknownAlgorithm;

impl FromStr for SignatureAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        if name == "Ed25519" {
            return Ok(EdDSA);
        }
        Self::ALL
            .into_iter()
            .find(|alg| alg.as_str() == name)
            .ok_or(UnknownAlgorithm)
    }
}

impl Serialize for SignatureAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SignatureAlgorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::SignatureAlgorithm;

    #[test]
    fn every_name_reads_back_as_itself() {
        for alg in SignatureAlgorithm::ALL {
            assert_eq!(alg.as_str().parse(), Ok(alg));
            let json = serde_json::to_string(&alg).unwrap();
            assert_eq!(json, format!("\"{alg}\""));
            assert_eq!(
                serde_json::from_str::<SignatureAlgorithm>(&json).unwrap(),
                alg
            );
        }
    }

    // RFC 9864, section 2.2: the name that says the curve as well.
    #[test]
    fn ed25519_is_eddsa() {
        assert_eq!("Ed25519".parse(), Ok(SignatureAlgorithm::EdDSA));
        assert!("Ed448".parse::<SignatureAlgorithm>().is_err());
    }

    #[test]
    fn none_and_other_spellings_are_no_algorithm() {
        for name in [
            "none", "None", "nOnE", "", "rs256", "RS256 ", "HS1", "RSA-OAEP", "ES521",
        ] {
            assert!(name.parse::<SignatureAlgorithm>().is_err(), "{name}");
        }
    }

    #[test]
    fn the_half_hash_is_that_of_openid_connect_core_appendix_a() {
        // OpenID Connect Core, appendix A.6 prints this code and its c_hash for an RS256 ID token.
        let c_hash = SignatureAlgorithm::RS256
            .half_hash(b"Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk");
        assert_eq!(crate::base64url::encode(c_hash), "LDktKdoQak3Pk0cnXxCltA");
    }
}
