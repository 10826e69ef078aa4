//! The account page: who is signed in in this browser, and the way out.

use countersign_web::pages::view::{Value, context_of, own_address, web_address};
use countersign_web::pages::{AccountView, View};
use serde::Serialize;

/// The account page. Its button posts `interaction` and `decision` (`confirm`) to the sign-out.
/// Id: `account-sign-out`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct YourAccountView<'a> {
    /// Who is signed in.
    pub account: AccountView<'a>,
    /// Their email address, if there is one and it is not the name that the account is shown by.
    pub email: Option<&'a str>,
    /// The applications that they use.
    pub applications: &'a [ApplicationView<'a>],
    /// Where their API tokens are, if people may make such. Id: `account-tokens`.
    pub tokens_url: Option<&'a str>,
    /// Where the form posts to: the sign-out on our own origin, base path included.
    pub sign_out_action: &'a str,
    /// The sealed sign-out, bound to the browser and the session.
    pub interaction: &'a str,
}

/// An application on the account page.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct ApplicationView<'a> {
    /// Shown as text, whatever it contains.
    name: &'a str,
    /// A path on our own origin, from which the sign-in to it starts.
    #[serde(serialize_with = "own_address")]
    start: Option<&'a str>,
    /// Its home page; left out unless it is http(s).
    #[serde(serialize_with = "web_address")]
    home: Option<&'a str>,
}

impl<'a> ApplicationView<'a> {
    /// An application by its name, and the address where a sign-in to it starts.
    pub fn new(name: &'a str, start: Option<&'a str>) -> Self {
        ApplicationView {
            name,
            start,
            home: start,
        }
    }
}

impl View for YourAccountView<'_> {
    fn template(&self) -> &'static str {
        "your_account.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}
