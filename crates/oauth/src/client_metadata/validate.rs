//! The rules, member by member. The result is the metadata with the defaults filled in, which is
//! also what registration returns (RFC 7591, section 3.2.1).

use std::ops::Deref;

use serde_json::{Map, Value};

use crate::grant_type::GrantType;
use crate::response_type::ResponseType;
use crate::scope::Scope;

use super::authentication::check_authentication;
use super::fault::ClientMetadataFault as Fault;
use super::flows::{
    application_type, auth_method, check_rotation, grant_types, listed, response_types,
};
use super::introspection::check_introspection;
use super::issued::drop_issued;
use super::keys::{check_jwks, check_request_object_alg, check_response_alg, id_token_alg};
use super::sector::check_subject_type;
use super::texts::check_texts;
use super::uris::{
    AUTHORIZATION_RESPONSE, LOGOUT_RESPONSE, check_client_uri, check_frontchannel_logout_uri,
    check_https_uri, check_only_https_uri, check_page_uri, check_query, check_redirect_uri,
    check_token_redirect_uri, printable,
};
use super::{ApplicationType, ClientMetadata, ClientPolicy};

/// Metadata that keeps every rule of the policy, with the defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidClientMetadata(ClientMetadata);

impl ValidClientMetadata {
    pub fn into_inner(self) -> ClientMetadata {
        self.0
    }
}

impl Deref for ValidClientMetadata {
    type Target = ClientMetadata;

    fn deref(&self) -> &ClientMetadata {
        &self.0
    }
}

impl ClientMetadata {
    /// Reads a registration request or a metadata file: one JSON object, no member twice, of
    /// bounded depth.
    ///
    /// # Errors
    /// Returns [`ClientMetadataFault::Malformed`](Fault::Malformed).
    pub fn from_json(json: &[u8]) -> Result<Self, Fault> {
        let object =
            countersign_jose::json::parse_object(json).map_err(|error| Fault::Malformed {
                reason: error.to_string(),
            })?;
        Self::from_object(object)
    }

    /// Reads metadata from an object. An empty text counts as absent, as `null` does (RFC 7591,
    /// section 2). What the server issues is dropped ([`ISSUED_MEMBERS`](super::ISSUED_MEMBERS)).
    ///
    /// # Errors
    /// Returns [`ClientMetadataFault::Malformed`](Fault::Malformed) for a member of the wrong type.
    pub fn from_object(mut object: Map<String, Value>) -> Result<Self, Fault> {
        object.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| Fault::Malformed {
            reason: printable(&error.to_string()),
        })
    }

    /// Checks every member against the specifications and the policy.
    ///
    /// # Errors
    /// Returns the first [`ClientMetadataFault`](Fault).
    pub fn validate(&self, policy: &ClientPolicy) -> Result<ValidClientMetadata, Fault> {
        check_operator_members(self, policy)?;
        check_unsupported_members(self, policy)?;
        check_texts(self)?;
        let application_type = application_type(self)?;
        let auth_method = auth_method(self, policy)?;
        let grant_types = grant_types(self, auth_method, policy)?;
        let response_types = response_types(self, &grant_types, policy)?;
        check_rotation(self, auth_method)?;
        check_redirect_uris(self, application_type, &response_types, policy)?;
        check_addresses(self, policy)?;
        let id_token_alg = id_token_alg(self, auth_method, &grant_types, policy)?;
        check_introspection(self, auth_method, policy)?;
        let userinfo_alg = self.userinfo_signed_response_alg.as_deref();
        check_response_alg("userinfo_signed_response_alg", userinfo_alg, policy)?;
        check_refresh_grace(self)?;
        check_subject_type(self, policy)?;
        check_jwks(self)?;
        check_authentication(self, auth_method, policy)?;
        check_request_object_alg(self, auth_method, policy)?;
        check_scopes(self, policy)?;

        let mut valid = self.clone();
        drop_issued(&mut valid.other);
        valid.application_type = Some(application_type.as_str().to_owned());
        valid.token_endpoint_auth_method = Some(auth_method.as_str().to_owned());
        valid.grant_types = Some(names(&grant_types, GrantType::as_str));
        valid.response_types = Some(names(&response_types, ResponseType::as_str));
        valid
            .subject_type
            .get_or_insert_with(|| "public".to_owned());
        valid.id_token_signed_response_alg = id_token_alg;
        Ok(ValidClientMetadata(valid))
    }
}

/// The prefix of our own members that weaken a client's security.
const WEAKENS: &str = "insecure_";

/// A client that registers itself can't grant itself an exception.
fn check_operator_members(metadata: &ClientMetadata, policy: &ClientPolicy) -> Result<(), Fault> {
    if policy.operator {
        return Ok(());
    }
    let set = [
        (
            "access_token_format",
            metadata.access_token_format.is_some(),
        ),
        ("default_resources", !metadata.default_resources.is_empty()),
        (
            "rotate_refresh_tokens",
            metadata.rotate_refresh_tokens.is_some(),
        ),
        (
            "persist_access_tokens",
            metadata.persist_access_tokens.is_some(),
        ),
        (
            "accept_json_token_requests",
            metadata.accept_json_token_requests.is_some(),
        ),
        ("may_introspect", metadata.may_introspect.is_some()),
        (
            "refresh_grace_seconds",
            metadata.refresh_grace_seconds.is_some(),
        ),
        (
            "insecure_skip_consent",
            metadata.insecure_skip_consent.is_some(),
        ),
        (
            "insecure_plain_pkce",
            metadata.insecure_plain_pkce.is_some(),
        ),
        (
            "insecure_id_token_is_access_token",
            metadata.insecure_id_token_is_access_token.is_some(),
        ),
    ];
    if let Some((member, _)) = set.into_iter().find(|(_, set)| *set) {
        return Err(Fault::OperatorOnly { member });
    }
    // What a later version reads must not have been said before by a client itself.
    match metadata.other.keys().any(|name| name.starts_with(WEAKENS)) {
        true => Err(Fault::OperatorOnly {
            member: "insecure_*",
        }),
        false => Ok(()),
    }
}

/// Members that this server doesn't act on, with a language tag or without (RFC 7591, section 2.2).
/// `false` asks for nothing.
fn check_unsupported_members(
    metadata: &ClientMetadata,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let Ok(Value::Object(members)) = serde_json::to_value(metadata) else {
        return Err(Fault::Malformed {
            reason: "it can't be written as JSON".to_owned(),
        });
    };
    let refused = ClientPolicy::NOT_YET.iter().find(|not_yet| {
        let asks = |(name, value): (&String, &Value)| {
            let base = name.split('#').next().unwrap_or(name);
            base == **not_yet && *value != Value::Bool(false)
        };
        !policy.acts_on(not_yet) && members.iter().any(asks)
    });
    match refused {
        Some(member) => Err(Fault::MemberNotSupported { member }),
        None => Ok(()),
    }
}

fn check_refresh_grace(metadata: &ClientMetadata) -> Result<(), Fault> {
    match metadata.refresh_grace_seconds {
        Some(seconds) if seconds > MAX_REFRESH_GRACE_SECONDS => Err(Fault::TooGreat {
            member: "refresh_grace_seconds",
            limit: MAX_REFRESH_GRACE_SECONDS,
        }),
        _ => Ok(()),
    }
}

/// A thief's use of a token is noticed no later than the use after this.
const MAX_REFRESH_GRACE_SECONDS: u32 = 600;

fn check_redirect_uris(
    metadata: &ClientMetadata,
    application_type: ApplicationType,
    response_types: &[ResponseType],
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    // RFC 6749, section 3.1.2.2, and RFC 7591, section 2: a client of the authorization endpoint
    // registers its addresses.
    if metadata.redirect_uris.is_empty() && !response_types.is_empty() {
        return Err(Fault::RedirectUrisMissing);
    }
    let returns_token = response_types.iter().any(|one| one.returns_token());
    for uri in &metadata.redirect_uris {
        check_redirect_uri("redirect_uris", uri, application_type, policy)?;
        check_query("redirect_uris", uri, &AUTHORIZATION_RESPONSE)?;
        if returns_token && application_type == ApplicationType::Web {
            check_token_redirect_uri(uri)?;
        }
    }
    for uri in &metadata.post_logout_redirect_uris {
        check_redirect_uri("post_logout_redirect_uris", uri, application_type, policy)?;
        check_query("post_logout_redirect_uris", uri, &LOGOUT_RESPONSE)?;
    }
    Ok(())
}

fn check_addresses(metadata: &ClientMetadata, policy: &ClientPolicy) -> Result<(), Fault> {
    if let Some(uri) = &metadata.client_uri {
        check_client_uri(uri, metadata, policy)?;
    }
    let pages = [
        ("logo_uri", &metadata.logo_uri),
        ("tos_uri", &metadata.tos_uri),
        ("policy_uri", &metadata.policy_uri),
    ];
    for (member, uri) in pages {
        if let Some(uri) = uri {
            check_page_uri(member, uri)?;
        }
    }
    let called = [
        ("jwks_uri", &metadata.jwks_uri),
        ("sector_identifier_uri", &metadata.sector_identifier_uri),
        ("frontchannel_logout_uri", &metadata.frontchannel_logout_uri),
        ("backchannel_logout_uri", &metadata.backchannel_logout_uri),
    ];
    for (member, uri) in called {
        if let Some(uri) = uri {
            check_https_uri(member, uri, false, policy)?;
        }
    }
    // OpenID Connect Registration, section 2: https, on this machine too.
    if let Some(uri) = &metadata.initiate_login_uri {
        check_only_https_uri("initiate_login_uri", uri)?;
    }
    if let Some(uri) = &metadata.frontchannel_logout_uri {
        check_frontchannel_logout_uri(uri, metadata)?;
    }
    for uri in &metadata.request_uris {
        check_https_uri("request_uris", uri, true, policy)?;
    }
    Ok(())
}

fn check_scopes(metadata: &ClientMetadata, policy: &ClientPolicy) -> Result<(), Fault> {
    let read = |member, text: &Option<String>| -> Result<Option<Scope>, Fault> {
        let Some(text) = text else {
            return Ok(None);
        };
        let scope = Scope::parse(text).map_err(|fault| Fault::Scope { member, fault })?;
        let defined = |token: &&str| policy.offered.scopes.iter().any(|scope| scope == token);
        if let Some(undefined) = scope.iter().find(|token| !defined(token)) {
            return Err(Fault::ScopeNotOffered {
                member,
                scope: printable(undefined),
                offered: listed(&policy.offered.scopes),
            });
        }
        Ok(Some(scope))
    };
    let undeclared = |resource: &&String| !policy.offered.resources.contains(resource);
    if let Some(resource) = metadata.default_resources.iter().find(undeclared) {
        return Err(Fault::ResourceNotOffered {
            resource: printable(resource),
        });
    }
    let scope = read("scope", &metadata.scope)?;
    let default_scope = read("default_scope", &metadata.default_scope)?;
    match (scope, default_scope) {
        (Some(scope), Some(default_scope)) if !default_scope.is_subset_of(&scope) => {
            Err(Fault::DefaultScopeOutsideScope)
        }
        _ => Ok(()),
    }
}

fn names<T: Copy>(values: &[T], name: impl Fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| name(*value).to_owned()).collect()
}
