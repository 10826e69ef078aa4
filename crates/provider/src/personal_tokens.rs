//! What API tokens that people make may do here.

use countersign_oauth::issuer::Issuer;
use countersign_oauth::scope::{OFFLINE_ACCESS, Scope};

use crate::settings::{OperatorResource, Settings};
use crate::{resources, scopes};

/// The scopes that a person may give a token: all but the one that is about refreshing.
#[must_use]
pub fn offered_scopes(settings: &Settings) -> Vec<String> {
    let mut offered = scopes::all(settings);
    offered.retain(|name| name != OFFLINE_ACCESS);
    offered
}

/// What a token with this scope is for: every resource that one of the scopes belongs to, and the
/// issuer if one is its own. Empty means the issuer alone.
#[must_use]
pub fn resources_of(settings: &Settings, issuer: &Issuer, scope: &Scope) -> Vec<String> {
    let declared = &settings.operator.resources;
    let has =
        |resource: &OperatorResource, name: &str| resource.scopes.iter().any(|own| own == name);
    let of_a_resource = |name: &str| declared.values().any(|resource| has(resource, name));
    let mut found: Vec<String> = Vec::new();
    if scope.iter().any(|name| !of_a_resource(name)) {
        found.push(issuer.as_str().to_owned());
    }
    let wanted = |resource: &OperatorResource| scope.iter().any(|name| has(resource, name));
    let resources = declared.iter().filter(|(_, resource)| wanted(resource));
    found.extend(resources.map(|(identifier, _)| identifier.clone()));
    resources::without_issuer_alone(found, issuer)
}
