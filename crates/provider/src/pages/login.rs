//! Sign-in, and the choice between the account that is signed in and another one.
//!
//! OpenID Connect Core 1.0, section 3.1.2.3 (authentication) and 3.1.2.1 (`prompt`, `login_hint`).

use countersign_web::pages::view::{Value, context_of};
use countersign_web::pages::{AccountView, ClientView, Script, View, Wait};
use serde::Serialize;

/// The sign-in form. Posts `interaction`, `username`, `password`, `decision` (`sign_in`; `cancel`,
/// which leads back to the client with `access_denied`; or `other`, where a person is to confirm
/// who they are and is another). Ids: `login-username`, `login-password`, `login-submit`,
/// `login-other`, `login-cancel`, `login-alert`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct LoginView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The sealed interaction.
    pub interaction: &'a str,
    /// Who asks for the sign-in; `None` if it leads to one of our own pages.
    pub client: Option<ClientView<'a>>,
    /// What the sign-in is for, if it leads to one of our own pages.
    pub purpose: LoginPurpose,
    /// What is in the username field at first: `login_hint`, or what was typed before. May be
    /// empty.
    pub username: &'a str,
    /// Set when the person is signed in and has to prove it once more (`prompt=login`, `max_age`).
    pub confirming: Option<AccountView<'a>>,
    /// Why the form is shown again.
    pub alert: Option<LoginAlert>,
}

/// Which of our own pages a sign-in leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginPurpose {
    /// The account page.
    #[default]
    Account,
    /// The page that asks about a device's request.
    Device,
}

/// Why the sign-in form is shown again. One text for every failure, so that it tells no one which
/// names exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LoginAlert {
    /// Username or password were wrong, the account is disabled, or anything else.
    Rejected,
    /// The page was open for too long; nothing that was typed counts.
    Expired,
    /// Too many attempts.
    Throttled {
        /// Seconds until the next attempt is looked at.
        #[serde(flatten)]
        wait: Wait,
    },
}

impl LoginAlert {
    /// Too many attempts; the next is looked at after `wait_seconds`.
    pub fn throttled(wait_seconds: u64) -> LoginAlert {
        LoginAlert::Throttled {
            wait: Wait::seconds(wait_seconds),
        }
    }
}

impl View for LoginView<'_> {
    fn template(&self) -> &'static str {
        "login.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn status(&self) -> http::StatusCode {
        match self.alert {
            Some(LoginAlert::Throttled { .. }) => http::StatusCode::TOO_MANY_REQUESTS,
            Some(LoginAlert::Rejected | LoginAlert::Expired) | None => http::StatusCode::OK,
        }
    }

    fn may_lead_to_client(&self) -> bool {
        self.client.is_some()
    }

    fn script(&self) -> Option<Script> {
        Some(Script::ShowPasswords)
    }
}

/// "Continue as ..." or another account (`prompt=select_account`). Posts `interaction` and
/// `decision` (`continue`, `other` or `cancel`). Ids: `account-continue`, `account-other`,
/// `account-cancel`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct SelectAccountView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The sealed interaction.
    pub interaction: &'a str,
    /// Who asks for the sign-in; `None` if it leads to one of our own pages.
    pub client: Option<ClientView<'a>>,
    /// Who is signed in.
    pub account: AccountView<'a>,
}

impl View for SelectAccountView<'_> {
    fn template(&self) -> &'static str {
        "select_account.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn may_lead_to_client(&self) -> bool {
        self.client.is_some()
    }
}
