//! Userinfo (OpenID Connect Core, section 5.3): the claims that an access token's scope releases.

pub mod fault;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::claims::{ClaimsByScope, release};
use countersign_oauth::scope::OPENID;
use countersign_store::grants::Holder;
use serde_json::{Map, Value};

use crate::access_token::AccessTokenFault;
use crate::error::{Failure, ServerFault};
use crate::exchange::Incoming;
use crate::{Provider, access_token, respond};
use fault::UserinfoFault;

/// GET and POST /userinfo
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    claims(&provider, &incoming)
        .await
        .and_then(|claims| respond::json(&claims))
        .unwrap_or_else(|failure| provider.error_json(&failure))
}

async fn claims(provider: &Provider, incoming: &Incoming) -> Result<Map<String, Value>, Failure> {
    let token = access_token::presented(provider, incoming)?;
    let accepted = access_token::accept(provider, token.as_str(), provider.now()).await?;
    let declared = provider.declared_resources().await?;
    if !declared.open_userinfo(accepted.resources()) {
        return Err(AccessTokenFault::ForOtherResource.into());
    }
    let Holder::Grant(grant) = accepted.holder() else {
        return Err(UserinfoFault::NoUser.into());
    };
    if !accepted.scope().contains(OPENID) {
        return Err(UserinfoFault::ScopeWithoutOpenid.into());
    }
    let account = provider
        .accounts
        .account(&grant.sub)
        .await?
        .ok_or_else(|| {
            Failure::from(ServerFault::RecordMissing).detail("account of a valid grant")
        })?;
    let mut released = release(&account.claims, accepted.scope(), &by_scope(provider));
    // OpenID Connect Core, section 5.3.2: sub is always there.
    released.insert("sub".to_owned(), Value::String(grant.sub.clone()));
    Ok(released)
}

/// Which claims the operator's scopes release.
fn by_scope(provider: &Provider) -> ClaimsByScope {
    let scopes = provider.settings.operator.scopes.iter();
    scopes
        .map(|(name, scope)| (name.clone(), scope.claims.clone()))
        .collect()
}
