//! What is wrong with a configuration: where it was written, which field, and what to do.

use std::fmt;

use super::environment::EARLIER_NAMES;

/// One fault. Its display is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written: `countersign.toml:3`, `COUNTERSIGN_LISTEN`, `--listen`; `None` if it
    /// is absent.
    pub place: Option<String>,
    /// The field's dotted path, where it belongs to one.
    pub field: Option<String>,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Problem {
    /// A variable with a common name may be another program's. Says how to make it count for
    /// nothing here.
    pub(crate) fn explain_earlier_name(&mut self) {
        let place = self.place.as_deref().unwrap_or_default();
        let name = place.strip_suffix("_FILE").unwrap_or(place);
        let earlier = EARLIER_NAMES.iter().find(|(earlier, _)| *earlier == name);
        if let Some((name, field)) = earlier {
            let instead = match *field {
                "store.url" => "data_dir or store.url",
                field => field,
            };
            let message = self.message.trim_end_matches('.');
            self.message = format!(
                "{message}. If {name} is meant for another program, set {instead}: {name} is then ignored here."
            );
        }
    }

    /// Whether it is about the field of that dotted path, or about a part of it.
    pub(crate) fn is_about(&self, path: &str) -> bool {
        let rest = self
            .field
            .as_deref()
            .and_then(|field| field.strip_prefix(path));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(formatter, "{place}: ")?;
        }
        if let Some(field) = &self.field {
            write!(formatter, "{field}: ")?;
        }
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// Everything that is wrong, so that it can be fixed in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigurationError(pub Vec<Problem>);

impl From<Problem> for ConfigurationError {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            problem.fmt(formatter)?;
        }
        Ok(())
    }
}
