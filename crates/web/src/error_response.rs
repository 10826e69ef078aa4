//! The three shapes in which a failure leaves: JSON, the parameters of a redirect, a page.

use axum::response::Response;
use countersign_oauth::bearer::BearerChallenge;
use countersign_oauth::error_code::{self, ErrorCode};
use countersign_oauth::scope::{OPENID, Scope};
use http::{HeaderValue, Method, StatusCode, header};

use crate::error::{Cause, Challenge, Exposure, Failure, calm_description};
use crate::exchange::Exchange;
use crate::pages::{ErrorKind, ErrorView, Explanation, WayOn};
use crate::{Site, log, respond};

/// `error`, `error_description`, `error_uri` as they go on the wire (RFC 6749, sections 4.1.2.1 and
/// 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorParameters {
    pub error: &'static str,
    pub error_description: String,
    pub error_uri: Option<String>,
}

impl Site {
    /// The JSON response of an endpoint (RFC 6749, section 5.2, RFC 6750, section 3).
    pub fn error_json(&self, failure: &Failure) -> Response {
        let parameters = self.error_parameters(failure);
        let status =
            StatusCode::from_u16(failure.cause.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match failure.challenge {
            // RFC 6750, section 3.1: to a request without a token, no error code and no other
            // information.
            Challenge::BearerAlone => respond::empty(status),
            _ => respond::json_text(status, json(&parameters)),
        };
        if let Some(challenge) = self.challenge(failure)
            && let Ok(challenge) = HeaderValue::from_str(&challenge)
        {
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        set_retry_after(&mut response, failure);
        response
    }

    /// An error page, if there is no proven address to send an error to.
    pub fn error_page(&self, failure: &Failure, exchange: &Exchange) -> Response {
        self.error_page_with(failure, WayOn::default(), exchange)
    }

    /// An error page from which the person can go on.
    pub fn error_page_with(
        &self,
        failure: &Failure,
        way_on: WayOn<'_>,
        exchange: &Exchange,
    ) -> Response {
        self.error_page_as(failure, failure.cause.page, way_on, exchange)
    }

    /// An error page of another kind than the cause's, from which the person can go on.
    pub fn error_page_as(
        &self,
        failure: &Failure,
        kind: ErrorKind,
        way_on: WayOn<'_>,
        exchange: &Exchange,
    ) -> Response {
        log::failed(failure);
        let docs_url = self.error_page_uri(failure.cause);
        let mut view = ErrorView {
            way_on,
            ..ErrorView::new(kind, exchange.request_id())
        };
        if self.tells(failure.cause) {
            let advice = failure.advice.as_ref();
            view.explain = Some(Explanation {
                value: advice.map(|advice| advice.value.as_str()),
                received: advice
                    .map(|advice| advice.received.as_str())
                    .or(failure.detail.as_deref())
                    .or(Some(failure.cause.received)),
                command: advice.and_then(|advice| advice.command.as_deref()),
                docs_url: Some(&docs_url),
                ..explanation(failure.cause)
            });
        }
        let mut response = self.page(&view, exchange);
        set_retry_after(&mut response, failure);
        response
    }

    /// A page for people, JSON for programs: for addresses that are neither's own.
    pub fn error_for(&self, failure: &Failure, exchange: &Exchange) -> Response {
        let accept = exchange.header(header::ACCEPT).unwrap_or("");
        let wants_page = accept.contains("text/html")
            && matches!(exchange.method, Method::GET | Method::HEAD | Method::POST);
        match wants_page {
            true => self.error_page(failure, exchange),
            false => self.error_json(failure),
        }
    }

    /// What a client is told about a failure. Also logs it: each failure passes through here or
    /// through [`Site::error_page`] once.
    pub fn error_parameters(&self, failure: &Failure) -> ErrorParameters {
        log::failed(failure);
        let cause = failure.cause;
        let told = self.tells(cause);
        let error_description = match told {
            true => {
                let text = failure.detail.as_deref().unwrap_or(cause.received);
                let text = error_code::sanitize_description(text);
                format!("{text} (cause: {})", cause.name)
            }
            false => calm_description(cause.code).to_owned(),
        };
        ErrorParameters {
            error: cause.code.as_str(),
            error_description,
            error_uri: told.then(|| self.error_page_uri(cause)),
        }
    }

    fn tells(&self, cause: Cause) -> bool {
        cause.exposure == Exposure::Shape || self.settings.errors.explain_errors
    }

    fn error_page_uri(&self, cause: Cause) -> String {
        self.issuer.endpoint(&format!("/errors/{}", cause.name))
    }

    /// `WWW-Authenticate`, complete.
    fn challenge(&self, failure: &Failure) -> Option<String> {
        let realm = self.issuer.as_str();
        let bearer = |error: Option<ErrorCode>, error_description: Option<&str>| {
            let openid = Scope::parse(OPENID).unwrap_or_default();
            let challenge = BearerChallenge {
                realm: Some(realm),
                error,
                error_description,
                scope: (error == Some(ErrorCode::InsufficientScope)).then_some(&openid),
                further: &[],
            };
            Some(challenge.to_header())
        };
        match failure.challenge {
            Challenge::None => None,
            Challenge::Basic => Some(format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")),
            Challenge::BearerAlone => bearer(None, None),
            Challenge::Bearer => {
                let cause = failure.cause;
                let description = match cause.exposure {
                    Exposure::Shape => cause.received,
                    Exposure::Hidden => calm_description(cause.code),
                };
                bearer(Some(cause.code), Some(description))
            }
        }
    }
}

/// What the documentation says of a cause.
pub fn explanation(cause: Cause) -> Explanation<'static> {
    Explanation {
        cause: cause.name,
        rule: cause.rule,
        received: Some(cause.received),
        expected: Some(cause.expected),
        fix: Some(cause.fix),
        ..Explanation::default()
    }
}

fn json(parameters: &ErrorParameters) -> String {
    let mut body = serde_json::json!({
        "error": parameters.error,
        "error_description": parameters.error_description,
    });
    if let Some(uri) = &parameters.error_uri {
        body["error_uri"] = uri.as_str().into();
    }
    body.to_string()
}

/// RFC 9110, section 10.2.3: what is over soon is worth another attempt.
fn set_retry_after(response: &mut Response, failure: &Failure) {
    let is_over_soon = response.status() == StatusCode::SERVICE_UNAVAILABLE;
    let soon = is_over_soon.then_some(RETRY_AFTER_SECONDS);
    if let Some(seconds) = failure.retry_after_seconds.or(soon) {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

const RETRY_AFTER_SECONDS: u32 = 1;
