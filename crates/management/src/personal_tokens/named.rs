//! The names of tokens.

use countersign_store::grants::{Grant, Origin};

use super::PersonalTokenError;

/// The maximum length of a name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 64;

/// The name as it is stored, without surrounding whitespace.
///
/// # Errors
/// Returns [`PersonalTokenError::NameInvalid`].
pub fn name_of(text: &str) -> Result<String, PersonalTokenError> {
    let name = text.trim();
    let characters = name.chars().count();
    let fits = (1..=MAX_NAME_CHARACTERS).contains(&characters);
    match fits && !name.chars().any(char::is_control) {
        true => Ok(name.to_owned()),
        false => Err(PersonalTokenError::NameInvalid {
            limit: MAX_NAME_CHARACTERS,
        }),
    }
}

/// The name of a token's grant.
pub(super) fn of_grant(grant: &Grant) -> Option<&str> {
    match &grant.origin {
        Origin::Personal(token) => Some(&token.name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_printable() {
        assert_eq!(
            name_of("  ci \u{1f680} ").ok().as_deref(),
            Some("ci \u{1f680}")
        );
        let longest = "\u{e4}".repeat(MAX_NAME_CHARACTERS);
        assert_eq!(name_of(&longest).ok(), Some(longest.clone()));
        for wrong in ["", "  ", "a\nb", "a\u{0}", &format!("{longest}x")] {
            assert!(name_of(wrong).is_err(), "{wrong:?}");
        }
    }
}
