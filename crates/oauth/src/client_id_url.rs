//! A `client_id` that is the address of the client's own metadata document ([Client ID Metadata
//! Documents, section 3]). No one registers such a client: its document is fetched from there.
//!
//! [Client ID Metadata Documents, section 3]: https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/

use std::fmt;

use url::Url;

use crate::client_id::MAX_CLIENT_ID_BYTES;

/// The prefix of every such `client_id`. No other client_id has it, because an operator's have no
/// colon ([`is_client_id`](crate::client_id::is_client_id)).
pub const PREFIX: &str = "https://";

/// Whether a `client_id` is meant as the address of a document. It may still be malformed.
#[must_use]
pub fn is_client_id_url(client_id: &str) -> bool {
    client_id.starts_with(PREFIX)
}

/// A `client_id` that follows the rules for such an address. It is compared as it is written, and
/// never normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdUrl {
    text: String,
    url: Url,
}

impl ClientIdUrl {
    /// Checks a `client_id`. A query is discouraged but accepted, and so is a port.
    ///
    /// # Errors
    /// Returns the first rule that it breaks.
    pub fn parse(client_id: &str) -> Result<ClientIdUrl, ClientIdUrlFault> {
        if !is_client_id_url(client_id) {
            return Err(ClientIdUrlFault::NotHttps);
        }
        if client_id.len() > MAX_CLIENT_ID_BYTES {
            return Err(ClientIdUrlFault::TooLong);
        }
        let allowed = |c: char| c.is_ascii_graphic() && !"\\\"<>^`{|}".contains(c);
        if !client_id.chars().all(allowed) {
            return Err(ClientIdUrlFault::Character);
        }
        if client_id.contains('#') {
            return Err(ClientIdUrlFault::Fragment);
        }
        let rest = client_id.get(PREFIX.len()..).unwrap_or_default();
        let (authority, path) = match rest.find(['/', '?']) {
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        if !path.starts_with('/') {
            return Err(ClientIdUrlFault::NoPath);
        }
        let url = Url::parse(client_id).map_err(|_| ClientIdUrlFault::NotAUrl)?;
        if authority.contains('@') {
            return Err(ClientIdUrlFault::Userinfo);
        }
        if has_dot_segment(path) {
            return Err(ClientIdUrlFault::DotSegment);
        }
        if !host_stays(authority, &url) {
            return Err(ClientIdUrlFault::Host);
        }
        let text = client_id.to_owned();
        Ok(ClientIdUrl { text, url })
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address of the document.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host in its ASCII form, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// `.` and `..` as path segments, plain or encoded (RFC 3986, section 3.3).
fn has_dot_segment(path_and_query: &str) -> bool {
    let path = path_and_query.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

/// Whether the host is written in its normal form, except for case: a person could not judge a host
/// such as `0x7f.1`. Characters that end a source in a Content-Security-Policy are not allowed in a
/// host (RFC 1123, section 2.1).
fn host_stays(authority: &str, url: &Url) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    (host.starts_with('[') || host.chars().all(of_a_name))
        && url
            .host_str()
            .is_some_and(|read| read.eq_ignore_ascii_case(host))
}

impl fmt::Display for ClientIdUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Why a `client_id` can't be the address of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientIdUrlFault {
    #[error("it does not begin with https://")]
    NotHttps,
    #[error("it is longer than {MAX_CLIENT_ID_BYTES} bytes")]
    TooLong,
    #[error("it has a character that a URL can't contain (RFC 3986, section 2)")]
    Character,
    #[error("it has a fragment")]
    Fragment,
    #[error("it has no path")]
    NoPath,
    #[error("it is not a URL")]
    NotAUrl,
    #[error("it has a user name or password")]
    Userinfo,
    #[error("its path has a dot segment")]
    DotSegment,
    #[error("its host is not in its normal form")]
    Host,
}
