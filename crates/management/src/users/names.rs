//! What may be a username or an email address. Both are compared after one normalisation
//! ([`countersign_store::names`]), and both must be something that a person can type into a form.

use countersign_store::names::{MAX_NAME_BYTES, normalise};

/// Why a text can't be a name to sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {MAX_NAME_BYTES} bytes")]
    TooLong,
    #[error("it contains white space")]
    WhiteSpace,
    #[error("it contains a control character or an invisible character")]
    Unprintable,
    #[error("it needs a name, an @ and a domain")]
    NotAnAddress,
}

/// That a text may be a username. It may be an email address too; the table of names keeps it from
/// being another account's.
///
/// # Errors
/// Returns a [`NameFault`].
pub fn check_username(username: &str) -> Result<(), NameFault> {
    if username.is_empty() {
        return Err(NameFault::Empty);
    }
    if username.len() > MAX_NAME_BYTES {
        return Err(NameFault::TooLong);
    }
    // A tab and a line break are both white space and control characters; white space says more.
    if username.contains(char::is_whitespace) {
        return Err(NameFault::WhiteSpace);
    }
    match normalise(username) {
        Some(_) => Ok(()),
        None => Err(NameFault::Unprintable),
    }
}

/// That a text looks like an email address. Only a message that arrives proves one.
///
/// # Errors
/// Returns a [`NameFault`].
pub fn check_email(email: &str) -> Result<(), NameFault> {
    check_username(email)?;
    let fits = email.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    match fits {
        true => Ok(()),
        false => Err(NameFault::NotAnAddress),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_something_that_a_person_can_type() {
        let rows: [(&str, Result<(), NameFault>); 14] = [
            ("alice", Ok(())),
            ("Zürich", Ok(())),
            ("alice@example.org", Ok(())),
            ("-dash", Ok(())),
            ("", Err(NameFault::Empty)),
            ("alice\t", Err(NameFault::WhiteSpace)),
            (" alice", Err(NameFault::WhiteSpace)),
            ("alice adams", Err(NameFault::WhiteSpace)),
            ("alice\r\n", Err(NameFault::WhiteSpace)),
            ("alice\u{a0}", Err(NameFault::WhiteSpace)),
            ("alice\u{7}", Err(NameFault::Unprintable)),
            ("al\u{200b}ice", Err(NameFault::Unprintable)),
            ("al\u{202e}ice", Err(NameFault::Unprintable)),
            ("\u{feff}alice", Err(NameFault::Unprintable)),
        ];
        for (username, expected) in rows {
            assert_eq!(check_username(username), expected, "{username:?}");
        }
        let longest = "a".repeat(MAX_NAME_BYTES);
        assert_eq!(check_username(&longest), Ok(()));
        assert_eq!(check_username(&(longest + "a")), Err(NameFault::TooLong));
    }

    #[test]
    fn an_email_address_has_a_name_an_at_sign_and_a_domain() {
        for fits in ["a@b", "alice@example.org", "a@b@example.org"] {
            assert_eq!(check_email(fits), Ok(()), "{fits}");
        }
        for refused in ["alice", "@b", "a@", "a@.b", "a@b."] {
            let fault = Err(NameFault::NotAnAddress);
            assert_eq!(check_email(refused), fault, "{refused}");
        }
        assert_eq!(check_email("a@b\t"), Err(NameFault::WhiteSpace));
    }
}
