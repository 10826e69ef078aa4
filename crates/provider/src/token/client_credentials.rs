//! `grant_type=client_credentials` (RFC 6749, section 4.4): a token for the client itself. A JWT
//! writes nothing; it carries the client's epoch, so that disabling the client ends it here at
//! once.

use countersign_oauth::grant_type::GrantType;
use countersign_oauth::scope::{OFFLINE_ACCESS, OPENID, Scope};

use super::fault::TokenFault;
use super::mint::{self, For, Holder};
use super::request::TokenRequest;
use super::response::TokenResponse;
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::Failure;
use crate::resources::DeclaredResources;

pub(super) async fn issue(
    provider: &Provider,
    client: &AuthenticatedClient,
    request: &TokenRequest,
) -> Result<TokenResponse, Failure> {
    if client.metadata.is_public() {
        return Err(TokenFault::ClientCredentialsForPublicClient.into());
    }
    if !client.vouched {
        return Err(TokenFault::ClientCredentialsUnvouched.into());
    }
    let now = provider.now();
    let declared = provider.declared_resources().await?;
    let resources = match request.resources(&declared)? {
        Some(requested) => requested,
        None => declared.default_of(&client.metadata),
    };
    let granted = scope(provider, client, &declared, request, &resources)?;
    let scope = granted.as_ref().map(Scope::to_string).unwrap_or_default();
    let whose = For::Client {
        scope: &scope,
        resources: &resources,
    };
    let planned = mint::plan(provider, client, &whose, now).await?;
    if let Some(row) = &planned.row {
        provider.store.insert_access_token(row, now).await?;
    }
    let access_token = mint::access_token(provider, &planned, Holder::Client(client), &scope)?;
    let grant_type = GrantType::ClientCredentials.as_str();
    tracing::info!(act = "token", grant_type, scope, "tokens were issued");
    Ok(TokenResponse {
        access_token: access_token.value,
        token_type: "Bearer",
        expires_in: access_token.expires_in,
        refresh_token: None, // RFC 6749, section 4.4.3
        id_token: None,
        scope: granted.map(|_| scope),
    })
}

/// What was asked for, if the client may have all of it; its default otherwise. Scopes that mean
/// nothing without a user are dropped, and the response names what was granted (RFC 6749,
/// section 3.3): clients that send `openid` with every request get on with the rest.
fn scope(
    provider: &Provider,
    client: &AuthenticatedClient,
    declared: &DeclaredResources,
    request: &TokenRequest,
    resources: &[String],
) -> Result<Option<Scope>, Failure> {
    let without_user = |scope: &Scope| scope.without(OPENID).without(OFFLINE_ACCESS);
    let grantable = |scope: &Scope| {
        let granted = declared.grantable(client.allowed_scope.as_ref(), scope, &provider.settings);
        declared.scope_within(&granted, resources)
    };
    let Some(requested) = request.scope()? else {
        let default = client.metadata.default_scope().unwrap_or_default();
        let granted = without_user(&grantable(&default));
        return Ok((!granted.is_empty()).then_some(granted));
    };
    let requested = without_user(&requested);
    match requested.is_subset_of(&grantable(&requested)) {
        true => Ok(Some(requested)),
        false => Err(TokenFault::ScopeNotAllowed.into()),
    }
}
