//! What the setup page posts, and what may be wrong with it.

use countersign_management::passwords::{
    PasswordFault, PasswordSettings, check_password, own_names,
};
use countersign_management::users::names::{check_email, check_username};
use countersign_oauth::issuer::Issuer;
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

    pub fn problems(&self, settings: &PasswordSettings, issuer: &Issuer) -> Vec<SetupProblem> {
        let mut problems = Vec::new();
        if !is_name(&self.name) {
            problems.push(SetupProblem::NameMissing);
        }
        if check_email(&self.email).is_err() {
            problems.push(SetupProblem::EmailInvalid);
        }
        if check_username(&self.username).is_err() {
            problems.push(SetupProblem::UsernameInvalid);
        }
        let names = own_names([&*self.username, &self.email, &self.name], issuer);
        if let Err(fault) = check_password(&self.password, &names, settings) {
            problems.push(password_problem(fault));
        }
        if self.password != self.password_again {
            problems.push(SetupProblem::PasswordsDiffer);
        }
        problems
    }
}

const MAX_NAME_CHARACTERS: usize = 200;

fn is_name(text: &str) -> bool {
    let is_short = text.chars().count() <= MAX_NAME_CHARACTERS;
    !text.is_empty() && is_short && !text.contains(char::is_control)
}

/// What the page says about a password that can't be set.
fn password_problem(fault: PasswordFault) -> SetupProblem {
    match fault {
        PasswordFault::TooShort { .. } => SetupProblem::PasswordTooShort,
        PasswordFault::TooLong { .. } => SetupProblem::PasswordTooLong,
        // A text field cannot send one, so this form was not sent from the page.
        PasswordFault::ControlCharacter => SetupProblem::PasswordTooCommon,
        PasswordFault::Common | PasswordFault::OwnNames => SetupProblem::PasswordTooCommon,
    }
}
