//! Tokens that the provider never made: some under its own keys, some under none.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::digest;
use countersign_jose::key::SigningKey;
use countersign_jose::seal;
use serde_json::{Map, Value};

use crate::TestProvider;

/// Signs whatever it is given with one of the provider's own keys.
pub struct Forger {
    key: SigningKey,
}

impl Forger {
    /// Takes the provider's signing key of an algorithm out of its store.
    pub async fn of(provider: &TestProvider, algorithm: SignatureAlgorithm) -> Forger {
        let provider = &provider.provider;
        let records = provider.store.signing_keys().await.expect("keys");
        let record = records
            .iter()
            .find(|key| key.alg == algorithm.as_str() && key.signs(provider.now()))
            .expect("a key of the algorithm");
        let place = seal::associated_data("signing_keys", &record.kid, "sealed");
        let pkcs8 = provider
            .sealing
            .open(&place, &record.sealed)
            .expect("opens");
        let key = SigningKey::from_pkcs8_der(algorithm, &pkcs8)
            .and_then(|key| key.with_kid(&record.kid))
            .expect("a key");
        Forger { key }
    }

    pub fn kid(&self) -> &str {
        self.key.kid().expect("a kid")
    }

    /// The public key as the JWK set has it.
    pub fn public_jwk(&self) -> String {
        self.key.public_jwk().expect("asymmetric").to_public_json()
    }

    /// An ordinary header, and these claims.
    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        self.key
            .sign_jwt(typ, claims.to_string().as_bytes())
            .expect("signs")
    }

    /// A header with these members besides `alg`, and this payload byte for byte.
    pub fn sign_with_header(&self, header: &Value, payload: &str) -> String {
        let members: Map<String, Value> = header.as_object().cloned().expect("an object");
        self.key
            .sign_with_header(&members, payload.as_bytes())
            .expect("signs")
    }

    /// The same with a header that no library would write: its text is taken as it is.
    pub fn sign_raw_header(&self, header: &str, payload: &str) -> String {
        let signed = self
            .key
            .sign_with_header(&Map::new(), payload.as_bytes())
            .expect("signs");
        // The signature is of another header, which is all that a text without a parser can have.
        let signature = signed.rsplit('.').next().unwrap_or_default();
        format!(
            "{}.{}.{signature}",
            base64url::encode(header),
            base64url::encode(payload)
        )
    }

    /// A token without a signature, or with one that is made up.
    pub fn unsigned(header: &Value, claims: &Value, signature: &[u8]) -> String {
        format!(
            "{}.{}",
            signing_input(header, claims),
            base64url::encode(signature)
        )
    }

    /// HS256 under any bytes, a public key's too (RFC 8725, section 2.1).
    pub fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
        let input = signing_input(header, claims);
        let mac = digest::hmac_sha256(secret, input.as_bytes());
        format!("{input}.{}", base64url::encode(mac))
    }
}

fn signing_input(header: &Value, claims: &Value) -> String {
    let header = base64url::encode(header.to_string());
    format!("{header}.{}", base64url::encode(claims.to_string()))
}
