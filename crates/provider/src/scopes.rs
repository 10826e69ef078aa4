//! The scopes that are defined here.

use countersign_oauth::claims::ClaimsByScope;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::scope;

use crate::resources::DeclaredResources;
use crate::settings::Settings;

/// Every scope that is defined: the standard ones, the operator's own, and those of resources.
#[must_use]
pub fn all(settings: &Settings, declared: &DeclaredResources) -> Vec<String> {
    let own = settings.operator.scopes.keys().map(String::as_str);
    let mut scopes: Vec<String> = Vec::new();
    for name in scope::STANDARD
        .into_iter()
        .chain(own)
        .chain(declared.scopes())
    {
        if !scopes.iter().any(|known| known == name) {
            scopes.push(name.to_owned());
        }
    }
    // OpenID Connect Core, section 11: what it asks for is a refresh token.
    if !settings.grants.enables(GrantType::RefreshToken) {
        scopes.retain(|name| name != scope::OFFLINE_ACCESS);
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
