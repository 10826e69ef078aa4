//! JSON Web Keys (RFC 7517) of the types RSA, EC, OKP and oct (RFC 7518, section 6; RFC 8037,
//! section 2).
//!
//! A [`Jwk`] that exists is well formed: every member has the right type and length, an EC point is
//! on its curve, an RSA modulus has an acceptable size and is not one of the guessable kind. What
//! it may be used for is decided when it becomes a [`crate::key::VerifyingKey`] or
//! [`crate::key::SigningKey`]; those bind it to one algorithm.
//!
//! Serialising gives the public members only; [`Jwk::to_private_json`] is the one loud way to the
//! private ones. `x5u`, `x5c`, `x5t` and whatever else a key may carry is ignored and not kept.

mod parse;
mod rsa_modulus;
mod serialize;
mod set;
mod thumbprint;

use std::fmt;

use zeroize::Zeroizing;

pub use crate::key::KeyError;
pub use rsa_modulus::{MAX_RSA_BITS, MIN_RSA_BITS};
pub use set::{JwkSet, NoSuitableKey};

/// A key ID longer than this is refused, in keys and in headers.
pub const MAX_KID_BYTES: usize = 256;

/// One JSON Web Key.
#[derive(Clone)]
pub struct Jwk {
    pub(crate) material: Material,
    pub(crate) kid: Option<String>,
    pub(crate) key_use: Option<String>,
    pub(crate) key_ops: Option<Vec<String>>,
    pub(crate) alg: Option<String>,
}

impl Jwk {
    /// The key type.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match self.material {
            Material::Rsa { .. } => KeyType::Rsa,
            Material::Ec { .. } => KeyType::Ec,
            Material::Okp { .. } => KeyType::Okp,
            Material::Oct { .. } => KeyType::Oct,
        }
    }

    /// The key ID (RFC 7517, section 4.5).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What the key is for, `sig` or `enc` (RFC 7517, section 4.2).
    #[must_use]
    pub fn key_use(&self) -> Option<&str> {
        self.key_use.as_deref()
    }

    /// The algorithm that the key is meant for, as the key says (RFC 7517, section 4.4).
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// True if the key has private members, as an oct key always does.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match &self.material {
            Material::Rsa { private, .. } => private.is_some(),
            Material::Ec { d, .. } | Material::Okp { d, .. } => d.is_some(),
            Material::Oct { .. } => true,
        }
    }

    /// The key without its private members; `None` for an oct key, which has no public half.
    #[must_use]
    pub fn public(&self) -> Option<Self> {
        let mut copy = self.clone();
        match &mut copy.material {
            Material::Rsa { private, .. } => *private = None,
            Material::Ec { d, .. } | Material::Okp { d, .. } => *d = None,
            Material::Oct { .. } => return None,
        }
        Some(copy)
    }

    /// The same key under another key ID.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The same key with `alg`.
    #[must_use]
    pub fn with_alg(mut self, alg: impl Into<String>) -> Self {
        self.alg = Some(alg.into());
        self
    }

    /// The same key with `use`.
    #[must_use]
    pub fn with_use(mut self, key_use: impl Into<String>) -> Self {
        self.key_use = Some(key_use.into());
        self
    }

    pub(crate) fn bare(material: Material) -> Self {
        Self {
            material,
            kid: None,
            key_use: None,
            key_ops: None,
            alg: None,
        }
    }
}

/// Equal if they are the same key (by thumbprint) with the same attributes, and both private or
/// both public.
impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        self.kid == other.kid
            && self.key_use == other.key_use
            && self.key_ops == other.key_ops
            && self.alg == other.alg
            && self.is_private() == other.is_private()
            && self.thumbprint_sha256() == other.thumbprint_sha256()
    }
}

impl Eq for Jwk {}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.key_type().as_str())
            .field("kid", &self.kid)
            .field("use", &self.key_use)
            .field("alg", &self.alg)
            .field("private", &self.is_private())
            .finish_non_exhaustive()
    }
}

/// `kty` (RFC 7518, section 6.1; RFC 8037, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// `RSA`.
    Rsa,
    /// `EC`.
    Ec,
    /// `OKP`: the Edwards and Montgomery curves.
    Okp,
    /// `oct`: a shared secret.
    Oct,
}

impl KeyType {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ec => "EC",
            Self::Okp => "OKP",
            Self::Oct => "oct",
        }
    }
}

/// The members that are the key itself, decoded.
#[derive(Clone)]
pub(crate) enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
        private: Option<Box<RsaPrivate>>,
    },
    Ec {
        curve: EcCurve,
        x: Vec<u8>,
        y: Vec<u8>,
        d: Option<Zeroizing<Vec<u8>>>,
    },
    Okp {
        curve: OkpCurve,
        x: Vec<u8>,
        d: Option<Zeroizing<Vec<u8>>>,
    },
    Oct {
        k: Zeroizing<Vec<u8>>,
    },
}

/// RFC 7518, section 6.3.2. The two-prime form with all its members; `oth` is refused.
#[derive(Clone)]
pub(crate) struct RsaPrivate {
    pub d: Zeroizing<Vec<u8>>,
    pub p: Zeroizing<Vec<u8>>,
    pub q: Zeroizing<Vec<u8>>,
    pub dp: Zeroizing<Vec<u8>>,
    pub dq: Zeroizing<Vec<u8>>,
    pub qi: Zeroizing<Vec<u8>>,
}

/// `crv` of an EC key (RFC 7518, section 6.2.1.1; RFC 8812, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EcCurve {
    P256,
    P384,
    P521,
    Secp256k1,
}

impl EcCurve {
    pub(crate) const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::Secp256k1];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// Bytes of a coordinate and of the private scalar.
    pub(crate) const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// `crv` of an OKP key (RFC 8037, section 2). X25519 keys are read for what is said of them; they
/// never sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OkpCurve {
    Ed25519,
    X25519,
}

impl OkpCurve {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        }
    }
}
