//! A response as a signed JWT, for a client that keeps it as evidence, or that reaches the server
//! through others: introspection (RFC 9701) and userinfo (OpenID Connect Core, section 5.3.2).

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use countersign_jose::alg::SignatureAlgorithm;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::Provider;
use crate::error::{Failure, ServerFault};
use crate::keys::Ring;
use crate::respond;

/// The signing key. It is looked up before anything else is read.
pub(crate) struct ResponseSigner {
    ring: Arc<Ring>,
    algorithm: SignatureAlgorithm,
}

impl ResponseSigner {
    /// # Errors
    /// Returns a server fault if the keys can't be read, or if the algorithm has none.
    pub async fn of(
        provider: &Provider,
        algorithm: SignatureAlgorithm,
    ) -> Result<ResponseSigner, Failure> {
        let ring = provider.keys.ring().await?;
        ring.signing(algorithm)?;
        Ok(ResponseSigner { ring, algorithm })
    }

    /// The response, with its JWT and media types.
    ///
    /// # Errors
    /// Returns a server fault if it can't be written or signed.
    pub fn respond(
        &self,
        typ: &str,
        media_type: &'static str,
        claims: &impl Serialize,
    ) -> Result<Response, Failure> {
        let claims = respond::json_bytes(claims)?;
        let key = self.ring.signing(self.algorithm)?;
        let jwt = key
            .sign_jwt(typ, &claims)
            .map_err(|error| Failure::from(ServerFault::SigningFailed).detail(error.to_string()))?;
        let mut response = respond::empty(StatusCode::OK);
        let media_type = HeaderValue::from_static(media_type);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        *response.body_mut() = Body::from(jwt);
        Ok(response)
    }
}
