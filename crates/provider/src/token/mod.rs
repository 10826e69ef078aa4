//! The token endpoint (RFC 6749, section 3.2): parse, authenticate, then one file per grant type.
//!
//! | step | authorization_code | refresh_token | client_credentials | device_code |
//! |---|---|---|---|---|
//! | read the form, authenticate the client | ✓ | ✓ | ✓ | ✓ |
//! | the client is registered for the grant type | ✓ | held back | ✓ | ✓ |
//! | read the grant, check the scope | | held back | scope only | |
//! | poll the request | | | | ✓ |
//! | the one act | redeem | rotate | insert (opaque only) | redeem |
//! | what was held back | | ✓ | | |
//! | sign and answer | ✓ | ✓ | ✓ | ✓ |

mod authorization_code;
mod client_credentials;
pub(crate) mod delegation;
mod device_code;
pub mod fault;
pub(crate) mod mint;
mod one_token;
mod refresh_token;
mod request;
mod response;
mod target;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::grant_type::GrantType;

use crate::Provider;
use crate::client_auth::{self, AuthenticatedClient};
use crate::error::Failure;
use crate::exchange::Incoming;

use fault::TokenFault;
pub(crate) use request::TokenRequest;
pub(crate) use response::TokenResponse;

/// POST /token
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let tokens = answer(&provider, &incoming).await;
    tokens
        .and_then(TokenResponse::into_http)
        .unwrap_or_else(|failure| provider.error_json(&failure))
}

async fn answer(provider: &Provider, incoming: &Incoming) -> Result<TokenResponse, Failure> {
    let request = TokenRequest::read(provider, incoming).await?;
    let client =
        client_auth::authenticate(provider, &incoming.exchange, &request.parameters).await?;
    granted(provider, &client, &request).await
}

/// What an authenticated client gets for its request.
pub(crate) async fn granted(
    provider: &Provider,
    client: &AuthenticatedClient,
    request: &TokenRequest,
) -> Result<TokenResponse, Failure> {
    let grant_type = request.grant_type(&provider.settings)?;
    // A fault of a refresh request other than its token is held back until the token has been
    // checked.
    if grant_type == GrantType::RefreshToken {
        return refresh_token::refresh(provider, client, request).await;
    }
    request.allow(client, grant_type)?;
    match grant_type {
        GrantType::AuthorizationCode => authorization_code::redeem(provider, client, request).await,
        GrantType::ClientCredentials => client_credentials::issue(provider, client, request).await,
        GrantType::DeviceCode => device_code::redeem(provider, client, request).await,
        _ => Err(TokenFault::GrantTypeUnknown.into()),
    }
}
