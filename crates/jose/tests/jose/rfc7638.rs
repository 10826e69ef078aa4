//! RFC 7638: thumbprints.

use countersign_jose::jwk::JwkSet;
use serde_json::{Value, json};

use crate::jwk;
use crate::printed::{HMAC_KEY, P256_KEY, PRIVATE_SET, THUMBPRINT_KEY};

/// Section 3.1.
#[test]
fn the_printed_key_has_the_printed_thumbprint() {
    assert_eq!(
        jwk(THUMBPRINT_KEY).thumbprint_sha256(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

/// Section 3.2: only the required members of the public key enter.
#[test]
fn attributes_and_private_members_change_nothing() {
    let set = JwkSet::from_json(PRIVATE_SET.as_bytes()).unwrap();
    let private = set.iter().nth(1).unwrap();
    assert_eq!(
        private.thumbprint_sha256(),
        jwk(THUMBPRINT_KEY).thumbprint_sha256()
    );
    let key = jwk(P256_KEY);
    let mut decorated: Value = serde_json::from_str(P256_KEY).unwrap();
    decorated["kid"] = json!("another");
    decorated["alg"] = json!("ES256");
    decorated["use"] = json!("sig");
    assert_eq!(
        jwk(&decorated.to_string()).thumbprint_sha256(),
        key.thumbprint_sha256()
    );
    assert_eq!(
        key.public().unwrap().thumbprint_sha256(),
        key.thumbprint_sha256()
    );
}

/// Section 3.2: the members in lexicographic order, hashed as in section 3.3.
#[test]
fn ec_and_oct_keys_hash_their_required_members_in_order() {
    for (json, members) in [
        (
            P256_KEY,
            r#"{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        ),
        (
            HMAC_KEY,
            r#"{"k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow","kty":"oct"}"#,
        ),
    ] {
        let hash = countersign_jose::digest::sha256(members.as_bytes());
        assert_eq!(
            jwk(json).thumbprint_sha256(),
            countersign_jose::base64url::encode(hash)
        );
    }
}
