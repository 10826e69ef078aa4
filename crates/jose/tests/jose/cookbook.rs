//! The JOSE cookbook's files (RFC 7520, RFC 8037, RFC 7797) as far as they are about keys and
//! compact signatures.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::jwk::Jwk;
use countersign_jose::jws::{CompactJws, JwsError};
use countersign_jose::key::{SigningKey, VerifyingKey};
use serde_json::Value;

use crate::vectors::{file, text};
use crate::verify;

#[test]
fn every_key_is_read_and_written_back_with_the_same_members() {
    for (name, private) in [
        ("3_1.ec_public_key", false),
        ("3_2.ec_private_key", true),
        ("3_3.rsa_public_key", false),
        ("3_4.rsa_private_key", true),
        ("3_5.symmetric_key_mac_computation", true),
        ("3_6.symmetric_key_encryption", true),
    ] {
        let Some(value) = file(&format!("jose-cookbook/jwk/{name}.json")) else {
            return;
        };
        let key = Jwk::from_json(value.to_string().as_bytes()).unwrap();
        assert_eq!(key.is_private(), private, "{name}");
        let written: Value = serde_json::from_str(&key.to_private_json()).unwrap();
        assert_eq!(written, value, "{name}");
    }
}

#[test]
fn every_compact_signature_verifies_and_the_reproducible_ones_come_out_again() {
    for name in [
        "jws/4_1.rsa_v15_signature",
        "jws/4_2.rsa-pss_signature",
        "jws/4_3.ecdsa_signature",
        "jws/4_4.hmac-sha2_integrity_protection",
        "curve25519/jws",
    ] {
        let Some(vector) = file(&format!("jose-cookbook/{name}.json")) else {
            return;
        };
        let alg: SignatureAlgorithm = text(&vector, "/input/alg").parse().unwrap();
        let jwk = Jwk::from_json(vector["input"]["key"].to_string().as_bytes()).unwrap();
        let payload = text(&vector, "/input/payload").as_bytes();
        let token = text(&vector, "/output/compact");
        let verifying = VerifyingKey::from_jwk(&jwk, alg).unwrap();
        let verified = verify(token, &verifying).unwrap();
        assert_eq!(verified.payload(), payload, "{name}");
        assert_eq!(
            Value::Object(verified.header().members().clone()),
            vector["signing"]["protected"],
            "{name}"
        );

        let mut header = verified.header().members().clone();
        header.remove("alg");
        let signing = SigningKey::from_jwk(&jwk, alg).unwrap();
        let ours = signing.sign_with_header(&header, payload).unwrap();
        assert!(verify(&ours, &verifying).is_ok(), "{name}");
        if vector["reproducible"] == Value::Bool(true) {
            assert_eq!(ours, token, "{name}");
        }
    }
}

#[test]
fn detached_content_verifies_once_it_is_put_back_and_not_before() {
    let Some(vector) = file("jose-cookbook/jws/4_5.signature_with_detached_content.json") else {
        return;
    };
    let jwk = Jwk::from_json(vector["input"]["key"].to_string().as_bytes()).unwrap();
    let key = VerifyingKey::from_jwk(&jwk, SignatureAlgorithm::HS256).unwrap();
    let detached = text(&vector, "/output/compact");
    assert_eq!(verify(detached, &key), Err(JwsError::BadSignature));
    let payload = base64url::encode(text(&vector, "/input/payload"));
    let whole = detached.replace("..", &format!(".{payload}."));
    assert!(verify(&whole, &key).is_ok());
}

#[test]
fn the_json_serialisations_are_refused_as_tokens() {
    for name in [
        "4_1.rsa_v15_signature",
        "4_6.protecting_specific_header_fields",
        "4_7.protecting_content_only",
        "4_8.multiple_signatures",
    ] {
        let Some(vector) = file(&format!("jose-cookbook/jws/{name}.json")) else {
            return;
        };
        let json = vector["output"]["json"].to_string();
        assert!(CompactJws::decode(&json).is_err(), "{name}");
    }
}

#[test]
fn an_unencoded_payload_is_refused() {
    let Some(vector) = file("jose-cookbook/rfc7797/hmac-sha2_b64_false.json") else {
        return;
    };
    let token = text(&vector, "/output/compact");
    assert_eq!(
        CompactJws::decode(token).unwrap_err(),
        JwsError::CriticalExtension
    );
    // The other file has b64 outside crit: RFC 7797, section 6 forbids to produce that, and we
    // refuse to read it.
    let Some(vector) = file("jose-cookbook/rfc7797/4.2.hmac-sha2_b64_false.json") else {
        return;
    };
    let header = text(&vector, "/output/json_flat/protected");
    let signature = text(&vector, "/output/json_flat/signature");
    let token = format!("{header}.JC4wMg.{signature}");
    assert_eq!(
        CompactJws::decode(&token).unwrap_err(),
        JwsError::UnencodedPayload
    );
}

#[test]
fn the_keys_of_the_key_agreement_are_read_but_never_verify() {
    let Some(vector) = file("jose-cookbook/curve25519/ecdh-es.json") else {
        return;
    };
    let jwk = Jwk::from_json(vector["input"]["key"].to_string().as_bytes()).unwrap();
    assert!(jwk.is_private());
    for alg in SignatureAlgorithm::ALL {
        assert!(VerifyingKey::from_jwk(&jwk, alg).is_err(), "{alg}");
    }
}
