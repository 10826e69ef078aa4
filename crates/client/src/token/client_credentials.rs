//! `grant_type=client_credentials` ([RFC 6749, section 4.4]): the client in its own name.
//!
//! [RFC 6749, section 4.4]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4

use super::response::TokenResponse;
use super::{TokenError, TokenSet};
use crate::client::Client;

impl Client {
    /// Begins a request for an access token in the client's own name.
    pub fn client_credentials(&self) -> ClientCredentialsRequest<'_> {
        ClientCredentialsRequest {
            client: self,
            further: Vec::new(),
        }
    }
}

/// Builds a client credentials request.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientCredentialsRequest<'a> {
    client: &'a Client,
    further: Vec<(&'a str, &'a str)>,
}

impl<'a> ClientCredentialsRequest<'a> {
    /// The scope, space-separated. Without this call the provider chooses.
    pub fn scope(self, scope: &'a str) -> Self {
        self.parameter("scope", scope)
    }

    /// A resource that the access token is for (RFC 8707, section 2). May be called more than once.
    pub fn resource(self, resource: &'a str) -> Self {
        self.parameter("resource", resource)
    }

    /// Any further parameter.
    pub fn parameter(mut self, name: &'a str, value: &'a str) -> Self {
        self.further.push((name, value));
        self
    }

    /// Sends the request.
    ///
    /// # Errors
    /// Returns a [`TokenError`]. An ID token is refused: no one signed in.
    pub async fn send(self) -> Result<TokenSet, TokenError> {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(self.further);
        let members = self.client.ask_token_endpoint(form).await?;
        let response = TokenResponse::read(members, self.client.now())?;
        if response.id_token.is_some() {
            return Err(TokenError::IdTokenUnexpected);
        }
        Ok(response.into_tokens(None))
    }
}
