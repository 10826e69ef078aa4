//! What the client may do and how it shows who it is: kinds, methods, grants and response types,
//! and which of them may be combined (RFC 7591, section 2.1).

use crate::client_auth_method::ClientAuthMethod;
use crate::grant_type::GrantType;
use crate::response_type::ResponseType;

use super::fault::ClientMetadataFault as Fault;
use super::uris::printable;
use super::{ApplicationType, ClientMetadata, ClientPolicy};

pub(super) fn application_type(metadata: &ClientMetadata) -> Result<ApplicationType, Fault> {
    match metadata.application_type.as_deref() {
        Some(name) if ApplicationType::parse(name).is_none() => Err(Fault::UnknownValue {
            member: "application_type",
            value: printable(name),
        }),
        _ => Ok(metadata.application_type()),
    }
}

pub(super) fn auth_method(
    metadata: &ClientMetadata,
    policy: &ClientPolicy,
) -> Result<ClientAuthMethod, Fault> {
    let Some(method) = metadata.auth_method() else {
        let value = metadata
            .token_endpoint_auth_method
            .as_deref()
            .unwrap_or_default();
        return Err(Fault::UnknownValue {
            member: "token_endpoint_auth_method",
            value: printable(value),
        });
    };
    if !policy.offered.auth_methods.contains(&method) {
        return Err(Fault::AuthMethodNotSupported {
            method,
            offered: listed(&policy.offered.auth_methods),
        });
    }
    Ok(method)
}

pub(super) fn grant_types(
    metadata: &ClientMetadata,
    auth_method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<Vec<GrantType>, Fault> {
    for name in metadata.grant_types.iter().flatten() {
        let grant_type = GrantType::parse(name).ok_or_else(|| Fault::UnknownValue {
            member: "grant_types",
            value: printable(name),
        })?;
        if !policy.offered.grant_types.contains(&grant_type) {
            return Err(Fault::GrantTypeNotSupported {
                grant_type,
                offered: listed(&policy.offered.grant_types),
            });
        }
        // RFC 6749, section 4.4: client credentials are for confidential clients only.
        if auth_method == ClientAuthMethod::None && grant_type == GrantType::ClientCredentials {
            return Err(Fault::GrantNeedsConfidentialClient(grant_type));
        }
    }
    // Those that are registered because none was named (RFC 7591, section 2) too.
    let grant_types = without_repeats(metadata.grant_types());
    let is_offered = |grant_type: &GrantType| policy.offered.grant_types.contains(grant_type);
    match grant_types
        .iter()
        .find(|grant_type| !is_offered(grant_type))
    {
        Some(grant_type) => Err(Fault::GrantTypeNotSupported {
            grant_type: *grant_type,
            offered: listed(&policy.offered.grant_types),
        }),
        None => Ok(grant_types),
    }
}

/// The table of RFC 7591, section 2.1, in both directions.
pub(super) fn response_types(
    metadata: &ClientMetadata,
    grant_types: &[GrantType],
    policy: &ClientPolicy,
) -> Result<Vec<ResponseType>, Fault> {
    for name in metadata.response_types.iter().flatten() {
        let response_type = ResponseType::parse(name).ok_or_else(|| Fault::UnknownValue {
            member: "response_types",
            value: printable(name),
        })?;
        if !policy.offered.response_types.contains(&response_type) {
            return Err(Fault::ResponseTypeNotSupported {
                response_type,
                offered: listed(&policy.offered.response_types),
            });
        }
    }
    let response_types = without_repeats(metadata.response_types());
    for response_type in &response_types {
        for grant_type in response_type.grant_types() {
            if !grant_types.contains(grant_type) {
                return Err(Fault::ResponseTypeNeedsGrant {
                    response_type: *response_type,
                    grant_type: *grant_type,
                });
            }
        }
    }
    for grant_type in [GrantType::AuthorizationCode, GrantType::Implicit] {
        let used = response_types
            .iter()
            .any(|used| used.grant_types().contains(&grant_type));
        if grant_types.contains(&grant_type) && !used {
            return Err(Fault::GrantNeedsResponseType { grant_type });
        }
    }
    Ok(response_types)
}

/// A public client's refresh tokens rotate, unless each is bound to a key that the client proves
/// (RFC 9700, section 2.2.2; RFC 9449, section 5).
pub(super) fn check_rotation(
    metadata: &ClientMetadata,
    auth_method: ClientAuthMethod,
) -> Result<(), Fault> {
    let switched_off = metadata.rotate_refresh_tokens == Some(false);
    let bound = metadata.dpop_bound_access_tokens == Some(true);
    match auth_method == ClientAuthMethod::None && switched_off && !bound {
        true => Err(Fault::PublicClientWithoutRotation),
        false => Ok(()),
    }
}

/// What is offered, for a message.
pub(super) fn listed<T: ToString>(offered: &[T]) -> String {
    let names: Vec<String> = offered.iter().map(T::to_string).collect();
    names.join(", ")
}

fn without_repeats<T: PartialEq>(values: Vec<T>) -> Vec<T> {
    let mut kept = Vec::with_capacity(values.len());
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}
