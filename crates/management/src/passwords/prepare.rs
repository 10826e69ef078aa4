//! The form of a password that is hashed and verified: the OpaqueString profile of RFC 8265,
//! section 4.2.2. What was set precomposed is accepted when a keyboard types it decomposed, and a
//! no-break space counts as the space that it looks like.
//!
//! Of the characters that the profile's string class refuses only those are refused that no form
//! can send or show: control characters and line separators. A password of emoji stays possible.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};
use zeroize::Zeroizing;

/// The password as it is hashed; `None` where it has a character that no one can type into the
/// form.
#[must_use]
pub fn prepare(password: &str) -> Option<Zeroizing<String>> {
    if password.chars().any(is_forbidden) {
        return None;
    }
    // Section 4.2.2: rule 2 maps the spaces, rule 4 is NFC; there is no width and no case mapping.
    let spaced: Cow<'_, str> = match password.contains(is_other_space) {
        false => password.into(),
        true => password.replace(is_other_space, " ").into(),
    };
    let spaced = Zeroizing::new(spaced.into_owned());
    Some(match is_nfc(&spaced) {
        true => spaced,
        false => Zeroizing::new(spaced.nfc().collect()),
    })
}

fn is_forbidden(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Unicode's space separators (Zs) but U+0020.
fn is_other_space(character: char) -> bool {
    matches!(
        character,
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8265, section 4.3, has the examples 1 to 4 and 7.
    #[test]
    fn a_password_is_hashed_in_one_form_however_it_was_typed() {
        for (typed, hashed) in [
            (
                "correct horse battery staple",
                "correct horse battery staple",
            ),
            (
                "Correct Horse Battery Staple",
                "Correct Horse Battery Staple",
            ),
            ("πßå", "πßå"),
            ("Jack of ♦s", "Jack of ♦s"),
            ("foo\u{1680}bar", "foo bar"),
            ("Zu\u{308}rich", "Z\u{fc}rich"),
            ("no\u{a0}break", "no break"),
            ("ﬁne", "ﬁne"),
            ("👩\u{200d}👧", "👩\u{200d}👧"),
            (" outer spaces stay ", " outer spaces stay "),
        ] {
            assert_eq!(prepare(typed).as_deref().map(String::as_str), Some(hashed));
        }
    }

    /// RFC 8265, section 4.3, example 9, and what a text field drops.
    #[test]
    fn what_no_one_can_type_into_the_form_is_no_password() {
        for typed in [
            "my cat is a \u{9}by",
            "line\nbreak",
            "line\rbreak",
            "nul\0",
            "\u{7f}",
            "a\u{85}b",
            "a\u{2028}b",
        ] {
            assert_eq!(prepare(typed), None, "{typed:?}");
        }
    }
}
