//! Userinfo (OpenID Connect Core, section 5.3): the claims that an access token's scope releases,
//! as JSON, or as a signed JWT for a client that registered `userinfo_signed_response_alg`.

pub mod fault;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::scope::OPENID;
use countersign_store::grants::{Grant, Holder};
use serde_json::{Map, Value};

use crate::access_token::{AcceptedAccessToken, AccessTokenFault};
use crate::clients::Client;
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::resources::DeclaredResources;
use crate::signed_response::ResponseSigner;
use crate::{Provider, access_token, released_claims, respond};
use fault::UserinfoFault;

/// GET and POST /userinfo
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    answer(&provider, &incoming)
        .await
        .unwrap_or_else(|failure| provider.error_json(&failure))
}

async fn answer(provider: &Provider, incoming: &Incoming) -> Result<Response, Failure> {
    let token = access_token::presented(provider, incoming)?;
    let accepted = access_token::accept(provider, token.as_str(), provider.now()).await?;
    let declared = provider.declared_resources().await?;
    let grant = opened(&declared, &accepted)?;
    let client = provider.clients.find(&*provider.store, &grant.client_id);
    let client = client.await?.ok_or(AccessTokenFault::Ended)?;
    let claims = claims(provider, &client, grant, &accepted).await?;
    match client.userinfo_alg {
        None => respond::json(&claims),
        Some(algorithm) => {
            let signer = ResponseSigner::of(provider, algorithm).await?;
            signer.respond(TYP, MEDIA_TYPE, &signed(provider, &client, claims))
        }
    }
}

/// The grant of a token that opens userinfo.
fn opened<'a>(
    declared: &DeclaredResources,
    accepted: &'a AcceptedAccessToken,
) -> Result<&'a Grant, Failure> {
    if !declared.open_userinfo(accepted.resources()) {
        return Err(AccessTokenFault::ForOtherResource.into());
    }
    let Holder::Grant(grant) = accepted.holder() else {
        return Err(UserinfoFault::NoUser.into());
    };
    match accepted.scope().contains(OPENID) {
        true => Ok(grant),
        false => Err(UserinfoFault::ScopeWithoutOpenid.into()),
    }
}

async fn claims(
    provider: &Provider,
    client: &Client,
    grant: &Grant,
    accepted: &AcceptedAccessToken,
) -> Result<Map<String, Value>, Failure> {
    let mut released = released_claims::in_userinfo(provider, grant, accepted.scope()).await?;
    // OpenID Connect Core, section 5.3.2: sub is always there, and is that of the ID token.
    let sub = provider.subjects.at(client, &grant.sub).into_owned();
    released.insert("sub".to_owned(), Value::String(sub));
    Ok(released)
}

/// OpenID Connect Core, section 5.3.2: `iss` and `aud` are added to what is signed. There is no
/// `exp`, so that it is not mistaken for an ID token.
fn signed(
    provider: &Provider,
    client: &Client,
    mut claims: Map<String, Value>,
) -> Map<String, Value> {
    claims.insert("iss".to_owned(), provider.issuer.as_str().into());
    claims.insert("aud".to_owned(), client.client_id.as_str().into());
    claims
}

/// OpenID Connect Core, section 5.3.2.
const MEDIA_TYPE: &str = "application/jwt";
const TYP: &str = "JWT";
