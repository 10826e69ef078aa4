//! What a password must be (NIST SP 800-63B-4, section 3.1.1.2).

use super::PasswordSettings;

/// Why a password can't be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("the password has {characters} characters, and the minimum is {minimum}")]
    TooShort { characters: u32, minimum: u32 },
    #[error("the password has more than {maximum_bytes} bytes")]
    TooLong { maximum_bytes: usize },
}

/// Checks a new password by itself.
///
/// # Errors
/// [`PasswordFault`].
pub fn check_password(password: &str, settings: &PasswordSettings) -> Result<(), PasswordFault> {
    let PasswordSettings {
        minimum_characters,
        maximum_bytes,
        ..
    } = *settings;
    let characters = u32::try_from(password.chars().count()).unwrap_or(u32::MAX);
    if characters < minimum_characters {
        return Err(PasswordFault::TooShort {
            characters,
            minimum: minimum_characters,
        });
    }
    match password.len() > maximum_bytes {
        true => Err(PasswordFault::TooLong { maximum_bytes }),
        false => Ok(()),
    }
}
