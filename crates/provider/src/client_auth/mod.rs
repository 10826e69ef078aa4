//! Client authentication at the token endpoint (RFC 6749 2.3, OIDC Core 9): who sent the request.
//!
//! One method at a time, and only the one that the client registered. A file per method; the
//! assertion and certificate methods have their place here and are refused until they exist.

mod client_secret_basic;
mod client_secret_post;
mod none;

use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::parameters::Parameters;
use countersign_store::SecretHash;
use countersign_store::clients::ClientSecret;
use http::header;
use zeroize::Zeroizing;

use crate::Provider;
use crate::clients::Client;
use crate::error::{Failure, causes};
use crate::exchange::Exchange;

causes! {
    /// Why a client was not authenticated.
    pub enum ClientAuthFault {
        MethodsCombined = "client_auth_methods_combined" InvalidRequest Shape {
            rule: "A client must not use more than one authentication method in a request (RFC 6749 2.3).",
            received: "An Authorization header together with client_secret or client_assertion in the body, a secret together with an assertion, or two Authorization headers.",
            expected: "One method. An equal client_id beside HTTP Basic is fine.",
            fix: "Remove the credentials from either the header or the body. Some libraries add the header on their own.",
        }
        ClientIdsDiffer = "client_ids_differ" InvalidRequest Shape {
            rule: "client_id in the body and in the Authorization header name the same client (RFC 6749 2.3.1, 3.2.1).",
            received: "Two different client_ids in one request.",
            expected: "The same client_id, or only the one in the header.",
            fix: "Remove client_id from the body.",
        }
        HeaderMalformed = "client_auth_header_malformed" InvalidClient Shape {
            rule: "HTTP Basic is base64 of form-encoded client_id, a colon, form-encoded secret (RFC 6749 2.3.1).",
            received: "An Authorization header that cannot be read so, or of another scheme.",
            expected: "Authorization: Basic with base64(client_id:client_secret).",
            fix: "Encode client_id and secret, join them with a colon, then encode in base64 with padding.",
        }
        Missing = "client_auth_missing" InvalidClient Shape {
            rule: "Every request to the token endpoint names its client (RFC 6749 3.2.1).",
            received: "Neither an Authorization header nor client_id.",
            expected: "HTTP Basic, client_id and client_secret, or for public clients client_id alone.",
            fix: "Send client_id with the request. A public client with PKCE needs it too.",
        }
        AssertionNotSupported = "client_assertion_not_supported" InvalidClient Shape {
            rule: "The methods are listed as token_endpoint_auth_methods_supported (RFC 8414 2).",
            received: "client_assertion.",
            expected: "client_secret_basic, client_secret_post, or none.",
            fix: "Use a method from the list.",
        }
        ClientUnknown = "client_unknown" InvalidClient Hidden {
            rule: "The client must be registered and active (RFC 6749 5.2).",
            received: "A client_id that no active client has.",
            expected: "The client_id from registration.",
            fix: "`countersign client list` shows the clients of this server; check that the request goes to the right one.",
        }
        MethodNotRegistered = "client_auth_method_not_registered" InvalidClient Hidden {
            rule: "A client uses the method that it is registered with (OIDC Registration 2).",
            received: "Credentials sent by another method than token_endpoint_auth_method.",
            expected: "The registered method; client_secret_basic where none was named.",
            fix: "Change the client's library setting, or its token_endpoint_auth_method.",
        }
        SecretWrong = "client_secret_wrong" InvalidClient Hidden {
            rule: "The secret must be the client's (RFC 6749 2.3.1).",
            received: "Another secret.",
            expected: "The secret shown when the client was made or its secret was last rotated.",
            fix: "Look for a stray line end or an old value. `countersign client rotate-secret` makes a new one.",
        }
    }
}

/// A client that proved who it is, or a public one that only said so.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient(Client);

impl std::ops::Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

/// Credentials as presented, before anything was looked up.
struct Presented {
    client_id: String,
    method: ClientAuthMethod,
    secret: Option<Zeroizing<String>>,
}

/// Finds out which client sent the request.
pub async fn authenticate(
    provider: &Provider,
    exchange: &Exchange,
    form: &Parameters,
) -> Result<AuthenticatedClient, Failure> {
    let challenge = challenge(provider);
    let failed = |failure: Failure| match failure.cause.code.http_status() {
        401 => failure.challenge(challenge.clone()),
        _ => failure,
    };
    let presented = presented(exchange, form).map_err(failed)?;
    let client = provider
        .clients
        .find(&*provider.store, &presented.client_id)
        .await?;
    check(client, &presented).map_err(failed)
}

/// The client_id that a request names, whoever sent it.
pub fn named_client_id(exchange: &Exchange, form: &Parameters) -> Option<String> {
    presented(exchange, form)
        .ok()
        .map(|presented| presented.client_id)
}

/// Reads credentials from where a method puts them; more than one method is refused.
fn presented(exchange: &Exchange, form: &Parameters) -> Result<Presented, Failure> {
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
        None if has_assertion => Err(ClientAuthFault::AssertionNotSupported.into()),
        None if has_secret => client_secret_post::read(form),
        None => none::read(form),
    }
}

/// Compares what was presented with what is registered. All of it in the same order and with the
/// same work whether the client exists or not.
fn check(client: Option<Client>, presented: &Presented) -> Result<AuthenticatedClient, Failure> {
    let secret_matches = secret_matches(client.as_ref(), presented);
    let Some(client) = client else {
        return Err(ClientAuthFault::ClientUnknown.into());
    };
    if client.metadata.auth_method() != Some(presented.method) {
        return Err(ClientAuthFault::MethodNotRegistered.into());
    }
    if presented.method != ClientAuthMethod::None && !secret_matches {
        return Err(ClientAuthFault::SecretWrong.into());
    }
    Ok(AuthenticatedClient(client))
}

fn secret_matches(client: Option<&Client>, presented: &Presented) -> bool {
    let nobodys = SecretHash::from_bytes([0; 32]);
    let expected = match client.map(|client| &client.secret) {
        Some(ClientSecret::Hashed(hash)) => hash,
        // A client without a secret, or with one that only signs, is never let in by one.
        Some(ClientSecret::None | ClientSecret::Sealed(_)) | None => &nobodys,
    };
    let secret = presented
        .secret
        .as_ref()
        .map_or("", |secret| secret.as_str());
    SecretHash::of(secret.as_bytes()).matches(expected) && !secret.is_empty()
}

/// RFC 6749 5.2: the challenge of the scheme that the client can use.
fn challenge(provider: &Provider) -> String {
    format!(
        "Basic realm=\"{}\", charset=\"UTF-8\"",
        provider.issuer.as_str()
    )
}
