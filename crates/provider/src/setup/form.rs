//! What the setup page posts, and what may be wrong with it.

use countersign_oauth::parameters::Parameters;
use countersign_store::names::normalise;
use zeroize::Zeroizing;

use crate::pages::{SetupProblem, field};
use crate::settings::PasswordSettings;

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
        if !is_email(&self.email) {
            problems.push(SetupProblem::EmailInvalid);
        }
        if !is_username(&self.username) {
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

/// Whether a text may be a username: something that compares as a name, without white space inside.
/// It may be an email address; the table of names keeps it from being somebody else's.
pub fn is_username(text: &str) -> bool {
    normalise(text).is_some() && !text.contains(char::is_whitespace)
}

/// Whether a text looks like an email address. Only a message that arrives proves one.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && normalise(text).is_some()
        && !text.contains(char::is_whitespace)
}

/// What is wrong with a password by itself.
pub fn password_problem(password: &str, settings: &PasswordSettings) -> Option<SetupProblem> {
    let shortest = settings.minimum_characters as usize;
    if password.chars().count() < shortest {
        return Some(SetupProblem::PasswordTooShort);
    }
    (password.len() > settings.maximum_bytes).then_some(SetupProblem::PasswordTooLong)
}

fn is_same<const N: usize>(password: &str, texts: [&String; N]) -> bool {
    texts
        .iter()
        .any(|text| !text.is_empty() && text.eq_ignore_ascii_case(password))
}
