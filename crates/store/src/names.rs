//! How names are compared at sign-in: trimmed of outer white space, NFKC, default case folding,
//! NFKC again. Usernames and email addresses stand in one table of unique names in this form.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// Most bytes of a name; longer ones are nobody's.
pub const MAX_NAME_BYTES: usize = 320;

/// The form in which names are compared, or `None` for what no account can have: nothing, too
/// long, or with a control character.
pub fn normalise(name: &str) -> Option<String> {
    let name = name.trim();
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        return None;
    }
    Some(name.nfkc().default_case_fold().nfkc().collect())
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
        assert_eq!(normalise(&"a".repeat(MAX_NAME_BYTES + 1)), None);
    }
}
