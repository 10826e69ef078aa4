//! `countersign config`: what the settings are, whether they are right, and what there is.

use clap::Subcommand;
use serde_json::json;

use super::console::Console;
use super::failure::Failure;
use super::global::NoConfiguration;
use super::runtime::Runtime;
use crate::configuration::{
    Configuration, as_json, as_toml, reference, reference_as_json, unknown_names,
};
use crate::deployment::Deployment;
use crate::provider_settings::pages;
use crate::serve::ServeError;

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the effective settings and where each came from, secrets masked.
    Print,
    /// Say what is wrong with the settings: by themselves, with the templates, and for the database that is there.
    Check,
    /// Print the reference of all settings, as Markdown.
    Reference(NoConfiguration),
}

impl ConfigCommand {
    pub fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        match self {
            ConfigCommand::Print => {
                let effective = console.load(Vec::new())?;
                console.print(&as_json(&effective), &as_toml(&effective))
            }
            ConfigCommand::Check => {
                let configuration = console.load(Vec::new())?.configuration;
                for warning in configuration.warnings() {
                    console.note("warning", warning);
                }
                for name in unknown_names(&console.surroundings.environment) {
                    let warning =
                        format!("{name} is set in the environment, but there is no such setting.");
                    console.note("warning", &warning);
                }
                pages(&configuration).map_err(ServeError::Pages)?;
                Runtime::of_one_thread()?.block_on(check_database(configuration))?;
                console.print(&json!({ "ok": true }), "The configuration is right.\n")
            }
            ConfigCommand::Reference(_) => console.print(&reference_as_json(), &reference()),
        }
    }
}

/// Whether issuer and master key are those of the database, if there is one. Nothing is made that isn't there.
async fn check_database(configuration: Configuration) -> Result<(), Failure> {
    if Deployment::exists(&configuration)? {
        Deployment::open(configuration)?.check_instance().await?;
    }
    Ok(())
}
