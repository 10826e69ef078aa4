//! What API tokens that people make may do here.

use countersign_oauth::scope::OFFLINE_ACCESS;

use crate::resources::DeclaredResources;
use crate::scopes;
use crate::settings::Settings;

/// The scopes that a person may give a token: all but the one that is about refreshing.
#[must_use]
pub fn offered_scopes(settings: &Settings, declared: &DeclaredResources) -> Vec<String> {
    let mut offered = scopes::all(settings, declared);
    offered.retain(|name| name != OFFLINE_ACCESS);
    offered
}
