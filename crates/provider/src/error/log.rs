//! The log line of a failure: one each, under the cause's name.

use countersign_oauth::error_code::ErrorCode;

use super::{Cause, Failure};
use crate::exchange::Exchange;

/// A request that was not answered as it wished.
pub fn failed(failure: &Failure, exchange: &Exchange) {
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

/// What a user did came to nothing, and the page says so in its own words.
pub fn declined(cause: Cause, exchange: &Exchange) {
    let request_id = exchange.request_id();
    tracing::info!(request_id, cause = cause.name, "a form was declined");
}
