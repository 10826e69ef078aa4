//! Logos of clients (`logo_uri`; OpenID Connect Registration, section 2). A page never loads a logo
//! from another origin: that would tell the client who is about to sign in, and would let it change
//! what they see. A logo is fetched when its client is first shown, within narrow limits, and
//! served from this server. A logo that is not available, or is not an image, is left out.
//!
//! The address of a logo here is `logo_uri` itself with a tag that only this provider can make. So
//! every replica can serve it, and no one can make the server fetch anything else.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use countersign_fetch::Url;
use countersign_jose::base64url;
use countersign_jose::constant_time_eq;
use countersign_web::not_found::not_found;
use countersign_web::pages::headers::set_guards;
use http::{HeaderValue, header};

use crate::Provider;
use crate::clients::Registered;
use crate::exchange::Incoming;

/// The path of all logos, below the issuer's.
pub const ENDPOINT: &str = "/logos/{logo}";

/// The path of the client's logo on our own origin, for a page that is about to be shown. `None` if
/// it has no available logo. The page waits briefly for a logo that is not cached yet; if it takes
/// longer, the browser loads it after the page.
pub(crate) async fn address(provider: &Provider, client: &Registered) -> Option<String> {
    let logo_uri = client.metadata.logo_uri.as_deref()?;
    let url: Url = logo_uri.parse().ok()?;
    let logos = &provider.logos;
    let now_ms = provider.clock.monotonic_milliseconds();
    match tokio::time::timeout(logos.wait(), logos.current(url, now_ms)).await {
        Ok(Err(reason)) => {
            let client_id = client.client_id.as_str();
            tracing::debug!(act = "logo.fetch", client_id, %reason, "a logo is not shown");
            None
        }
        Ok(Ok(_)) | Err(_) => Some(path(provider, logo_uri)),
    }
}

fn path(provider: &Provider, logo_uri: &str) -> String {
    let name = base64url::encode(logo_uri);
    let tag = base64url::encode(tag(provider, logo_uri));
    provider.page_path(&format!("/logos/{name}.{tag}"))
}

/// The tag by which we recognise an address that we made.
fn tag(provider: &Provider, logo_uri: &str) -> [u8; TAG_BYTES] {
    let mac = provider.sealing.mac("logo", logo_uri.as_bytes());
    std::array::from_fn(|index| mac.get(index).copied().unwrap_or_default())
}

const TAG_BYTES: usize = 16;

/// GET /logos/{logo}
pub async fn endpoint(
    State(provider): State<Provider>,
    name: Result<Path<String>, PathRejection>,
    incoming: Incoming,
) -> Response {
    let named = name.ok().and_then(|Path(name)| named(&provider, &name));
    let logo = match named {
        Some(url) => {
            let now_ms = provider.clock.monotonic_milliseconds();
            provider.logos.current(url, now_ms).await.ok()
        }
        None => None,
    };
    let Some(logo) = logo else {
        return not_found(State(provider.site.clone()), incoming).await;
    };
    let mut response = Response::new(logo.bytes.clone().into());
    let headers = response.headers_mut();
    set_guards(headers);
    for (name, value) in [
        (header::CONTENT_TYPE, logo.media_type()),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        // If the address is opened directly, the response is an image and nothing else.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The `logo_uri` of an address that we made.
fn named(provider: &Provider, name: &str) -> Option<Url> {
    let (encoded, tagged) = name.split_once('.')?;
    let logo_uri = String::from_utf8(base64url::decode(encoded).ok()?).ok()?;
    let tagged = base64url::decode(tagged).ok()?;
    let is_ours = constant_time_eq(&tagged, &tag(provider, &logo_uri));
    is_ours.then(|| logo_uri.parse().ok()).flatten()
}
