//! Reading private keys: one as PEM, one as a JWK, or several as a JWK set (RFC 7517), and the
//! public key that is said to belong to one.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::json;
use countersign_jose::jwk::{Jwk, KeyType};
use countersign_jose::key::{KeyError as KeyFault, SigningKey};
use serde_json::{Map, Value};

use super::KeyError;

/// The algorithms that are tried for a key without one: RS256 for RSA, then that of each curve.
const ALGORITHMS_BY_KEY: [SignatureAlgorithm; 6] = [
    SignatureAlgorithm::RS256,
    SignatureAlgorithm::ES256,
    SignatureAlgorithm::ES384,
    SignatureAlgorithm::ES512,
    SignatureAlgorithm::ES256K,
    SignatureAlgorithm::EdDSA,
];

/// The keys of a file, at least one. `algorithm` applies to all of them; without it, each key's
/// `alg` does.
pub(super) fn read(
    private: &str,
    public_pem: Option<&str>,
    algorithm: Option<SignatureAlgorithm>,
) -> Result<Vec<SigningKey>, KeyError> {
    let is_json = private
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('{');
    let keys = match is_json {
        true => of_json(private, algorithm)?,
        false => vec![of_pem(private, algorithm)?],
    };
    if let Some(public_pem) = public_pem {
        let public = Jwk::from_public_pem(public_pem).map_err(KeyError::Public)?;
        let public = Some(public.thumbprint_sha256());
        if !matches!(keys.as_slice(), [only] if thumbprint(only) == public) {
            return Err(KeyError::PublicDoesNotMatch);
        }
    }
    Ok(keys)
}

/// RFC 7638: the thumbprint identifies the key, whatever its `kid`.
pub(super) fn thumbprint(key: &SigningKey) -> Option<String> {
    key.public_jwk().map(Jwk::thumbprint_sha256)
}

fn of_pem(pem: &str, algorithm: Option<SignatureAlgorithm>) -> Result<SigningKey, KeyError> {
    let key = match algorithm {
        Some(algorithm) => SigningKey::from_pem(algorithm, pem),
        None => {
            let mut tries = ALGORITHMS_BY_KEY
                .map(|algorithm| SigningKey::from_pem(algorithm, pem))
                .into_iter();
            // Of the reasons against each, the first says the most: that it isn't PEM, or is
            // encrypted.
            let first = tries.next().unwrap_or(Err(KeyFault::NotPem));
            first.or_else(|reason| tries.find_map(Result::ok).ok_or(reason))
        }
    };
    key.map_err(KeyError::Private)
}

/// A JWK, or a JWK set if it has `keys` (RFC 7517, sections 4 and 5). An imported set must be valid
/// as a whole; unlike in a published set, no key is ignored.
fn of_json(text: &str, algorithm: Option<SignatureAlgorithm>) -> Result<Vec<SigningKey>, KeyError> {
    let malformed = |error| KeyError::Private(KeyFault::Json(error));
    let mut members = json::parse_object(text.as_bytes()).map_err(malformed)?;
    let Some(keys) = members.remove("keys") else {
        return Ok(vec![of_jwk(members, algorithm)?]);
    };
    let Value::Array(keys) = keys else {
        return Err(KeyError::Private(KeyFault::InvalidMember("keys")));
    };
    if keys.is_empty() {
        return Err(KeyError::NoKeys);
    }
    let keys = keys.into_iter().zip(1..).map(|(key, position)| {
        let in_set = |fault| KeyError::OfSet {
            position,
            fault: Box::new(fault),
        };
        match key {
            Value::Object(members) => of_jwk(members, algorithm).map_err(in_set),
            _ => Err(in_set(KeyError::Private(KeyFault::InvalidMember("keys")))),
        }
    });
    keys.collect()
}

/// `use`, `key_ops` and `alg` are respected if they are present (RFC 7517, sections 4.2 to 4.4).
fn of_jwk(
    members: Map<String, Value>,
    algorithm: Option<SignatureAlgorithm>,
) -> Result<SigningKey, KeyError> {
    let jwk = Jwk::from_members(members).map_err(KeyError::Private)?;
    if jwk.key_type() == KeyType::Oct {
        return Err(KeyError::Symmetric);
    }
    if let Some(kid) = jwk.kid()
        && (kid.is_empty() || kid.chars().any(char::is_control))
    {
        return Err(KeyError::KidUnusable);
    }
    let named = match (algorithm, jwk.alg()) {
        (Some(algorithm), _) => Some(algorithm),
        (None, Some(name)) => Some(
            name.parse()
                .map_err(|_| KeyError::AlgorithmUnknown(name.to_owned()))?,
        ),
        (None, None) => None,
    };
    let key = match named {
        Some(algorithm) => SigningKey::from_jwk(&jwk, algorithm),
        None => {
            let mut tries = ALGORITHMS_BY_KEY
                .map(|algorithm| SigningKey::from_jwk(&jwk, algorithm))
                .into_iter()
                // Those of other types of keys say nothing.
                .filter(|read| !matches!(read, Err(KeyFault::AlgorithmMismatch(_))));
            tries.next().unwrap_or(Err(KeyFault::UnsupportedCurve))
        }
    };
    key.map_err(KeyError::Private)
}
