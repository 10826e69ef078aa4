//! The response as a signed JWT (RFC 9701): for a caller that keeps it as evidence, or that is not
//! alone on the way.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use countersign_jose::alg::SignatureAlgorithm;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::fault::IntrospectionFault;
use super::told::Told;
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::{Failure, ServerFault};
use crate::keys::Ring;
use crate::respond;

/// What a caller names in `Accept`, and the response in `Content-Type` (RFC 9701, sections 4 and
/// 5).
pub(super) const MEDIA_TYPE: &str = "application/token-introspection+jwt";
const TYP: &str = "token-introspection+jwt";

/// The key that is to sign, found to be there before the token is looked at.
pub(super) struct Signer {
    ring: Arc<Ring>,
    algorithm: SignatureAlgorithm,
}

impl Signer {
    /// The key of the caller's algorithm.
    ///
    /// # Errors
    /// Returns [`IntrospectionFault::AlgorithmMissing`], or a server fault if the keys can't be
    /// read.
    pub async fn of(provider: &Provider, caller: &AuthenticatedClient) -> Result<Signer, Failure> {
        let name = caller.metadata.introspection_alg();
        let offered = provider.settings.keys.signing_algorithms();
        let algorithm = name.parse().ok().filter(|alg| offered.contains(alg));
        let Some(algorithm) = algorithm else {
            let fault = Failure::from(IntrospectionFault::AlgorithmMissing);
            return Err(fault.detail(format!("there is no key for {name}")));
        };
        let ring = provider.keys.ring().await?;
        ring.signing(algorithm)?;
        Ok(Signer { ring, algorithm })
    }

    /// Signs what is told. There is neither `sub` nor `exp` beside it, so that it is not mistaken
    /// for an access token (RFC 9701, sections 5 and 8.1).
    pub fn respond(
        &self,
        provider: &Provider,
        caller: &AuthenticatedClient,
        told: &Told,
    ) -> Result<Response, Failure> {
        let claims = respond::json_bytes(&Claims {
            iss: provider.issuer.as_str(),
            aud: &caller.client_id,
            iat: provider.now(),
            token_introspection: told,
        })?;
        let key = self.ring.signing(self.algorithm)?;
        let jwt = key
            .sign_jwt(TYP, &claims)
            .map_err(|error| Failure::from(ServerFault::SigningFailed).detail(error.to_string()))?;
        let mut response = respond::empty(StatusCode::OK);
        let media_type = HeaderValue::from_static(MEDIA_TYPE);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        *response.body_mut() = Body::from(jwt);
        Ok(response)
    }
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
