//! What the first access token of a grant is for (RFC 8707, section 2.2).

use countersign_store::GrantId;
use countersign_store::grants::Grant;

use super::fault::TokenFault;
use super::request::{TokenRequest, resources_within, stored_scope};
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::Failure;
use crate::resources;

/// What the access token is for, and its scope if that is narrower than the grant's.
#[derive(Default)]
pub(super) struct Target {
    pub resources: Vec<String>,
    pub scope: Option<String>,
}

impl Target {
    /// That the redeemed grant is for these resources: one that was deleted since must not become
    /// the issuer.
    ///
    /// # Errors
    /// Returns [`TokenFault::ResourceUnknown`].
    pub(super) fn is_granted_by(&self, provider: &Provider, grant: &Grant) -> Result<(), Failure> {
        let granted = &grant.authorization.resources;
        match resources::are_within(&self.resources, granted, &provider.issuer) {
            true => Ok(()),
            false => Err(TokenFault::ResourceUnknown.into()),
        }
    }
}

/// The resources that the request names, as far as the grant has them; all of the grant's otherwise
/// (RFC 8707, section 2.2). They never change, so they may be read before the act. Without declared
/// resources every token is for the issuer, and nothing is read: [`Target::is_granted_by`] says
/// afterwards whether the grant is for it.
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
    let declared = provider.declared_resources().await?;
    let asked = request.resources(&declared)?;
    if declared.is_empty() {
        return Ok(Target::default());
    }
    // Another client learns nothing of the grant; the act refuses it.
    let view = provider.store.grant(id).await?;
    let Some(view) = view.filter(|view| view.grant.client_id == client.client_id) else {
        return Ok(Target::default());
    };
    let resources = resources_within(provider, &declared, asked, &view.grant)?;
    let granted = stored_scope(&view.grant)?;
    let scope = declared.scope_within(&granted, &resources);
    Ok(Target {
        scope: (scope != granted).then(|| scope.to_string()),
        resources,
    })
}
