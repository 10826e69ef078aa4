//! What a password must be when it is set (NIST SP 800-63B-4, section 3.1.1.2): long enough, not
//! too long, of characters that can be typed, and not among those that are tried first. Nothing
//! else: no required kinds of characters.

use countersign_oauth::issuer::Issuer;
use countersign_store::users::User;

use super::PasswordSettings;
use super::guessable::{MIN_CHOICES, choices};
use super::prepare::prepare;

/// Why a password can't be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("the password has {characters} characters, and the minimum is {minimum}")]
    TooShort { characters: u32, minimum: u32 },
    #[error("the password has more than {maximum_bytes} bytes")]
    TooLong { maximum_bytes: usize },
    #[error(
        "the password has a line break or another control character, which the sign-in form can't send"
    )]
    ControlCharacter,
    #[error("the password is easy to guess: it is a common one, or a pattern")]
    Common,
    #[error(
        "the password is easy to guess: it is made of the account's or the provider's own names"
    )]
    OwnNames,
}

/// Checks a new password. `own_names` are the names of the account and the deployment that everyone
/// knows; see [`own_names`].
///
/// # Errors
/// [`PasswordFault`].
pub fn check_password(
    password: &str,
    own_names: &[String],
    settings: &PasswordSettings,
) -> Result<(), PasswordFault> {
    let PasswordSettings {
        minimum_characters,
        maximum_bytes,
        ..
    } = *settings;
    let password = prepare(password).ok_or(PasswordFault::ControlCharacter)?;
    let characters = u32::try_from(password.chars().count()).unwrap_or(u32::MAX);
    if characters < minimum_characters {
        return Err(PasswordFault::TooShort {
            characters,
            minimum: minimum_characters,
        });
    }
    if password.len() > maximum_bytes {
        return Err(PasswordFault::TooLong { maximum_bytes });
    }
    // Where shorter passwords than that many characters are allowed, as many choices can't be
    // required.
    let enough = MIN_CHOICES.min(minimum_characters);
    if choices(&password, &[]) < enough {
        return Err(PasswordFault::Common);
    }
    match choices(&password, own_names) < enough {
        true => Err(PasswordFault::OwnNames),
        false => Ok(()),
    }
}

/// The names of an account and of the deployment that everyone knows, whole and in parts: `names`
/// are the account's, and the issuer's host is added.
#[must_use]
pub fn own_names<'a>(names: impl IntoIterator<Item = &'a str>, issuer: &'a Issuer) -> Vec<String> {
    let origin = issuer.origin();
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let mut own: Vec<String> = Vec::new();
    for whole in names.into_iter().chain([host]) {
        let parts = whole.split(|character: char| !character.is_alphanumeric());
        for part in std::iter::once(whole).chain(parts) {
            // Two letters are two choices, even if they are part of a name.
            if part.chars().count() > 2 && !own.iter().any(|known| known == part) {
                own.push(part.to_owned());
            }
        }
    }
    own
}

/// The names of an account: username, email address, name.
pub fn names_of(user: &User) -> impl Iterator<Item = &str> {
    let name = user.claims.get("name").and_then(serde_json::Value::as_str);
    let names = [Some(user.username.as_str()), user.email.as_deref(), name];
    names.into_iter().flatten()
}
