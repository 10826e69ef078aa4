//! Why a key is not accepted, or did not sign.

use crate::alg::SignatureAlgorithm;
use crate::json::JsonError;

/// What is wrong with a key. No variant carries key material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not a JSON object that we read.
    #[error("key: {0}")]
    Json(JsonError),
    /// A member that the key type requires is missing.
    #[error("key: the member {0} is missing")]
    MissingMember(&'static str),
    /// A member has the wrong type, encoding or length.
    #[error("key: the member {0} is malformed")]
    InvalidMember(&'static str),
    /// `kty` is none of RSA, EC, OKP, oct.
    #[error("key: the key type is not supported")]
    UnsupportedKeyType,
    /// `crv` is none of P-256, P-384, P-521, secp256k1, Ed25519, X25519.
    #[error("key: the curve is not supported")]
    UnsupportedCurve,
    /// The point is not on its curve, or is one under which any signature verifies.
    #[error("key: the point is not on its curve")]
    NotOnCurve,
    /// Below [`crate::jwk::MIN_RSA_BITS`].
    #[error("key: an RSA modulus of {bits} bits is too small")]
    RsaModulusTooSmall { bits: usize },
    /// Above [`crate::jwk::MAX_RSA_BITS`].
    #[error("key: an RSA modulus of {bits} bits is too large")]
    RsaModulusTooLarge { bits: usize },
    /// The modulus has the fingerprint of CVE-2017-15361.
    #[error("key: the RSA modulus was made by a broken generator (CVE-2017-15361)")]
    GuessableRsaModulus,
    /// `kid` is longer than [`crate::jwk::MAX_KID_BYTES`].
    #[error("key: the key ID is too long")]
    KidTooLong,
    /// A set contains shared secrets beside public keys.
    #[error("key set: shared secrets and public keys in one set")]
    MixedSet,
    /// A set contains more keys than are read.
    #[error("key set: too many keys")]
    TooManyKeys,
    /// The key's type, curve or `alg` does not match the requested algorithm.
    #[error("key: not a key for {0}")]
    AlgorithmMismatch(SignatureAlgorithm),
    /// `use` or `key_ops` says that the key is for something else.
    #[error("key: use or key_ops forbids this use")]
    WrongUse,
    /// A MAC key is shorter than the hash (RFC 7518, section 3.2).
    #[error("key: {bytes} bytes are too few for {alg}, which needs {needed}")]
    SecretTooShort {
        alg: SignatureAlgorithm,
        bytes: usize,
        needed: usize,
    },
    /// A MAC key that looks like a public key or a certificate: the mark of algorithm confusion.
    #[error("key: a public key is not a shared secret")]
    SecretIsPublicKey,
    /// To sign, the private members are needed.
    #[error("key: it has no private part")]
    PrivateKeyMissing,
    /// The private part is malformed or does not belong to the public part.
    #[error("key: the private part is malformed or does not match the public part")]
    InconsistentPrivateKey,
    /// No PEM block of a supported kind.
    #[error("key: no PEM block of a known type")]
    NotPem,
    /// The PEM block is encrypted.
    #[error("key: the PEM block is encrypted; decrypt it first")]
    EncryptedPem,
    /// The DER is not a key of this kind.
    #[error("key: not the DER encoding of a key of this type")]
    InvalidDer,
    /// A shared secret has no such form.
    #[error("key: a shared secret has no PKCS#8 form")]
    NoPkcs8Form,
    /// A header was asked for that the key sets itself.
    #[error("key: alg is set by the key and can't be given")]
    HeaderSetsAlg,
    /// The backend failed to sign or to generate.
    #[error("key: the cryptographic backend failed")]
    Backend,
}
