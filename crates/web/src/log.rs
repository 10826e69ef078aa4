//! The log line of a failure: one each, under the cause's name.

use countersign_oauth::error_code::ErrorCode;

use crate::error::{Cause, Failure};
use crate::exchange::Exchange;

/// A request that was refused or failed.
pub fn failed(failure: &Failure, exchange: &Exchange) {
    let request_id = exchange.request_id();
    let detail = failure.detail.as_deref();
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

/// A form that a user posted was not accepted, and the page says so in its own words.
pub fn declined(cause: Cause, exchange: &Exchange) {
    let request_id = exchange.request_id();
    let peer = exchange.peer.map(tracing::field::display);
    tracing::info!(request_id, cause = cause.name, peer, "a form was declined");
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
