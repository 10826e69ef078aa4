//! Parameters that come as a signed request object, by value or by reference (OpenID Connect Core,
//! section 6; RFC 9101).
//!
//! Only the client's registered `request_uris` are fetched (OIDC Registration, section 2), so no
//! one can make this server call an address of their choice. The content is not cached. If the
//! address has the hash of its content as fragment, the two are compared.

use std::borrow::Cow;

use countersign_fetch::Url;
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::{base64url, digest};
use countersign_oauth::parameters::{Parameters, REPEATABLE_RESOURCE};
use countersign_oauth::request_object::{
    RequestObject, RequestObjectExpectation, RequestObjectFault, VerifiedRequestObject,
};

use super::fault::AuthorizeFault;
use crate::Provider;
use crate::client_signature::{self, NotVerified};
use crate::clients::Client;
use crate::error::Failure;
use crate::offered::CLIENT_SIGNATURE_ALGORITHMS;

/// The parameters that count: those of the request object first, if there is one.
///
/// # Errors
/// Returns the [`AuthorizeFault`] of an object that can't be fetched, was not made by the client,
/// or does not suit what was sent beside it; or a server fault if the store fails.
pub async fn effective<'a>(
    provider: &Provider,
    sent: &'a Parameters,
) -> Result<Cow<'a, Parameters>, Failure> {
    let (by_value, by_reference) = (sent.get("request"), sent.get("request_uri"));
    if by_value.is_none() && by_reference.is_none() {
        return Ok(Cow::Borrowed(sent));
    }
    // Without a client it is not known whose keys verify the object. The missing client is refused
    // later.
    let client_id = sent.get("client_id").unwrap_or_default();
    let client = provider
        .clients
        .introduce(&provider.edge(), client_id)
        .await;
    let Ok(Some(client)) = client else {
        return Ok(Cow::Borrowed(sent));
    };
    let object = match (by_value, by_reference) {
        (Some(_), Some(_)) => return Err(AuthorizeFault::RequestAndRequestUri.into()),
        (Some(object), None) => Cow::Borrowed(object),
        (None, uri) => Cow::Owned(fetch(provider, &client, uri.unwrap_or_default()).await?),
    };
    let verified = verify(provider, &client, &object).await?;
    let alone = client.metadata.requires_signed_request_object();
    let limits = provider.site.settings.parameters();
    let parameters = verified
        .parameters(sent, alone, limits, REPEATABLE_RESOURCE)
        .map_err(|fault| refused(&fault))?;
    Ok(Cow::Owned(parameters))
}

/// Requires a request object from a client that is registered to send one (RFC 9101, section 10.5).
///
/// # Errors
/// Returns [`AuthorizeFault::RequestObjectRequired`] if `sent` has none.
pub fn insist(client: &Client, sent: &Parameters) -> Result<(), Failure> {
    let has_one = sent.get("request").is_some() || sent.get("request_uri").is_some();
    match client.metadata.requires_signed_request_object() && !has_one {
        true => Err(AuthorizeFault::RequestObjectRequired.into()),
        false => Ok(()),
    }
}

async fn verify(
    provider: &Provider,
    client: &Client,
    object: &str,
) -> Result<VerifiedRequestObject, Failure> {
    let object = RequestObject::read(object).map_err(|fault| refused(&fault))?;
    let registered = client.metadata.request_object_signing_alg.as_deref();
    let algorithms: Vec<SignatureAlgorithm> = CLIENT_SIGNATURE_ALGORITHMS
        .into_iter()
        .filter(|algorithm| registered.is_none_or(|registered| registered == algorithm.as_str()))
        .collect();
    let expectation = RequestObjectExpectation {
        client_id: &client.client_id,
        issuer: provider.issuer.as_str(),
        algorithms: &algorithms,
    };
    client_signature::verify(
        provider,
        client,
        object.alg(),
        RequestObjectFault::keys_may_be_stale,
        |keys| object.verify(keys, &expectation, provider.now()),
    )
    .await
    .map_err(|why| match why {
        NotVerified::Fault(fault) => refused(&fault),
        NotVerified::Failed(failure) => failure,
        NotVerified::KeysUnavailable(reason) => {
            Failure::from(AuthorizeFault::RequestObjectKeysUnavailable).detail(reason)
        }
    })
}

fn refused(fault: &RequestObjectFault) -> Failure {
    let cause = match fault {
        RequestObjectFault::Differs { .. } => AuthorizeFault::RequestObjectDiffers,
        RequestObjectFault::Signature(_) => AuthorizeFault::RequestObjectSignature,
        _ => AuthorizeFault::RequestObjectInvalid,
    };
    Failure::from(cause).detail(fault.to_string())
}

/// Fetches what `request_uri` refers to (OpenID Connect Core, section 6.2; RFC 9101, section
/// 5.2.3), if the client registered that address.
async fn fetch(provider: &Provider, client: &Client, uri: &str) -> Result<String, Failure> {
    let (address, hash) = uri.split_once('#').unwrap_or((uri, ""));
    let is_registered = |registered: &String| {
        let (own, own_hash) = registered.split_once('#').unwrap_or((registered, ""));
        own == address && (own_hash.is_empty() || own_hash == hash)
    };
    if !client.metadata.request_uris.iter().any(is_registered) {
        return Err(AuthorizeFault::RequestUriNotRegistered.into());
    }
    let failed = |why: String| Failure::from(AuthorizeFault::RequestUriNotFetched).detail(why);
    let url: Url = address
        .parse()
        .map_err(|_| failed("it is not a URL".to_owned()))?;
    let now_ms = provider.clock.monotonic_milliseconds();
    let content = provider.request_objects.fetch(url, now_ms).await;
    let content = content.map_err(|why| failed(why.to_string()))?;
    if !hash.is_empty() && base64url::encode(digest::sha256(&content)) != hash {
        return Err(failed(
            "its content is not that of the fragment's hash".to_owned(),
        ));
    }
    let text = std::str::from_utf8(&content);
    text.map(|text| text.trim().to_owned())
        .map_err(|_| failed("its content is not a JWT".to_owned()))
}
