//! Sign-out: the question, and the answer where no client is waiting for one.
//!
//! OpenID Connect RP-Initiated Logout 1.0, sections 2 (asking the person) and 3 (going back to the client).

use minijinja::Value;
use serde::Serialize;

use super::view::{AccountView, ClientView, View, context_of, web_address};

/// Asks whether to sign out. Posts `interaction` and `decision` (`confirm` or `cancel`).
/// Ids: `logout-confirm`, `logout-cancel`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct LogoutView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The sealed logout request, bound to the browser.
    pub interaction: &'a str,
    /// Which application asks; none if nobody provably does.
    pub client: Option<ClientView<'a>>,
    /// Who is signed in, if known.
    pub account: Option<AccountView<'a>>,
    /// The proven `post_logout_redirect_uri`; the page's policy lets the form's redirect through to it.
    #[serde(skip)]
    pub post_logout_redirect_uri: Option<&'a str>,
}

impl View for LogoutView<'_> {
    fn template(&self) -> &'static str {
        "logout.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn form_leads_to(&self) -> [Option<&str>; 2] {
        [
            self.post_logout_redirect_uri,
            self.client.and_then(|client| client.client_uri),
        ]
    }
}

/// Says whether somebody is signed out, where there is no client to go back to.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct LoggedOutView<'a> {
    /// The person chose to stay signed in.
    pub stayed: bool,
    /// A proven way back to the application; left out unless it is http(s).
    #[serde(serialize_with = "web_address")]
    pub continue_url: Option<&'a str>,
    /// The application that `continue_url` belongs to.
    pub client: Option<ClientView<'a>>,
}

impl View for LoggedOutView<'_> {
    fn template(&self) -> &'static str {
        "logged_out.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}
