//! What the first access token of a grant is for (RFC 8707, section 2.2).

use countersign_store::GrantId;

use super::request::{TokenRequest, resources_within, stored_scope};
use crate::client_auth::AuthenticatedClient;
use crate::error::Failure;
use crate::{Provider, resources};

/// What the access token is for, and its scope if that is narrower than the grant's.
#[derive(Default)]
pub(super) struct Target {
    pub resources: Vec<String>,
    pub scope: Option<String>,
}

/// The resources that the request names, as far as the grant has them; all of the grant's otherwise
/// (RFC 8707, section 2.2). They never change, so they may be read before the act. Without declared
/// resources every token is for the issuer, and nothing is read.
///
/// # Errors
/// Returns a [`TokenFault`](super::fault::TokenFault) if a resource is not declared here or not the
/// grant's; or a server fault if the store fails.
pub(super) async fn target(
    provider: &Provider,
    client: &AuthenticatedClient,
    request: &TokenRequest,
    id: &GrantId,
) -> Result<Target, Failure> {
    let asked = request.resources(provider)?;
    if provider.settings.operator.resources.is_empty() {
        return Ok(Target::default());
    }
    // Another client learns nothing of the grant; the act refuses it.
    let view = provider.store.grant(id).await?;
    let Some(view) = view.filter(|view| view.grant.client_id == client.client_id) else {
        return Ok(Target::default());
    };
    let resources = resources_within(provider, asked, &view.grant)?;
    let granted = stored_scope(&view.grant)?;
    let scope = resources::scope_within(&provider.settings, &granted, &resources, &provider.issuer);
    Ok(Target {
        scope: (scope != granted).then(|| scope.to_string()),
        resources,
    })
}
