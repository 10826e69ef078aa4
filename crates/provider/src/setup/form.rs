//! What the setup page posts, and what may be wrong with it.

use countersign_management::passwords::{PasswordFault, PasswordSettings, check_password};
use countersign_management::users::names::{check_email, check_username};
use countersign_oauth::parameters::Parameters;
use zeroize::Zeroizing;

use crate::pages::{SetupProblem, field};

#[derive(Default)]
pub struct SetupForm {
    pub name: String,
    pub email: String,
    pub username: String,
    pub password: Zeroizing<String>,
    password_again: Zeroizing<String>,
}

impl SetupForm {
    pub fn read(parameters: &Parameters) -> SetupForm {
        let text = |name| parameters.get(name).unwrap_or("").trim().to_owned();
        let secret = |name| Zeroizing::new(parameters.get(name).unwrap_or("").to_owned());
        SetupForm {
            name: text(field::NAME),
            email: text(field::EMAIL),
            username: text(field::USERNAME),
            password: secret(field::PASSWORD),
            password_again: secret(field::PASSWORD_AGAIN),
        }
    }

    pub fn problems(&self, settings: &PasswordSettings) -> Vec<SetupProblem> {
        let mut problems = Vec::new();
        if self.name.is_empty() || self.name.chars().count() > MOST_NAME_CHARACTERS {
            problems.push(SetupProblem::NameMissing);
        }
        if check_email(&self.email).is_err() {
            problems.push(SetupProblem::EmailInvalid);
        }
        if check_username(&self.username).is_err() {
            problems.push(SetupProblem::UsernameInvalid);
        }
        match password_problem(&self.password, settings) {
            Some(problem) => problems.push(problem),
            None if is_same(&self.password, [&self.name, &self.email, &self.username]) => {
                problems.push(SetupProblem::PasswordTooCommon);
            }
            None => {}
        }
        if self.password != self.password_again {
            problems.push(SetupProblem::PasswordsDiffer);
        }
        problems
    }
}

const MOST_NAME_CHARACTERS: usize = 200;

/// What is wrong with a password by itself.
fn password_problem(password: &str, settings: &PasswordSettings) -> Option<SetupProblem> {
    match check_password(password, settings) {
        Ok(()) => None,
        Err(PasswordFault::TooShort { .. }) => Some(SetupProblem::PasswordTooShort),
        Err(PasswordFault::TooLong { .. }) => Some(SetupProblem::PasswordTooLong),
    }
}

fn is_same<const N: usize>(password: &str, texts: [&String; N]) -> bool {
    texts
        .iter()
        .any(|text| !text.is_empty() && text.eq_ignore_ascii_case(password))
}
