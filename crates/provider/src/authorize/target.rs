//! The redirect target: the border between the two zones of an authorization. Before it is proven
//! an error is a page; from here on every outcome leaves through it.

use axum::response::{IntoResponse, Response};
use countersign_oauth::error_code::ErrorCode;
use countersign_oauth::parameters::Parameters;
use countersign_oauth::redirect_uri::RegisteredRedirectUri;
use countersign_oauth::response_mode::ResponseMode;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::fault::AuthorizeFault;
use crate::Provider;
use crate::clients::Client;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::pages::{ClientView, ErrorKind, FormPostView};

/// A proven redirect URI, with how and with what `state` it is answered. Made by [`prove`], or read
/// from an interaction that we sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RedirectTarget {
    redirect_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    response_mode: ResponseMode,
}

/// A failure before the target was proven: it becomes a page.
pub struct PageFailure {
    pub kind: ErrorKind,
    pub failure: Failure,
}

/// Proves client and redirect URI. The response mode is not known yet: errors go into the query,
/// which is where a missing `response_type` is answered too.
pub async fn prove(
    provider: &Provider,
    parameters: &Parameters,
) -> Result<(Client, RedirectTarget), PageFailure> {
    let page = |kind| move |failure: Failure| PageFailure { kind, failure };
    let ours = |failure: Failure| match failure.cause.code {
        ErrorCode::ServerError => page(ErrorKind::ServerFault)(failure),
        _ => page(ErrorKind::Unavailable)(failure),
    };
    let client_id = parameters
        .get("client_id")
        .ok_or_else(|| page(ErrorKind::UnknownClient)(AuthorizeFault::ClientMissing.into()))?;
    let client = provider
        .clients
        .find(&*provider.store, client_id)
        .await
        .map_err(|error| ours(error.into()))?
        .ok_or_else(|| page(ErrorKind::UnknownClient)(AuthorizeFault::ClientUnknown.into()))?;
    let redirect_uri = parameters.get("redirect_uri").ok_or_else(|| {
        page(ErrorKind::RedirectUriMissing)(AuthorizeFault::RedirectUriMissing.into())
    })?;
    let registered = RegisteredRedirectUri::find(
        redirect_uri,
        &client.metadata.redirect_uris,
        client.metadata.application_type(),
    )
    .map_err(|fault| {
        let failure = Failure::from(AuthorizeFault::RedirectUriNotRegistered);
        page(ErrorKind::RedirectUriNotRegistered)(failure.detail(fault.to_string()))
    })?;
    let target = RedirectTarget {
        redirect_uri: registered.as_str().to_owned(),
        state: parameters.get("state").map(str::to_owned),
        response_mode: ResponseMode::Query,
    };
    Ok((client, target))
}

impl RedirectTarget {
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Whether the client still has this redirect URI, for a target that comes back from a page.
    pub fn prove_again(&self, client: &Client) -> Result<(), Failure> {
        RegisteredRedirectUri::find(
            &self.redirect_uri,
            &client.metadata.redirect_uris,
            client.metadata.application_type(),
        )
        .map(drop)
        .map_err(|fault| {
            Failure::from(AuthorizeFault::RedirectUriNotRegistered).detail(fault.to_string())
        })
    }

    #[must_use]
    pub fn with_response_mode(mut self, response_mode: ResponseMode) -> RedirectTarget {
        self.response_mode = response_mode;
        self
    }

    /// Sends an error to the client (RFC 6749 4.1.2.1).
    pub fn refuse(&self, provider: &Provider, failure: &Failure, exchange: &Exchange) -> Response {
        let error = provider.error_parameters(failure, exchange);
        let mut parameters = vec![
            ("error", error.error),
            ("error_description", error.error_description.as_str()),
        ];
        if let Some(uri) = &error.error_uri {
            parameters.push(("error_uri", uri));
        }
        self.answer(provider, parameters, exchange)
    }

    /// Sends a code to the client (RFC 6749 4.1.2).
    pub fn grant(&self, provider: &Provider, code: &str, exchange: &Exchange) -> Response {
        self.answer(provider, vec![("code", code)], exchange)
    }

    /// Adds `state` as it came and `iss` (RFC 9207 2), and leaves.
    fn answer<'a>(
        &'a self,
        provider: &'a Provider,
        mut parameters: Vec<(&'a str, &'a str)>,
        exchange: &Exchange,
    ) -> Response {
        if let Some(state) = &self.state {
            parameters.push(("state", state));
        }
        parameters.push(("iss", provider.issuer.as_str()));
        match self.response_mode {
            ResponseMode::FormPost => {
                let view = FormPostView {
                    redirect_uri: &self.redirect_uri,
                    parameters: &parameters,
                    client: None::<ClientView<'_>>,
                };
                provider.page(&view, exchange)
            }
            ResponseMode::Query | ResponseMode::Fragment => {
                redirect(&with_query(&self.redirect_uri, &parameters))
            }
        }
    }
}

/// 303 (RFC 9700 4.12: never 307, which would send a form's password on).
pub fn redirect(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// Keeps the query that a registered URI has (RFC 6749 3.1.2).
fn with_query(uri: &str, parameters: &[(&str, &str)]) -> String {
    let separator = match uri.find('?') {
        None => "?",
        Some(_) if uri.ends_with(['?', '&']) => "",
        Some(_) => "&",
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("{uri}{separator}{}", query.finish())
}
