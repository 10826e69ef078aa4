//! Our algorithm names to aws-lc-rs's, and points checked by it.

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self as lc, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaEncoding,
    RsaParameters,
};

use crate::alg::SignatureAlgorithm as Alg;
use crate::jwk::EcCurve;

/// Size of generated RSA keys: 2048 bits, the smallest allowed, since signing cost grows with the
/// cube. Keys are rotated; a larger one can be imported.
pub(super) const GENERATED_RSA_SIZE: KeySize = KeySize::Rsa2048;

pub(super) fn rsa_parameters(alg: Alg) -> Option<&'static RsaParameters> {
    Some(match alg {
        Alg::RS256 => &lc::RSA_PKCS1_2048_8192_SHA256,
        Alg::RS384 => &lc::RSA_PKCS1_2048_8192_SHA384,
        Alg::RS512 => &lc::RSA_PKCS1_2048_8192_SHA512,
        Alg::PS256 => &lc::RSA_PSS_2048_8192_SHA256,
        Alg::PS384 => &lc::RSA_PSS_2048_8192_SHA384,
        Alg::PS512 => &lc::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

pub(super) fn rsa_encoding(alg: Alg) -> Option<&'static dyn RsaEncoding> {
    Some(match alg {
        Alg::RS256 => &lc::RSA_PKCS1_SHA256,
        Alg::RS384 => &lc::RSA_PKCS1_SHA384,
        Alg::RS512 => &lc::RSA_PKCS1_SHA512,
        Alg::PS256 => &lc::RSA_PSS_SHA256,
        Alg::PS384 => &lc::RSA_PSS_SHA384,
        Alg::PS512 => &lc::RSA_PSS_SHA512,
        _ => return None,
    })
}

pub(super) fn ecdsa_signing(curve: EcCurve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        EcCurve::P256 => &lc::ECDSA_P256_SHA256_FIXED_SIGNING,
        EcCurve::P384 => &lc::ECDSA_P384_SHA384_FIXED_SIGNING,
        EcCurve::P521 => &lc::ECDSA_P521_SHA512_FIXED_SIGNING,
        EcCurve::Secp256k1 => &lc::ECDSA_P256K1_SHA256_FIXED_SIGNING,
    }
}

fn ecdsa_verification(curve: EcCurve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        EcCurve::P256 => &lc::ECDSA_P256_SHA256_FIXED,
        EcCurve::P384 => &lc::ECDSA_P384_SHA384_FIXED,
        EcCurve::P521 => &lc::ECDSA_P521_SHA512_FIXED,
        EcCurve::Secp256k1 => &lc::ECDSA_P256K1_SHA256_FIXED,
    }
}

pub(super) fn hmac_algorithm(alg: Alg) -> Option<aws_lc_rs::hmac::Algorithm> {
    Some(match alg {
        Alg::HS256 => aws_lc_rs::hmac::HMAC_SHA256,
        Alg::HS384 => aws_lc_rs::hmac::HMAC_SHA384,
        Alg::HS512 => aws_lc_rs::hmac::HMAC_SHA512,
        _ => return None,
    })
}

/// SEC 1, section 2.3.3, uncompressed.
pub(super) fn uncompressed_point(x: &[u8], y: &[u8]) -> Vec<u8> {
    let mut point = Vec::with_capacity(1 + x.len() + y.len());
    point.push(4);
    point.extend_from_slice(x);
    point.extend_from_slice(y);
    point
}

/// The key of a point; `None` if it is not on the curve.
pub(crate) fn ec_point(curve: EcCurve, x: &[u8], y: &[u8]) -> Option<ParsedPublicKey> {
    ParsedPublicKey::new(ecdsa_verification(curve), uncompressed_point(x, y)).ok()
}

/// False for anything but 32 bytes and for the points of small order, under which one signature
/// fits many messages.
pub(crate) fn is_ed25519_point(x: &[u8]) -> bool {
    let Ok(mut y): Result<[u8; 32], _> = x.try_into() else {
        return false;
    };
    y[31] &= 0x7f; // the sign of x says nothing about the order
    !SMALL_ORDER.contains(&y)
}

/// The y coordinates (little-endian, in every encoding that fits 255 bits) of the eight points
/// whose order divides 8: 0, 1, -1 and the two of order 8, and those plus p where that is below
/// 2^255.
const SMALL_ORDER: [[u8; 32]; 7] = {
    let mut zero = [0; 32];
    zero[31] = 0;
    let mut one = [0; 32];
    one[0] = 1;
    let mut p_minus_1 = [0xff; 32];
    p_minus_1[0] = 0xec;
    p_minus_1[31] = 0x7f;
    let mut p = p_minus_1;
    p[0] = 0xed;
    let mut p_plus_1 = p_minus_1;
    p_plus_1[0] = 0xee;
    [
        zero,
        one,
        p_minus_1,
        p,
        p_plus_1,
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ]
};
