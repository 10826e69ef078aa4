//! The page at the issuer's own address, for people who wonder what it is.

use countersign_web::pages::view::{Value, context_of};
use countersign_web::pages::{AccountView, View};
use serde::Serialize;

/// The landing page.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct HomeView<'a> {
    /// The issuer, as clients are configured with it.
    pub issuer: &'a str,
    /// The address of the discovery document.
    pub discovery_url: &'a str,
    /// Who is signed in in this browser.
    pub account: Option<AccountView<'a>>,
    /// Where sign-out begins, if somebody is signed in.
    pub logout_url: Option<&'a str>,
}

impl View for HomeView<'_> {
    fn template(&self) -> &'static str {
        "home.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}
