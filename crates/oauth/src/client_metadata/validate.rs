//! The rules, member by member. The answer is the metadata with the defaults filled in, which is also what
//! registration returns (RFC 7591 3.2.1).

use std::ops::Deref;

use countersign_jose::alg::SignatureAlgorithm;
use serde_json::{Map, Value};

use crate::client_auth_method::ClientAuthMethod;
use crate::grant_type::GrantType;
use crate::response_type::ResponseType;
use crate::scope::Scope;

use super::defaults::{DEFAULT_ID_TOKEN_ALG, HUMAN_READABLE};
use super::fault::ClientMetadataFault as Fault;
use super::uris::{check_https_uri, check_page_uri, check_redirect_uri, printable};
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
    /// Reads a registration request or a metadata file: one JSON object, no member twice, of bounded depth.
    pub fn from_json(json: &[u8]) -> Result<Self, Fault> {
        let object =
            countersign_jose::json::parse_object(json).map_err(|error| Fault::Malformed {
                reason: error.to_string(),
            })?;
        Self::from_object(object)
    }

    /// Reads metadata from an object. An empty text counts as absent, as `null` does (RFC 7591 2).
    pub fn from_object(mut object: Map<String, Value>) -> Result<Self, Fault> {
        object.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        serde_json::from_value(Value::Object(object)).map_err(|error| Fault::Malformed {
            reason: printable(&error.to_string()),
        })
    }

    /// Checks every member against the specifications and the policy.
    pub fn validate(&self, policy: &ClientPolicy) -> Result<ValidClientMetadata, Fault> {
        check_operator_members(self, policy)?;
        check_unsupported_members(self, policy)?;
        check_texts(self)?;
        let application_type = application_type(self)?;
        let auth_method = auth_method(self, policy)?;
        let grant_types = grant_types(self, auth_method, policy)?;
        let response_types = response_types(self, &grant_types, policy)?;
        check_redirect_uris(self, application_type, &response_types, policy)?;
        check_addresses(self, policy)?;
        check_algorithms(self, auth_method, policy)?;
        check_jwks(self)?;
        check_scopes(self)?;

        let mut valid = self.clone();
        valid.application_type = Some(application_type.as_str().to_owned());
        valid.token_endpoint_auth_method = Some(auth_method.as_str().to_owned());
        valid.grant_types = Some(names(&grant_types, GrantType::as_str));
        valid.response_types = Some(names(&response_types, ResponseType::as_str));
        valid
            .subject_type
            .get_or_insert_with(|| "public".to_owned());
        valid
            .id_token_signed_response_alg
            .get_or_insert_with(|| DEFAULT_ID_TOKEN_ALG.to_owned());
        Ok(ValidClientMetadata(valid))
    }
}

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
        (
            "insecure_skip_consent",
            metadata.insecure_skip_consent.is_some(),
        ),
        (
            "insecure_plain_pkce",
            metadata.insecure_plain_pkce.is_some(),
        ),
    ];
    match set.into_iter().find(|(_, set)| *set) {
        Some((member, _)) => Err(Fault::OperatorOnly { member }),
        None => Ok(()),
    }
}

/// Members that promise a protection which this server doesn't give. `false` asks for nothing.
fn check_unsupported_members(
    metadata: &ClientMetadata,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let Ok(Value::Object(members)) = serde_json::to_value(metadata) else {
        return Err(Fault::Malformed {
            reason: "it can't be written as JSON".to_owned(),
        });
    };
    for member in ClientPolicy::NOT_YET {
        let asks = members
            .get(*member)
            .is_some_and(|value| *value != Value::Bool(false));
        if asks
            && !policy
                .supported_members
                .iter()
                .any(|supported| supported == member)
        {
            return Err(Fault::MemberNotSupported { member });
        }
    }
    Ok(())
}

/// Names and lists have bounds, and no text has a control character: they are shown on pages and in logs.
fn check_texts(metadata: &ClientMetadata) -> Result<(), Fault> {
    let texts = [
        ("client_name", &metadata.client_name),
        ("software_id", &metadata.software_id),
        ("software_version", &metadata.software_version),
        (
            "tls_client_auth_subject_dn",
            &metadata.tls_client_auth_subject_dn,
        ),
    ];
    for (member, text) in texts {
        if let Some(text) = text {
            check_text(member, text)?;
        }
    }
    let lists = [
        ("redirect_uris", &metadata.redirect_uris),
        (
            "post_logout_redirect_uris",
            &metadata.post_logout_redirect_uris,
        ),
        ("request_uris", &metadata.request_uris),
        ("contacts", &metadata.contacts),
        ("default_acr_values", &metadata.default_acr_values),
    ];
    for (member, list) in lists {
        if list.len() > MAX_LIST_ENTRIES {
            return Err(Fault::TooMany {
                member: member.to_owned(),
                limit: MAX_LIST_ENTRIES,
            });
        }
    }
    for text in &metadata.contacts {
        check_text("contacts", text)?;
    }
    for text in &metadata.default_acr_values {
        check_text("default_acr_values", text)?;
    }
    if metadata.other.len() > MAX_OTHER_MEMBERS {
        return Err(Fault::TooMany {
            member: "the metadata".to_owned(),
            limit: MAX_OTHER_MEMBERS,
        });
    }
    for (name, value) in &metadata.other {
        check_other_member(name, value)?;
    }
    Ok(())
}

fn check_text(member: &str, text: &str) -> Result<(), Fault> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Fault::TooLong {
            member: printable(member),
            limit_bytes: MAX_TEXT_BYTES,
        });
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::ControlCharacter {
            member: printable(member),
        });
    }
    Ok(())
}

/// Unknown members are kept within bounds; language-tagged ones keep the rules of the untagged
/// (RFC 7591 2.2).
fn check_other_member(name: &str, value: &Value) -> Result<(), Fault> {
    check_text("the name of a member", name)?;
    if value.to_string().len() > MAX_OTHER_BYTES {
        return Err(Fault::TooLong {
            member: printable(name),
            limit_bytes: MAX_OTHER_BYTES,
        });
    }
    let base = name.split('#').next().unwrap_or(name);
    if name.contains('#') && HUMAN_READABLE.contains(&base) {
        let Some(text) = value.as_str() else {
            return Err(Fault::WrongType {
                member: printable(name),
                expected: "a text",
            });
        };
        match base {
            "client_name" => check_text(name, text)?,
            _ => check_page_uri(name, text)?,
        }
    }
    Ok(())
}

fn application_type(metadata: &ClientMetadata) -> Result<ApplicationType, Fault> {
    match metadata.application_type.as_deref() {
        None => Ok(ApplicationType::default()),
        Some(name) => ApplicationType::parse(name).ok_or_else(|| Fault::UnknownValue {
            member: "application_type",
            value: printable(name),
        }),
    }
}

fn auth_method(
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
    if !policy.auth_methods.contains(&method) {
        return Err(Fault::AuthMethodNotSupported(method));
    }
    Ok(method)
}

fn grant_types(
    metadata: &ClientMetadata,
    auth_method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<Vec<GrantType>, Fault> {
    for name in metadata.grant_types.iter().flatten() {
        let grant_type = GrantType::parse(name).ok_or_else(|| Fault::UnknownValue {
            member: "grant_types",
            value: printable(name),
        })?;
        if !policy.grant_types.contains(&grant_type) {
            return Err(Fault::GrantTypeNotSupported(grant_type));
        }
        // RFC 6749 4.4: client credentials are for confidential clients alone.
        if auth_method == ClientAuthMethod::None && grant_type == GrantType::ClientCredentials {
            return Err(Fault::GrantNeedsConfidentialClient(grant_type));
        }
    }
    Ok(without_repeats(metadata.grant_types()))
}

/// The table of RFC 7591 2.1, in both directions.
fn response_types(
    metadata: &ClientMetadata,
    grant_types: &[GrantType],
    policy: &ClientPolicy,
) -> Result<Vec<ResponseType>, Fault> {
    for name in metadata.response_types.iter().flatten() {
        let response_type = ResponseType::parse(name).ok_or_else(|| Fault::UnknownValue {
            member: "response_types",
            value: printable(name),
        })?;
        if !policy.response_types.contains(&response_type) {
            return Err(Fault::ResponseTypeNotSupported(response_type));
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

fn check_redirect_uris(
    metadata: &ClientMetadata,
    application_type: ApplicationType,
    response_types: &[ResponseType],
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    // RFC 6749 3.1.2.2 and RFC 7591 2: whoever uses the authorization endpoint registers its addresses.
    if metadata.redirect_uris.is_empty() && !response_types.is_empty() {
        return Err(Fault::RedirectUrisMissing);
    }
    for uri in &metadata.redirect_uris {
        check_redirect_uri("redirect_uris", uri, application_type, policy)?;
    }
    for uri in &metadata.post_logout_redirect_uris {
        check_redirect_uri("post_logout_redirect_uris", uri, application_type, policy)?;
    }
    Ok(())
}

fn check_addresses(metadata: &ClientMetadata, policy: &ClientPolicy) -> Result<(), Fault> {
    let pages = [
        ("client_uri", &metadata.client_uri),
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
        ("initiate_login_uri", &metadata.initiate_login_uri),
        ("frontchannel_logout_uri", &metadata.frontchannel_logout_uri),
        ("backchannel_logout_uri", &metadata.backchannel_logout_uri),
    ];
    for (member, uri) in called {
        if let Some(uri) = uri {
            check_https_uri(member, uri, false, policy)?;
        }
    }
    for uri in &metadata.request_uris {
        check_https_uri("request_uris", uri, true, policy)?;
    }
    Ok(())
}

fn check_algorithms(
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
fn check_jwks(metadata: &ClientMetadata) -> Result<(), Fault> {
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

fn check_scopes(metadata: &ClientMetadata) -> Result<(), Fault> {
    let parse = |member, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => Scope::parse(text)
            .map(Some)
            .map_err(|fault| Fault::Scope { member, fault }),
    };
    let scope = parse("scope", &metadata.scope)?;
    let default_scope = parse("default_scope", &metadata.default_scope)?;
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

fn without_repeats<T: PartialEq>(values: Vec<T>) -> Vec<T> {
    let mut kept = Vec::with_capacity(values.len());
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

/// RFC 7518 6: what only the owner of a key holds.
const PRIVATE_KEY_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

const MAX_TEXT_BYTES: usize = 512;
const MAX_LIST_ENTRIES: usize = 50;
const MAX_OTHER_MEMBERS: usize = 50;
const MAX_OTHER_BYTES: usize = 4_096;
