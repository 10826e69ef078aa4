//! Compares the `redirect_uri` of a request with those that the client registered.
//!
//! The rule is string equality ([RFC 9700, section 4.1.3]; RFC 3986, section 6.2.1): nothing is
//! decoded, normalised or completed, so that no trick of notation can make two addresses look
//! alike. The one exception is the port of a native client on loopback, which the operating system
//! picks ([RFC 8252, section 7.3]). That holds for `localhost` as well, which many libraries use
//! although it is NOT RECOMMENDED (RFC 8252, section 8.3); it is a name of its own and never equal
//! to 127.0.0.1.
//!
//! [RFC 9700, section 4.1.3]: https://www.rfc-editor.org/rfc/rfc9700#section-4.1.3
//! [RFC 8252, section 7.3]: https://www.rfc-editor.org/rfc/rfc8252#section-7.3

use std::fmt;

use crate::client_metadata::{ApplicationType, is_dangerous};

/// A redirect URI that the client has registered, which was checked. Only now may a response be
/// sent to it; before that an error is a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredRedirectUri(String);

impl RegisteredRedirectUri {
    /// Finds the presented URI among the registered ones.
    ///
    /// # Errors
    /// Returns [`RedirectUriFault::NoneRegistered`], [`RedirectUriFault::NotRegistered`] or
    /// [`RedirectUriFault::PortOfWebClient`].
    pub fn find(
        presented: &str,
        registered: &[String],
        application_type: ApplicationType,
    ) -> Result<Self, RedirectUriFault> {
        if registered.is_empty() {
            return Err(RedirectUriFault::NoneRegistered);
        }
        if is_dangerous(presented) {
            return Err(RedirectUriFault::NotRegistered);
        }
        if registered.iter().any(|uri| uri == presented) {
            return Ok(Self(presented.to_owned()));
        }
        if let Some(presented_parts) = LoopbackUri::split(presented) {
            let same_but_port = |uri: &String| LoopbackUri::split(uri) == Some(presented_parts);
            if registered.iter().any(same_but_port) {
                return match application_type {
                    ApplicationType::Native => Ok(Self(presented.to_owned())),
                    ApplicationType::Web => Err(RedirectUriFault::PortOfWebClient),
                };
            }
        }
        Err(RedirectUriFault::NotRegistered)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URI with parameters added to its query, which is kept (RFC 6749, section 3.1.2).
    #[must_use]
    pub fn with_query(&self, parameters: &[(&str, &str)]) -> String {
        let separator = match self.0.find('?') {
            None => "?",
            Some(_) if self.0.ends_with(['?', '&']) => "",
            Some(_) => "&",
        };
        format!("{}{separator}{}", self.0, encode(parameters))
    }

    /// The URI with parameters as its fragment. A registered URI has none of its own (RFC 6749,
    /// section 3.1.2).
    #[must_use]
    pub fn with_fragment(&self, parameters: &[(&str, &str)]) -> String {
        format!("{}#{}", self.0, encode(parameters))
    }
}

fn encode(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

/// `http://127.0.0.1[:port]rest`, or the same with `[::1]` or `localhost`, cut as text. The port is
/// left out: two such URIs are equal when address and rest are.
#[derive(Clone, Copy, PartialEq, Eq)]
struct LoopbackUri<'a> {
    address: &'a str,
    rest: &'a str,
}

impl<'a> LoopbackUri<'a> {
    fn split(uri: &'a str) -> Option<Self> {
        let after_scheme = uri.strip_prefix("http://")?;
        let (address, after_address) = ["127.0.0.1", "[::1]", "localhost"]
            .into_iter()
            .find_map(|address| Some((address, after_scheme.strip_prefix(address)?)))?;
        let rest = match after_address.strip_prefix(':') {
            None => after_address,
            Some(after_colon) => {
                let digits = after_colon.bytes().take_while(u8::is_ascii_digit).count();
                let (port, rest) = after_colon.split_at(digits);
                if port.starts_with('0') || port.parse::<u16>().is_err() {
                    return None;
                }
                rest
            }
        };
        if !rest.is_empty() && !rest.starts_with(['/', '?']) {
            return None;
        }
        Some(Self { address, rest })
    }
}

impl fmt::Display for RegisteredRedirectUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why no response may be sent to a redirect URI. For each of them an error page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriFault {
    #[error("redirect_uri is missing")]
    Missing,
    #[error("the client has no registered redirect_uri")]
    NoneRegistered,
    #[error("redirect_uri is not, character by character, one that the client registered")]
    NotRegistered,
    #[error("only the port of redirect_uri differs, which is allowed only to native clients")]
    PortOfWebClient,
}

impl RedirectUriFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "redirect_uri_missing",
            Self::NoneRegistered => "redirect_uri_none_registered",
            Self::NotRegistered => "redirect_uri_not_registered",
            Self::PortOfWebClient => "redirect_uri_port_of_web_client",
        }
    }
}
