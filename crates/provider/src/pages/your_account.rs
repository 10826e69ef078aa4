//! The account page: who is signed in in this browser, and the way out.

use countersign_web::pages::view::{Value, context_of};
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
    /// Where their API tokens are, if people may make such. Id: `account-tokens`.
    pub tokens_url: Option<&'a str>,
    /// Where the form posts to: the sign-out on our own origin, base path included.
    pub sign_out_action: &'a str,
    /// The sealed sign-out, bound to the browser and the session.
    pub interaction: &'a str,
}

impl View for YourAccountView<'_> {
    fn template(&self) -> &'static str {
        "your_account.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}
