//! Keys that sign, each with exactly one algorithm, a key ID and its headers encoded beforehand.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::pem::Label;
use super::suits::{Operation, curve_of};
use super::{KeyError, VerifyingKey, backend, der, hmac_secret, pem, suits};
use crate::alg::SignatureAlgorithm;
use crate::base64url;
use crate::jwk::{EcCurve, Jwk, MAX_KID_BYTES, MAX_RSA_BITS, Material, OkpCurve};

/// A key that signs with one algorithm.
pub struct SigningKey {
    alg: SignatureAlgorithm,
    kid: Option<String>,
    signer: Signer,
    /// The public half; `None` for a shared secret.
    public: Option<Jwk>,
    verifying: VerifyingKey,
    headers: Vec<(&'static str, String)>,
}

enum Signer {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Mac(Box<hmac::Key>),
}

/// `typ` values whose headers are encoded when the key is parsed; any other is encoded at each
/// signature.
const ENCODED_BEFOREHAND: [&str; 6] = [
    "JWT",
    "at+jwt",
    "logout+jwt",
    "token-introspection+jwt",
    "oauth-authz-req+jwt",
    "client-authentication+jwt",
];

impl SigningKey {
    /// A new key. RSA keys have 2048 bits, HMAC keys the length of the hash. The key ID is the
    /// thumbprint; an HMAC key has none.
    ///
    /// # Errors
    /// Returns [`KeyError::Backend`] if the backend fails.
    pub fn generate(alg: SignatureAlgorithm) -> Result<Self, KeyError> {
        if let Some(curve) = curve_of(alg) {
            let pair = EcdsaKeyPair::generate(backend::ecdsa_signing(curve));
            return Self::from_ecdsa(alg, curve, pair.map_err(|_| KeyError::Backend)?);
        }
        if alg.is_rsa() {
            let pair = RsaKeyPair::generate(backend::GENERATED_RSA_SIZE);
            return Self::from_rsa(alg, pair.map_err(|_| KeyError::Backend)?);
        }
        if alg == SignatureAlgorithm::EdDSA {
            let pair = Ed25519KeyPair::generate();
            return Self::from_ed25519(pair.map_err(|_| KeyError::Backend)?);
        }
        let mut secret = Zeroizing::new(vec![0; alg.signature_len().unwrap_or(64)]);
        crate::random::fill(&mut secret);
        Self::hmac(alg, &secret)
    }

    /// A private key in PKCS#8 (RFC 5208), unencrypted.
    ///
    /// # Errors
    /// Returns [`KeyError::InvalidDer`] if the bytes are not a private key for `alg`, or what
    /// [`Jwk::from_json`] refuses of its public half.
    pub fn from_pkcs8_der(alg: SignatureAlgorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let invalid = |_| KeyError::InvalidDer;
        if let Some(curve) = curve_of(alg) {
            let pair = EcdsaKeyPair::from_pkcs8(backend::ecdsa_signing(curve), bytes);
            return Self::from_ecdsa(alg, curve, pair.map_err(invalid)?);
        }
        if alg.is_rsa() {
            return Self::from_rsa(alg, RsaKeyPair::from_pkcs8(bytes).map_err(invalid)?);
        }
        if alg == SignatureAlgorithm::EdDSA {
            return Self::from_ed25519(Ed25519KeyPair::from_pkcs8(bytes).map_err(invalid)?);
        }
        Err(KeyError::NoPkcs8Form)
    }

    /// A private key in PEM: PKCS#8, PKCS#1 (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
    ///
    /// # Errors
    /// Returns [`KeyError::NotPem`], [`KeyError::EncryptedPem`], and what
    /// [`SigningKey::from_pkcs8_der`] refuses.
    pub fn from_pem(alg: SignatureAlgorithm, text: &str) -> Result<Self, KeyError> {
        let (label, bytes) = pem::first_block(text)?;
        match (label, curve_of(alg)) {
            (Label::Pkcs8, _) => Self::from_pkcs8_der(alg, &bytes),
            (Label::Pkcs1, _) if alg.is_rsa() => {
                let pair = RsaKeyPair::from_der(&bytes).map_err(|_| KeyError::InvalidDer)?;
                Self::from_rsa(alg, pair)
            }
            (Label::Sec1, Some(curve)) => {
                let pair =
                    EcdsaKeyPair::from_private_key_der(backend::ecdsa_signing(curve), &bytes);
                Self::from_ecdsa(alg, curve, pair.map_err(|_| KeyError::InvalidDer)?)
            }
            (Label::Pkcs1 | Label::Sec1, _) => Err(KeyError::AlgorithmMismatch(alg)),
            (Label::Spki | Label::Pkcs1Public, _) => Err(KeyError::PrivateKeyMissing),
        }
    }

    /// A private JWK. Its `kid` is kept; without one the thumbprint takes its place.
    ///
    /// # Errors
    /// Returns [`KeyError::PrivateKeyMissing`], [`KeyError::InconsistentPrivateKey`] if the private
    /// members do not belong to the public ones, [`KeyError::AlgorithmMismatch`] and
    /// [`KeyError::WrongUse`] as for verifying.
    pub fn from_jwk(jwk: &Jwk, alg: SignatureAlgorithm) -> Result<Self, KeyError> {
        suits(jwk, alg, Operation::Sign)?;
        let inconsistent = |_| KeyError::InconsistentPrivateKey;
        let key = match &jwk.material {
            Material::Rsa { n, e, private } => {
                let private = private.as_deref().ok_or(KeyError::PrivateKeyMissing)?;
                let pair = RsaKeyPair::from_components(&KeyPairComponents {
                    public_key: PublicKeyComponents {
                        n: n.as_slice(),
                        e: e.as_slice(),
                    },
                    d: private.d.as_slice(),
                    p: private.p.as_slice(),
                    q: private.q.as_slice(),
                    dP: private.dp.as_slice(),
                    dQ: private.dq.as_slice(),
                    qInv: private.qi.as_slice(),
                });
                Self::from_rsa(alg, pair.map_err(inconsistent)?)?
            }
            Material::Ec { curve, x, y, d } => {
                let d = d.as_ref().ok_or(KeyError::PrivateKeyMissing)?;
                let pair = EcdsaKeyPair::from_private_key_and_public_key(
                    backend::ecdsa_signing(*curve),
                    d,
                    &backend::uncompressed_point(x, y),
                );
                Self::from_ecdsa(alg, *curve, pair.map_err(inconsistent)?)?
            }
            Material::Okp { x, d, .. } => {
                let d = d.as_ref().ok_or(KeyError::PrivateKeyMissing)?;
                let pair = Ed25519KeyPair::from_seed_and_public_key(d, x);
                Self::from_ed25519(pair.map_err(inconsistent)?)?
            }
            Material::Oct { k } => Self::hmac(alg, k)?,
        };
        match &jwk.kid {
            Some(kid) => key.with_kid(kid.clone()),
            None => Ok(key),
        }
    }

    /// A shared secret for HS256, HS384 or HS512, without a key ID.
    ///
    /// # Errors
    /// See [`VerifyingKey::hmac`].
    pub fn hmac(alg: SignatureAlgorithm, secret: &[u8]) -> Result<Self, KeyError> {
        hmac_secret::check(alg, secret)?;
        let algorithm = backend::hmac_algorithm(alg).ok_or(KeyError::AlgorithmMismatch(alg))?;
        let verifying = VerifyingKey::hmac(alg, secret)?;
        let signer = Signer::Mac(Box::new(hmac::Key::new(algorithm, secret)));
        Ok(Self {
            alg,
            kid: None,
            signer,
            public: None,
            verifying,
            headers: encoded_headers(alg, None),
        })
    }

    fn from_rsa(alg: SignatureAlgorithm, pair: RsaKeyPair) -> Result<Self, KeyError> {
        let material = der::rsa_material(pair.public_key().as_ref())?;
        Self::from_parts(alg, Signer::Rsa(pair), material)
    }

    fn from_ecdsa(
        alg: SignatureAlgorithm,
        curve: EcCurve,
        pair: EcdsaKeyPair,
    ) -> Result<Self, KeyError> {
        let point = pair.public_key().as_ref();
        let (x, y) = point
            .get(1..)
            .and_then(|xy| xy.split_at_checked(curve.coordinate_len()))
            .ok_or(KeyError::Backend)?;
        let material = Material::Ec {
            curve,
            x: x.to_vec(),
            y: y.to_vec(),
            d: None,
        };
        Self::from_parts(alg, Signer::Ecdsa(pair), material)
    }

    fn from_ed25519(pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let material = Material::Okp {
            curve: OkpCurve::Ed25519,
            x: pair.public_key().as_ref().to_vec(),
            d: None,
        };
        Self::from_parts(SignatureAlgorithm::EdDSA, Signer::Ed25519(pair), material)
    }

    fn from_parts(
        alg: SignatureAlgorithm,
        signer: Signer,
        material: Material,
    ) -> Result<Self, KeyError> {
        let jwk = Jwk::bare(material);
        let kid = jwk.thumbprint_sha256();
        let public = jwk
            .with_kid(kid.clone())
            .with_alg(alg.as_str())
            .with_use("sig");
        Ok(Self {
            alg,
            verifying: VerifyingKey::from_jwk(&public, alg)?,
            public: Some(public),
            headers: encoded_headers(alg, Some(&kid)),
            kid: Some(kid),
            signer,
        })
    }

    /// The same key under another key ID.
    ///
    /// # Errors
    /// Returns [`KeyError::KidTooLong`].
    pub fn with_kid(mut self, kid: impl Into<String>) -> Result<Self, KeyError> {
        let kid = kid.into();
        if kid.len() > MAX_KID_BYTES {
            return Err(KeyError::KidTooLong);
        }
        self.headers = encoded_headers(self.alg, Some(&kid));
        self.verifying = self.verifying.with_kid(kid.clone());
        self.public = self.public.map(|public| public.with_kid(kid.clone()));
        self.kid = Some(kid);
        Ok(self)
    }

    /// The one algorithm.
    #[must_use]
    pub fn alg(&self) -> SignatureAlgorithm {
        self.alg
    }

    /// The key ID; only shared secrets may lack one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public half with `kid`, `alg` and `use: sig`; `None` for a shared secret.
    #[must_use]
    pub fn public_jwk(&self) -> Option<&Jwk> {
        self.public.as_ref()
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// The private key in PKCS#8, unencrypted. Anyone who has the bytes can sign: seal them, never
    /// log them.
    ///
    /// # Errors
    /// Returns [`KeyError::NoPkcs8Form`] for a shared secret.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let failed = |_| KeyError::Backend;
        Ok(Zeroizing::new(match &self.signer {
            Signer::Rsa(pair) => pair.as_der().map_err(failed)?.as_ref().to_vec(),
            Signer::Ecdsa(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Signer::Ed25519(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Signer::Mac(_) => return Err(KeyError::NoPkcs8Form),
        }))
    }

    /// Signs `claims_json` as a JWT in compact form with the header `alg`, `typ` and `kid`. One
    /// allocation for the usual `typ`s.
    ///
    /// # Errors
    /// Returns [`KeyError::Backend`].
    pub fn sign_jwt(&self, typ: &str, claims_json: &[u8]) -> Result<String, KeyError> {
        match self.headers.iter().find(|(known, _)| *known == typ) {
            Some((_, header)) => self.sign_encoded(header, claims_json),
            None => {
                let header = encoded_header(self.alg, typ, self.kid());
                self.sign_encoded(&header, claims_json)
            }
        }
    }

    /// Signs `payload` in compact form with a header of `alg` and the given members, as a DPoP
    /// proof needs (`typ`, `jwk`). `kid` is not added.
    ///
    /// # Errors
    /// Returns [`KeyError::HeaderSetsAlg`] if the members name `alg`; [`KeyError::Backend`].
    pub fn sign_with_header(
        &self,
        members: &Map<String, Value>,
        payload: &[u8],
    ) -> Result<String, KeyError> {
        if members.contains_key("alg") {
            return Err(KeyError::HeaderSetsAlg);
        }
        let mut header = Map::with_capacity(members.len() + 1);
        header.insert("alg".to_owned(), self.alg.as_str().into());
        header.extend(
            members
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        let header = base64url::encode(Value::Object(header).to_string());
        self.sign_encoded(&header, payload)
    }

    /// RFC 7515, section 5.1: header, payload and signature in one string.
    fn sign_encoded(&self, header: &str, payload: &[u8]) -> Result<String, KeyError> {
        let length = header.len()
            + base64url::encoded_len(payload.len())
            + base64url::encoded_len(self.signature_len())
            + 2;
        let mut token = String::with_capacity(length);
        token.push_str(header);
        token.push('.');
        base64url::encode_into(payload, &mut token);
        self.append_signature(&mut token)?;
        Ok(token)
    }

    /// Appends `.` and the signature of what `token` holds so far.
    fn append_signature(&self, token: &mut String) -> Result<(), KeyError> {
        let failed = |_| KeyError::Backend;
        let message = token.as_bytes();
        match &self.signer {
            Signer::Rsa(pair) => {
                let encoding = backend::rsa_encoding(self.alg).ok_or(KeyError::Backend)?;
                let mut buffer = [0; MAX_RSA_BITS / 8];
                let signature = buffer
                    .get_mut(..pair.public_modulus_len())
                    .ok_or(KeyError::Backend)?;
                pair.sign(encoding, &SystemRandom::new(), message, signature)
                    .map_err(failed)?;
                push_part(token, signature);
            }
            Signer::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).map_err(failed)?;
                push_part(token, signature.as_ref());
            }
            Signer::Ed25519(pair) => {
                let signature = pair.try_sign(message).map_err(failed)?;
                push_part(token, signature.as_ref());
            }
            Signer::Mac(key) => {
                let tag = hmac::sign(key, message);
                push_part(token, tag.as_ref());
            }
        }
        Ok(())
    }

    /// Bytes of a signature.
    fn signature_len(&self) -> usize {
        match &self.signer {
            Signer::Rsa(pair) => pair.public_modulus_len(),
            _ => self.alg.signature_len().unwrap_or_default(),
        }
    }
}

fn push_part(token: &mut String, bytes: &[u8]) {
    token.push('.');
    base64url::encode_into(bytes, token);
}

fn encoded_headers(alg: SignatureAlgorithm, kid: Option<&str>) -> Vec<(&'static str, String)> {
    ENCODED_BEFOREHAND
        .iter()
        .map(|&typ| (typ, encoded_header(alg, typ, kid)))
        .collect()
}

fn encoded_header(alg: SignatureAlgorithm, typ: &str, kid: Option<&str>) -> String {
    let mut header = Map::with_capacity(3);
    header.insert("alg".to_owned(), alg.as_str().into());
    header.insert("typ".to_owned(), typ.into());
    if let Some(kid) = kid {
        header.insert("kid".to_owned(), kid.into());
    }
    base64url::encode(Value::Object(header).to_string())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("alg", &self.alg)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
