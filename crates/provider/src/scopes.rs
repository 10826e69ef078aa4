//! The scopes that are defined here.

use countersign_oauth::claims::ClaimsByScope;
use countersign_oauth::scope;

use crate::settings::Settings;

/// The scopes of OpenID Connect Core, sections 5.4 and 11; the operator's own come beside them.
pub const STANDARD_SCOPES: [&str; 6] = [
    scope::OPENID,
    scope::PROFILE,
    scope::EMAIL,
    scope::ADDRESS,
    scope::PHONE,
    scope::OFFLINE_ACCESS,
];

/// Every scope that is defined: the standard ones, the operator's own, and those of resources.
#[must_use]
pub fn all(settings: &Settings) -> Vec<String> {
    let own = settings.operator.scopes.keys().map(String::as_str);
    let mut scopes: Vec<String> = Vec::new();
    for name in STANDARD_SCOPES
        .into_iter()
        .chain(own)
        .chain(of_resources(settings))
    {
        if !scopes.iter().any(|known| known == name) {
            scopes.push(name.to_owned());
        }
    }
    scopes
}

/// Which claims the operator's scopes release.
#[must_use]
pub fn claims_by_scope(settings: &Settings) -> ClaimsByScope {
    let scopes = settings.operator.scopes.iter();
    scopes
        .map(|(name, scope)| (name.clone(), scope.claims.clone()))
        .collect()
}

/// Every scope that a resource lists.
pub fn of_resources(settings: &Settings) -> impl Iterator<Item = &str> {
    let resources = settings.operator.resources.values();
    resources.flat_map(|resource| resource.scopes.iter().map(String::as_str))
}
