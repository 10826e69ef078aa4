//! Client authentication at the token endpoint (RFC 6749, section 2.3, OpenID Connect Core, section
//! 9): who sent the request.
//!
//! One method at a time, and only the one that the client registered. A file per method;
//! `private_key_jwt` and `client_secret_jwt` share one, since they differ only in their keys, and
//! so do `tls_client_auth` and `self_signed_tls_client_auth`.

mod client_assertion;
mod client_certificate;
mod client_secret_basic;
mod client_secret_post;
mod client_secrets;
pub mod fault;
mod none;

use countersign_oauth::client_assertion::ClientAssertion;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::parameters::Parameters;
use http::header;
use zeroize::Zeroizing;

use crate::Provider;
use crate::clients::Client;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::log;
use fault::ClientAuthFault;

/// A client that proved who it is, or a public one that only named itself.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient(Client);

impl std::ops::Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

/// Who a request says it is from, and what is to show it, before anything was looked up.
struct Presented<'a> {
    client_id: String,
    credential: Credential<'a>,
}

enum Credential<'a> {
    None,
    Secret {
        method: ClientAuthMethod,
        secret: Zeroizing<String>,
    },
    Assertion(ClientAssertion<'a>),
}

impl Presented<'_> {
    fn method(&self) -> ClientAuthMethod {
        match &self.credential {
            Credential::None => ClientAuthMethod::None,
            Credential::Secret { method, .. } => *method,
            Credential::Assertion(assertion) => client_assertion::method(assertion),
        }
    }
}

/// Determines which client sent the request.
///
/// # Errors
/// Returns a [`ClientAuthFault`] if the credentials are missing, malformed, sent in more than one
/// way, or wrong, or if the client is unknown, disabled or registered with another method; or a
/// server fault if the store fails.
pub async fn authenticate(
    provider: &Provider,
    exchange: &Exchange,
    form: &Parameters,
) -> Result<AuthenticatedClient, Failure> {
    let presented = presented(exchange, form)?;
    let client = provider
        .clients
        .find_current(&provider.edge(), &presented.client_id)
        .await?;
    let client = check(provider, client, &presented)?;
    match &presented.credential {
        Credential::Assertion(assertion) => {
            client_assertion::prove(provider, exchange, &client, assertion).await?;
        }
        Credential::None => {
            let certificate = exchange.client_certificate.as_ref();
            client_certificate::prove(provider, certificate, &client).await?;
        }
        Credential::Secret { .. } => {}
    }
    log::name_client(&client.client_id);
    Ok(AuthenticatedClient(client))
}

/// The same for a caller in this process, which has a secret or none, and no method to send it by.
pub(crate) async fn authenticate_by_secret(
    provider: &Provider,
    client_id: &str,
    secret: Option<&str>,
) -> Result<AuthenticatedClient, Failure> {
    let client = provider.clients.find(&*provider.store, client_id).await?;
    let registered = client
        .as_ref()
        .and_then(|client| client.metadata.auth_method());
    let method = match registered {
        Some(ClientAuthMethod::ClientSecretPost) => ClientAuthMethod::ClientSecretPost,
        _ => ClientAuthMethod::ClientSecretBasic,
    };
    let presented = Presented {
        client_id: client_id.to_owned(),
        credential: match secret {
            None => Credential::None,
            Some(secret) => Credential::Secret {
                method,
                secret: Zeroizing::new(secret.to_owned()),
            },
        },
    };
    let client = check(provider, client, &presented)?;
    client_certificate::prove(provider, None, &client).await?;
    Ok(AuthenticatedClient(client))
}

/// A client that this process itself vouches for: it requests tokens on its own behalf, and there
/// is no HTTP request.
pub(crate) fn vouched_for(client: Client) -> AuthenticatedClient {
    AuthenticatedClient(client)
}

/// The client_id that a request names, whether or not the client sent it.
pub fn named_client_id(exchange: &Exchange, form: &Parameters) -> Option<String> {
    presented(exchange, form)
        .ok()
        .map(|presented| presented.client_id)
}

/// Reads credentials from where a method puts them; more than one method is refused.
fn presented<'a>(exchange: &Exchange, form: &'a Parameters) -> Result<Presented<'a>, Failure> {
    let has_secret = form.get("client_secret").is_some();
    let has_assertion =
        form.get("client_assertion").is_some() || form.get("client_assertion_type").is_some();
    if exchange.is_repeated(&header::AUTHORIZATION) {
        return Err(ClientAuthFault::MethodsCombined.into());
    }
    match exchange.header(header::AUTHORIZATION) {
        Some(_) if has_secret || has_assertion => Err(ClientAuthFault::MethodsCombined.into()),
        Some(authorization) => client_secret_basic::read(authorization, form),
        None if exchange.headers.contains_key(header::AUTHORIZATION) => {
            Err(ClientAuthFault::HeaderMalformed.into())
        }
        None if has_secret && has_assertion => Err(ClientAuthFault::MethodsCombined.into()),
        None if has_assertion => client_assertion::read(form),
        None if has_secret => client_secret_post::read(form),
        None => none::read(form),
    }
}

/// Compares what was presented with what is registered; an assertion or a certificate is still to
/// be proven. All of it in the same order and with the same work whether the client exists or not.
fn check(
    provider: &Provider,
    client: Option<Client>,
    presented: &Presented<'_>,
) -> Result<Client, Failure> {
    let secret = match &presented.credential {
        Credential::Secret { secret, .. } => secret.as_str(),
        Credential::None | Credential::Assertion(_) => "",
    };
    let secret_matches = client_secrets::matches(provider, client.as_ref(), secret)?;
    let Some(client) = client else {
        let masked = log::masked(&presented.client_id);
        return Err(
            Failure::from(ClientAuthFault::ClientUnknown).detail(format!(
                "the client_id {masked}, which no active client has"
            )),
        );
    };
    let registered = client.metadata.auth_method();
    // A certificate is presented beside the request, which only names the client (RFC 8705, section
    // 2).
    let by_certificate = matches!(presented.credential, Credential::None)
        && registered.is_some_and(ClientAuthMethod::uses_certificate);
    if registered != Some(presented.method()) && !by_certificate {
        let registered = registered.map_or("by nothing known here", |method| method.as_str());
        let presented = presented.method().as_str();
        return Err(
            Failure::from(ClientAuthFault::MethodNotRegistered).detail(format!(
                "client {} authenticates with {registered}, not with {presented}",
                client.client_id
            )),
        );
    }
    if matches!(presented.credential, Credential::Secret { .. }) && !secret_matches {
        return Err(Failure::from(ClientAuthFault::SecretWrong).detail(format!(
            "a secret that is not that of client {}",
            client.client_id
        )));
    }
    Ok(client)
}
