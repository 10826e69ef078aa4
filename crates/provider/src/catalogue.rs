//! Every cause there is: for `docs/errors.md`, `countersign errors`, and the pages under `/errors/`.

use crate::error::{Cause, Exposure, RequestFault, ServerFault, TransportFault};

/// Every cause there is, area by area, for the documentation.
pub fn all() -> Vec<(&'static str, Vec<Cause>)> {
    macro_rules! area {
        ($title:literal, $($Enum:path),+) => {{
            let mut entries = Vec::new();
            $({
                use $Enum as Area;
                entries.extend(Area::ALL.iter().map(|cause| cause.entry()));
            })+
            ($title, entries)
        }};
    }
    vec![
        area!("Any request", RequestFault),
        area!("The listener", TransportFault),
        area!(
            "Authorization (/authorize)",
            crate::authorize::fault::AuthorizeFault,
            crate::authorize::fault::InteractionFault
        ),
        area!(
            "Sign-in and consent",
            crate::login::fault::LoginFault,
            crate::consent::fault::ConsentFault
        ),
        area!(
            "Client authentication",
            crate::client_auth::fault::ClientAuthFault
        ),
        area!("Token endpoint (/token)", crate::token::fault::TokenFault),
        area!("Userinfo (/userinfo)", crate::userinfo::fault::BearerFault),
        area!("Logout (/logout)", crate::logout::fault::LogoutFault),
        area!("Setup (/setup)", crate::setup::fault::SetupFault),
        area!("The server itself", ServerFault),
    ]
}

/// Finds a cause by its name.
pub fn named(name: &str) -> Option<Cause> {
    all()
        .into_iter()
        .flat_map(|(_, entries)| entries)
        .find(|entry| entry.name == name)
}

/// `docs/errors.md`, generated.
pub fn reference() -> String {
    let mut text = String::from(
        "# Errors\n\nEvery cause of an error, under the name that the log shows. Generated from the \
         code; `countersign errors` prints it.\n\nA client is told the cause only where it is a \
         fault in the request's own shape (marked *told*), or where `errors.explain_errors` is on. \
         Otherwise it sees the code, one fixed description per code, and the request id that leads \
         to the log line.\n",
    );
    for (title, entries) in all() {
        text.push_str(&format!("\n## {title}\n"));
        for entry in entries {
            let told = match entry.exposure {
                Exposure::Shape => " (told)",
                Exposure::Hidden => "",
            };
            text.push_str(&format!(
                "\n### {}\n\n`{}`{told}\n\n- **Rule:** {}\n- **Received:** {}\n- **Expected:** {}\n- **Fix:** {}\n",
                entry.name, entry.code, entry.rule, entry.received, entry.expected, entry.fix
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use countersign_oauth::error_code::ErrorCode;

    use super::*;
    use crate::error::calm_description;

    #[test]
    fn every_cause_has_a_name_of_its_own_and_says_everything() {
        let mut names = std::collections::HashSet::new();
        for (_, entries) in all() {
            for entry in entries {
                assert!(names.insert(entry.name), "{} stands twice", entry.name);
                for text in [entry.rule, entry.received, entry.expected, entry.fix] {
                    assert!(text.len() > 3, "{} says nothing", entry.name);
                }
            }
        }
    }

    #[test]
    fn descriptions_are_within_the_grammar_of_rfc_6749() {
        for code in ErrorCode::ALL {
            assert!(countersign_oauth::error_code::is_description(
                calm_description(*code)
            ));
        }
    }

    #[test]
    fn all_invalid_grants_have_one_text() {
        // RFC 6749 5.2 has one code for many causes; our description must not tell them apart.
        for (_, entries) in all() {
            for entry in entries
                .iter()
                .filter(|entry| entry.code == ErrorCode::InvalidGrant)
            {
                assert_eq!(
                    entry.exposure,
                    Exposure::Hidden,
                    "{} would be told",
                    entry.name
                );
            }
        }
    }
}
