//! The template engine as the pages use it.
//!
//! Everything that a template prints is escaped, unless it is a text of our own or a filter's
//! result ([`filters`], which escape what they are given): neither `safe` nor `autoescape false` in
//! an override changes that. Rendering has a limit on its steps (fuel), so that a loop in an
//! override ends.

use std::collections::HashMap;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior};

use super::contribution::PageSet;
use super::escape::{escape, is_plain};
use super::filters;
use super::pages_error::PagesError;

/// The templates of all sets, each of `overrides` instead of the one of its name.
pub(super) fn environment(
    sets: &[PageSet],
    mut overrides: HashMap<String, String>,
) -> Result<Environment<'static>, PagesError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(always_escape);
    environment.remove_filter("safe");
    environment.add_filter("code_marks", filters::code_marks);
    environment.add_filter("command_line", filters::command_line);
    environment.add_filter("initial", filters::initial);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(MAX_STEPS));
    // Debug information would carry what people typed into error messages.
    environment.set_debug(false);
    let templates = sets.iter().flat_map(|set| set.templates);
    for (name, source) in templates.clone() {
        match overrides.remove(*name) {
            Some(source) => environment.add_template_owned(*name, source),
            None => environment.add_template(name, source),
        }
        .map_err(PagesError::of_template)?;
    }
    for (name, source) in overrides {
        if !name.starts_with('_') {
            let known: Vec<&str> = templates.map(|(name, _)| *name).collect();
            let known = known.join(", ");
            return Err(PagesError::UnknownTemplate { name, known });
        }
        environment
            .add_template_owned(name, source)
            .map_err(PagesError::of_template)?;
    }
    Ok(environment)
}

/// Prints values: safe strings as they are, everything else escaped, absent values as nothing.
fn always_escape(
    out: &mut Output<'_>,
    _state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    match (value.as_str(), value.kind()) {
        (Some(text), _) if value.is_safe() || is_plain(text) => out.write_str(text)?,
        (Some(text), _) => out.write_str(&escape(text))?,
        (None, ValueKind::None | ValueKind::Undefined) => {}
        (None, _) => out.write_str(&escape(&value.to_string()))?,
    }
    Ok(())
}

/// A page takes a few hundred steps.
const MAX_STEPS: u64 = 50_000;
