//! Keys that verify, each with exactly one algorithm.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ED25519, ParsedPublicKey};

use super::pem::Label;
use super::suits::Operation;
use super::{KeyError, backend, der, hmac_secret, pem, suits};
use crate::alg::SignatureAlgorithm;
use crate::jwk::{Jwk, Material};

/// A key that verifies signatures of one algorithm. Cheap to clone.
#[derive(Clone)]
pub struct VerifyingKey {
    alg: SignatureAlgorithm,
    kid: Option<String>,
    key: Arc<Verifier>,
}

enum Verifier {
    Public(ParsedPublicKey),
    Mac(Box<hmac::Key>),
}

impl VerifyingKey {
    /// The key of a JWK for `alg`.
    ///
    /// # Errors
    /// Returns [`KeyError::AlgorithmMismatch`] or [`KeyError::WrongUse`] if the JWK does not allow
    /// that algorithm; for an oct key what [`VerifyingKey::hmac`] refuses.
    pub fn from_jwk(jwk: &Jwk, alg: SignatureAlgorithm) -> Result<Self, KeyError> {
        suits(jwk, alg, Operation::Verify)?;
        let mismatch = KeyError::AlgorithmMismatch(alg);
        let verifier = match &jwk.material {
            Material::Rsa { n, e, .. } => {
                let parameters = backend::rsa_parameters(alg).ok_or(mismatch)?;
                let parsed = PublicKeyComponents { n, e }.to_parsed_public_key(parameters);
                Verifier::Public(parsed.map_err(|_| KeyError::InvalidMember("n"))?)
            }
            Material::Ec { curve, x, y, .. } => {
                Verifier::Public(backend::ec_point(*curve, x, y).ok_or(KeyError::NotOnCurve)?)
            }
            Material::Okp { x, .. } => {
                let parsed = ParsedPublicKey::new(&ED25519, x);
                Verifier::Public(parsed.map_err(|_| KeyError::NotOnCurve)?)
            }
            Material::Oct { k } => Verifier::Mac(mac_key(alg, k)?),
        };
        Ok(Self {
            alg,
            kid: jwk.kid.clone(),
            key: Arc::new(verifier),
        })
    }

    /// A shared secret for HS256, HS384 or HS512.
    ///
    /// # Errors
    /// Returns [`KeyError::SecretTooShort`] (RFC 7518, section 3.2),
    /// [`KeyError::SecretIsPublicKey`] for PEM, DER, JWK or SSH public keys,
    /// [`KeyError::AlgorithmMismatch`] for any other algorithm.
    pub fn hmac(alg: SignatureAlgorithm, secret: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            alg,
            kid: None,
            key: Arc::new(Verifier::Mac(mac_key(alg, secret)?)),
        })
    }

    /// A public key in PEM, SubjectPublicKeyInfo or PKCS#1.
    ///
    /// # Errors
    /// Returns a [`KeyError`] if there is no such block, or the key does not suit `alg`.
    pub fn from_pem(alg: SignatureAlgorithm, text: &str) -> Result<Self, KeyError> {
        Self::from_jwk(&Jwk::from_public_pem(text)?, alg)
    }

    /// The same key under another key ID.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The one algorithm.
    #[must_use]
    pub fn alg(&self) -> SignatureAlgorithm {
        self.alg
    }

    /// The key ID, if the key has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// True if `signature` is one of `message` under this key. An empty signature never is; ECDSA
    /// signatures have the fixed form `r || s` (RFC 7518, section 3.4).
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        if signature.is_empty()
            || self
                .alg
                .signature_len()
                .is_some_and(|length| length != signature.len())
        {
            return false;
        }
        match &*self.key {
            Verifier::Public(key) => key.verify_sig(message, signature).is_ok(),
            Verifier::Mac(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

impl Jwk {
    /// A public key in PEM: SubjectPublicKeyInfo (`PUBLIC KEY`) or PKCS#1 (`RSA PUBLIC KEY`).
    ///
    /// # Errors
    /// Returns a [`KeyError`] if there is no such block or its key is not acceptable.
    pub fn from_public_pem(text: &str) -> Result<Self, KeyError> {
        let (label, bytes) = pem::first_block(text)?;
        match label {
            Label::Spki => der::subject_public_key_info(&bytes),
            Label::Pkcs1Public => der::rsa_public_key(&bytes),
            Label::Pkcs8 | Label::Pkcs1 | Label::Sec1 => Err(KeyError::NotPem),
        }
    }

    /// A public key as SubjectPublicKeyInfo (RFC 5280, section 4.1), such as a certificate's.
    ///
    /// # Errors
    /// Returns a [`KeyError`] if the bytes are anything else.
    pub fn from_spki_der(bytes: &[u8]) -> Result<Self, KeyError> {
        der::subject_public_key_info(bytes)
    }
}

fn mac_key(alg: SignatureAlgorithm, secret: &[u8]) -> Result<Box<hmac::Key>, KeyError> {
    hmac_secret::check(alg, secret)?;
    let algorithm = backend::hmac_algorithm(alg).ok_or(KeyError::AlgorithmMismatch(alg))?;
    Ok(Box::new(hmac::Key::new(algorithm, secret)))
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("alg", &self.alg)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
