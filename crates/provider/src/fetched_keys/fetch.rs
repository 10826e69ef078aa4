//! One request to a client's `jwks_uri`.

use countersign_fetch::{FetchError, Outbound, Request, Url};
use http::{StatusCode, header};

use crate::client_keys::ClientKeys;

/// Why there are no keys. No message repeats what the address returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysUnavailable {
    #[error("jwks_uri is not a URL")]
    NotAUrl,
    #[error("jwks_uri could not be fetched: {0}")]
    NotFetched(#[from] FetchError),
    #[error("jwks_uri returned the status {}", .0.as_u16())]
    Status(StatusCode),
    #[error("jwks_uri returned what is not a set of public keys: {0}")]
    NotKeys(String),
    /// The task that fetched them was ended.
    #[error("the fetch of jwks_uri was interrupted")]
    Interrupted,
}

/// Fetches the keys, within the limits of `outbound`. Redirects are not followed: the client
/// registered this address.
pub(super) async fn fetch(
    outbound: &Outbound,
    jwks_uri: &str,
) -> Result<ClientKeys, KeysUnavailable> {
    let url: Url = jwks_uri.parse().map_err(|_| KeysUnavailable::NotAUrl)?;
    let request = Request::get(url).header(header::ACCEPT, ACCEPTED);
    let response = outbound.send(request).await?;
    if response.status != StatusCode::OK {
        return Err(KeysUnavailable::Status(response.status));
    }
    ClientKeys::from_json(&response.body)
        .map_err(|error| KeysUnavailable::NotKeys(error.to_string()))
}

/// RFC 7517, section 8.5.2. Most servers say `application/json`, and what counts is the body.
const ACCEPTED: &str = "application/jwk-set+json, application/json";
