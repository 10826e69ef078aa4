//! A token for one service, derived from a user's token. It is narrower, expires no later, and ends
//! with the same grant. It is for a gateway that passes a request on but keeps the user's own token
//! to itself.

use countersign_oauth::scope::Scope;
use countersign_store::grants::Holder;

use super::fault::TokenFault;
use super::mint::{self, For};
use crate::Provider;
use crate::access_token::{self, AccessTokenFault};
use crate::client_auth::vouched_for;
use crate::error::Failure;
use crate::resources::{UnknownResource, are_within};
use crate::userinfo::fault::UserinfoFault;

/// The requested token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delegation<'a> {
    /// One of the resources that the user's token is for.
    pub resource: &'a str,
    /// Scopes, separated by spaces. `None` means all of the user's token that belong to the
    /// resource.
    pub scope: Option<&'a str>,
    /// Seconds from now. Limited to the remaining lifetime of the user's token.
    pub lifetime_seconds: i64,
}

/// The token for the service.
pub(crate) struct Delegated {
    pub access_token: String,
    pub expires_in: i64,
    pub scope: String,
}

/// Issues a token for a service under the grant of `access_token`.
///
/// # Errors
/// Returns a cause of the access token if that is not accepted, [`UserinfoFault::NoUser`] if it is
/// a client's own, [`TokenFault::ResourceUnknown`], [`TokenFault::ResourceNotGranted`],
/// [`TokenFault::ScopeMalformed`] or [`TokenFault::ScopeTooWide`]; or a server fault.
pub(crate) async fn delegate(
    provider: &Provider,
    access_token: &str,
    to: &Delegation<'_>,
) -> Result<Delegated, Failure> {
    let now = provider.now();
    let accepted = access_token::accept(provider, access_token, now).await?;
    let Holder::Grant(grant) = accepted.holder() else {
        return Err(UserinfoFault::NoUser.into());
    };
    let declared = provider.declared_resources().await?;
    let resources = declared.named(to.resource);
    let resources = resources.map_err(|UnknownResource| TokenFault::ResourceUnknown)?;
    if !are_within(&resources, accepted.resources(), &provider.issuer) {
        return Err(TokenFault::ResourceNotGranted.into());
    }
    let all = declared.scope_within(accepted.scope(), &resources);
    let scope = match to.scope {
        None => all,
        Some(text) => narrowed(text, &all)?,
    };
    let scope = scope.to_string();
    let client = provider.clients.find(&*provider.store, &grant.client_id);
    let client = vouched_for(client.await?.ok_or(AccessTokenFault::Ended)?);
    let whose = For::Grant {
        id: grant.id,
        scope: Some(&scope),
        resources: &resources,
        id_token: false,
    };
    let planned = mint::plan(provider, &client, &whose, now).await?;
    let end = now.saturating_add(to.lifetime_seconds.max(1));
    let planned = planned.until(end.min(accepted.expires_at()));
    if let Some(row) = &planned.row {
        provider.store.insert_access_token(row, now).await?;
    }
    let sub = &*provider.subjects.at(&client, &grant.sub);
    let holder = mint::Holder::Grant { grant, sub };
    let token = mint::access_token(provider, &planned, holder, &scope)?;
    tracing::info!(
        act = "delegate",
        sub = grant.sub,
        grant = %grant.id,
        resource = to.resource,
        scope,
        "a token was issued for a service"
    );
    Ok(Delegated {
        access_token: token.value,
        expires_in: token.expires_in,
        scope,
    })
}

fn narrowed(text: &str, all: &Scope) -> Result<Scope, Failure> {
    let scope = Scope::parse(text)
        .map_err(|fault| Failure::from(TokenFault::ScopeMalformed).detail(fault.to_string()))?;
    match scope.is_subset_of(all) {
        true => Ok(scope),
        false => Err(TokenFault::ScopeTooWide.into()),
    }
}
