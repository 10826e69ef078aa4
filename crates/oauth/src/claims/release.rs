//! Which of a user's claims a scope lets out.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::scope::Scope;

use super::{base_name, is_reserved, standard_claim};

/// An operator's own scopes: from a scope token to the claims that it releases. A standard scope
/// may be listed too; it then releases these in addition to its own.
pub type ClaimsByScope = BTreeMap<String, Vec<String>>;

/// The claims that the scope releases (OpenID Connect Core, section 5.4). Language-tagged variants
/// go with their base name. What would be `null` or an empty text is left out (OpenID Connect Core,
/// section 5.3.2), and so is every reserved name, whatever a map says: `sub` is the caller's to
/// add.
pub fn release(
    claims: &Map<String, Value>,
    scope: &Scope,
    claims_by_scope: &ClaimsByScope,
) -> Map<String, Value> {
    claims
        .iter()
        .filter(|(name, value)| {
            is_released(name, scope, claims_by_scope) && !is_reserved(name) && says_something(value)
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn is_released(name: &str, scope: &Scope, claims_by_scope: &ClaimsByScope) -> bool {
    let by_standard = standard_claim(name).is_some_and(|claim| scope.contains(claim.scope));
    by_standard
        || scope.iter().any(|token| {
            claims_by_scope.get(token).is_some_and(|names| {
                names
                    .iter()
                    .any(|own| own == name || own == base_name(name))
            })
        })
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}
