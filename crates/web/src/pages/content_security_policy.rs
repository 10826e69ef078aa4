//! The Content-Security-Policy of a page (CSP Level 3).
//!
//! Nothing is allowed but our own stylesheet and images, and forms that post to ourselves.
//!
//! A page whose form may end at a client has no `form-action`: Chromium checks it against each
//! redirect that follows the post (section 6.4.1), the client's own redirects included, and where
//! those lead no one here can know.

use std::fmt;

use http::HeaderValue;

/// A page's policy. Starts as strict as can be; each method allows one more thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentSecurityPolicy {
    forms_lead_anywhere: bool,
    script_hashes: Vec<&'static str>,
    frame_origins: Vec<String>,
}

impl ContentSecurityPolicy {
    /// Allows the redirects after a form's post to lead to a client, and from there anywhere.
    pub(super) fn let_forms_lead_anywhere(&mut self) {
        self.forms_lead_anywhere = true;
    }

    /// Allows the one inline script with this hash, such as `sha256-...` (section 2.3.1).
    pub(super) fn allow_script(&mut self, hash: &'static str) {
        self.script_hashes.push(hash);
    }

    /// Allows frames of this origin, as RFC 6454, section 6.2, writes it; of none whose host would
    /// end the source (CSP, section 2.2.1).
    pub(super) fn allow_frames_of(&mut self, origin: String) {
        let ends_the_source = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ';');
        if !origin.contains(ends_the_source) && !self.frame_origins.contains(&origin) {
            self.frame_origins.push(origin);
        }
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
        if !self.script_hashes.is_empty() {
            f.write_str("script-src")?;
            for hash in &self.script_hashes {
                write!(f, " '{hash}'")?;
            }
            f.write_str("; ")?;
        }
        if !self.frame_origins.is_empty() {
            write!(f, "frame-src {}; ", self.frame_origins.join(" "))?;
        }
        if !self.forms_lead_anywhere {
            f.write_str("form-action 'self'; ")?;
        }
        f.write_str("frame-ancestors 'none'; base-uri 'none'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_strict_and_each_method_allows_one_more_thing() {
        let mut policy = ContentSecurityPolicy::default();
        assert_eq!(
            policy.to_header_value(),
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'"
        );
        policy.allow_script("sha256-abc=");
        assert_eq!(
            policy.to_header_value(),
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'sha256-abc='; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        );
        policy.let_forms_lead_anywhere();
        for origin in [
            "https://a.example",
            "https://b.example:8443",
            "https://a.example",
            "https://c.example,frame-src",
            "https://c.example;script-src",
        ] {
            policy.allow_frames_of(origin.to_owned());
        }
        assert_eq!(
            policy.to_header_value(),
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'sha256-abc='; \
             frame-src https://a.example https://b.example:8443; frame-ancestors 'none'; base-uri 'none'"
        );
    }
}
