//! What all views have in common, and the parts that several of them show.
//!
//! A view is plain borrowed data. It says which template shows it, with which status, and whether
//! its form may lead to a client, so that an endpoint cannot forget it.

use http::StatusCode;
use minijinja::value::Serde;
pub use minijinja::value::Value;
use serde::{Serialize, Serializer};
use url::Url;

use super::scripts::Script;

/// A page's data.
pub trait View {
    /// The template's file name, such as `login.html`.
    fn template(&self) -> &'static str;

    /// The data as the template sees it.
    fn context(&self) -> Value;

    /// The status of the page's response.
    fn status(&self) -> StatusCode {
        StatusCode::OK
    }

    /// Whether what follows the form's post may be a redirect to a client, or the post itself goes
    /// to one. Such a page's policy does not say where forms may lead.
    fn may_lead_to_client(&self) -> bool {
        false
    }

    /// The addresses of the frames that the page's template has. Each of their origins is allowed,
    /// and no other.
    fn frames(&self) -> &[Url] {
        &[]
    }

    /// The script that the page's template has.
    fn script(&self) -> Option<Script> {
        None
    }
}

/// The application that a person signs in to.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct ClientView<'a> {
    /// `client_name`, or the `client_id` if there is none. Shown as text, whatever it contains.
    pub name: &'a str,
    /// The logo on our own origin (never the client's own `logo_uri`): an address that starts with
    /// `/`.
    #[serde(serialize_with = "own_address")]
    pub logo: Option<&'a str>,
    /// `client_uri`, the application's home page; left out unless it is http(s).
    #[serde(serialize_with = "web_address")]
    pub client_uri: Option<&'a str>,
    /// `policy_uri`; left out unless it is http(s).
    #[serde(serialize_with = "web_address")]
    pub policy_uri: Option<&'a str>,
    /// `tos_uri`; left out unless it is http(s).
    #[serde(serialize_with = "web_address")]
    pub tos_uri: Option<&'a str>,
    /// Consent warns where the operator has not vouched for the client (it registered itself).
    pub unverified: bool,
}

/// The person who is signed in.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct AccountView<'a> {
    /// The display name; the username if there is none.
    pub name: &'a str,
    /// Username or email, shown below the name so that two people of one name can tell their
    /// accounts apart.
    pub username: &'a str,
}

/// A time to wait in the unit that people would say it in: seconds up to 90, then minutes, rounded
/// up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Wait {
    unit: &'static str,
    count: u64,
}

impl Wait {
    /// A wait of so many seconds; zero is shown as one.
    pub fn seconds(seconds: u64) -> Wait {
        if seconds <= 90 {
            Wait {
                unit: "seconds",
                count: seconds.max(1),
            }
        } else {
            Wait {
                unit: "minutes",
                count: seconds.div_ceil(60),
            }
        }
    }
}

/// Turns a view into a template value.
pub fn context_of(view: impl Serialize) -> Value {
    Value::from(Serde(view))
}

/// Serialises an address for `href` only if it is http or https: a `javascript:` address must never
/// become a link.
///
/// # Errors
/// Returns the serializer's error.
pub fn web_address<S: Serializer>(
    address: &Option<&str>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    address
        .filter(|address| is_web_address(address))
        .serialize(serializer)
}

/// Serialises an address only if it is a path on our own origin (`//host` is another's).
///
/// # Errors
/// Returns the serializer's error.
pub fn own_address<S: Serializer>(
    address: &Option<&str>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    address
        .filter(|address| is_own_address(address))
        .serialize(serializer)
}

fn is_web_address(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn is_own_address(address: &str) -> bool {
    let mut bytes = address.bytes();
    bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_become_links() {
        for (address, expected) in [
            ("https://client.example/policy", true),
            ("http://127.0.0.1:3000/tos", true),
            ("javascript:alert(1)", false),
            ("JavaScript:alert(1)", false),
            (" \tjavascript:alert(1)", false),
            ("java\nscript:alert(1)", false),
            ("data:text/html,<script>alert(1)</script>", false),
            ("/relative", false),
            ("", false),
        ] {
            assert_eq!(is_web_address(address), expected, "{address:?}");
        }
    }

    #[test]
    fn a_logo_comes_from_our_own_origin() {
        for (address, expected) in [
            ("/logos/abc.png", true),
            ("//evil.example/x.png", false),
            ("/\\evil.example/x.png", false),
            ("https://evil.example/x.png", false),
            ("", false),
        ] {
            assert_eq!(is_own_address(address), expected, "{address:?}");
        }
    }

    #[test]
    fn a_wait_is_told_in_seconds_up_to_ninety_and_then_in_minutes_rounded_up() {
        for (seconds, unit, count) in [
            (0, "seconds", 1),
            (1, "seconds", 1),
            (90, "seconds", 90),
            (91, "minutes", 2),
            (120, "minutes", 2),
            (121, "minutes", 3),
        ] {
            assert_eq!(Wait::seconds(seconds), Wait { unit, count }, "{seconds} s");
        }
    }
}
