//! The redirect target: the border between the two zones of an authorization. Before it is proven
//! an error is a page; from here on every outcome leaves through it.

use axum::response::Response;
use countersign_oauth::parameters::Parameters;
use countersign_oauth::redirect_uri::RegisteredRedirectUri;
use countersign_oauth::response_mode::ResponseMode;
use serde::{Deserialize, Serialize};

use super::fault::AuthorizeFault;
use super::refused_redirect_uri;
use crate::Provider;
use crate::clients::Client;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::log;
use crate::pages::error_kind::UNVOUCHED_CLIENT;
use crate::pages::{DestinationView, FormPostView, WayOn};
use crate::respond;

/// A client with its proven redirect URI, and the mode and `state` of the response to it. Created
/// only by [`prove`] and, for a form that comes back, by [`prove_again`].
#[derive(Debug, Clone)]
pub struct RedirectTarget {
    client: Client,
    redirect_uri: RegisteredRedirectUri,
    state: Option<String>,
    response_mode: ResponseMode,
}

/// What a sealed form carries of a target. It was proven once; it proves nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CarriedTarget {
    client_id: String,
    redirect_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    response_mode: ResponseMode,
}

/// Proves the client and the redirect URI. The response mode is not known yet; determining it is
/// the caller's next step.
///
/// # Errors
/// Returns an [`AuthorizeFault`] if `client_id` or `redirect_uri` is missing, no active client has
/// the id, or the client did not register the URI; the cause if the id is the address of a document
/// that can't be used; or a server fault if the store fails. None of these may be sent to
/// `redirect_uri`.
pub async fn prove(
    provider: &Provider,
    parameters: &Parameters,
) -> Result<RedirectTarget, Failure> {
    let client_id = parameters
        .get("client_id")
        .ok_or(AuthorizeFault::ClientMissing)?;
    let client = provider
        .clients
        .introduce(&provider.edge(), client_id)
        .await?;
    let client = active(client)?;
    let redirect_uri = parameters
        .get("redirect_uri")
        .ok_or(AuthorizeFault::RedirectUriMissing)?;
    Ok(RedirectTarget {
        redirect_uri: registered(&client, redirect_uri)?,
        client,
        state: parameters.get("state").map(str::to_owned),
        response_mode: ResponseMode::Query,
    })
}

/// Proves the target of a form that comes back: what was proven when the request came may have been
/// taken away since.
///
/// # Errors
/// Returns an [`AuthorizeFault`] if the client is no longer active or no longer has the URI; or a
/// server fault if the store fails.
pub async fn prove_again(
    provider: &Provider,
    carried: &CarriedTarget,
) -> Result<RedirectTarget, Failure> {
    let form_seconds = provider.site.settings.interactions.lifetime_seconds;
    let form_seconds = u64::try_from(form_seconds).unwrap_or(0);
    let (clients, edge) = (&provider.clients, provider.edge());
    let client = clients.introduce_again(&edge, &carried.client_id, form_seconds);
    let client = active(client.await?)?;
    Ok(RedirectTarget {
        redirect_uri: registered(&client, &carried.redirect_uri)?,
        client,
        state: carried.state.clone(),
        response_mode: carried.response_mode,
    })
}

fn active(found: Option<Client>) -> Result<Client, Failure> {
    let client = found.ok_or(AuthorizeFault::ClientUnknown)?;
    log::name_client(&client.client_id);
    Ok(client)
}

fn registered(client: &Client, redirect_uri: &str) -> Result<RegisteredRedirectUri, Failure> {
    let uris = &client.metadata.redirect_uris;
    RegisteredRedirectUri::find(redirect_uri, uris, client.metadata.application_type())
        .map_err(|fault| refused_redirect_uri::failure(&client.client_id, redirect_uri, &fault))
}

impl RedirectTarget {
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn redirect_uri(&self) -> &str {
        self.redirect_uri.as_str()
    }

    /// For a sealed form.
    pub fn carried(&self) -> CarriedTarget {
        CarriedTarget {
            client_id: self.client.client_id.clone(),
            redirect_uri: self.redirect_uri().to_owned(),
            state: self.state.clone(),
            response_mode: self.response_mode,
        }
    }

    #[must_use]
    pub fn with_response_mode(mut self, response_mode: ResponseMode) -> RedirectTarget {
        self.response_mode = response_mode;
        self
    }

    /// Sends an error to the client (RFC 6749, section 4.1.2.1). To a client that no one vouched
    /// for nothing is redirected before the user consented, and at an error it is not known whether
    /// they have: they see a page, and may go on to it (RFC 9700, section 4.11.2).
    pub fn refuse(&self, provider: &Provider, failure: &Failure, exchange: &Exchange) -> Response {
        if !self.client.vouched {
            return self.offer(provider, failure, exchange);
        }
        let error = provider.error_parameters(failure);
        let mut parameters = vec![
            ("error", error.error),
            ("error_description", error.error_description.as_str()),
        ];
        if let Some(uri) = &error.error_uri {
            parameters.push(("error_uri", uri));
        }
        self.answer(provider, parameters, exchange)
    }

    fn offer(&self, provider: &Provider, failure: &Failure, exchange: &Exchange) -> Response {
        let mut parameters = vec![("error", failure.cause.code.as_str())];
        if let Some(state) = &self.state {
            parameters.push(("state", state));
        }
        parameters.push(("iss", provider.issuer.as_str()));
        let application = match self.response_mode {
            ResponseMode::Fragment => self.redirect_uri.with_fragment(&parameters),
            ResponseMode::Query | ResponseMode::FormPost => {
                self.redirect_uri.with_query(&parameters)
            }
        };
        let destination = DestinationView::of(self.redirect_uri());
        let way_on = WayOn {
            application: Some(&application),
            place: destination.as_ref().map(DestinationView::place),
            ..WayOn::default()
        };
        provider.error_page_as(failure, UNVOUCHED_CLIENT, way_on, exchange)
    }

    /// Sends what was issued to the client (RFC 6749, section 4.1.2; OpenID Connect Core, sections
    /// 3.2.2.5 and 3.3.2.5), with the `session_state` if there is one (OpenID Connect Session
    /// Management, section 2).
    pub fn deliver(
        &self,
        provider: &Provider,
        issued: &[(&'static str, String)],
        session_state: Option<&str>,
        exchange: &Exchange,
    ) -> Response {
        let issued = issued.iter().map(|(name, value)| (*name, value.as_str()));
        let mut parameters: Vec<(&str, &str)> = issued.collect();
        parameters.extend(session_state.map(|state| ("session_state", state)));
        self.answer(provider, parameters, exchange)
    }

    /// Adds `state` as it came and `iss` (RFC 9207, section 2), and leaves.
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
                    redirect_uri: self.redirect_uri(),
                    parameters: &parameters,
                    client: (&self.client).into(),
                };
                provider.page(&view, exchange)
            }
            ResponseMode::Query => respond::redirect(&self.redirect_uri.with_query(&parameters)),
            ResponseMode::Fragment => {
                respond::redirect(&self.redirect_uri.with_fragment(&parameters))
            }
        }
    }
}
