//! Every cause of an error that this program can name: `countersign errors`, docs/errors.md and the
//! pages under `/errors/` are made from it.

use countersign_web::catalogue::{Area, Catalogue};

use crate::listen::fault::TransportFault;

/// The causes of all crates that the program is made of.
#[must_use]
pub fn catalogue() -> Catalogue {
    Catalogue::new()
        .with(countersign_provider::catalogue::areas())
        .with([Area::new("The listener").with(TransportFault::entries())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_name_of_its_own_and_says_everything() {
        assert_eq!(catalogue().check(), Ok(()));
    }

    /// A client sees it alone, as the error_description (RFC 6749, section 5.2), without the rule.
    #[test]
    fn what_was_received_is_said_without_the_rule() {
        let leaning = [
            "Something",
            "Another value",
            "Another link",
            "Another Content",
            "Both.",
            "None.",
            "Too many attempts",
            "another form",
            "another length",
            "other characters",
            "than that",
            "by then",
            "such a ",
            "these lifetimes",
            "One that",
            "without it",
            "than the limit",
            "An older",
            "A longer",
        ];
        for cause in catalogue().causes() {
            for words in leaning {
                let received = cause.received;
                assert!(!received.contains(words), "{}: {received}", cause.name);
            }
            assert!(cause.received.contains(' '), "{}", cause.name);
        }
    }

    /// `UPDATE_DOCS=1` writes it.
    #[test]
    fn the_document_says_what_the_code_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
        let reference = catalogue().reference();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &reference).expect("writes");
        }
        let document = std::fs::read_to_string(path).expect("docs/errors.md");
        assert!(
            document == reference,
            "docs/errors.md is out of date: UPDATE_DOCS=1 rewrites it"
        );
    }
}
