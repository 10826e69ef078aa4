//! Whether a JWK may be used with an algorithm: type, curve, `alg`, `use`, `key_ops`.

use super::KeyError;
use crate::alg::SignatureAlgorithm;
use crate::jwk::{EcCurve, Jwk, Material, OkpCurve};

/// What a key is asked to do, as `key_ops` names it (RFC 7517, section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Sign,
    Verify,
}

impl Operation {
    /// A key that may sign may be verified with: its other half does nothing else.
    fn is_allowed_by(self, key_ops: &[String]) -> bool {
        key_ops
            .iter()
            .any(|allowed| allowed == "sign" || (allowed == "verify" && self == Self::Verify))
    }
}

/// RFC 7517, sections 4.2 to 4.4: what the key says of itself binds, and so do its type and curve.
pub(crate) fn suits(
    jwk: &Jwk,
    alg: SignatureAlgorithm,
    operation: Operation,
) -> Result<(), KeyError> {
    let type_fits = match &jwk.material {
        Material::Rsa { .. } => alg.is_rsa(),
        Material::Ec { curve, .. } => curve_of(alg) == Some(*curve),
        Material::Okp { curve, .. } => {
            *curve == OkpCurve::Ed25519 && alg == SignatureAlgorithm::EdDSA
        }
        Material::Oct { .. } => alg.is_symmetric(),
    };
    if !type_fits
        || jwk
            .alg
            .as_deref()
            .is_some_and(|name| name.parse() != Ok(alg))
    {
        return Err(KeyError::AlgorithmMismatch(alg));
    }
    let use_fits = jwk
        .key_use
        .as_deref()
        .is_none_or(|key_use| key_use == "sig");
    let key_ops = jwk.key_ops.as_deref();
    if use_fits && key_ops.is_none_or(|key_ops| operation.is_allowed_by(key_ops)) {
        Ok(())
    } else {
        Err(KeyError::WrongUse)
    }
}

/// The curve that an ECDSA algorithm is bound to (RFC 7518, section 3.4; RFC 8812, section 3.2).
pub(crate) fn curve_of(alg: SignatureAlgorithm) -> Option<EcCurve> {
    match alg {
        SignatureAlgorithm::ES256 => Some(EcCurve::P256),
        SignatureAlgorithm::ES384 => Some(EcCurve::P384),
        SignatureAlgorithm::ES512 => Some(EcCurve::P521),
        SignatureAlgorithm::ES256K => Some(EcCurve::Secp256k1),
        _ => None,
    }
}
