//! Why pages cannot be made or rendered.

use minijinja::Error;

use super::messages::MessagesError;

/// Why pages cannot be made or rendered.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// A template cannot be parsed, or fails when it is rendered.
    #[error("template {name}, line {line}: {reason}")]
    Template {
        /// The template's name.
        name: String,
        /// The line, counted from 1; 0 if none is known.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// An override replaces nothing.
    #[error(
        "template {name} replaces no built-in template: those are {known}; your own names begin with `_`"
    )]
    UnknownTemplate {
        /// The override's name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// A message file cannot be used.
    #[error(transparent)]
    Messages(#[from] MessagesError),
}

impl PagesError {
    pub(super) fn of_template(error: Error) -> PagesError {
        // The innermost error knows the place; the outer ones only say which template included it.
        let mut innermost = &error;
        let mut next = std::error::Error::source(&error);
        while let Some(source) = next {
            if let Some(source) = source
                .downcast_ref::<Error>()
                .filter(|source| source.name().is_some())
            {
                innermost = source;
            }
            next = source.source();
        }
        let reason = match innermost.detail() {
            Some(detail) => format!("{}: {detail}", innermost.kind()),
            None => innermost.kind().to_string(),
        };
        PagesError::Template {
            name: innermost.name().unwrap_or("(unknown)").to_owned(),
            line: innermost.line().unwrap_or(0),
            reason,
        }
    }
}
