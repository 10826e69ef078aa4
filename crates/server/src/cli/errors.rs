//! `countersign errors`: what a cause in a log line means.

use clap::Args;
use countersign_provider::error;
use serde_json::json;

use super::failure::Failure;
use super::global::Global;
use super::output;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign errors code_replayed\n  countersign errors > docs/errors.md"
)]
pub struct Errors {
    /// The cause, as the log and the error page name it. Without it: all of them, as Markdown.
    cause: Option<String>,
}

impl Errors {
    pub fn run(&self, global: &Global) -> Result<(), Failure> {
        let Some(name) = &self.cause else {
            return output::write(&error::reference());
        };
        let cause = error::named(name).ok_or_else(|| Failure::not_found("cause", name))?;
        let value = json!({
            "cause": cause.name,
            "error": cause.code.as_str(),
            "rule": cause.rule,
            "received": cause.received,
            "expected": cause.expected,
            "fix": cause.fix,
        });
        let rows = [
            ["error", cause.code.as_str()],
            ["rule", cause.rule],
            ["received", cause.received],
            ["expected", cause.expected],
            ["fix", cause.fix],
        ];
        output::print(
            global.json,
            &value,
            &output::columns(&rows.map(|row| row.map(str::to_owned))),
        )
    }
}
