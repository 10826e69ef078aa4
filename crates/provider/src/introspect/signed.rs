//! The response as a signed JWT (RFC 9701).

use axum::response::Response;
use serde::Serialize;

use super::fault::IntrospectionFault;
use super::told::Told;
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::Failure;
use crate::signed_response::ResponseSigner;

/// What a caller names in `Accept`, and the response in `Content-Type` (RFC 9701, sections 4 and
/// 5).
pub(super) const MEDIA_TYPE: &str = "application/token-introspection+jwt";
const TYP: &str = "token-introspection+jwt";

/// The key of the caller's algorithm.
///
/// # Errors
/// Returns [`IntrospectionFault::AlgorithmMissing`], or a server fault if the keys can't be read.
pub(super) async fn signer(
    provider: &Provider,
    caller: &AuthenticatedClient,
) -> Result<ResponseSigner, Failure> {
    let name = caller.metadata.introspection_alg();
    let offered = provider.settings.keys.signing_algorithms();
    match name.parse().ok().filter(|alg| offered.contains(alg)) {
        Some(algorithm) => ResponseSigner::of(provider, algorithm).await,
        None => {
            let fault = Failure::from(IntrospectionFault::AlgorithmMissing);
            Err(fault.detail(format!("there is no key for {name}")))
        }
    }
}

/// Signs what is told. There is neither `sub` nor `exp` beside it, so that it is not mistaken for
/// an access token (RFC 9701, sections 5 and 8.1).
pub(super) fn respond(
    signer: &ResponseSigner,
    provider: &Provider,
    caller: &AuthenticatedClient,
    told: &Told,
) -> Result<Response, Failure> {
    let claims = Claims {
        iss: provider.issuer.as_str(),
        aud: &caller.client_id,
        iat: provider.now(),
        token_introspection: told,
    };
    signer.respond(TYP, MEDIA_TYPE, &claims)
}

/// RFC 9701, section 5.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    /// The caller.
    aud: &'a str,
    iat: i64,
    token_introspection: &'a Told,
}
