//! A response.

use std::fmt;

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap};

/// A whole response, of any status. A redirect (3xx) is here too: it was not followed.
#[derive(Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The body; at most [`Policy::max_response_bytes`](crate::Policy::max_response_bytes) long.
    pub body: Vec<u8>,
}

impl Response {
    /// The media type in lower case, without parameters: `application/json`.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let media_type = value.split(';').next()?.trim();
        Some(media_type.to_ascii_lowercase())
    }

    /// The body as JSON, whatever its media type says. A byte order mark is ignored (RFC 8259,
    /// section 8.1).
    ///
    /// # Errors
    /// The body is not JSON.
    pub fn json(&self) -> Result<serde_json::Value, serde_json::Error> {
        let mark: &[u8] = b"\xef\xbb\xbf";
        serde_json::from_slice(self.body.strip_prefix(mark).unwrap_or(&self.body))
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Response({}, {} bytes)",
            self.status,
            self.body.len()
        )
    }
}
