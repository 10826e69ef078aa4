//! Algorithms and keys.

use countersign_jose::alg::SignatureAlgorithm;
use serde_json::Value;

use crate::client_auth_method::ClientAuthMethod;
use crate::grant_type::GrantType;

use super::defaults::DEFAULT_ID_TOKEN_ALG;
use super::fault::ClientMetadataFault as Fault;
use super::flows::listed;
use super::texts::MAX_LIST_ENTRIES;
use super::uris::printable;
use super::{ClientMetadata, ClientPolicy};

/// The algorithm of the client's ID tokens: the one that it names, else RS256 where that is offered
/// (OIDC Registration, section 2). `None` for a client that gets no ID tokens, where RS256 is not
/// offered.
pub(super) fn id_token_alg(
    metadata: &ClientMetadata,
    auth_method: ClientAuthMethod,
    grant_types: &[GrantType],
    policy: &ClientPolicy,
) -> Result<Option<String>, Fault> {
    let member = "id_token_signed_response_alg";
    let usable = |algorithm: &SignatureAlgorithm| {
        // OpenID Connect Core, section 10.1: a MAC is made with the client's secret, which a public
        // client doesn't have.
        policy.offered.id_token_algs.contains(algorithm)
            && (!algorithm.is_symmetric() || auth_method.uses_secret())
    };
    let offered = || {
        let algorithms = policy.offered.id_token_algs.iter().copied();
        listed(&algorithms.filter(usable).collect::<Vec<_>>())
    };
    let Some(name) = &metadata.id_token_signed_response_alg else {
        return match usable(&SignatureAlgorithm::RS256) {
            true => Ok(Some(DEFAULT_ID_TOKEN_ALG.to_owned())),
            false if gets_no_id_token(grant_types) => Ok(None),
            false => Err(Fault::AlgorithmMissing {
                member,
                offered: offered(),
            }),
        };
    };
    if name.eq_ignore_ascii_case("none") {
        return Err(Fault::AlgorithmNone { member });
    }
    match name.parse().is_ok_and(|algorithm| usable(&algorithm)) {
        true => Ok(Some(name.clone())),
        false => Err(Fault::AlgorithmNotSupported {
            member,
            value: printable(name),
            offered: offered(),
        }),
    }
}

/// The algorithm of the client's request objects, if it names one: a signature by a key that it
/// registers, or a MAC under its secret (OIDC Registration, section 2). Unsigned ones are never
/// accepted (RFC 9101, section 10.1).
pub(super) fn check_request_object_alg(
    metadata: &ClientMetadata,
    auth_method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let member = "request_object_signing_alg";
    let has_keys = metadata.jwks.is_some() || metadata.jwks_uri.is_some();
    let is_demanded = metadata.require_signed_request_object == Some(true);
    let is_usable = |algorithm: &SignatureAlgorithm| match algorithm.is_symmetric() {
        true => auth_method.uses_secret(),
        false => has_keys,
    };
    let offered = policy.offered.client_signature_algs.iter().copied();
    let usable: Vec<SignatureAlgorithm> = offered.filter(is_usable).collect();
    match metadata.request_object_signing_alg.as_deref() {
        None if is_demanded && !has_keys => Err(Fault::AlgorithmMissing {
            member,
            offered: listed(&usable),
        }),
        None => Ok(()),
        Some(name) if name.eq_ignore_ascii_case("none") => Err(Fault::AlgorithmNone { member }),
        Some(name) => match name.parse().is_ok_and(|named| usable.contains(&named)) {
            true => Ok(()),
            false => Err(Fault::AlgorithmNotSupported {
                member,
                value: printable(name),
                offered: listed(&usable),
            }),
        },
    }
}

/// A response of the server that the client wants signed has an algorithm that the server has a
/// key for. A MAC is refused: it would be made with a secret of which the server keeps only the
/// hash. So is `none`.
pub(super) fn check_response_alg(
    member: &'static str,
    name: Option<&str>,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let Some(name) = name else {
        return Ok(());
    };
    if name.eq_ignore_ascii_case("none") {
        return Err(Fault::AlgorithmNone { member });
    }
    let offered = policy.offered.id_token_algs.iter().copied();
    let offered: Vec<SignatureAlgorithm> = offered.filter(|alg| !alg.is_symmetric()).collect();
    match name.parse().is_ok_and(|alg| offered.contains(&alg)) {
        true => Ok(()),
        false => Err(Fault::AlgorithmNotSupported {
            member,
            value: printable(name),
            offered: listed(&offered),
        }),
    }
}

/// Whether no person ever signs in to the client: RFC 6749, section 4.4, is its only grant.
fn gets_no_id_token(grant_types: &[GrantType]) -> bool {
    grant_types
        .iter()
        .all(|grant_type| *grant_type == GrantType::ClientCredentials)
}

/// RFC 7591, section 2: `jwks` and `jwks_uri` exclude each other. What a client registers is
/// public.
pub(super) fn check_jwks(metadata: &ClientMetadata) -> Result<(), Fault> {
    let Some(jwks) = &metadata.jwks else {
        return Ok(());
    };
    if metadata.jwks_uri.is_some() {
        return Err(Fault::JwksTwice);
    }
    let Some(keys) = jwks.get("keys").and_then(Value::as_array) else {
        return Err(Fault::JwksInvalid {
            reason: "it has no array of keys",
        });
    };
    if keys.len() > MAX_LIST_ENTRIES {
        return Err(Fault::TooMany {
            member: "jwks".to_owned(),
            limit: MAX_LIST_ENTRIES,
        });
    }
    for key in keys {
        let Some(key) = key.as_object() else {
            return Err(Fault::JwksInvalid {
                reason: "a key is not an object",
            });
        };
        if !key.get("kty").is_some_and(Value::is_string) {
            return Err(Fault::JwksInvalid {
                reason: "a key has no kty",
            });
        }
        if PRIVATE_KEY_MEMBERS
            .iter()
            .any(|member| key.contains_key(*member))
        {
            return Err(Fault::JwksInvalid {
                reason: "a key is private or symmetric",
            });
        }
    }
    Ok(())
}

/// RFC 7518, section 6: what only the owner of a key holds.
const PRIVATE_KEY_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
