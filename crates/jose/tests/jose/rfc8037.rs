//! RFC 8037, appendix A: Ed25519.

use countersign_jose::alg::SignatureAlgorithm::EdDSA;
use countersign_jose::base64url;
use countersign_jose::jwk::{Jwk, KeyError, KeyType};
use countersign_jose::key::{SigningKey, VerifyingKey};
use serde_json::Map;

use crate::printed::{ED25519_KEY, EDDSA_TOKEN};
use crate::{jwk, signing, verify, verifying};

#[test]
fn a_1_and_a_2_the_private_key_has_the_printed_public_half() {
    let key = jwk(ED25519_KEY);
    assert_eq!(key.key_type(), KeyType::Okp);
    assert_eq!(
        key.public().unwrap().to_public_json(),
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    );
    assert!(SigningKey::from_jwk(&key, EdDSA).is_ok());
}

#[test]
fn a_3_the_thumbprint() {
    assert_eq!(
        jwk(ED25519_KEY).thumbprint_sha256(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

// RFC 9864, section 2.2: `Ed25519` is this algorithm's other name.
#[test]
fn a_key_for_ed25519_by_its_other_name_verifies_the_token() {
    let key = ED25519_KEY.replacen('{', r#"{"alg":"Ed25519","#, 1);
    verify(EDDSA_TOKEN, &verifying(&key, EdDSA)).unwrap();
}

#[test]
fn a_4_and_a_5_the_token_comes_out_as_printed_and_verifies() {
    let payload = b"Example of Ed25519 signing";
    let token = signing(ED25519_KEY, EdDSA)
        .sign_with_header(&Map::new(), payload)
        .unwrap();
    assert_eq!(token, EDDSA_TOKEN);
    let verified = verify(EDDSA_TOKEN, &verifying(ED25519_KEY, EdDSA)).unwrap();
    assert_eq!(verified.payload(), payload);
}

#[test]
fn a_public_key_that_is_not_the_private_keys_own_is_refused() {
    let own = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let json = ED25519_KEY.replace(own, &base64url::encode([7; 32]));
    let key = jwk(&json);
    assert_eq!(
        SigningKey::from_jwk(&key, EdDSA).unwrap_err(),
        KeyError::InconsistentPrivateKey
    );
}

/// With a public key of small order one signature fits many messages: no honest key is one
/// (RFC 8032 section 5.1.7 leaves the check to us).
#[test]
fn points_of_small_order_are_refused() {
    let mut zero = [0; 32];
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    for point in [zero, one, minus_one] {
        for sign in [0, 0x80] {
            let mut point = point;
            point[31] |= sign;
            let json = format!(
                r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#,
                base64url::encode(point)
            );
            assert_eq!(
                Jwk::from_json(json.as_bytes()).unwrap_err(),
                KeyError::NotOnCurve,
                "{point:?}"
            );
        }
    }
    zero[0] = 9; // X25519's base point is no reason to refuse an X25519 key
    let json = format!(
        r#"{{"kty":"OKP","crv":"X25519","x":"{}"}}"#,
        base64url::encode(zero)
    );
    let key = jwk(&json);
    assert!(VerifyingKey::from_jwk(&key, EdDSA).is_err());
}
