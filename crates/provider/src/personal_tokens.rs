//! The scopes that personal tokens may have.

use countersign_oauth::scope::OFFLINE_ACCESS;

use crate::resources::DeclaredResources;
use crate::scopes;
use crate::settings::Settings;

/// The scopes that a person may give a token: all except `offline_access`.
#[must_use]
pub fn offered_scopes(settings: &Settings, declared: &DeclaredResources) -> Vec<String> {
    let mut offered = scopes::all(settings, declared);
    offered.retain(|name| name != OFFLINE_ACCESS);
    offered
}
