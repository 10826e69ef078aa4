//! Every cause that a program can name: for `docs/errors.md`, `countersign errors`, and the pages
//! under `/errors/`. Each crate contributes its own areas; the program puts them together.

use countersign_oauth::error_code::ErrorCode;

use crate::error::{Cause, Exposure, RequestFault, ServerFault};

/// Causes, area by area, in the order of the documentation.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    areas: Vec<Area>,
}

/// The causes of one area.
#[derive(Debug, Clone)]
pub struct Area {
    /// The heading in the documentation.
    pub title: &'static str,
    pub causes: Vec<Cause>,
}

impl Area {
    pub fn new(title: &'static str) -> Area {
        Area {
            title,
            causes: Vec::new(),
        }
    }

    /// Adds the causes of an enum that [`causes!`](crate::causes) declared.
    #[must_use]
    pub fn with(mut self, causes: impl IntoIterator<Item = Cause>) -> Area {
        self.causes.extend(causes);
        self
    }
}

/// The areas of this crate: what any request can meet.
pub fn areas() -> Vec<Area> {
    vec![
        Area::new("Any request").with(RequestFault::entries()),
        Area::new("The server itself").with(ServerFault::entries()),
    ]
}

impl Catalogue {
    /// The causes of this crate alone.
    pub fn new() -> Catalogue {
        Catalogue::default().with(areas())
    }

    /// Adds the areas of another crate.
    #[must_use]
    pub fn with(mut self, areas: impl IntoIterator<Item = Area>) -> Catalogue {
        self.areas.extend(areas);
        self
    }

    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// Every cause, in the order of the documentation.
    pub fn causes(&self) -> impl Iterator<Item = Cause> {
        self.areas.iter().flat_map(|area| &area.causes).copied()
    }

    /// Finds a cause by its name.
    pub fn named(&self, name: &str) -> Option<Cause> {
        self.causes().find(|cause| cause.name == name)
    }

    /// `docs/errors.md`, generated.
    pub fn reference(&self) -> String {
        let mut text = String::from(
            "# Errors\n\nEvery cause of an error, under the name that the log shows. Generated from the \
             code; `countersign errors` prints it.\n\nA client is told the cause only where it is a \
             fault in the request's own shape (marked *told*), or where `errors.explain_errors` is on. \
             Otherwise it sees the code, one fixed description per code, and the request id that leads \
             to the log line.\n",
        );
        for area in &self.areas {
            text.push_str(&format!("\n## {}\n", area.title));
            for cause in &area.causes {
                let told = match cause.exposure {
                    Exposure::Shape => " (told)",
                    Exposure::Hidden => "",
                };
                text.push_str(&format!(
                    "\n### {}\n\n`{}`{told}\n\n- **Rule:** {}\n- **Received:** {}\n- **Expected:** {}\n- **Fix:** {}\n",
                    cause.name, cause.code, cause.rule, cause.received, cause.expected, cause.fix
                ));
            }
        }
        text
    }

    /// Checks the catalogue, for the tests of programs that put one together. The fault is a name
    /// that two causes have, a cause that explains nothing, or one of the many causes of
    /// `invalid_grant` that a client could tell from the others (RFC 6749, section 5.2).
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn check(&self) -> Result<(), String> {
        let mut names = std::collections::HashSet::new();
        for cause in self.causes() {
            if !names.insert(cause.name) {
                return Err(format!("two causes are called {}", cause.name));
            }
            let texts = [cause.rule, cause.received, cause.expected, cause.fix];
            if texts.iter().any(|text| text.len() <= 3) {
                return Err(format!("{} lacks a text", cause.name));
            }
            if cause.code == ErrorCode::InvalidGrant && cause.exposure != Exposure::Hidden {
                return Err(format!("{} would be told", cause.name));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::calm_description;

    #[test]
    fn every_cause_has_a_name_of_its_own_and_says_everything() {
        assert_eq!(Catalogue::new().check(), Ok(()));
    }

    #[test]
    fn a_name_that_two_causes_have_is_found() {
        let twice = Catalogue::new().with(areas());
        assert!(twice.check().is_err());
    }

    #[test]
    fn descriptions_are_within_the_grammar_of_rfc_6749() {
        for code in ErrorCode::ALL {
            assert!(countersign_oauth::error_code::is_description(
                calm_description(*code)
            ));
        }
    }
}
