//! One request to the address of a document (Client ID Metadata Documents, section 5).

use countersign_fetch::{FetchError, Outbound, Request};
use countersign_oauth::client_id_url::ClientIdUrl;
use countersign_oauth::client_metadata::{ClientDocumentFault, ClientMetadata, ClientPolicy};
use http::{HeaderMap, StatusCode, header};

use super::ClientDocument;
use super::fault::ClientDocumentCause;
use super::freshness::lifetime_seconds;
use crate::error::Failure;
use crate::settings::ClientDocuments as Settings;
use crate::shelf::{Fetched, NotFetched};

/// Why there is no document. No message repeats what the address returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentUnavailable {
    #[error("it could not be fetched: {0}")]
    NotFetched(#[from] FetchError),
    #[error("its address returned the status {}", .0.as_u16())]
    Status(StatusCode),
    #[error("its Content-Type is neither application/json nor application/*+json")]
    ContentType,
    #[error("{0}")]
    Refused(#[from] ClientDocumentFault),
    /// Too many documents are being fetched.
    #[error("too many documents are being fetched")]
    Busy,
    /// The fetching task was aborted.
    #[error("the fetch was interrupted")]
    Interrupted,
}

impl From<NotFetched> for DocumentUnavailable {
    fn from(not_fetched: NotFetched) -> DocumentUnavailable {
        match not_fetched {
            NotFetched::Busy => DocumentUnavailable::Busy,
            NotFetched::Interrupted => DocumentUnavailable::Interrupted,
        }
    }
}

/// Fetches the document. Redirects are not followed, and only 200 is a document (section 5).
pub(super) async fn fetch(
    outbound: &Outbound,
    client_id: &ClientIdUrl,
    policy: &ClientPolicy,
    settings: &Settings,
) -> Result<Fetched<ClientDocument>, DocumentUnavailable> {
    let fetched = fetched(outbound, client_id, policy, settings).await;
    if let Err(reason) = &fetched {
        tracing::info!(
            act = "client_document.fetch",
            client_id = client_id.as_str(),
            %reason,
            "can't use a client's metadata document"
        );
    }
    fetched
}

async fn fetched(
    outbound: &Outbound,
    client_id: &ClientIdUrl,
    policy: &ClientPolicy,
    settings: &Settings,
) -> Result<Fetched<ClientDocument>, DocumentUnavailable> {
    let request = Request::get(client_id.url().clone()).header(header::ACCEPT, "application/json");
    let response = outbound.send(request).await?;
    if response.status != StatusCode::OK {
        return Err(DocumentUnavailable::Status(response.status));
    }
    if !is_json(&response.headers) {
        return Err(DocumentUnavailable::ContentType);
    }
    let metadata = ClientMetadata::from_document(client_id, &response.body, policy)?.into_inner();
    let text = serde_json::to_string(&metadata).map_err(|_| DocumentUnavailable::Interrupted)?;
    let longest = settings.max_cache_seconds;
    let bounds = settings.min_cache_seconds.min(longest)..=longest;
    Ok(Fetched {
        value: ClientDocument { metadata, text },
        lifetime_seconds: lifetime_seconds(&response.headers, bounds),
    })
}

/// `application/json` or `application/*+json` (section 4), with parameters or without.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    let essence = value.to_str().unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/");
    subtype.is_some_and(|subtype| {
        subtype == "json"
            || subtype
                .strip_suffix("+json")
                .is_some_and(|tree| !tree.is_empty())
    })
}

impl DocumentUnavailable {
    /// The cause for a failed request.
    pub fn into_failure(self, client_id: &ClientIdUrl) -> Failure {
        let cause = match &self {
            DocumentUnavailable::NotFetched(_) | DocumentUnavailable::Interrupted => {
                ClientDocumentCause::NotFetched
            }
            DocumentUnavailable::Status(_) => ClientDocumentCause::Status,
            DocumentUnavailable::ContentType => ClientDocumentCause::ContentType,
            DocumentUnavailable::Refused(ClientDocumentFault::OtherClientId) => {
                ClientDocumentCause::OtherClientId
            }
            DocumentUnavailable::Refused(
                ClientDocumentFault::Secret { .. } | ClientDocumentFault::SharedSecret { .. },
            ) => ClientDocumentCause::Secret,
            DocumentUnavailable::Refused(ClientDocumentFault::NameMissing) => {
                ClientDocumentCause::NameMissing
            }
            DocumentUnavailable::Refused(_) => ClientDocumentCause::Invalid,
            DocumentUnavailable::Busy => ClientDocumentCause::Busy,
        };
        Failure::from(cause).detail(format!("the document {client_id}: {self}"))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_document_is_json() {
        for (content_type, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/client-metadata+json", true),
            ("application/+json", false),
            ("text/json", false),
            ("text/html", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(is_json(&headers), expected, "{content_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
