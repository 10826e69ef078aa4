//! What is asked of the token endpoint: a form in the body, and none of it in the query.

use countersign_oauth::grant_type::GrantType;
use countersign_oauth::parameters::{
    Parameters, REPEATABLE_RESOURCE, TOKEN_REQUEST, name_in_query,
};
use countersign_oauth::scope::Scope;
use countersign_store::grants::Grant;
use serde_json::{Map, Value};

use super::fault::TokenFault;
use crate::Provider;
use crate::client_auth::{self, AuthenticatedClient};
use crate::error::{Failure, RequestFault, ServerFault};
use crate::exchange::Incoming;
use crate::resources::{self, DeclaredResources, UnknownResource};
use crate::settings::Settings;

pub(crate) struct TokenRequest {
    pub parameters: Parameters,
    /// A parameter of the request that came in the query.
    pub in_query: Option<&'static str>,
    /// Claims that a caller in this process adds to the tokens; a request over HTTP has none.
    pub claims: Map<String, Value>,
}

impl TokenRequest {
    /// Reads the body: a form, or JSON from a client that may send it.
    ///
    /// # Errors
    /// Returns a [`RequestFault`] if the body is not a form within the limits,
    /// [`TokenFault::JsonNotAllowed`] if it is JSON and not a flat object or the client is not
    /// allowed to send JSON, or a server fault if the store fails.
    pub async fn read(provider: &Provider, incoming: &Incoming) -> Result<TokenRequest, Failure> {
        let query = incoming.exchange.query.as_deref().unwrap_or_default();
        let in_query = name_in_query(query, TOKEN_REQUEST);
        let parameters = match incoming.has_content_type("application/json") {
            true => read_json(provider, incoming).await?,
            false => incoming.form(provider, REPEATABLE_RESOURCE)?,
        };
        Ok(TokenRequest {
            parameters,
            in_query,
            claims: Map::new(),
        })
    }

    /// The grant type, if it is served.
    ///
    /// # Errors
    ///
    /// It is missing, unknown or not switched on.
    pub fn grant_type(&self, settings: &Settings) -> Result<GrantType, Failure> {
        let name = self.parameters.require("grant_type")?;
        let grant_type = GrantType::parse(name).ok_or(TokenFault::GrantTypeUnknown)?;
        match settings.grants.enables(grant_type) {
            true => Ok(grant_type),
            false => Err(TokenFault::GrantTypeUnknown.into()),
        }
    }

    /// Whether the client may make this request at all.
    ///
    /// # Errors
    ///
    /// Part of the request is in the query, where it would end up in logs (RFC 6749, section 3.2);
    /// or the client is not registered for the grant type.
    pub fn allow(
        &self,
        client: &AuthenticatedClient,
        grant_type: GrantType,
    ) -> Result<(), Failure> {
        if let Some(name) = self.in_query {
            let fault = Failure::from(RequestFault::QueryNotAllowed);
            return Err(fault.detail(format!("{name} was sent in the query")));
        }
        if !client.metadata.allows_grant(grant_type) {
            return Err(TokenFault::GrantTypeNotRegistered.into());
        }
        Ok(())
    }

    /// The resources that the access token is asked for (RFC 8707, section 2.2), if any; empty
    /// means the issuer.
    ///
    /// # Errors
    /// Returns [`TokenFault::ResourceUnknown`] if one is not declared here.
    pub fn resources(&self, declared: &DeclaredResources) -> Result<Option<Vec<String>>, Failure> {
        let requested = declared.requested(&self.parameters);
        Ok(requested.map_err(|UnknownResource| TokenFault::ResourceUnknown)?)
    }

    /// `scope`, if it was sent.
    ///
    /// # Errors
    /// Returns [`TokenFault::ScopeMalformed`] if it is not a list of scope tokens within the
    /// limits.
    pub fn scope(&self) -> Result<Option<Scope>, Failure> {
        let Some(text) = self.parameters.get("scope") else {
            return Ok(None);
        };
        let scope = Scope::parse(text)
            .map_err(|fault| Failure::from(TokenFault::ScopeMalformed).detail(fault.to_string()))?;
        Ok(Some(scope))
    }
}

/// The resources that a grant's token is for: those that were asked for, which the grant must have,
/// or all of the grant's that are still declared (RFC 8707, section 2.2).
///
/// # Errors
/// Returns [`TokenFault::ResourceNotGranted`], or [`TokenFault::ResourceUnknown`] if none of the
/// grant's is declared any more.
pub(super) fn resources_within(
    provider: &Provider,
    declared: &DeclaredResources,
    asked: Option<Vec<String>>,
    grant: &Grant,
) -> Result<Vec<String>, Failure> {
    let granted = &grant.authorization.resources;
    match asked {
        None => Ok(declared
            .still_declared(granted)
            .map_err(|UnknownResource| TokenFault::ResourceUnknown)?),
        Some(asked) if resources::are_within(&asked, granted, &provider.issuer) => Ok(asked),
        Some(_) => Err(TokenFault::ResourceNotGranted.into()),
    }
}

/// The scope of a grant.
///
/// # Errors
/// Returns [`ServerFault::RecordCorrupt`] if it is not a scope.
pub(super) fn stored_scope(grant: &Grant) -> Result<Scope, Failure> {
    Scope::parse(&grant.scope).map_err(|fault| {
        let detail = format!("scope of grant {}: {fault}", grant.id);
        Failure::from(ServerFault::RecordCorrupt).detail(detail)
    })
}

/// A JSON object, for clients that are switched to it: no specification allows it here.
async fn read_json(provider: &Provider, incoming: &Incoming) -> Result<Parameters, Failure> {
    let limits = provider.site.settings.parameters();
    let parameters = Parameters::parse_json_object(incoming.body()?, limits)
        .map_err(|fault| Failure::from(TokenFault::JsonNotAllowed).detail(fault.to_string()))?;
    let client = match client_auth::named_client_id(&incoming.exchange, &parameters) {
        Some(client_id) => provider.clients.find(&*provider.store, &client_id).await?,
        None => None,
    };
    match client.is_some_and(|client| client.metadata.accepts_json_token_requests()) {
        true => Ok(parameters),
        false => Err(TokenFault::JsonNotAllowed.into()),
    }
}
