//! The Content-Security-Policy of a page (CSP Level 3).
//!
//! Nothing is allowed but our own stylesheet and images, and forms that post to ourselves. Where
//! the response to a form redirects to a client, that client's origin is allowed too, because
//! `form-action` is checked against redirects (section 6.4.1.1). It comes from a redirect URI, thus
//! from outside: [`FormTarget`] is the only way in, and lets nothing through that could end the
//! source expression and begin another.

use std::fmt::{self, Write as _};

use http::HeaderValue;
use url::{Host, Url};

/// A page's policy. Starts as strict as can be; each method allows one more thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentSecurityPolicy {
    form_targets: Vec<FormTarget>,
    script_hash: Option<&'static str>,
}

impl ContentSecurityPolicy {
    /// Allows forms to post to, or be redirected to, `target`.
    pub fn allow_form_target(&mut self, target: FormTarget) {
        if !self.form_targets.contains(&target) {
            self.form_targets.push(target);
        }
    }

    /// Allows the one inline script with this hash, such as `sha256-...` (section 2.3.1).
    pub(super) fn allow_script(&mut self, hash: &'static str) {
        self.script_hash = Some(hash);
    }

    /// The header's value.
    pub fn to_header_value(&self) -> HeaderValue {
        // Every part is ASCII without control characters, so this cannot fail; if it did, nothing
        // would be allowed.
        HeaderValue::try_from(self.to_string())
            .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
    }
}

impl fmt::Display for ContentSecurityPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("default-src 'none'; style-src 'self'; img-src 'self'; ")?;
        if let Some(hash) = self.script_hash {
            write!(f, "script-src '{hash}'; ")?;
        }
        f.write_str("form-action 'self'")?;
        for target in &self.form_targets {
            f.write_char(' ')?;
            f.write_str(&target.0)?;
        }
        f.write_str("; frame-ancestors 'none'; base-uri 'none'")
    }
}

/// A source expression for `form-action`: an origin, or the scheme of a native application.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FormTarget(String);

impl FormTarget {
    /// The target that a redirect URI leads to.
    ///
    /// - http(s): the origin, such as `https://client.example:8443`;
    /// - http(s) with an IPv6 literal, which a source expression cannot say (CSP Level 3, section
    ///   2.3.1): the scheme;
    /// - private-use schemes (RFC 8252, section 7.1): the scheme, such as `com.example.app:`.
    ///
    /// None if the address has no form that is safe to allow: then the browser will refuse to go
    /// there.
    pub fn of(redirect_uri: &str) -> Option<FormTarget> {
        let url = Url::parse(redirect_uri).ok()?;
        let scheme = url.scheme();
        let source = match (scheme, url.host()) {
            ("http" | "https", Some(Host::Domain(name))) => origin(&url, name)?,
            ("http" | "https", Some(Host::Ipv4(address))) => origin(&url, &address.to_string())?,
            ("http" | "https", Some(Host::Ipv6(_))) => format!("{scheme}:"),
            ("http" | "https", None) => return None,
            _ if NEVER.contains(&scheme) => return None,
            _ => format!("{scheme}:"),
        };
        Some(FormTarget(source))
    }
}

/// `scheme://host[:port]`; the port only where it is not the scheme's own. None for a host with
/// characters that mean something in a policy: URL parsing lets `*` through, and a policy would
/// read it as a wildcard.
fn origin(url: &Url, host: &str) -> Option<String> {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if host.is_empty() || !host.bytes().all(harmless) {
        return None;
    }
    let mut origin = format!("{}://{host}", url.scheme());
    if let Some(port) = url.port() {
        write!(origin, ":{port}").ok()?;
    }
    Some(origin)
}

/// Schemes that run or show content in the browser itself; no client has business there.
const NEVER: &[&str] = &[
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "javascript",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_becomes_an_origin_or_a_scheme() {
        for (redirect_uri, expected) in [
            (
                "https://client.example/callback?x=1",
                Some("https://client.example"),
            ),
            (
                "https://client.example:443/callback",
                Some("https://client.example"),
            ),
            (
                "https://client.example:8443/callback",
                Some("https://client.example:8443"),
            ),
            (
                "http://127.0.0.1:3000/callback",
                Some("http://127.0.0.1:3000"),
            ),
            (
                "http://localhost:3000/callback",
                Some("http://localhost:3000"),
            ),
            ("http://[::1]:3000/callback", Some("http:")),
            (
                "https://bücher.example/callback",
                Some("https://xn--bcher-kva.example"),
            ),
            (
                "HTTPS://Client.Example/callback",
                Some("https://client.example"),
            ),
            ("com.example.app:/callback", Some("com.example.app:")),
            ("com.example.app://callback/x", Some("com.example.app:")),
            (
                "https://user:pass@client.example/",
                Some("https://client.example"),
            ),
            (
                "https://trusted.example\\@evil.example/",
                Some("https://trusted.example"),
            ),
        ] {
            let target = FormTarget::of(redirect_uri);
            assert_eq!(
                target.as_ref().map(|target| target.0.as_str()),
                expected,
                "{redirect_uri}"
            );
        }
    }

    #[test]
    fn no_redirect_uri_can_inject_into_the_policy() {
        for redirect_uri in [
            "https://*/callback",
            "https://*.example/callback",
            "https://a.example;script-src/callback",
            "https://a.example'unsafe-inline'/callback",
            "https://a.example,b/callback",
            "https://a b/callback",
            "https://",
            "https://%2a.example/",
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "blob:https://a.example/x",
            "file:///etc/passwd",
            "not a url",
            "/relative",
            "",
            "'self': x",
            "*: x",
        ] {
            assert_eq!(FormTarget::of(redirect_uri), None, "{redirect_uri}");
        }
        for redirect_uri in [
            "x://a;script-src/ *",
            "x:;default-src *\r\nSet-Cookie: a=b",
            "x:'unsafe-inline'",
        ] {
            assert_eq!(
                FormTarget::of(redirect_uri),
                Some(FormTarget("x:".into())),
                "{redirect_uri}"
            );
        }
    }

    #[test]
    fn the_policy_is_strict_and_names_the_target_once() {
        let mut policy = ContentSecurityPolicy::default();
        let strict = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
        assert_eq!(policy.to_header_value(), strict);
        for _ in 0..2 {
            policy
                .allow_form_target(FormTarget::of("https://client.example/cb").expect("a target"));
        }
        policy.allow_script("sha256-abc=");
        assert_eq!(
            policy.to_header_value(),
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'sha256-abc='; \
             form-action 'self' https://client.example; frame-ancestors 'none'; base-uri 'none'"
        );
    }
}
