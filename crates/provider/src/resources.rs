//! Resources: what access tokens are for (RFC 8707), as the operator declared them.
//!
//! Every access token is for named resources: those that were asked for, else the client's default
//! ones, else the issuer itself. The empty list is the issuer. Each scope belongs to the resources
//! that list it; one that no resource lists, and the standard ones, belong to the issuer.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::client_metadata::AccessTokenFormat;
use countersign_oauth::issuer::Issuer;
use countersign_oauth::parameters::Parameters;
use countersign_oauth::resource::is_same_resource;
use countersign_oauth::scope::Scope;

use crate::clients::Client;
use crate::scopes::STANDARD_SCOPES;
use crate::settings::{OperatorResource, Settings};

/// What a request asked tokens for, by a name that no resource here has (RFC 8707, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownResource;

/// Resources for one token that do not agree on how it is signed. Tokens for one each are fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConflictingResources;

/// How an access token for certain resources is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub format: AccessTokenFormat,
    pub algorithm: SignatureAlgorithm,
    pub lifetime_seconds: i64,
}

/// The resources of `resource` parameters, in the form in which they are declared and none twice;
/// `None` if there is no such parameter. The issuer is a resource too.
///
/// # Errors
/// Returns [`UnknownResource`].
pub fn requested(
    settings: &Settings,
    issuer: &Issuer,
    parameters: &Parameters,
) -> Result<Option<Vec<String>>, UnknownResource> {
    let mut found: Vec<String> = Vec::new();
    for asked in parameters.all("resource") {
        let declared = declared(settings, issuer, asked).ok_or(UnknownResource)?;
        if !found.iter().any(|known| known == declared) {
            found.push(declared.to_owned());
        }
    }
    Ok((!found.is_empty()).then(|| without_issuer_alone(found, issuer)))
}

/// The resources of a request that names none: the client's default ones, as far as they are still
/// declared.
pub fn default_of(settings: &Settings, issuer: &Issuer, client: &Client) -> Vec<String> {
    let declared = client
        .metadata
        .default_resources
        .iter()
        .filter_map(|resource| declared(settings, issuer, resource));
    without_issuer_alone(declared.map(str::to_owned).collect(), issuer)
}

/// Whether every one of `narrower` is among `resources`.
pub fn are_within(narrower: &[String], resources: &[String], issuer: &Issuer) -> bool {
    let issuer = issuer.as_str();
    let holds = |resources: &[String], name: &str| {
        resources.iter().any(|held| held == name) || resources.is_empty() && name == issuer
    };
    match narrower.is_empty() {
        true => holds(resources, issuer),
        false => narrower.iter().all(|name| holds(resources, name)),
    }
}

/// What of a scope a token for these resources may carry.
pub fn scope_within(
    settings: &Settings,
    scope: &Scope,
    resources: &[String],
    issuer: &Issuer,
) -> Scope {
    let for_issuer = include_issuer(resources, issuer);
    let mut within = Scope::default();
    for name in scope.iter() {
        let belongs_to =
            |resource: &OperatorResource| resource.scopes.iter().any(|own| own == name);
        let listed = resources
            .iter()
            .filter_map(|resource| settings.operator.resources.get(resource))
            .any(belongs_to);
        let is_issuers = || !settings.operator.resources.values().any(belongs_to);
        // A standard scope says what the issuer may tell the client, in the ID token too, and means
        // nothing to anyone else.
        if STANDARD_SCOPES.contains(&name) || listed || for_issuer && is_issuers() {
            let _ = within.insert(name);
        }
    }
    within
}

/// How an access token of `client` for these resources is made.
///
/// # Errors
/// Returns [`ConflictingResources`] if two of them demand different algorithms.
pub fn terms(
    settings: &Settings,
    client: &Client,
    resources: &[String],
) -> Result<Terms, ConflictingResources> {
    let declared = || {
        resources
            .iter()
            .filter_map(|resource| settings.operator.resources.get(resource))
    };
    let mut algorithms = declared().filter_map(|resource| resource.access_token_algorithm);
    let algorithm = algorithms.next();
    if algorithms.any(|other| Some(other) != algorithm) {
        return Err(ConflictingResources);
    }
    let formats = || declared().filter_map(|resource| resource.access_token_format);
    // A resource that asks at introspection accepts an opaque token only; one that verifies a
    // signature can ask as well.
    let format = match formats().any(|format| format == AccessTokenFormat::Opaque) {
        true => AccessTokenFormat::Opaque,
        false => formats().next().unwrap_or(client.access_token_format),
    };
    let lifetimes = declared().filter_map(|resource| resource.access_token_lifetime_seconds);
    Ok(Terms {
        format,
        algorithm: algorithm
            .unwrap_or(settings.keys.access_token_algorithm)
            .into(),
        lifetime_seconds: lifetimes
            .min()
            .unwrap_or(settings.tokens.access_token_lifetime_seconds),
    })
}

/// The `aud` claim of a token for these resources.
pub fn audience(resources: &[String], issuer: &Issuer) -> Vec<String> {
    match resources.is_empty() {
        true => vec![issuer.as_str().to_owned()],
        false => resources.to_vec(),
    }
}

/// Whether the issuer is among the resources.
pub fn include_issuer(resources: &[String], issuer: &Issuer) -> bool {
    resources.is_empty() || resources.iter().any(|name| name == issuer.as_str())
}

/// Whether a token for these resources opens userinfo: it is for the issuer, or for a resource whose
/// tokens are declared to (decided per resource, since those who run it can then read the user's
/// claims).
pub fn open_userinfo(settings: &Settings, resources: &[String], issuer: &Issuer) -> bool {
    let is_open = |name: &String| {
        let declared = settings.operator.resources.get(name);
        name == issuer.as_str() || declared.is_some_and(|resource| resource.userinfo)
    };
    resources.is_empty() || resources.iter().any(is_open)
}

/// Whether a client may ask about tokens for these resources, because it is one of those that the
/// operator named for one of them (RFC 7662, section 2.1).
pub fn may_introspect(settings: &Settings, resources: &[String], client_id: &str) -> bool {
    let is_named = |resource: &OperatorResource| {
        let mut named = resource.introspecting_clients.iter();
        named.any(|named| named == client_id)
    };
    let declared = &settings.operator.resources;
    resources
        .iter()
        .filter_map(|resource| declared.get(resource))
        .any(is_named)
}

/// Whether it is still a resource here.
pub fn is_declared(settings: &Settings, issuer: &Issuer, resource: &str) -> bool {
    declared(settings, issuer, resource).is_some()
}

/// The declared form of an identifier.
pub fn declared<'a>(settings: &'a Settings, issuer: &'a Issuer, asked: &str) -> Option<&'a str> {
    if is_same_resource(asked, issuer.as_str()) {
        return Some(issuer.as_str());
    }
    let resources = &settings.operator.resources;
    match resources.get_key_value(asked) {
        Some((exact, _)) => Some(exact),
        None => resources
            .keys()
            .find(|declared| is_same_resource(asked, declared))
            .map(String::as_str),
    }
}

/// The issuer alone is the empty list, so that it is written in one way.
pub fn without_issuer_alone(resources: Vec<String>, issuer: &Issuer) -> Vec<String> {
    match resources.as_slice() {
        [only] if only == issuer.as_str() => Vec::new(),
        _ => resources,
    }
}
