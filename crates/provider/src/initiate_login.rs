//! Third-party initiated login (OpenID Connect Core, section 4): a person starts a sign-in to an
//! application at the provider. The person is sent to the application's `initiate_login_uri`, which
//! begins an ordinary authorization.

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::scope::Scope;
use countersign_store::consents::{Consent, ConsentBasis};
use countersign_store::sessions::BrowserSession;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::authorization_request::fault::AuthorizeFault;
use crate::clients::Client;
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::{Provider, respond};

/// The path, below the issuer's.
pub const ENDPOINT: &str = "/initiate_login";

/// GET /initiate_login: sends the browser to the application that `client_id` names.
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let exchange = &incoming.exchange;
    answer(&provider, &incoming)
        .await
        .unwrap_or_else(|failure| provider.error_page(&failure, exchange))
}

async fn answer(provider: &Provider, incoming: &Incoming) -> Result<Response, Failure> {
    let parameters = incoming.parameters(provider, &[])?;
    let client_id = parameters
        .get("client_id")
        .ok_or(AuthorizeFault::ClientMissing)?;
    let unknown = || Failure::from(AuthorizeFault::ClientUnknown);
    let client = provider.clients.find(&*provider.store, client_id).await?;
    let client = client.ok_or_else(unknown)?;
    let session = provider.current_session(&incoming.exchange).await?;
    let consent = match &session {
        Some(session) => provider.store.consent(&session.sub, client_id).await?,
        None => None,
    };
    let consent = consent.filter(|consent| leads_to(&client, consent));
    if !client.vouched && consent.is_none() {
        return Err(unknown().detail("a client that the user did not consent to".to_owned()));
    }
    let login_hint = match (&session, &consent) {
        (Some(session), Some(consent)) => login_hint(provider, session, consent).await?,
        _ => None,
    };
    let address = address(provider, &client, login_hint.as_deref());
    Ok(respond::redirect(&address.ok_or_else(unknown)?))
}

/// Whether people may be sent to the client with that consent. One that no one vouches for needs
/// their own, to the client as it is now (RFC 9700, section 4.11.2).
fn leads_to(client: &Client, consent: &Consent) -> bool {
    client.vouched || (consent.basis == ConsentBasis::User && client.is_what_was_allowed(consent))
}

/// The user name for `login_hint`, if the application was already given it as the claim
/// `preferred_username` (OpenID Connect Core, section 5.4).
async fn login_hint(
    provider: &Provider,
    session: &BrowserSession,
    consent: &Consent,
) -> Result<Option<String>, Failure> {
    let has_profile = Scope::parse(&consent.scope).is_ok_and(|scope| scope.contains("profile"));
    if !has_profile {
        return Ok(None);
    }
    let account = provider.accounts.account(&session.sub).await?;
    Ok(account.map(|account| account.username))
}

/// The application's address with `iss`, and `login_hint` if there is one. `None` if it registered
/// none.
fn address(provider: &Provider, client: &Client, login_hint: Option<&str>) -> Option<String> {
    let mut address = Url::parse(client.metadata.initiate_login_uri.as_deref()?).ok()?;
    let mut added = Serializer::new(String::new());
    added.append_pair("iss", provider.issuer.as_str());
    if let Some(login_hint) = login_hint {
        added.append_pair("login_hint", login_hint);
    }
    let added = added.finish();
    // The address's own query is kept as it is.
    let query = match address.query() {
        None | Some("") => added,
        Some(own) => format!("{own}&{added}"),
    };
    address.set_query(Some(&query));
    Some(address.into())
}

/// An application of a user, as listed on their account page.
pub struct Application {
    pub name: String,
    /// The link that starts a sign-in: a path of our own, or the application's home page. `None`
    /// too if the application has become something else than the user consented to.
    pub start: Option<String>,
}

/// The applications that a user or their operator allowed, sorted by name.
///
/// # Errors
/// Returns a server fault if the store fails.
pub async fn applications(provider: &Provider, sub: &str) -> Result<Vec<Application>, Failure> {
    let mut applications = Vec::new();
    for consent in provider.store.consents_of(sub).await? {
        let found = provider
            .clients
            .find(&*provider.store, &consent.client_id)
            .await?;
        let Some(client) = found else { continue };
        let start = match &client.metadata.initiate_login_uri {
            _ if !leads_to(&client, &consent) => None,
            Some(_) => {
                let mut query = Serializer::new(String::new());
                query.append_pair("client_id", &client.client_id);
                Some(provider.page_path(&format!("{ENDPOINT}?{}", query.finish())))
            }
            None => client.metadata.client_uri.clone(),
        };
        applications.push(Application {
            name: client.display_name().to_owned(),
            start,
        });
    }
    applications.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(applications)
}
