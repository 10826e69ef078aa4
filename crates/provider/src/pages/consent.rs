//! Consent: what a client may see and do, in plain words.
//!
//! OpenID Connect Core 1.0, sections 3.1.2.4 (consent), 5.4 (what the standard scopes mean) and 11 (offline access).

use countersign_web::pages::view::{Value, context_of};
use countersign_web::pages::{AccountView, ClientView, View};
use serde::Serialize;

/// The consent form. Posts `interaction` and `decision` (`allow` or `deny`).
/// Ids: `consent-allow`, `consent-deny`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct ConsentView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The sealed interaction.
    pub interaction: &'a str,
    /// Who asks.
    pub client: ClientView<'a>,
    /// The proven redirect URI of the request.
    #[serde(skip)]
    pub redirect_uri: &'a str,
    /// Who is asked.
    pub account: AccountView<'a>,
    /// What is asked for, in the order in which it is to be shown.
    pub scopes: &'a [ScopeView<'a>],
    /// Any program on the device may be listening where the answer goes, so this is asked each time
    /// (RFC 8252, section 8.6).
    pub asked_always: bool,
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
    /// A scope by its wire name. The standard ones are explained in the page's language; `title` and `description`
    /// are the operator's words, and win where they are given.
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

    fn form_leads_to(&self) -> [Option<&str>; 2] {
        [Some(self.redirect_uri), self.client.client_uri]
    }
}
