//! Who asks (RFC 7662, section 2.1): a client, by its credentials, or by an access token that was
//! issued to the client itself.

use countersign_oauth::bearer::{BearerFault as GrammarFault, BearerToken};
use countersign_oauth::parameters::Parameters;
use countersign_store::grants::Holder;
use http::header;

use super::fault::IntrospectionFault;
use crate::access_token::{self, AccessTokenFault, BearerFault};
use crate::client_auth::fault::ClientAuthFault;
use crate::client_auth::{self, AuthenticatedClient};
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::{Provider, log, resources};

/// The client that asks.
///
/// # Errors
/// Returns a fault of client authentication, [`IntrospectionFault::PublicClient`], or a fault of
/// the access token that the request presents in its place; or a server fault if the store fails.
pub(super) async fn authenticate(
    provider: &Provider,
    incoming: &Incoming,
    form: &Parameters,
) -> Result<AuthenticatedClient, Failure> {
    let exchange = &incoming.exchange;
    let authorization = match exchange.is_repeated(&header::AUTHORIZATION) {
        // Refused below as more than one method.
        true => None,
        false => exchange.header(header::AUTHORIZATION),
    };
    match authorization.map(BearerToken::parse) {
        Some(Ok(token)) => by_access_token(provider, &token, form).await,
        None | Some(Err(GrammarFault::OtherScheme)) => {
            let client = client_auth::authenticate(provider, exchange, form).await?;
            match client.metadata.is_public() {
                true => Err(IntrospectionFault::PublicClient.into()),
                false => Ok(client),
            }
        }
        Some(Err(fault)) => Err(Failure::from(BearerFault::Malformed).detail(fault.to_string())),
    }
}

async fn by_access_token(
    provider: &Provider,
    token: &BearerToken,
    form: &Parameters,
) -> Result<AuthenticatedClient, Failure> {
    // RFC 6749, section 2.3
    let credentials = ["client_secret", "client_assertion", "client_assertion_type"];
    if credentials.iter().any(|name| form.get(name).is_some()) {
        return Err(ClientAuthFault::MethodsCombined.into());
    }
    let accepted = access_token::accept(provider, token.as_str(), provider.now()).await?;
    // An API that a client sends its token to must not ask in the client's name with it.
    if !resources::include_issuer(accepted.resources(), &provider.issuer) {
        return Err(AccessTokenFault::ForOtherResource.into());
    }
    let Holder::Client { client_id } = accepted.holder() else {
        return Err(IntrospectionFault::TokenOfUser.into());
    };
    if form
        .get("client_id")
        .is_some_and(|named| named != client_id)
    {
        return Err(ClientAuthFault::ClientIdsDiffer.into());
    }
    let client = provider.clients.find(&*provider.store, client_id).await?;
    let client = client.ok_or(AccessTokenFault::Ended)?;
    log::name_client(&client.client_id);
    Ok(client_auth::vouched_for(client))
}
