//! What the RFCs, published vectors and published attacks say of this crate. Expectations are the
//! specifications'.

mod attacks;
mod cookbook;
mod expectation;
mod keys;
mod mutations;
mod pem;
mod printed;
mod rfc7515;
mod rfc7517;
mod rfc7520;
mod rfc7638;
mod rfc8037;
mod seal;
mod sets;
mod vectors;
mod wycheproof;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::Jwk;
use countersign_jose::jws::{CompactJws, JwsError, VerifiedJws};
use countersign_jose::key::{SigningKey, VerifyingKey};

/// Reads a key that must be good.
fn jwk(json: &str) -> Jwk {
    Jwk::from_json(json.as_bytes()).unwrap()
}

fn verifying(json: &str, alg: SignatureAlgorithm) -> VerifyingKey {
    VerifyingKey::from_jwk(&jwk(json), alg).unwrap()
}

fn signing(json: &str, alg: SignatureAlgorithm) -> SigningKey {
    SigningKey::from_jwk(&jwk(json), alg).unwrap()
}

fn verify(token: &str, key: &VerifyingKey) -> Result<VerifiedJws, JwsError> {
    CompactJws::decode(token)?.verify(key)
}
