//! Which of a user's claims a scope lets out.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::scope::Scope;

use super::{base_name, is_reserved, standard_claim};

/// An operator's own scopes: from a scope token to the claims that it releases. A standard scope
/// may be listed too; it then releases these in addition to its own.
pub type ClaimsByScope = BTreeMap<String, Vec<String>>;

/// What is asked for of a user's claims.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub scope: &'a Scope,
    /// Claims that were asked for by name (OpenID Connect Core, section 5.5).
    pub names: &'a [String],
    /// Preferred languages (section 5.2). Without one, a claim comes in all its languages.
    pub locales: &'a [String],
}

impl<'a> Wanted<'a> {
    /// What a scope releases, and nothing by name.
    #[must_use]
    pub fn by_scope(scope: &'a Scope) -> Self {
        Self {
            scope,
            names: &[],
            locales: &[],
        }
    }
}

/// The claims that are released: those of the scope (OpenID Connect Core, section 5.4) and those
/// that were asked for by name. Language-tagged variants go with their base name. What would be
/// `null` or an empty text is left out (OpenID Connect Core, section 5.3.2), and so is every
/// reserved name, whatever a map says: `sub` is the caller's to add.
pub fn release(
    claims: &Map<String, Value>,
    wanted: Wanted<'_>,
    claims_by_scope: &ClaimsByScope,
) -> Map<String, Value> {
    let is_released =
        |name: &str| is_in_scope(name, wanted.scope, claims_by_scope) || lists(wanted.names, name);
    claims
        .iter()
        .filter(|(name, value)| {
            is_released(name)
                && is_in_language(name, wanted)
                && !is_reserved(name)
                && says_something(value)
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The scope that releases a claim: its own (OpenID Connect Core, section 5.4), or one of the
/// operator's. `None` if none does.
pub fn releasing_scope<'a>(name: &str, claims_by_scope: &'a ClaimsByScope) -> Option<&'a str> {
    if let Some(standard) = standard_claim(name) {
        return Some(standard.scope);
    }
    let mut scopes = claims_by_scope.iter();
    let releasing = scopes.find(|(_, names)| lists(names, name));
    releasing.map(|(scope, _)| scope.as_str())
}

fn is_in_scope(name: &str, scope: &Scope, claims_by_scope: &ClaimsByScope) -> bool {
    let by_operator = |token: &str| {
        let names = claims_by_scope.get(token);
        names.is_some_and(|names| lists(names, name))
    };
    standard_claim(name).is_some_and(|claim| scope.contains(claim.scope))
        || scope.iter().any(by_operator)
}

/// Whether a claim is among the names, itself or without its language.
fn lists(names: &[String], name: &str) -> bool {
    let mut names = names.iter();
    names.any(|own| own == name || own == base_name(name))
}

/// A claim without a language always is; one in a language if that is preferred, by its whole tag
/// or by its first part (RFC 4647, section 3.3.1), or if it was asked for by this very name.
fn is_in_language(name: &str, wanted: Wanted<'_>) -> bool {
    let Some((_, language)) = name.split_once('#') else {
        return true;
    };
    let is_preferred = |preferred: &String| {
        let is_head = language
            .get(..preferred.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(preferred));
        is_head && matches!(language.as_bytes().get(preferred.len()), None | Some(b'-'))
    };
    wanted.locales.is_empty()
        || wanted.locales.iter().any(is_preferred)
        || wanted.names.iter().any(|own| own == name)
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}
