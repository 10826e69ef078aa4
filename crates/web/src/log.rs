//! The log lines of requests. Their names are stable: programs read them.
//!
//! Every line of a request is within its span, which says which request it is (`request_id`), from
//! where (`peer`) and, once that is proven, for which client (`client_id`). A line says what was
//! done (`act`) and by which user (`sub`), or why not (`cause`).

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request};
use countersign_oauth::error_code::ErrorCode;
use tracing::{Span, field};

use crate::error::{Cause, Exposure, Failure};

/// The span of a request.
pub(crate) fn request_span(request_id: &str, request: &Request) -> Span {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| field::display(peer.ip()));
    tracing::info_span!("request", request_id, peer, client_id = field::Empty)
}

/// Names the client in every further line of the request, once it is known that there is such a
/// client.
pub fn name_client(client_id: &str) {
    Span::current().record("client_id", client_id);
}

/// A request that was refused or failed.
pub fn failed(failure: &Failure) {
    let detail = failure.detail.as_deref();
    let cause = failure.cause.name;
    match failure.cause.code {
        ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable
            if failure.cause.exposure == Exposure::Hidden =>
        {
            tracing::error!(cause, detail, "a request failed");
        }
        // A device that waits for its user asks every few seconds.
        code @ ErrorCode::AuthorizationPending => {
            tracing::debug!(cause, error = code.as_str(), "a device was told to wait");
        }
        code if failure.cause.alarming => {
            tracing::warn!(
                cause,
                error = code.as_str(),
                detail,
                "a request was refused"
            );
        }
        code => tracing::info!(
            cause,
            error = code.as_str(),
            detail,
            "a request was refused"
        ),
    }
}

/// A form that a user posted was not accepted, and the page says so in its own words.
pub fn declined(cause: Cause) {
    tracing::info!(cause = cause.name, "a form was declined");
}

/// A value from a request, as far as it may be logged: enough to recognise one's own typing error
/// by, and of a secret that was put in the wrong place not enough to use.
pub fn masked(value: &str) -> String {
    let shown: String = value
        .chars()
        .take(value.chars().count().min(12) / 3)
        .map(|character| match character.is_ascii_graphic() {
            true => character,
            false => '?',
        })
        .collect();
    format!("{shown}... ({} characters)", value.chars().count())
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn of_a_value_its_beginning_and_length_are_shown() {
        for (value, shown) in [
            ("my-application", "my-a... (14 characters)"),
            ("my-app", "my... (6 characters)"),
            ("ab", "... (2 characters)"),
            ("", "... (0 characters)"),
            ("a\nb\u{202e}cdefghijkl", "a?b?... (14 characters)"),
        ] {
            assert_eq!(masked(value), shown, "{value:?}");
        }
    }
}
