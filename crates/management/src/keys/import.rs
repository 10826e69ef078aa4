//! Reading a private key, and the public key that is said to belong to it.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::Jwk;
use countersign_jose::key::{KeyError as KeyFault, SigningKey};

use super::KeyError;

/// The algorithms that a PEM file is tried for where none is named: RS256 for RSA, then each
/// curve's own.
const ALGORITHMS_BY_KEY: [SignatureAlgorithm; 6] = [
    SignatureAlgorithm::RS256,
    SignatureAlgorithm::ES256,
    SignatureAlgorithm::ES384,
    SignatureAlgorithm::ES512,
    SignatureAlgorithm::ES256K,
    SignatureAlgorithm::EdDSA,
];

pub(super) fn read_pair(
    private_pem: &str,
    public_pem: Option<&str>,
    algorithm: Option<SignatureAlgorithm>,
) -> Result<SigningKey, KeyError> {
    let key = match algorithm {
        Some(algorithm) => SigningKey::from_pem(algorithm, private_pem),
        None => {
            let mut tries = ALGORITHMS_BY_KEY
                .map(|algorithm| SigningKey::from_pem(algorithm, private_pem))
                .into_iter();
            // Of the reasons against each, the first says the most: that it isn't PEM, or is
            // encrypted.
            let first = tries.next().unwrap_or(Err(KeyFault::NotPem));
            first.or_else(|reason| tries.find_map(Result::ok).ok_or(reason))
        }
    }
    .map_err(KeyError::Private)?;
    if let Some(public_pem) = public_pem {
        let public = Jwk::from_public_pem(public_pem).map_err(KeyError::Public)?;
        if Some(public.thumbprint_sha256()) != key.public_jwk().map(Jwk::thumbprint_sha256) {
            return Err(KeyError::PublicDoesNotMatch);
        }
    }
    Ok(key)
}
