//! Clients that register themselves (RFC 7591; OpenID Connect Dynamic Client Registration 1.0) and
//! manage their registration (RFC 7592). The rules are `management`'s.
//!
//! | step | POST | GET | PUT | DELETE |
//! |---|---|---|---|---|
//! | who: an initial access token, or anyone where registration is open | x | | | |
//! | who: the registration access token of that client | | x | x | x |
//! | how many: an allowance by network, without a token | x | | | |
//! | read the metadata | x | | x | |
//! | what a software statement says takes precedence (`software_statement`) | x | | x | |
//! | the act | register | | replace | delete |
//! | the client information response (RFC 7591, section 3.2.1) | x | x | x | |

mod allowance;
pub mod fault;
mod software_statement;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use countersign_jose::json::parse_object;
use countersign_management::Actor;
use countersign_management::clients::{
    ClientError, Clients, Registrant, SelfRegistration, client_information, metadata_of,
};
use countersign_oauth::bearer::BearerToken;
use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};
use countersign_oauth::error_code::ErrorCode;
use http::{StatusCode, header};
use serde_json::{Map, Value};

use crate::access_token::BearerFault;
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::sector_identifiers::FetchedSectors;
use crate::{Provider, offered, respond};
use fault::RegisterFault;

/// POST /register (RFC 7591, section 3.1)
pub async fn register(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let registered = async {
        let token = bearer(&incoming)?;
        if token.is_none() {
            if !provider.settings.registration.open {
                return Err(RegisterFault::NotAllowed.into());
            }
            allowance::count(&provider, &incoming.exchange).await?;
        }
        let mut members = metadata(&incoming)?;
        software_statement::apply(&provider, &mut members, None).await?;
        let metadata = ClientMetadata::from_object(members)
            .map_err(|fault| refused(ClientError::Metadata(fault)))?;
        let token = token.as_ref().map(BearerToken::as_str);
        let registered = clients(&provider, token.is_some())
            .await?
            .register(metadata, token, provider.now())
            .await
            .map_err(refused)?;
        response(&provider, StatusCode::CREATED, &registered)
    };
    finish(&provider, registered.await)
}

/// GET /register/{client_id} (RFC 7592, section 2.1)
pub async fn read(
    State(provider): State<Provider>,
    client_id: ClientIdInPath,
    incoming: Incoming,
) -> Response {
    let client_id = named(client_id);
    let read = async {
        let (registrant, token) = registrant(&provider, &incoming, &client_id).await?;
        let mut information = client_information(&registrant.client).map_err(refused)?;
        add_management(&provider, &mut information, &client_id, token.as_str());
        json(StatusCode::OK, &information)
    };
    finish(&provider, read.await)
}

/// PUT /register/{client_id} (RFC 7592, section 2.2)
pub async fn replace(
    State(provider): State<Provider>,
    client_id: ClientIdInPath,
    incoming: Incoming,
) -> Response {
    let client_id = named(client_id);
    let replaced = async {
        let (registrant, _) = registrant(&provider, &incoming, &client_id).await?;
        let mut members = metadata(&incoming)?;
        if members.get("client_id").and_then(Value::as_str) != Some(client_id.as_str()) {
            return Err(RegisterFault::OtherClient.into());
        }
        let known = metadata_of(&registrant.client).map_err(refused)?;
        let known = known.software_statement.as_deref();
        software_statement::apply(&provider, &mut members, known).await?;
        let vouched = registrant.stays_vouched(&members).map_err(refused)?;
        let replaced = clients(&provider, vouched)
            .await?
            .replace(&registrant, members, provider.now())
            .await
            .map_err(refused)?;
        response(&provider, StatusCode::OK, &replaced)
    };
    finish(&provider, replaced.await)
}

/// DELETE /register/{client_id} (RFC 7592, section 2.3)
pub async fn delete(
    State(provider): State<Provider>,
    client_id: ClientIdInPath,
    incoming: Incoming,
) -> Response {
    let client_id = named(client_id);
    let deleted = async {
        let (registrant, _) = registrant(&provider, &incoming, &client_id).await?;
        clients(&provider, registrant.vouched)
            .await?
            .delete(&client_id, provider.now())
            .await
            .map_err(refused)?;
        Ok(respond::empty(StatusCode::NO_CONTENT))
    };
    finish(&provider, deleted.await)
}

type ClientIdInPath = Result<Path<String>, PathRejection>;

/// What is no text is no client's id, as the empty text is not.
fn named(client_id: ClientIdInPath) -> String {
    client_id.map_or_else(|_| String::new(), |Path(client_id)| client_id)
}

fn finish(provider: &Provider, outcome: Result<Response, Failure>) -> Response {
    outcome.unwrap_or_else(|failure| provider.error_json(&failure))
}

/// `vouched`: whether an operator vouches for the client.
async fn clients(provider: &Provider, vouched: bool) -> Result<Clients, Failure> {
    let declared = provider.declared_resources().await?;
    let offered = offered::to_self_registered(&provider.settings, &declared, vouched);
    let policy = ClientPolicy::self_registered(offered);
    let sealing = provider.sealing.clone();
    let sectors = Arc::new(FetchedSectors(provider.outbound.clone()));
    let context = provider.context(Actor::Client);
    Ok(Clients::new(context, sealing, policy).with_sectors(sectors))
}

/// The client that the request's registration access token manages, and the token. An unknown
/// client is refused as a wrong token is (RFC 7592, section 2.1).
async fn registrant(
    provider: &Provider,
    incoming: &Incoming,
    client_id: &str,
) -> Result<(Registrant, BearerToken), Failure> {
    let token = bearer(incoming)?.ok_or(BearerFault::Missing)?;
    let registrant = clients(provider, false)
        .await?
        .registrant(client_id, token.as_str())
        .await
        .map_err(refused)?;
    match registrant {
        Some(registrant) => Ok((registrant, token)),
        None => Err(RegisterFault::AccessTokenRefused.into()),
    }
}

/// The bearer token of the header (RFC 6750, section 2.1), if there is one.
fn bearer(incoming: &Incoming) -> Result<Option<BearerToken>, Failure> {
    let exchange = &incoming.exchange;
    if exchange.is_repeated(&header::AUTHORIZATION) {
        return Err(BearerFault::SentTwice.into());
    }
    match exchange.header(header::AUTHORIZATION) {
        Some(authorization) => match BearerToken::parse(authorization) {
            Ok(token) => Ok(Some(token)),
            Err(fault) => Err(Failure::from(BearerFault::Malformed).detail(fault.to_string())),
        },
        None if exchange.headers.contains_key(header::AUTHORIZATION) => {
            Err(BearerFault::Malformed.into())
        }
        None => Ok(None),
    }
}

/// The JSON object of the body (RFC 7591, section 3.1).
fn metadata(incoming: &Incoming) -> Result<Map<String, Value>, Failure> {
    if !incoming.has_content_type("application/json") {
        return Err(RegisterFault::NotJson.into());
    }
    let body = incoming.body()?;
    // Of a member that is there twice, another reader may take the other one (RFC 8259, section 4).
    parse_object(body)
        .map_err(|error| Failure::from(RegisterFault::NotJson).detail(error.to_string()))
}

/// What went wrong in `management`, as a cause.
fn refused(error: ClientError) -> Failure {
    match error {
        ClientError::Metadata(fault) => {
            let cause = match fault.error_code() {
                ErrorCode::InvalidRedirectUri => RegisterFault::RedirectUriRefused,
                _ => RegisterFault::MetadataRefused,
            };
            Failure::from(cause).detail(fault.to_string())
        }
        ClientError::Sector(fault) => {
            Failure::from(RegisterFault::SectorRefused).detail(fault.to_string())
        }
        ClientError::InitialAccessTokenRefused => RegisterFault::InitialAccessTokenRefused.into(),
        ClientError::Store(error) => error.into(),
        // It was deleted since its token was accepted.
        ClientError::Unknown(_) => RegisterFault::AccessTokenRefused.into(),
        ClientError::ClientIdTaken(_)
        | ClientError::ClientIdInvalid(_)
        | ClientError::IsADocument(_)
        | ClientError::BuiltIn(_)
        | ClientError::OwnerUnknown(_)
        | ClientError::NotSelfRegistered(_)
        | ClientError::NotRegistered { .. }
        | ClientError::NoSecret(_)
        | ClientError::TooManySecrets { .. }
        | ClientError::UnknownSecret { .. }
        | ClientError::LastSecret(_)
        | ClientError::SecretExpired
        | ClientError::Contended(_) => {
            Failure::from(RegisterFault::ChangedMeanwhile).detail(error.to_string())
        }
    }
}

/// The client information response, with what manages the registration (RFC 7592, section 3).
fn response(
    provider: &Provider,
    status: StatusCode,
    registered: &SelfRegistration,
) -> Result<Response, Failure> {
    let mut information = registered.registration.response().map_err(refused)?;
    let client_id = &registered.registration.client.client_id;
    let token = registered.registration_access_token.as_str();
    add_management(provider, &mut information, client_id, token);
    json(status, &information)
}

fn add_management(
    provider: &Provider,
    information: &mut Map<String, Value>,
    client_id: &str,
    token: &str,
) {
    let uri = provider.issuer.endpoint(&format!("/register/{client_id}"));
    information.insert("registration_access_token".to_owned(), Value::from(token));
    information.insert("registration_client_uri".to_owned(), Value::from(uri));
}

fn json(status: StatusCode, information: &Map<String, Value>) -> Result<Response, Failure> {
    Ok(respond::json_text(
        status,
        respond::json_bytes(information)?,
    ))
}
