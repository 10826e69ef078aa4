//! Fetches a provider's metadata: [OIDC Discovery, section 4], [RFC 8414, section 3].
//!
//! [OIDC Discovery, section 4]: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
//! [RFC 8414, section 3]: https://www.rfc-editor.org/rfc/rfc8414#section-3

use countersign_fetch::http::StatusCode;
use countersign_fetch::http::header::ACCEPT;
use countersign_fetch::{FetchError, Fetcher, Request, Url};
use countersign_oauth::issuer::{Issuer, IssuerFault};
use countersign_oauth::server_metadata::{ServerMetadata, ServerMetadataFault, well_known_uris};

/// Fetches `{issuer}/.well-known/openid-configuration`.
///
/// # Errors
/// Returns a [`DiscoveryError`]. A document that names another issuer than the one asked for, even
/// by a slash, is refused (OIDC Discovery, section 4.3).
pub async fn discover(fetcher: &Fetcher, issuer: &str) -> Result<ServerMetadata, DiscoveryError> {
    let issuer = Issuer::parse(issuer)?;
    fetch_metadata(
        fetcher,
        &issuer,
        well_known_uris(&issuer).openid_configuration,
    )
    .await
}

/// Fetches the metadata of an authorization server that is not an OpenID provider:
/// `/.well-known/oauth-authorization-server` between host and path.
///
/// # Errors
/// Returns a [`DiscoveryError`]; RFC 8414, section 3.3 compares the issuer as strictly.
pub async fn discover_oauth(
    fetcher: &Fetcher,
    issuer: &str,
) -> Result<ServerMetadata, DiscoveryError> {
    let issuer = Issuer::parse(issuer)?;
    fetch_metadata(
        fetcher,
        &issuer,
        well_known_uris(&issuer).oauth_authorization_server,
    )
    .await
}

async fn fetch_metadata(
    fetcher: &Fetcher,
    issuer: &Issuer,
    address: String,
) -> Result<ServerMetadata, DiscoveryError> {
    let url = Url::parse(&address).map_err(|_| DiscoveryError::Issuer(IssuerFault::NotAUrl))?;
    let response = fetcher
        .send(Request::get(url).header(ACCEPT, "application/json"))
        .await?;
    // OIDC Discovery, section 4.2; RFC 8414, section 3.2: a successful response is 200; a redirect
    // is none.
    if response.status != StatusCode::OK {
        return Err(DiscoveryError::Status {
            address,
            status: response.status.as_u16(),
        });
    }
    let metadata = ServerMetadata::from_json(&response.body)?;
    metadata
        .check_issuer(issuer.as_str())
        .map_err(|_| DiscoveryError::IssuerMismatch {
            asked: issuer.as_str().to_owned(),
            received: metadata.issuer.clone(),
        })?;
    Ok(metadata)
}

/// Why there is no metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    #[error("the issuer is refused: {0}")]
    Issuer(#[from] IssuerFault),
    #[error("the provider's metadata could not be fetched: {0}")]
    Fetch(#[from] FetchError),
    #[error("{address} returned {status} instead of 200")]
    Status { address: String, status: u16 },
    #[error(transparent)]
    Metadata(#[from] ServerMetadataFault),
    /// One provider may not speak in another's name (mix-up, RFC 9700, section 4.4).
    #[error("the metadata is for the issuer {received:?}, but {asked:?} was requested")]
    IssuerMismatch { asked: String, received: String },
}

impl DiscoveryError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Issuer(fault) => fault.code(),
            Self::Fetch(error) => error.code(),
            Self::Status { .. } => "discovery_status",
            Self::Metadata(fault) => fault.code(),
            Self::IssuerMismatch { .. } => "discovery_issuer_mismatch",
        }
    }

    /// Whether trying again later may help: there was no response, or a server error.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Fetch(error) => !matches!(
                error,
                FetchError::UnsupportedScheme { .. }
                    | FetchError::HttpsRequired { .. }
                    | FetchError::LoopbackNotAllowed { .. }
                    | FetchError::UserinfoInUrl { .. }
                    | FetchError::RefusedAddress { .. }
            ),
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }
}
