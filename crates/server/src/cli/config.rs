//! `countersign config`: what the settings are, whether they are right, and what there is.

use clap::Subcommand;
use countersign_management::Actor;
use serde_json::json;

use super::console::Console;
use super::failure::Failure;
use super::global::NoConfiguration;
use super::runtime::Runtime;
use crate::configuration::{
    Configuration, ConfigurationError, Problem, StoreLocation, as_json, as_toml, reference,
    reference_as_json, unknown_names,
};
use crate::data_directory;
use crate::deployment::{Deployment, OpenError};
use crate::preflight;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the effective settings and where each one came from, with secrets masked.
    Print,
    /// Report everything that is wrong with the settings, the files that they name, and the
    /// existing database.
    Check,
    /// Print the reference of all settings, as Markdown.
    Reference(NoConfiguration),
}

impl ConfigCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        match self {
            ConfigCommand::Print => {
                let effective = console.load(Vec::new())?;
                console.print(&as_json(&effective), &as_toml(&effective))
            }
            ConfigCommand::Check => check(console),
            ConfigCommand::Reference(_) => console.print(&reference_as_json(), &reference()),
        }
    }
}

/// Reports everything that is wrong at once, so that it can be fixed in one go.
fn check(console: &mut Console<'_>) -> Result<(), Failure> {
    let (effective, mut problems) = console.read(Vec::new())?;
    for warning in effective
        .warnings()
        .iter()
        .chain(&preflight::warnings(&effective, now()))
    {
        console.note("warning", warning);
    }
    for note in effective.notes() {
        console.note("note", &note);
    }
    for name in unknown_names(&console.surroundings.environment) {
        let warning = format!("{name} is set in the environment, but there is no such setting.");
        console.note("warning", &warning);
    }
    let is_database_unknown = preflight::is_database_unknown(&problems);
    problems.extend(preflight::problems(&effective));
    if !is_database_unknown {
        let database = check_database(effective.configuration);
        match Runtime::of_one_thread()?.block_on(database) {
            Err(failure) if problems.is_empty() => return Err(failure),
            Err(failure) => problems.push(Problem {
                place: None,
                field: None,
                message: failure.message,
            }),
            Ok(warnings) => warnings
                .iter()
                .for_each(|warning| console.note("warning", warning)),
        }
    }
    match problems.is_empty() {
        true => console.print(&json!({ "ok": true }), "The configuration is valid.\n"),
        false => Err(ConfigurationError(problems).into()),
    }
}

/// Whether issuer and master key are those of the database, if there is one, and what in it the
/// configuration doesn't allow. Nothing is made that isn't there.
async fn check_database(configuration: Configuration) -> Result<Vec<String>, Failure> {
    if let StoreLocation::Sqlite(path) = configuration.store_location() {
        data_directory::check_database(&path).map_err(OpenError::from)?;
    }
    if !Deployment::exists(&configuration)? {
        return Ok(Vec::new());
    }
    let deployment = Deployment::open(configuration)?;
    deployment.check_instance().await?;
    let resources = deployment.resources(Actor::Server).list().await?;
    let not_served = resources.iter().filter_map(|resource| {
        let (identifier, why) = (&resource.identifier, resource.not_served.as_ref()?);
        Some(format!(
            "the resource {identifier}, which `countersign resource create` declared, is not served: {why} Change it with `countersign resource update`, or delete it."
        ))
    });
    Ok(not_served.collect())
}
