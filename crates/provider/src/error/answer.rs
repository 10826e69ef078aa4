//! The three shapes in which a failure leaves: JSON, the parameters of a redirect, a page.

use axum::response::{IntoResponse, Response};
use countersign_oauth::error_code::{self, ErrorCode};
use http::{HeaderValue, StatusCode, header};

use super::{Cause, Exposure, Failure, RequestFault, calm_description};
use crate::Provider;
use crate::exchange::Exchange;
use crate::pages::{ErrorKind, ErrorView, Explanation};

/// `error`, `error_description`, `error_uri` as they go on the wire (RFC 6749 4.1.2.1, 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorParameters {
    pub error: &'static str,
    pub error_description: String,
    pub error_uri: Option<String>,
}

impl Provider {
    /// What a client is told of a failure. Logs it: each failure passes here once.
    pub fn error_parameters(&self, failure: &Failure, exchange: &Exchange) -> ErrorParameters {
        log(failure, exchange);
        let told = self.tells(failure.cause);
        let description = match told {
            true => {
                let text = failure.detail.as_deref().unwrap_or(failure.cause.received);
                format!(
                    "{} (cause: {})",
                    error_code::sanitize_description(text),
                    failure.cause.name
                )
            }
            false => calm_description(failure.cause.code).to_owned(),
        };
        ErrorParameters {
            error: failure.cause.code.as_str(),
            error_description: description,
            error_uri: told.then(|| self.error_page_uri(failure.cause)),
        }
    }

    /// The JSON answer of an endpoint (RFC 6749 5.2, RFC 6750 3).
    pub fn error_json(&self, failure: &Failure, exchange: &Exchange) -> Response {
        let parameters = self.error_parameters(failure, exchange);
        let mut body = serde_json::json!({
            "error": parameters.error,
            "error_description": parameters.error_description,
        });
        if let Some(uri) = parameters.error_uri {
            body["error_uri"] = uri.into();
        }
        let mut response = (json_status(failure), body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = &failure.challenge
            && let Ok(challenge) = HeaderValue::from_str(challenge)
        {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        set_retry_after(&mut response, failure);
        response
    }

    /// An error page, where there is no proven address to answer to.
    pub fn error_page(&self, kind: ErrorKind, failure: &Failure, exchange: &Exchange) -> Response {
        log(failure, exchange);
        let docs_url = self.error_page_uri(failure.cause);
        let mut view = ErrorView::new(kind, exchange.request_id());
        if self.tells(failure.cause) {
            view.explain = Some(Explanation {
                cause: failure.cause.name,
                rule: failure.cause.rule,
                received: Some(failure.detail.as_deref().unwrap_or(failure.cause.received)),
                expected: Some(failure.cause.expected),
                fix: Some(failure.cause.fix),
                docs_url: Some(&docs_url),
            });
        }
        let mut response = self.page(&view, exchange);
        set_retry_after(&mut response, failure);
        response
    }

    /// The page for a failure that is the server's or the request's, whatever the endpoint.
    pub fn error_page_of(&self, failure: &Failure, exchange: &Exchange) -> Response {
        let kind = match failure.cause.code {
            ErrorCode::ServerError => ErrorKind::ServerFault,
            ErrorCode::TemporarilyUnavailable => ErrorKind::Unavailable,
            _ if failure.is(RequestFault::NotFound.entry()) => ErrorKind::NotFound,
            _ if failure.is(RequestFault::MethodNotAllowed.entry()) => ErrorKind::MethodNotAllowed,
            _ if failure.is(RequestFault::BodyTooLarge.entry()) => ErrorKind::TooLarge,
            _ => ErrorKind::InvalidRequest,
        };
        self.error_page(kind, failure, exchange)
    }

    fn tells(&self, cause: Cause) -> bool {
        cause.exposure == Exposure::Shape || self.settings.explain_errors
    }

    fn error_page_uri(&self, cause: Cause) -> String {
        self.issuer.endpoint(&format!("/errors/{}", cause.name))
    }
}

fn json_status(failure: &Failure) -> StatusCode {
    if failure.is(RequestFault::BodyTooLarge.entry()) {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    if failure.is(RequestFault::MethodNotAllowed.entry()) {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    if failure.is(RequestFault::NotFound.entry()) {
        return StatusCode::NOT_FOUND;
    }
    if failure.is(RequestFault::HostNotAllowed.entry()) {
        return StatusCode::MISDIRECTED_REQUEST;
    }
    StatusCode::from_u16(failure.cause.code.http_status())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn set_retry_after(response: &mut Response, failure: &Failure) {
    if let Some(seconds) = failure.retry_after_seconds {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
}

fn log(failure: &Failure, exchange: &Exchange) {
    let request_id = exchange.request_id();
    let detail = failure.detail.as_deref().unwrap_or("");
    let cause = failure.cause.name;
    match failure.cause.code {
        ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable => {
            tracing::error!(request_id, cause, detail, "a request failed");
        }
        code => tracing::info!(
            request_id,
            cause,
            error = code.as_str(),
            detail,
            "a request was refused"
        ),
    }
}
