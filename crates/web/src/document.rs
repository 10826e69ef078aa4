//! A JSON document that is the same for everyone and that caches may keep: its bytes, for how long,
//! and the entity tag by which a copy is confirmed without being sent again (RFC 9110, section
//! 13.1.2).

use axum::body::Bytes;
use axum::response::Response;
use countersign_jose::{base64url, digest::sha256};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::error::{Failure, ServerFault};
use crate::respond;

/// A public document with its entity tag.
#[derive(Debug, Clone)]
pub struct Document {
    json: Bytes,
    entity_tag: HeaderValue,
    caching: HeaderValue,
}

impl Document {
    /// A document that caches may keep for `max_age_seconds`. The tag is strong: it is made of the
    /// bytes, so all replicas agree.
    ///
    /// # Errors
    /// Returns [`ServerFault::ResponseFailed`] if a header can't be written.
    pub fn new(json: impl Into<Bytes>, max_age_seconds: i64) -> Result<Document, Failure> {
        let json = json.into();
        let header = |text: String| {
            HeaderValue::try_from(text).map_err(|error| {
                Failure::from(ServerFault::ResponseFailed).detail(error.to_string())
            })
        };
        Ok(Document {
            entity_tag: header(format!("\"{}\"", base64url::encode(sha256(&json))))?,
            caching: header(format!("public, max-age={max_age_seconds}"))?,
            json,
        })
    }

    /// The document itself.
    #[must_use]
    pub fn json(&self) -> &Bytes {
        &self.json
    }

    /// The document, or 304 where the request's `If-None-Match` says that its sender has it.
    #[must_use]
    pub fn respond(&self, request: &HeaderMap) -> Response {
        let mut response = match self.is_known(request) {
            true => respond::empty(StatusCode::NOT_MODIFIED),
            false => respond::json_text(StatusCode::OK, self.json.clone()),
        };
        // RFC 9110, section 15.4.5: a 304 carries what would have been sent with the 200.
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, self.caching.clone());
        headers.insert(header::ETAG, self.entity_tag.clone());
        response
    }

    fn is_known(&self, request: &HeaderMap) -> bool {
        let sent = request.get_all(header::IF_NONE_MATCH).iter();
        sent.map(HeaderValue::as_bytes)
            .any(|list| matches(list, self.entity_tag.as_bytes()))
    }
}

/// Whether `*` or a list of entity tags names a tag, by the weak comparison: `W/` does not count
/// (RFC 9110, section 8.8.3.2). What comes after a malformed element is not read.
fn matches(list: &[u8], entity_tag: &[u8]) -> bool {
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after;
            continue;
        }
        rest = rest.strip_prefix(b"W/").unwrap_or(rest);
        // A tag may hold a comma, so it is read up to its closing quote.
        let Some(end) = rest
            .strip_prefix(b"\"")
            .and_then(|opaque| opaque.iter().position(|byte| *byte == b'"'))
        else {
            return false;
        };
        let (tag, after) = rest.split_at(end + 2);
        if tag == entity_tag {
            return true;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_entity_tags_is_read_as_the_rfc_says() {
        // RFC 9110, section 13.1.2 and the grammar of section 8.8.3.
        for list in [
            "*",
            " * ",
            "\"a\"",
            "W/\"a\"",
            "\"b\", \"a\"",
            "\"b\",W/\"a\"",
            "\"x, y\" , \"a\"",
            ", ,\"a\"",
        ] {
            assert!(matches(list.as_bytes(), b"\"a\""), "{list}");
        }
        for list in [
            "",
            "a",
            "\"b\"",
            "\"A\"",
            "w/\"a\"",
            "\"a",
            "a\"",
            "\"aa\"",
            "\"b, \"a\"",
            "*, \"b\"",
            "\"b\" W/",
            "W/",
            "\"",
        ] {
            assert!(!matches(list.as_bytes(), b"\"a\""), "{list}");
        }
    }

    #[test]
    fn a_tag_is_of_the_bytes() {
        let tag = |json: &'static str| Document::new(json, 1).expect("headers").entity_tag;
        assert_eq!(tag("{}"), tag("{}"));
        assert_ne!(tag("{}"), tag("[]"));
        assert!(tag("{}").as_bytes().starts_with(b"\""), "strong and quoted");
    }
}
