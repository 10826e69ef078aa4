//! Consent: what a client may see and do, in plain words.
//!
//! OpenID Connect Core 1.0, sections 3.1.2.4 (consent), 5.4 (what the standard scopes mean) and 11
//! (offline access).

use countersign_web::pages::view::{Value, context_of};
use countersign_web::pages::{AccountView, ClientView, View};
use serde::Serialize;
use url::{Host, Url};

/// The consent form. Posts `interaction` and `decision` (`allow`, `deny` or `other`).
/// Ids: `consent-allow`, `consent-deny`, `consent-other`, `consent-destination`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct ConsentView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The sealed interaction.
    pub interaction: &'a str,
    /// Who asks.
    pub client: ClientView<'a>,
    /// Where the person goes from here.
    pub destination: Option<&'a DestinationView>,
    /// Who is asked.
    pub account: AccountView<'a>,
    /// What is asked for, in the order in which it is to be shown.
    pub scopes: &'a [ScopeView<'a>],
    /// The host of the metadata document that the application is, if no one registered it.
    pub document_host: Option<&'a str>,
    /// Any program on the device may be listening where the response goes, so this is asked each
    /// time (RFC 8252, section 8.6).
    pub asked_always: bool,
}

/// Where a proven redirect URI leads, as a person can judge it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DestinationView {
    kind: &'static str,
    place: String,
}

impl DestinationView {
    /// The host of a website, with its port if that is not the scheme's own; for a program on the
    /// person's own device the loopback host or the private-use scheme (RFC 8252, section 7).
    /// `None` if there is neither.
    pub fn of(redirect_uri: &str) -> Option<DestinationView> {
        let url = Url::parse(redirect_uri).ok()?;
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let (kind, place) = match (url.scheme(), url.host_str(), url.port()) {
            ("http" | "https", Some(host), _) if is_loopback => ("device", host.to_owned()),
            ("http" | "https", Some(host), Some(port)) => ("site", format!("{host}:{port}")),
            ("http" | "https", Some(host), None) => ("site", host.to_owned()),
            ("http" | "https", None, _) => return None,
            (scheme, _, _) => ("device", scheme.to_owned()),
        };
        Some(DestinationView { kind, place })
    }

    /// The host or the scheme.
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// One scope on the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ScopeView<'a> {
    /// Key of our own text for a standard scope; none for the operator's.
    kind: Option<&'static str>,
    /// The scope's name on the wire.
    name: &'a str,
    /// The operator's title, shown instead of the name.
    title: Option<&'a str>,
    /// The operator's description.
    description: Option<&'a str>,
}

impl<'a> ScopeView<'a> {
    /// A scope by its wire name. The standard ones are explained in the page's language; `title`
    /// and `description` are the operator's words, and win where they are given.
    pub fn new(name: &'a str, title: Option<&'a str>, description: Option<&'a str>) -> Self {
        let kind = match name {
            _ if title.is_some() => None,
            "openid" => Some("openid"),
            "profile" => Some("profile"),
            "email" => Some("email"),
            "address" => Some("address"),
            "phone" => Some("phone"),
            "offline_access" => Some("offline_access"),
            _ => None,
        };
        ScopeView {
            kind,
            name,
            title,
            description,
        }
    }
}

impl View for ConsentView<'_> {
    fn template(&self) -> &'static str {
        "consent.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn may_lead_to_client(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_host_or_a_program_on_the_device() {
        for (redirect_uri, expected) in [
            (
                "https://shop.example/cb?x=1",
                Some(("site", "shop.example")),
            ),
            (
                "https://shop.example:443/cb",
                Some(("site", "shop.example")),
            ),
            (
                "https://shop.example:8443/cb",
                Some(("site", "shop.example:8443")),
            ),
            ("https://a@shop.example/cb", Some(("site", "shop.example"))),
            (
                "https://bücher.example/",
                Some(("site", "xn--bcher-kva.example")),
            ),
            ("http://127.0.0.1:3000/cb", Some(("device", "127.0.0.1"))),
            ("http://localhost:3000/cb", Some(("device", "localhost"))),
            ("http://[::1]:3000/cb", Some(("device", "[::1]"))),
            (
                "https://localhost.example/",
                Some(("site", "localhost.example")),
            ),
            ("com.example.app:/cb", Some(("device", "com.example.app"))),
            ("cursor://anything/cb", Some(("device", "cursor"))),
            ("not an address", None),
        ] {
            let view = DestinationView::of(redirect_uri);
            let shown = view.as_ref().map(|view| (view.kind, view.place.as_str()));
            assert_eq!(shown, expected, "{redirect_uri}");
        }
    }
}
