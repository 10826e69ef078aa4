//! The pages that people see: sign-in, consent, sign-out, first setup, errors.
//!
//! Owned here: templates, stylesheet, texts, the choice of language, and the headers that every page carries.
//! Who decides *which* page is shown, and under which address it posts, are the journeys (`login/`, `consent/`, ...).
//!
//! | file | what |
//! |---|---|
//! | [`renderer`] | [`Pages`]: templates compiled once, rendered to a [`RenderedPage`] with its headers |
//! | [`view`] | the trait of all views, and what they share |
//! | `login`, `consent`, `logout`, `setup`, `error_page`, `cause`, `submit`, `home` | one typed view per page |
//! | [`language`], [`messages`] | which language, and its texts (Fluent) |
//! | [`content_security_policy`], [`headers`] | what a page may load and where it may post |
//! | [`assets`] | stylesheet and mark, under addresses that change with their bytes |
//!
//! What never happens here: a request to another host, an inline style, a script other than the one line that submits
//! a form by itself (allowed by its hash), text from a request that is not escaped.

pub mod assets;
pub mod content_security_policy;
pub mod headers;
pub mod language;
pub mod messages;
pub mod renderer;
pub mod view;

mod cause;
mod consent;
mod error_page;
mod escape;
mod home;
mod login;
mod logout;
mod samples;
mod setup;
mod submit;
mod templates;

pub use assets::{Asset, assets};
pub use cause::CauseView;
pub use consent::{ConsentView, ScopeView};
pub use content_security_policy::{ContentSecurityPolicy, FormTarget};
pub use error_page::{ErrorKind, ErrorView, Explanation};
pub use home::HomeView;
pub use language::Language;
pub use login::{LoginAlert, LoginView, SelectAccountView};
pub use logout::{LoggedOutView, LogoutProblem, LogoutView};
pub use renderer::{Pages, PagesError, RenderedPage};
pub use setup::{SetupDoneView, SetupProblem, SetupView};
pub use submit::{FormPostView, RepostView};
pub use view::{AccountView, ClientView, View, Wait};

/// Names of the fields that our forms post, so that endpoints and templates cannot drift apart.
pub mod field {
    /// The sealed interaction, in every form of a journey.
    pub const INTERACTION: &str = "interaction";
    /// Which button was pressed; its values are in [`super::decision`].
    pub const DECISION: &str = "decision";
    /// Sign-in and setup: the name a person signs in with.
    pub const USERNAME: &str = "username";
    /// Sign-in and setup.
    pub const PASSWORD: &str = "password";
    /// Setup: the password once more.
    pub const PASSWORD_AGAIN: &str = "password_again";
    /// Setup: the person's name.
    pub const NAME: &str = "name";
    /// Setup: the person's email address.
    pub const EMAIL: &str = "email";
    /// Setup: the secret of the setup link.
    pub const TOKEN: &str = "token";
}

/// Values of the field [`field::DECISION`].
pub mod decision {
    /// Login: username and password are to be checked. Also what the Enter key sends.
    pub const SIGN_IN: &str = "sign_in";
    /// Login, account selection, logout: leave without doing it.
    pub const CANCEL: &str = "cancel";
    /// Account selection: go on as the person who is signed in.
    pub const CONTINUE: &str = "continue";
    /// Account selection: sign in as somebody else.
    pub const OTHER: &str = "other";
    /// Consent.
    pub const ALLOW: &str = "allow";
    /// Consent.
    pub const DENY: &str = "deny";
    /// Logout: really sign out.
    pub const CONFIRM: &str = "confirm";
}
