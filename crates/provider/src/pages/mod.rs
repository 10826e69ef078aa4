//! The provider's pages: sign-in, consent, devices, sign-out, first setup, the account page.
//!
//! One typed view per page, plain borrowed data; who decides *which* page is shown, and under which
//! address it posts, are the journeys (`login/`, `consent/`, ...). Layout, languages and headers
//! are `countersign_web::pages`.

pub mod error_kind;

mod consent;
mod device;
mod login;
mod logout;
mod samples;
mod setup;
mod tokens;
mod your_account;

use countersign_web::pages::PageSet;
pub use countersign_web::pages::{
    AccountView, CauseView, ClientView, ErrorView, FormPostView, Language, View, WayOn, assets,
};

pub use consent::{ConsentView, DestinationView, ScopeView};
pub use device::{
    DeviceAnsweredView, DeviceApprovalView, DeviceCodeAlert, DeviceCodeView, RequestedFromView,
};
pub use login::{LoginAlert, LoginPurpose, LoginView, SelectAccountView};
pub use logout::{LoggedOutView, LogoutProblem, LogoutView};
pub use setup::{SetupDoneView, SetupProblem, SetupView};
pub use tokens::{TokenProblem, TokenView, TokensView};
pub use your_account::{ApplicationView, YourAccountView};

/// What the provider contributes to the pages of its site.
pub const PAGES: PageSet = PageSet {
    templates: &[
        ("consent.html", include_str!("templates/consent.html")),
        (
            "device_answered.html",
            include_str!("templates/device_answered.html"),
        ),
        (
            "device_approval.html",
            include_str!("templates/device_approval.html"),
        ),
        (
            "device_code.html",
            include_str!("templates/device_code.html"),
        ),
        ("logged_out.html", include_str!("templates/logged_out.html")),
        ("login.html", include_str!("templates/login.html")),
        ("logout.html", include_str!("templates/logout.html")),
        (
            "logout_problem.html",
            include_str!("templates/logout_problem.html"),
        ),
        ("scope_list.html", include_str!("templates/scope_list.html")),
        (
            "select_account.html",
            include_str!("templates/select_account.html"),
        ),
        ("setup.html", include_str!("templates/setup.html")),
        ("setup_done.html", include_str!("templates/setup_done.html")),
        ("tokens.html", include_str!("templates/tokens.html")),
        (
            "your_account.html",
            include_str!("templates/your_account.html"),
        ),
    ],
    texts: |language| match language {
        Language::English => include_str!("texts/en.ftl"),
        Language::German => include_str!("texts/de.ftl"),
    },
    samples: samples::each,
};

/// Names of the fields that our forms post, so that endpoints and templates cannot drift apart.
pub mod field {
    /// The sealed interaction, in every form of a journey.
    pub const INTERACTION: &str = countersign_web::sealed_form::FIELD;
    /// Which button was pressed; its values are in [`super::decision`].
    pub const DECISION: &str = "decision";
    /// Sign-in and setup: the name a person signs in with.
    pub const USERNAME: &str = "username";
    /// Sign-in and setup.
    pub const PASSWORD: &str = "password";
    /// Setup: the password once more.
    pub const PASSWORD_AGAIN: &str = "password_again";
    /// Setup: the person's name. The tokens' page: the token's.
    pub const NAME: &str = "name";
    /// Setup: the person's email address.
    pub const EMAIL: &str = "email";
    /// The device page: the code that the device shows. Also in `verification_uri_complete`.
    pub const USER_CODE: &str = "user_code";
    /// The tokens' page: for how many days.
    pub const DAYS: &str = "days";
    /// The tokens' page: what a token may do; may be repeated.
    pub const SCOPE: &str = "scope";
    /// Setup: the secret of the setup link. The tokens' page: which token.
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
    /// Account selection, consent, re-authentication: sign in with another account.
    pub const OTHER: &str = "other";
    /// Consent, and a device's request.
    pub const ALLOW: &str = "allow";
    /// Consent, and a device's request.
    pub const DENY: &str = "deny";
    /// The tokens' page: make one.
    pub const CREATE: &str = "create";
    /// The tokens' page: end one.
    pub const REVOKE: &str = "revoke";
    /// Logout: really sign out.
    pub const CONFIRM: &str = "confirm";
}
