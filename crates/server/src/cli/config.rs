//! `countersign config`: what the settings are, whether they are right, and what there is.

use clap::Subcommand;

use super::failure::Failure;
use super::global::{Global, environment};
use super::output;
use crate::configuration::{as_json, as_toml, reference, unknown_names};

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the effective settings and where each came from, secrets masked.
    Print,
    /// Say what is wrong with the settings.
    Check,
    /// Print the reference of all settings, as Markdown.
    Reference,
}

impl ConfigCommand {
    pub fn run(&self, global: &Global) -> Result<(), Failure> {
        match self {
            ConfigCommand::Print => {
                let effective = global.load(Vec::new())?;
                output::print(global.json, &as_json(&effective), &as_toml(&effective))
            }
            ConfigCommand::Check => {
                let effective = global.load(Vec::new())?;
                for warning in effective.configuration.warnings() {
                    eprintln!("warning: {warning}");
                }
                for name in unknown_names(&environment()) {
                    eprintln!(
                        "warning: {name} is set in the environment, but there is no such setting."
                    );
                }
                output::print(
                    global.json,
                    &serde_json::json!({ "ok": true }),
                    "The configuration is right.\n",
                )
            }
            ConfigCommand::Reference => output::write(&reference()),
        }
    }
}
