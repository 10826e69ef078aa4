//! RFC 7515, appendix A: the printed tokens verify, and what can be reproduced comes out again.

use countersign_jose::alg::SignatureAlgorithm::{ES256, ES512, HS256, RS256};
use countersign_jose::jws::{CompactJws, JwsError};
use serde_json::Map;

use crate::printed::{
    CLAIMS, ES256_TOKEN, ES512_TOKEN, HMAC_KEY, HS256_TOKEN, P256_KEY, P521_KEY, RS256_TOKEN,
    RSA_KEY, UNSECURED_TOKEN,
};
use crate::{signing, verify, verifying};

#[test]
fn a_1_to_a_4_verify_with_their_keys_and_payloads() {
    for (section, key, alg, token, payload) in [
        ("A.1", HMAC_KEY, HS256, HS256_TOKEN, CLAIMS),
        ("A.2", RSA_KEY, RS256, RS256_TOKEN, CLAIMS),
        ("A.3", P256_KEY, ES256, ES256_TOKEN, CLAIMS),
        ("A.4", P521_KEY, ES512, ES512_TOKEN, "Payload"),
    ] {
        let verified = verify(token, &verifying(key, alg)).unwrap();
        assert_eq!(verified.payload(), payload.as_bytes(), "{section}");
        assert_eq!(verified.header().alg(), alg, "{section}");
    }
}

#[test]
fn a_1_has_the_type_jwt() {
    let jws = CompactJws::decode(HS256_TOKEN).unwrap();
    assert_eq!(jws.header().typ(), Some("JWT"));
    assert!(jws.header().has_typ("jwt"));
}

#[test]
fn a_2_comes_out_again_since_pkcs1_is_deterministic() {
    let token = signing(RSA_KEY, RS256)
        .sign_with_header(&Map::new(), CLAIMS.as_bytes())
        .unwrap();
    assert_eq!(token, RS256_TOKEN);
}

#[test]
fn a_3_and_a_4_differ_each_time_but_verify() {
    for (key, alg, printed) in [
        (P256_KEY, ES256, ES256_TOKEN),
        (P521_KEY, ES512, ES512_TOKEN),
    ] {
        let payload = CompactJws::decode(printed)
            .unwrap()
            .unverified_payload()
            .to_vec();
        let token = signing(key, alg)
            .sign_with_header(&Map::new(), &payload)
            .unwrap();
        assert_ne!(token, printed);
        assert!(verify(&token, &verifying(key, alg)).is_ok());
    }
}

#[test]
fn a_5_the_unsecured_token_is_refused() {
    assert_eq!(
        CompactJws::decode(UNSECURED_TOKEN).unwrap_err(),
        JwsError::AlgorithmNone
    );
}

#[test]
fn no_key_verifies_the_token_of_another() {
    let keys = [
        verifying(HMAC_KEY, HS256),
        verifying(RSA_KEY, RS256),
        verifying(P256_KEY, ES256),
        verifying(P521_KEY, ES512),
    ];
    let tokens = [HS256_TOKEN, RS256_TOKEN, ES256_TOKEN, ES512_TOKEN];
    for (own, token) in tokens.iter().enumerate() {
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(verify(token, key).is_ok(), own == at, "{own} {at}");
        }
        let any = CompactJws::decode(token).unwrap().verify_with_any(&keys);
        assert!(any.is_ok());
    }
    let none = CompactJws::decode(RS256_TOKEN).unwrap().verify_with_any([]);
    assert_eq!(none, Err(JwsError::NoKey));
}

#[test]
fn a_token_has_exactly_three_parts() {
    let (header, rest) = ES256_TOKEN.split_once('.').unwrap();
    for (token, error) in [
        ("", JwsError::NotThreeParts),
        (".", JwsError::NotThreeParts),
        (header, JwsError::NotThreeParts),
        (&format!("{header}.e30"), JwsError::NotThreeParts),
        (&format!("{ES256_TOKEN}."), JwsError::NotThreeParts),
        (&format!("{ES256_TOKEN}.e30.e30"), JwsError::Encrypted),
        (&format!("{ES256_TOKEN}.a.b.c"), JwsError::NotThreeParts),
        (&format!("{header}.e30."), JwsError::EmptySignature),
        (
            &format!("{header}=.{rest}"),
            JwsError::NotBase64Url("header"),
        ),
        (
            &format!("{header}. {rest}"),
            JwsError::NotBase64Url("payload"),
        ),
        (
            &format!("{ES256_TOKEN}="),
            JwsError::NotBase64Url("signature"),
        ),
        (
            &format!("{ES256_TOKEN}\n"),
            JwsError::NotBase64Url("signature"),
        ),
    ] {
        assert_eq!(CompactJws::decode(token).unwrap_err(), error, "{token}");
    }
}
