//! `countersign errors`: what a cause in a log line means.

use clap::Args;
use countersign_web::error::Cause;
use serde_json::{Value, json};

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::global::NoConfiguration;
use super::output;
use crate::catalogue::catalogue;
use countersign_settings::spelling;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign errors code_replayed\n  countersign errors > docs/errors.md"
)]
pub struct Errors {
    /// The cause, as the log and the error page name it. Without it, all causes are printed as
    /// Markdown.
    cause: Option<String>,
    #[command(flatten)]
    _none: NoConfiguration,
}

impl Errors {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let Some(name) = &self.cause else {
            let all = catalogue();
            return console.print(&all.causes().map(as_json).collect(), &all.reference());
        };
        let cause = catalogue().named(name).ok_or_else(|| unknown(name))?;
        let rows = [
            ["error", cause.code.as_str()],
            ["rule", cause.rule],
            ["received", cause.received],
            ["expected", cause.expected],
            ["fix", cause.fix],
        ];
        let text = output::columns(&rows.map(|row| row.map(str::to_owned)));
        console.print(&as_json(cause), &text)
    }
}

fn as_json(cause: Cause) -> Value {
    json!({
        "cause": cause.name,
        "error": cause.code.as_str(),
        "rule": cause.rule,
        "received": cause.received,
        "expected": cause.expected,
        "fix": cause.fix,
    })
}

fn unknown(name: &str) -> Failure {
    let names: Vec<&str> = catalogue().causes().map(|cause| cause.name).collect();
    let mut near = spelling::near(name, names.iter().copied(), name.len().div_ceil(3));
    if near.is_empty() && !name.is_empty() {
        near = names
            .into_iter()
            .filter(|known| known.contains(name))
            .collect();
    }
    near.truncate(3);
    let advice = match near.is_empty() {
        true => "`countersign errors` lists all causes.".to_owned(),
        false => format!("Did you mean {}?", near.join(" or ")),
    };
    Failure::new(
        ExitCode::NotFound,
        format!("there is no cause {name:?}. {advice}"),
    )
}
