//! How names are compared at sign-in: trimmed of outer white space, NFKC, default case folding,
//! NFKC again. Usernames and email addresses are in one table of unique names in this form.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The maximum length of a name in bytes: no account has a longer one.
pub const MAX_NAME_BYTES: usize = 320;

/// The form in which names are compared. `None` for what no account can have: an empty name, one
/// that is too long, or one with a control character or an invisible one.
pub fn normalise(name: &str) -> Option<String> {
    let name = name.trim();
    let unseen = |c: char| c.is_control() || is_invisible(c);
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(unseen) {
        return None;
    }
    Some(name.nfkc().default_case_fold().nfkc().collect())
}

/// Default_Ignorable_Code_Point and the bidirectional controls (Unicode 16): two names that differ
/// only in these look the same.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_one_name() {
        for (left, right) in [
            ("Alice", "alice"),
            ("  alice ", "alice"),
            ("ALICE@Example.ORG", "alice@example.org"),
            ("Straße", "STRASSE"),
            ("ﬁne", "fine"),
            ("Ａｌｉｃｅ", "alice"),
            ("é", "e\u{301}"),
        ] {
            assert_eq!(normalise(left), normalise(right), "{left} and {right}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert_eq!(normalise(""), None);
        assert_eq!(normalise("   "), None);
        assert_eq!(normalise("a\u{0}b"), None);
        assert_eq!(normalise("a\u{200B}lice"), None, "it would look like alice");
        assert_eq!(normalise(&"a".repeat(MAX_NAME_BYTES + 1)), None);
    }
}
