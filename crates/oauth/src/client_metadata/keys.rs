//! Algorithms and keys.

use countersign_jose::alg::SignatureAlgorithm;
use serde_json::Value;

use crate::client_auth_method::ClientAuthMethod;

use super::fault::ClientMetadataFault as Fault;
use super::texts::MAX_LIST_ENTRIES;
use super::uris::printable;
use super::{ClientMetadata, ClientPolicy};

pub(super) fn check_algorithms(
    metadata: &ClientMetadata,
    auth_method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let member = "id_token_signed_response_alg";
    let name = metadata.id_token_alg();
    if name.eq_ignore_ascii_case("none") {
        return Err(Fault::AlgorithmNone { member });
    }
    let offered = name
        .parse::<SignatureAlgorithm>()
        .ok()
        .filter(|algorithm| policy.id_token_algs.contains(algorithm))
        // OIDC Core 10.1: a MAC is made with the client's secret, which a public client doesn't have.
        .filter(|algorithm| !algorithm.is_symmetric() || auth_method.uses_secret());
    if offered.is_none() {
        return Err(Fault::AlgorithmNotSupported {
            member,
            value: printable(name),
        });
    }
    match metadata.subject_type.as_deref() {
        None | Some("public") => Ok(()),
        Some("pairwise") if policy.supported_members.iter().any(|m| m == "subject_type") => Ok(()),
        Some("pairwise") => Err(Fault::MemberNotSupported {
            member: "subject_type",
        }),
        Some(value) => Err(Fault::UnknownValue {
            member: "subject_type",
            value: printable(value),
        }),
    }
}

/// RFC 7591 2: `jwks` and `jwks_uri` exclude each other. What a client gives us is public.
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

/// RFC 7518 6: what only the owner of a key holds.
const PRIVATE_KEY_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
