//! RFC 7520, sections 3 and 4: keys and compact signatures as printed.

use countersign_jose::alg::SignatureAlgorithm::{ES512, HS256, PS384, RS256};
use serde_json::{Map, json};

use crate::printed::{
    COOKBOOK_ES512_TOKEN, COOKBOOK_HMAC_KEY, COOKBOOK_HS256_TOKEN, COOKBOOK_P521_KEY,
    COOKBOOK_PAYLOAD, COOKBOOK_PS384_TOKEN, COOKBOOK_RS256_TOKEN, COOKBOOK_RSA_KEY,
};
use crate::{signing, verify, verifying};

#[test]
fn sections_4_1_to_4_4_verify_with_their_keys() {
    for (section, key, alg, token) in [
        ("4.1", COOKBOOK_RSA_KEY, RS256, COOKBOOK_RS256_TOKEN),
        ("4.2", COOKBOOK_RSA_KEY, PS384, COOKBOOK_PS384_TOKEN),
        ("4.3", COOKBOOK_P521_KEY, ES512, COOKBOOK_ES512_TOKEN),
        ("4.4", COOKBOOK_HMAC_KEY, HS256, COOKBOOK_HS256_TOKEN),
    ] {
        let key = verifying(key, alg);
        let verified = verify(token, &key).unwrap();
        assert_eq!(verified.payload(), COOKBOOK_PAYLOAD.as_bytes(), "{section}");
        assert_eq!(verified.header().kid(), key.kid(), "{section}");
    }
}

#[test]
fn sections_4_1_and_4_4_come_out_again() {
    for (key, alg, token) in [
        (COOKBOOK_RSA_KEY, RS256, COOKBOOK_RS256_TOKEN),
        (COOKBOOK_HMAC_KEY, HS256, COOKBOOK_HS256_TOKEN),
    ] {
        let key = signing(key, alg);
        let mut header = Map::new();
        header.insert("kid".to_owned(), json!(key.kid()));
        let ours = key.sign_with_header(&header, COOKBOOK_PAYLOAD.as_bytes());
        assert_eq!(ours.unwrap(), token);
    }
}
