//! Userinfo (OpenID Connect Core, section 5.3): the claims that an access token's scope releases.

pub mod fault;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::scope::OPENID;
use countersign_store::grants::Holder;
use serde_json::{Map, Value};

use crate::access_token::AccessTokenFault;
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::{Provider, access_token, released_claims, resources, respond};
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
    if !resources::open_userinfo(&provider.settings, accepted.resources(), &provider.issuer) {
        return Err(AccessTokenFault::ForOtherResource.into());
    }
    let Holder::Grant(grant) = accepted.holder() else {
        return Err(UserinfoFault::NoUser.into());
    };
    if !accepted.scope().contains(OPENID) {
        return Err(UserinfoFault::ScopeWithoutOpenid.into());
    }
    let mut released = released_claims::in_userinfo(provider, grant, accepted.scope()).await?;
    // OpenID Connect Core, section 5.3.2: sub is always there.
    released.insert("sub".to_owned(), Value::String(grant.sub.clone()));
    Ok(released)
}
