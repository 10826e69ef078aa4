//! The little DER that we read ourselves: RSAPublicKey (RFC 8017, appendix A.1.1) and
//! SubjectPublicKeyInfo (RFC 5280, section 4.1). Everything private is parsed by the backend.

use super::KeyError;
use crate::base64url;
use crate::jwk::{EcCurve, Jwk, Material, OkpCurve};

/// A public key from a SubjectPublicKeyInfo.
pub(super) fn subject_public_key_info(der: &[u8]) -> Result<Jwk, KeyError> {
    let (key, rest) = spki(der).ok_or(KeyError::InvalidDer)?;
    if !rest.is_empty() {
        return Err(KeyError::InvalidDer);
    }
    match key {
        Spki::Rsa(key) => rsa_public_key(key),
        Spki::Ec(curve, point) => {
            let length = curve.coordinate_len();
            match point.split_first() {
                Some((4, xy)) if xy.len() == 2 * length => {
                    let (x, y) = xy.split_at(length);
                    checked(&[
                        ("kty", "EC".to_owned()),
                        ("crv", curve.as_str().to_owned()),
                        ("x", base64url::encode(x)),
                        ("y", base64url::encode(y)),
                    ])
                }
                _ => Err(KeyError::InvalidDer),
            }
        }
        Spki::Ed25519(x) => checked(&[
            ("kty", "OKP".to_owned()),
            ("crv", OkpCurve::Ed25519.as_str().to_owned()),
            ("x", base64url::encode(x)),
        ]),
        Spki::Unknown => Err(KeyError::UnsupportedKeyType),
    }
}

/// A public key from an RSAPublicKey.
pub(super) fn rsa_public_key(der: &[u8]) -> Result<Jwk, KeyError> {
    let (n, e) = rsa_modulus_and_exponent(der).ok_or(KeyError::InvalidDer)?;
    checked(&[
        ("kty", "RSA".to_owned()),
        ("n", base64url::encode(n)),
        ("e", base64url::encode(e)),
    ])
}

/// The public material of an RSAPublicKey that the backend wrote.
pub(super) fn rsa_material(der: &[u8]) -> Result<Material, KeyError> {
    rsa_public_key(der).map(|jwk| jwk.material)
}

/// True for an RSAPublicKey, a SubjectPublicKeyInfo of any algorithm, or a certificate.
pub(super) fn is_public_key_or_certificate(bytes: &[u8]) -> bool {
    rsa_modulus_and_exponent(bytes).is_some()
        || spki(bytes).is_some_and(|(_, rest)| rest.is_empty())
        || is_certificate(bytes)
}

/// Read as every other JWK, so that the same checks apply.
fn checked(members: &[(&str, String)]) -> Result<Jwk, KeyError> {
    let members = members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
        .collect();
    Jwk::from_members(members)
}

enum Spki<'a> {
    Rsa(&'a [u8]),
    Ec(EcCurve, &'a [u8]),
    Ed25519(&'a [u8]),
    Unknown,
}

fn spki(der: &[u8]) -> Option<(Spki<'_>, &[u8])> {
    let (body, after) = element(SEQUENCE, der)?;
    let (algorithm, body) = element(SEQUENCE, body)?;
    let (bits, rest) = element(BIT_STRING, body)?;
    let (oid, parameters) = element(OBJECT_IDENTIFIER, algorithm)?;
    let (&unused_bits, key) = bits.split_first()?;
    if !rest.is_empty() || unused_bits != 0 {
        return None;
    }
    let key = match oid {
        // rsaEncryption, RFC 8017, appendix A.1
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] => Spki::Rsa(key),
        // id-ecPublicKey, RFC 5480, section 2.1
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => {
            match element(OBJECT_IDENTIFIER, parameters) {
                Some((curve, [])) => {
                    named_curve(curve).map_or(Spki::Unknown, |curve| Spki::Ec(curve, key))
                }
                _ => Spki::Unknown,
            }
        }
        // id-Ed25519, RFC 8410, section 3
        [0x2b, 0x65, 0x70] => Spki::Ed25519(key),
        _ => Spki::Unknown,
    };
    Some((key, after))
}

/// RFC 5480, section 2.1.1.1; SEC 2 for secp256k1.
fn named_curve(oid: &[u8]) -> Option<EcCurve> {
    match oid {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => Some(EcCurve::P256),
        [0x2b, 0x81, 0x04, 0x00, 0x22] => Some(EcCurve::P384),
        [0x2b, 0x81, 0x04, 0x00, 0x23] => Some(EcCurve::P521),
        [0x2b, 0x81, 0x04, 0x00, 0x0a] => Some(EcCurve::Secp256k1),
        _ => None,
    }
}

fn rsa_modulus_and_exponent(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (body, after) = element(SEQUENCE, der)?;
    let (n, body) = element(INTEGER, body)?;
    let (e, rest) = element(INTEGER, body)?;
    (after.is_empty() && rest.is_empty()).then_some((unsigned(n)?, unsigned(e)?))
}

/// An integer without the octet that only keeps it positive; `None` if negative, empty or not
/// minimal.
fn unsigned(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [] => None,
        [0, rest @ ..] => rest
            .first()
            .is_some_and(|&byte| byte >= 0x80)
            .then_some(rest),
        [first, ..] => (*first < 0x80).then_some(integer),
    }
}

/// RFC 5280, section 4.1: a sequence of the signed part, the algorithm and the signature.
fn is_certificate(der: &[u8]) -> bool {
    let parts = || {
        let (body, after) = element(SEQUENCE, der)?;
        let (_, body) = element(SEQUENCE, body)?;
        let (_, body) = element(SEQUENCE, body)?;
        let (_, rest) = element(BIT_STRING, body)?;
        (after.is_empty() && rest.is_empty()).then_some(())
    };
    parts().is_some()
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// The content of the element at the front if it has this tag, and what follows it. Lengths up to
/// 65,535, in their shortest form only (X.690, section 10.1).
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match rest {
        [short @ 0..=0x7f, rest @ ..] => (usize::from(*short), rest),
        [0x81, length @ 0x80..=0xff, rest @ ..] => (usize::from(*length), rest),
        [0x82, high @ 1..=0xff, low, rest @ ..] => {
            (usize::from(*high) << 8 | usize::from(*low), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}
