//! First setup: the page that creates the first administrator, reached by the link that the server
//! prints.

use countersign_web::pages::view::{Value, context_of};
use countersign_web::pages::{Script, View};
use http::StatusCode;
use serde::Serialize;

/// The setup form. Posts `token`, `name`, `email`, `username`, `password`, `password_again`.
/// Ids: `setup-name`, `setup-email`, `setup-username`, `setup-password`, `setup-password-again`,
/// `setup-submit`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct SetupView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The secret of the setup link, posted back.
    pub token: &'a str,
    /// What was typed before, or empty.
    pub name: &'a str,
    /// What was typed before, or empty.
    pub email: &'a str,
    /// What was typed before, or empty.
    pub username: &'a str,
    /// The shortest password that is taken, in characters.
    pub minimum_password_length: u32,
    /// What is wrong with what was typed; empty at first.
    #[serde(serialize_with = "with_their_fields")]
    pub problems: &'a [SetupProblem],
}

/// What is wrong with one field of the setup form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetupProblem {
    /// No name.
    NameMissing,
    /// No or no plausible email address.
    EmailInvalid,
    /// The email address belongs to another account.
    EmailTaken,
    /// No username, or one with characters that it may not have.
    UsernameInvalid,
    /// The username belongs to another account.
    UsernameTaken,
    /// Shorter than [`SetupView::minimum_password_length`].
    PasswordTooShort,
    /// Longer than what is hashed.
    PasswordTooLong,
    /// On the list of common passwords, or the same as the name or address.
    PasswordTooCommon,
    /// The second is not the first.
    PasswordsDiffer,
}

impl SetupProblem {
    /// Every problem, for tests.
    pub const ALL: &'static [SetupProblem] = &[
        SetupProblem::NameMissing,
        SetupProblem::EmailInvalid,
        SetupProblem::EmailTaken,
        SetupProblem::UsernameInvalid,
        SetupProblem::UsernameTaken,
        SetupProblem::PasswordTooShort,
        SetupProblem::PasswordTooLong,
        SetupProblem::PasswordTooCommon,
        SetupProblem::PasswordsDiffer,
    ];

    fn field_and_kind(self) -> (&'static str, &'static str) {
        match self {
            SetupProblem::NameMissing => ("name", "name_missing"),
            SetupProblem::EmailInvalid => ("email", "email_invalid"),
            SetupProblem::EmailTaken => ("email", "email_taken"),
            SetupProblem::UsernameInvalid => ("username", "username_invalid"),
            SetupProblem::UsernameTaken => ("username", "username_taken"),
            SetupProblem::PasswordTooShort => ("password", "password_too_short"),
            SetupProblem::PasswordTooLong => ("password", "password_too_long"),
            SetupProblem::PasswordTooCommon => ("password", "password_too_common"),
            SetupProblem::PasswordsDiffer => ("password_again", "passwords_differ"),
        }
    }
}

fn with_their_fields<S: serde::Serializer>(
    problems: &&[SetupProblem],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Problem {
        field: &'static str,
        kind: &'static str,
    }
    serializer.collect_seq(problems.iter().map(|problem| {
        let (field, kind) = problem.field_and_kind();
        Problem { field, kind }
    }))
}

impl View for SetupView<'_> {
    fn template(&self) -> &'static str {
        "setup.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn status(&self) -> StatusCode {
        if self.problems.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }

    fn script(&self) -> Option<Script> {
        Some(Script::ShowPasswords)
    }
}

/// Setup is done.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct SetupDoneView<'a> {
    /// The administrator's name.
    pub name: &'a str,
    /// Where to go from here, on our own origin or another (the demo application); the page shows a
    /// link to it.
    pub continue_url: Option<&'a str>,
    /// The account page of the administrator, who is signed in now: a path on our own origin.
    pub account_url: &'a str,
}

impl View for SetupDoneView<'_> {
    fn template(&self) -> &'static str {
        "setup_done.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}
