//! Metadata that a client publishes at its own `client_id` ([Client ID Metadata Documents, section
//! 4]). A document is written for every server at once. So members that this server does not know
//! or offer are ignored, where a registration would be refused.
//!
//! [Client ID Metadata Documents, section 4]: https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/

use serde_json::{Map, Value};

use crate::client_auth_method::ClientAuthMethod;
use crate::client_id_url::ClientIdUrl;
use crate::grant_type::GrantType;
use crate::response_type::ResponseType;

use super::defaults::{HUMAN_READABLE, is_on_the_users_machine};
use super::fault::ClientMetadataFault;
use super::uris::printable;
use super::{ApplicationType, ClientMetadata, ClientPolicy, ValidClientMetadata};

impl ClientMetadata {
    /// Parses and checks the document that was fetched from `client_id`.
    ///
    /// # Errors
    /// Returns the first [`ClientDocumentFault`].
    pub fn from_document(
        client_id: &ClientIdUrl,
        json: &[u8],
        policy: &ClientPolicy,
    ) -> Result<ValidClientMetadata, ClientDocumentFault> {
        let mut members = countersign_jose::json::parse_object(json).map_err(|error| {
            ClientMetadataFault::Malformed {
                reason: error.to_string(),
            }
        })?;
        check_identity(client_id, &members)?;
        let method = auth_method(&members, policy)?;
        members.insert(METHOD.to_owned(), Value::from(method.as_str()));
        members.retain(|name, _| is_read(name, policy));
        let mut metadata = ClientMetadata::from_object(members)?;
        if metadata.client_name.is_none() {
            return Err(ClientDocumentFault::NameMissing);
        }
        keep_offered(&mut metadata, method, policy)?;
        // A document may list the loopback addresses of a program beside those of a website.
        // Loopback ports may vary all the same (RFC 8252, section 7.3).
        let is_native = metadata
            .redirect_uris
            .iter()
            .any(|uri| is_on_the_users_machine(uri));
        if metadata.application_type.is_none() && is_native {
            metadata.application_type = Some(ApplicationType::Native.as_str().to_owned());
        }
        // The scopes that exist can change while the document is kept. A scope that does not exist
        // is never granted.
        let mut policy = policy.clone();
        let words = metadata.scope.iter().flat_map(|scope| scope.split(' '));
        policy.offered.scopes = words.map(str::to_owned).collect();
        Ok(metadata.validate(&policy)?)
    }
}

const METHOD: &str = "token_endpoint_auth_method";
const METHODS: &str = "token_endpoint_auth_methods_supported";

/// Section 4.1: the document names itself, compared character by character, and has no shared
/// secret. Private keys are refused where all keys are checked.
fn check_identity(
    client_id: &ClientIdUrl,
    members: &Map<String, Value>,
) -> Result<(), ClientDocumentFault> {
    if members.get("client_id").and_then(Value::as_str) != Some(client_id.as_str()) {
        return Err(ClientDocumentFault::OtherClientId);
    }
    match members
        .keys()
        .find(|name| name.starts_with("client_secret"))
    {
        Some(member) => Err(ClientDocumentFault::Secret {
            member: printable(member),
        }),
        None => Ok(()),
    }
}

/// How the client authenticates: the strongest of the methods that it names, alone or in a list, or
/// `none` if it names none. A client that publishes keys authenticates with them (section 8.2).
fn auth_method(
    members: &Map<String, Value>,
    policy: &ClientPolicy,
) -> Result<ClientAuthMethod, ClientDocumentFault> {
    let single = members.get(METHOD).and_then(Value::as_str);
    let single = single.filter(|name| !name.is_empty());
    if let Some(method) = single.and_then(ClientAuthMethod::parse)
        && method.uses_secret()
    {
        return Err(ClientDocumentFault::SharedSecret { method });
    }
    let list = members.get(METHODS).and_then(Value::as_array);
    let list = list.into_iter().flatten().filter_map(Value::as_str);
    let named: Vec<&str> = single.into_iter().chain(list).collect();
    let publishes_keys = ["jwks", "jwks_uri"]
        .iter()
        .any(|member| members.get(*member).is_some_and(|value| !value.is_null()));
    let usable: Vec<ClientAuthMethod> = named
        .iter()
        .filter_map(|name| ClientAuthMethod::parse(name))
        .filter(|method| policy.offered.auth_methods.contains(method))
        .collect();
    let of_keys = [
        ClientAuthMethod::PrivateKeyJwt,
        ClientAuthMethod::SelfSignedTlsClientAuth,
    ];
    let strongest = |wanted: &dyn Fn(&ClientAuthMethod) -> bool| {
        let mut named = BY_STRENGTH
            .into_iter()
            .filter(|method| usable.contains(method));
        named.find(wanted)
    };
    // A method that needs keys counts only if there are keys, unless there is nothing else.
    let chosen = strongest(&|method| publishes_keys || !of_keys.contains(method))
        .or_else(|| strongest(&|_| true));
    match chosen {
        Some(ClientAuthMethod::None) | None if publishes_keys => {
            Ok(ClientAuthMethod::PrivateKeyJwt)
        }
        Some(method) => Ok(method),
        None if named.is_empty() => Ok(ClientAuthMethod::None),
        None => Err(ClientDocumentFault::NoUsableMethod {
            named: printable(&named.join(", ")),
        }),
    }
}

/// The methods of a client without a shared secret, strongest first. All but `none` prove
/// possession of a key. An assertion works through any proxy.
const BY_STRENGTH: [ClientAuthMethod; 4] = [
    ClientAuthMethod::PrivateKeyJwt,
    ClientAuthMethod::TlsClientAuth,
    ClientAuthMethod::SelfSignedTlsClientAuth,
    ClientAuthMethod::None,
];

/// Whether a member is read at all: the registered ones that this server acts on, and texts in
/// other languages (RFC 7591, section 2.2). Countersign's own members are not: only an operator may
/// set them.
fn is_read(name: &str, policy: &ClientPolicy) -> bool {
    if let Some((base, _)) = name.split_once('#') {
        return HUMAN_READABLE.contains(&base)
            && (!ClientPolicy::NOT_YET.contains(&base) || policy.acts_on(base));
    }
    MEMBERS.contains(&name) && (!ClientPolicy::NOT_YET.contains(&name) || policy.acts_on(name))
}

/// Leaves out the grants and response types that this server does not offer.
fn keep_offered(
    metadata: &mut ClientMetadata,
    method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<(), ClientDocumentFault> {
    let offered = &policy.offered;
    if let Some(names) = &mut metadata.grant_types {
        names.retain(|name| {
            GrantType::parse(name).is_some_and(|known| {
                // RFC 6749, section 4.4: the client credentials grant needs a credential.
                let may = known != GrantType::ClientCredentials || method != ClientAuthMethod::None;
                may && offered.grant_types.contains(&known)
            })
        });
        if names.is_empty() {
            return Err(ClientDocumentFault::NoGrant);
        }
    }
    if let Some(names) = &mut metadata.response_types {
        names.retain(|name| {
            ResponseType::parse(name).is_some_and(|known| offered.response_types.contains(&known))
        });
        // By default, what an authorization needs.
        if names.is_empty() {
            metadata.response_types = None;
        }
    }
    Ok(())
}

/// The members of a document that this server acts on.
const MEMBERS: [&str; 32] = [
    "redirect_uris",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "grant_types",
    "response_types",
    "client_name",
    "client_uri",
    "logo_uri",
    "scope",
    "contacts",
    "tos_uri",
    "policy_uri",
    "jwks_uri",
    "jwks",
    "software_id",
    "software_version",
    "application_type",
    "id_token_signed_response_alg",
    "default_max_age",
    "require_auth_time",
    "initiate_login_uri",
    "post_logout_redirect_uris",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "dpop_bound_access_tokens",
    "tls_client_certificate_bound_access_tokens",
    "require_pushed_authorization_requests",
];

/// Why a document was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientDocumentFault {
    #[error("its client_id is not the address that it was fetched from, character by character")]
    OtherClientId,
    #[error("it has the member {member}, and a document is public")]
    Secret { member: String },
    #[error("token_endpoint_auth_method {method} needs a shared secret, and a document is public")]
    SharedSecret { method: ClientAuthMethod },
    #[error("none of the methods of authentication that it names is supported here: {named}")]
    NoUsableMethod { named: String },
    #[error("it has no client_name")]
    NameMissing,
    #[error("none of the grant types that it names is offered to such a client")]
    NoGrant,
    #[error(transparent)]
    Metadata(#[from] ClientMetadataFault),
}
