//! Which addresses a client may register.
//!
//! Redirect URIs ([RFC 6749, section 3.1.2], [RFC 8252, section 7], OIDC Registration, section 2):
//! `https` for all; `http` on a loopback host for native clients, and for web clients if the policy
//! allows it; private-use schemes for native clients only. Such a scheme SHOULD be a reversed
//! domain name (RFC 8252, section 7.1), but applications are released without (`cursor://`), so a
//! dot is not required; schemes of well-known protocols are refused by name. A fragment is never
//! allowed, nor is a query with a parameter that a response has.
//!
//! `http://localhost` is allowed to native clients too. RFC 8252, section 8.3, warns of it: the
//! name may resolve to another interface than loopback. 127.0.0.1 and `[::1]` have no such doubt.
//!
//! [RFC 6749, section 3.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2
//! [RFC 8252, section 7]: https://www.rfc-editor.org/rfc/rfc8252#section-7

use std::borrow::Cow;

use url::Url;

use crate::issuer::is_loopback_host;

use super::fault::ClientMetadataFault as Fault;
use super::{ApplicationType, ClientMetadata, ClientPolicy};

pub(super) fn check_redirect_uri(
    member: &str,
    uri: &str,
    application_type: ApplicationType,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let subject = Subject { member, uri };
    let url = subject.parse()?;
    if uri.contains('#') {
        return Err(Fault::UriFragment {
            member: subject.member(),
            uri: subject.uri(),
        });
    }
    subject.check_userinfo(&url)?;
    let loopback = url.host().as_ref().is_some_and(is_loopback_host);
    match (url.scheme(), application_type) {
        ("https", _) => Ok(()),
        ("http", ApplicationType::Native) if loopback => Ok(()),
        ("http", ApplicationType::Web) if loopback && policy.http_loopback_for_web => Ok(()),
        ("http", ApplicationType::Web) if loopback => Err(Fault::UriLoopbackNotAllowed {
            member: subject.member(),
            uri: subject.uri(),
        }),
        ("http", _) => Err(Fault::UriNotHttps {
            member: subject.member(),
            uri: subject.uri(),
        }),
        (_, ApplicationType::Web) => Err(Fault::UriPrivateUseSchemeOfWebClient {
            member: subject.member(),
            uri: subject.uri(),
        }),
        (scheme, ApplicationType::Native) if REGISTERED_SCHEMES.contains(&scheme) => {
            Err(Fault::UriRegisteredScheme {
                member: subject.member(),
                uri: subject.uri(),
            })
        }
        (_, ApplicationType::Native) => Ok(()),
    }
}

/// Where a web client's response takes a token: `https`, and no loopback host (OIDC Registration,
/// section 2, `application_type`; OpenID Connect Core, section 3.2.2.1).
pub(super) fn check_token_redirect_uri(uri: &str) -> Result<(), Fault> {
    let subject = Subject {
        member: "redirect_uris",
        uri,
    };
    let url = subject.parse()?;
    match url.host().as_ref().is_some_and(is_loopback_host) {
        true => Err(Fault::UriLoopbackForTokens {
            member: subject.member(),
            uri: subject.uri(),
        }),
        false => Ok(()),
    }
}

/// An address to which a response returns with parameters of its own has none of them in its query,
/// which is kept: a parameter must not be included more than once (RFC 6749, section 3.1), and of
/// two, one client takes the first and another the last. Names are compared as they are decoded.
pub(super) fn check_query(
    member: &str,
    uri: &str,
    of_response: &[&'static str],
) -> Result<(), Fault> {
    let subject = Subject { member, uri };
    let url = subject.parse()?;
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
    match of_response
        .iter()
        .find(|name| names.contains(&Cow::from(**name)))
    {
        None => Ok(()),
        Some(parameter) => Err(Fault::UriResponseParameter {
            member: subject.member(),
            uri: subject.uri(),
            parameter,
        }),
    }
}

/// An address that the provider or a browser calls: `https`, or `http` on a loopback host if the
/// policy allows it. Request URIs may carry a fragment (OpenID Connect Core, section 6.2), nothing
/// else may.
pub(super) fn check_https_uri(
    member: &str,
    uri: &str,
    fragment_allowed: bool,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let subject = Subject { member, uri };
    let url = subject.parse()?;
    if !fragment_allowed && uri.contains('#') {
        return Err(Fault::UriFragment {
            member: subject.member(),
            uri: subject.uri(),
        });
    }
    subject.check_userinfo(&url)?;
    let loopback = url.host().as_ref().is_some_and(is_loopback_host);
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback && policy.http_loopback_for_web => Ok(()),
        _ => Err(Fault::UriNotHttps {
            member: subject.member(),
            uri: subject.uri(),
        }),
    }
}

/// An address that is `https` whoever registers it, and has no fragment.
pub(super) fn check_only_https_uri(member: &str, uri: &str) -> Result<(), Fault> {
    let subject = Subject { member, uri };
    let url = subject.parse()?;
    if uri.contains('#') {
        return Err(Fault::UriFragment {
            member: subject.member(),
            uri: subject.uri(),
        });
    }
    subject.check_userinfo(&url)?;
    match url.scheme() {
        "https" => Ok(()),
        _ => Err(Fault::UriNotHttps {
            member: subject.member(),
            uri: subject.uri(),
        }),
    }
}

/// The client's home page: a web page, or what opens the application itself. The operator may give
/// any private-use scheme; a client that registers itself only one that it is redirected to.
pub(super) fn check_client_uri(
    uri: &str,
    metadata: &ClientMetadata,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let subject = Subject {
        member: "client_uri",
        uri,
    };
    let url = subject.parse()?;
    subject.check_userinfo(&url)?;
    let scheme = url.scheme();
    let is_redirected_to = || {
        let mut schemes = metadata
            .redirect_uris
            .iter()
            .filter_map(|uri| Url::parse(uri).ok());
        schemes.any(|redirect_uri| redirect_uri.scheme() == scheme)
    };
    match scheme {
        "https" | "http" => Ok(()),
        _ if REGISTERED_SCHEMES.contains(&scheme) => Err(Fault::UriRegisteredScheme {
            member: subject.member(),
            uri: subject.uri(),
        }),
        _ if policy.operator || is_redirected_to() => Ok(()),
        _ => Err(Fault::ClientUriScheme { uri: subject.uri() }),
    }
}

/// What a browser loads in a frame after a sign-out: its scheme, host and port are those of a
/// redirect URI (Front-Channel Logout, section 2), and `iss` and `sid` are left to the provider.
pub(super) fn check_frontchannel_logout_uri(
    uri: &str,
    metadata: &ClientMetadata,
) -> Result<(), Fault> {
    let subject = Subject {
        member: "frontchannel_logout_uri",
        uri,
    };
    let origin = subject.parse()?.origin();
    let is_of = |redirect_uri: &String| {
        Url::parse(redirect_uri).is_ok_and(|redirect_uri| redirect_uri.origin() == origin)
    };
    if !metadata.redirect_uris.iter().any(is_of) {
        return Err(Fault::FrontchannelLogoutOrigin { uri: subject.uri() });
    }
    check_query(subject.member, uri, &["iss", "sid"])
}

/// A page that people open: `https` or `http` (RFC 7591, section 2: a URL of a web page).
pub(super) fn check_page_uri(member: &str, uri: &str) -> Result<(), Fault> {
    let subject = Subject { member, uri };
    let url = subject.parse()?;
    subject.check_userinfo(&url)?;
    match url.scheme() {
        "https" | "http" => Ok(()),
        _ => Err(Fault::UriNotHttps {
            member: subject.member(),
            uri: subject.uri(),
        }),
    }
}

struct Subject<'a> {
    member: &'a str,
    uri: &'a str,
}

impl Subject<'_> {
    /// An absolute URI in plain ASCII. Spaces, control characters, backslashes and a host that a
    /// URL parser would rewrite are refused: browsers would repair them, each in its own way.
    fn parse(&self) -> Result<Url, Fault> {
        let invalid = || Fault::UriInvalid {
            member: self.member(),
            uri: self.uri(),
        };
        if self.uri.len() > MAX_URI_BYTES {
            return Err(Fault::TooLong {
                member: self.member(),
                limit_bytes: MAX_URI_BYTES,
            });
        }
        self.check_characters()?;
        let url = Url::parse(self.uri).map_err(|_| invalid())?;
        if DANGEROUS_SCHEMES.contains(&url.scheme()) {
            return Err(Fault::UriDangerousScheme {
                member: self.member(),
                uri: self.uri(),
            });
        }
        if matches!(url.scheme(), "http" | "https") {
            self.check_normal_form(&url)?;
        }
        Ok(url)
    }

    fn check_characters(&self) -> Result<(), Fault> {
        let allowed = |c: char| c.is_ascii_graphic() && !"\\\"<>^`{|}".contains(c);
        let character = match self.uri.chars().find(|c| !allowed(*c)) {
            None => return Ok(()),
            Some(' ') => "a space".to_owned(),
            Some(c) if c.is_ascii_graphic() => format!("the character {c}"),
            Some(c) if c.is_control() => "a control character".to_owned(),
            Some(_) => "a character that is not ASCII".to_owned(),
        };
        Err(Fault::UriCharacter {
            member: self.member(),
            uri: self.uri(),
            character,
        })
    }

    fn check_normal_form(&self, url: &Url) -> Result<(), Fault> {
        if url.host_str().is_some_and(|host| host.contains('*')) {
            return Err(Fault::UriWildcard {
                member: self.member(),
                uri: self.uri(),
            });
        }
        let after_scheme = self.uri.split_once(':').map_or("", |(_, rest)| rest);
        let has_authority = after_scheme.starts_with("//") && !after_scheme.starts_with("///");
        if has_authority && !self.has_dot_segment() && self.host_stays(url) {
            return self.check_host(url);
        }
        Err(Fault::UriNotInNormalForm {
            member: self.member(),
            uri: self.uri(),
            // Whole, so that it can be copied. It is ASCII.
            normal: url.as_str().to_owned(),
        })
    }

    /// The characters of a host: letters, digits, `-`, `.` (RFC 1123, section 2.1) and `_`, or an
    /// IPv6 address in brackets. RFC 3986, section 3.2.2 has `,` and `;` too, which end a source in
    /// a Content-Security-Policy.
    fn check_host(&self, url: &Url) -> Result<(), Fault> {
        let host = url.host_str().unwrap_or_default();
        let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        match host.chars().find(|c| !of_a_name(*c)) {
            Some(character) if !host.starts_with('[') => Err(Fault::UriHostCharacter {
                member: self.member(),
                uri: self.uri(),
                character,
            }),
            _ => Ok(()),
        }
    }

    /// `.` and `..` as path segments, plain or encoded: a browser removes them before it sends the
    /// request, so the address that was compared is not the one that receives the code.
    fn has_dot_segment(&self) -> bool {
        let end = self.uri.find(['?', '#']).unwrap_or(self.uri.len());
        let path = self.uri.get(..end).unwrap_or_default();
        path.split('/').any(|segment| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            plain == "." || plain == ".."
        })
    }

    /// Whether the parser read the host as it is written, except for case: `0x7f.1` and
    /// `127。0。0。1` are not hosts that anyone should register.
    fn host_stays(&self, url: &Url) -> bool {
        let authority = self
            .uri
            .split_once("//")
            .and_then(|(_, rest)| rest.split(['/', '?', '#']).next())
            .unwrap_or_default();
        let host_and_port = authority.rsplit('@').next().unwrap_or_default();
        let host = match host_and_port.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host_and_port,
        };
        url.host_str()
            .is_some_and(|read| read.eq_ignore_ascii_case(host))
    }

    fn check_userinfo(&self, url: &Url) -> Result<(), Fault> {
        if url.username().is_empty() && url.password().is_none() {
            return Ok(());
        }
        Err(Fault::UriUserinfo {
            member: self.member(),
            uri: self.uri(),
        })
    }

    fn member(&self) -> String {
        printable(self.member)
    }

    fn uri(&self) -> String {
        printable(self.uri)
    }
}

/// A text from outside, cut and made printable.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .take(120)
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .collect()
}

/// Schemes of protocols (IANA, URI Schemes), which open something else than the client's
/// application.
const REGISTERED_SCHEMES: [&str; 22] = [
    "acct", "cid", "content", "dns", "ftp", "ftps", "geo", "gopher", "imap", "intent", "ldap",
    "mailto", "mid", "sftp", "sip", "sms", "ssh", "tel", "telnet", "urn", "ws", "wss",
];

/// Schemes that run script in the page that follows them, or that read the machine's own files.
const DANGEROUS_SCHEMES: [&str; 8] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "view-source",
    "filesystem",
];

/// Whether a browser that is led there runs script or opens a file of the machine. Registration
/// refuses such a URI; what is stored may be older than its rules.
pub(crate) fn is_dangerous(uri: &str) -> bool {
    !uri.starts_with("https://")
        && Url::parse(uri).is_ok_and(|url| DANGEROUS_SCHEMES.contains(&url.scheme()))
}

/// What an authorization response adds to a redirect URI: RFC 6749, sections 4.1.2 and 4.1.2.1; RFC
/// 9207, section 2; OpenID Connect Session Management, section 2; JARM, section 2.3.1.
pub(super) const AUTHORIZATION_RESPONSE: [&str; 8] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "session_state",
    "response",
];

/// What is added after a logout (OpenID Connect RP-Initiated Logout, section 3).
pub(super) const LOGOUT_RESPONSE: [&str; 1] = ["state"];

const MAX_URI_BYTES: usize = 2_048;
