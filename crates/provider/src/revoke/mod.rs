//! Token revocation (RFC 7009): a client says that it no longer needs a token.
//!
//! | token | what ends |
//! |---|---|
//! | any refresh token of a grant | the grant, with all of its tokens (2.1) |
//! | an access token, JWT or opaque | that token alone |
//! | one that is invalid, or another client's | nothing, and the response is the same (2.2) |
//!
//! The response waits until the ending is durable.

pub mod fault;

use axum::extract::State;
use axum::response::Response;
use countersign_jose::jws::CompactJws;
use countersign_oauth::access_token::ACCESS_TOKEN_TYP;
use countersign_oauth::id_token::verify_id_token_hint;
use countersign_store::grants::{EndCause, EndGrantOutcome, Holder};
use countersign_store::{GrantId, Token, TokenKind};
use http::StatusCode;

use crate::access_token::{self, NotAccepted};
use crate::client_auth::{self, AuthenticatedClient};
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::introspect::form;
use crate::{Provider, respond};
use fault::RevocationFault;

/// POST /revoke
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    match revoked(&provider, &incoming).await {
        // RFC 7009, section 2.2: "The content of the response body is ignored by the client".
        Ok(()) => respond::empty(StatusCode::OK),
        Err(failure) => provider.error_json(&failure),
    }
}

async fn revoked(provider: &Provider, incoming: &Incoming) -> Result<(), Failure> {
    let form = form(provider, incoming)?;
    let client = client_auth::authenticate(provider, &incoming.exchange, &form).await?;
    let token = form.require("token")?;
    // `token_type_hint` is not needed: our tokens show their type.
    if let Some(refresh_token) = Token::parse(TokenKind::RefreshToken, token) {
        return end_grant(provider, &client, &refresh_token).await;
    }
    if cannot_be_revoked(provider, token).await? {
        return Err(RevocationFault::TokenTypeNotSupported.into());
    }
    deny(provider, &client, token).await
}

/// Ends the grant of a refresh token that the family made, be it the current one or not: its client
/// wants the family gone. Whose grant it is, the act itself looks at.
async fn end_grant(
    provider: &Provider,
    client: &AuthenticatedClient,
    refresh_token: &Token,
) -> Result<(), Failure> {
    let (store, now) = (&provider.store, provider.now());
    let id = GrantId::from_bytes(refresh_token.id);
    let grant = store.grant(&id).await?.map(|view| view.grant);
    let Some(grant) = grant.filter(|grant| grant.has_made(refresh_token)) else {
        nothing_ends("refresh_token_unknown");
        return Ok(());
    };
    let client_id = Some(client.client_id.as_str());
    match store
        .end_grant(&id, client_id, EndCause::Revoked, now)
        .await?
    {
        EndGrantOutcome::Ended => {
            let sub = &grant.sub;
            tracing::info!(act = "revoke", sub, grant = %id, "a grant was revoked");
        }
        EndGrantOutcome::AlreadyEnded => nothing_ends("grant_ended"),
        EndGrantOutcome::ForeignClient => nothing_ends("refresh_token_of_another_client"),
        EndGrantOutcome::Unknown => nothing_ends("refresh_token_unknown"),
    }
    Ok(())
}

/// Refuses one access token from now on.
async fn deny(
    provider: &Provider,
    client: &AuthenticatedClient,
    token: &str,
) -> Result<(), Failure> {
    let now = provider.now();
    let accepted = match access_token::accept(provider, token, now).await {
        Ok(accepted) => accepted,
        Err(NotAccepted::Failed(failure)) => return Err(failure),
        Err(NotAccepted::Refused { fault, .. }) => {
            nothing_ends(fault.entry().name);
            return Ok(());
        }
    };
    if accepted.client_id() != client.client_id {
        nothing_ends("access_token_of_another_client");
        return Ok(());
    }
    let until = accepted.deniable_until();
    let store = &provider.store;
    store
        .deny_access_token(accepted.named_by(), until, now)
        .await?;
    match accepted.holder() {
        Holder::Grant(grant) => {
            let (sub, id) = (&grant.sub, grant.id);
            tracing::info!(act = "revoke", sub, grant = %id, "an access token was revoked");
        }
        Holder::Client { .. } => tracing::info!(act = "revoke", "an access token was revoked"),
    }
    Ok(())
}

/// Whether it is one of ours of a type that is not revoked: a client that were told that its code
/// is revoked would rely on it.
async fn cannot_be_revoked(provider: &Provider, token: &str) -> Result<bool, Failure> {
    if Token::parse(TokenKind::AuthorizationCode, token).is_some() {
        return Ok(true);
    }
    // One that is an access token as well is revoked as such.
    let jws = CompactJws::decode(token);
    if jws.is_err() || jws.is_ok_and(|jws| jws.header().has_typ(ACCESS_TOKEN_TYP)) {
        return Ok(false);
    }
    let ring = provider.keys.ring().await?;
    let algorithms = provider.settings.keys.signing_algorithms();
    let issuer = provider.issuer.as_str();
    Ok(verify_id_token_hint(token, &*ring, &algorithms, issuer).is_ok())
}

fn nothing_ends(why: &str) {
    tracing::info!(act = "revoke", why, "nothing was revoked");
}
