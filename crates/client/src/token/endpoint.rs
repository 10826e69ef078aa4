//! Calls the token endpoint: client authentication ([RFC 6749, section 2.3]), and the two shapes of
//! its response (sections 5.1 and 5.2).
//!
//! [RFC 6749, section 2.3]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3

use countersign_fetch::http::StatusCode;
use countersign_fetch::http::header::{ACCEPT, AUTHORIZATION};
use countersign_fetch::{Request, Response};
use countersign_jose::json;
use countersign_oauth::basic_auth::BasicCredentials;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::TokenError;
use crate::client::Client;
use crate::provider_error::ProviderError;
use crate::registration::ClientAuthentication;

impl Client {
    /// Posts a grant and returns the members of a successful response.
    pub(super) async fn ask_token_endpoint(
        &self,
        mut form: Vec<(&str, &str)>,
    ) -> Result<Map<String, Value>, TokenError> {
        let url = self
            .endpoints
            .token
            .clone()
            .ok_or(TokenError::NoTokenEndpoint)?;
        let mut authorization = None;
        match &self.registration.authentication {
            ClientAuthentication::None => form.push(("client_id", self.client_id())),
            ClientAuthentication::SecretPost(secret) => {
                form.push(("client_id", self.client_id()));
                form.push(("client_secret", secret.reveal()));
            }
            // The credentials are in the header only: one method at a time (RFC 6749, section
            // 2.3).
            ClientAuthentication::SecretBasic(secret) => {
                let credentials = BasicCredentials {
                    client_id: self.client_id().to_owned(),
                    client_secret: Zeroizing::new(secret.reveal().to_owned()),
                };
                authorization = Some(credentials.to_header());
            }
        }
        let mut request = Request::post_form(url, form).header(ACCEPT, "application/json");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, &authorization);
        }
        read(&self.fetcher.send(request).await?)
    }
}

fn read(response: &Response) -> Result<Map<String, Value>, TokenError> {
    let is_json = response.media_type().as_deref() == Some("application/json");
    if response.status == StatusCode::OK {
        return if is_json {
            Ok(json::parse_object(&response.body)?)
        } else {
            Err(TokenError::NotJson)
        };
    }
    let status = response.status.as_u16();
    let members = if is_json {
        json::parse_object(&response.body).ok()
    } else {
        None
    };
    match members.as_ref().and_then(ProviderError::from_members) {
        Some(error) => Err(TokenError::Provider { status, error }),
        None => Err(TokenError::Status { status }),
    }
}
