//! Individual claims that a request asks for (OpenID Connect Core, section 5.5), as far as the
//! client may have them.
//!
//! A claim belongs to a scope, and needs the same permission: the client must be allowed the scope,
//! and the user is asked as if for all of it. Only the claim itself is released.

use countersign_oauth::claims::{
    ClaimsParameter, ClaimsParameterFault, RequestedClaims, releasing_scope,
};
use countersign_oauth::parameters::Parameters;
use countersign_oauth::scope::Scope;

use super::fault::AuthorizeFault;
use crate::clients::Client;
use crate::error::Failure;
use crate::resources::DeclaredResources;
use crate::scopes;
use crate::settings::Settings;

/// Parses `claims`.
///
/// # Errors
/// Returns [`AuthorizeFault::ClaimsMalformed`].
pub fn parameter(parameters: &Parameters) -> Result<ClaimsParameter, Failure> {
    match parameters.get("claims") {
        None => Ok(ClaimsParameter::default()),
        Some(text) => ClaimsParameter::parse(text).map_err(malformed),
    }
}

/// The cause for a refused `claims` parameter.
pub fn malformed(fault: ClaimsParameterFault) -> Failure {
    Failure::from(AuthorizeFault::ClaimsMalformed).detail(fault.to_string())
}

/// The claims that are asked for by name, as far as the client may have them, and the preferred
/// languages of all claims (section 5.2).
pub fn requested(
    settings: &Settings,
    client: &Client,
    declared: &DeclaredResources,
    parameters: &Parameters,
    claims: &ClaimsParameter,
) -> RequestedClaims {
    let locales = parameters.get("claims_locales").map(languages);
    let requested = RequestedClaims {
        locales: locales.unwrap_or_default(),
        ..claims.names()
    };
    grantable(settings, client, declared, requested)
}

/// The requested claims that may be released to the client.
pub fn grantable(
    settings: &Settings,
    client: &Client,
    declared: &DeclaredResources,
    requested: RequestedClaims,
) -> RequestedClaims {
    if requested.is_empty() {
        return requested;
    }
    let by_scope = scopes::claims_by_scope(settings);
    let may_be_released = |name: &str| {
        let scope = releasing_scope(name, &by_scope);
        let scope = scope.and_then(|scope| Scope::parse(scope).ok());
        scope.is_some_and(|scope| {
            !declared
                .grantable(client.allowed_scope.as_ref(), &scope, settings)
                .is_empty()
        })
    };
    requested.only(may_be_released)
}

/// What the user is asked for: the scope, and the scopes that the claims belong to. `None` if that is
/// more than a scope can hold.
pub fn shown(settings: &Settings, scope: &Scope, claims: &RequestedClaims) -> Option<Scope> {
    let mut shown = scope.clone();
    if claims.is_empty() {
        return Some(shown);
    }
    let by_scope = scopes::claims_by_scope(settings);
    for name in claims.names() {
        if let Some(releasing) = releasing_scope(name, &by_scope) {
            shown.insert(releasing).ok()?;
        }
    }
    Some(shown)
}

/// The preferred languages, in order (section 5.2). Languages beyond the limit are ignored, because
/// they are only preferences.
fn languages(locales: &str) -> Vec<String> {
    let words = locales.split(' ').filter(|word| !word.is_empty());
    words.take(MAX_LOCALES).map(str::to_owned).collect()
}

const MAX_LOCALES: usize = 10;
