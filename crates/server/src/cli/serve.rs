//! `countersign serve`: the server.

use std::path::PathBuf;

use clap::Args;

use super::console::Console;
use super::failure::Failure;
use super::runtime::Runtime;
use crate::configuration::{ConfigurationError, unknown_names};
use crate::places::setup_link_command;
use crate::preflight;
use crate::serve;
use crate::surroundings::now;

#[derive(Debug, Args)]
#[command(
    after_help = "Three lines are enough for the configuration:\n  issuer = \"https://id.example.com\"\n  listen = \"127.0.0.1:8080\"\n  data_dir = \"/var/lib/countersign\""
)]
pub struct Serve {
    /// The address that identifies the provider.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The address and port to listen on.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The folder of the database and the master key.
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

impl Serve {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let effective = console.load(self.flags())?;
        let problems = preflight::problems(&effective);
        if !problems.is_empty() {
            return Err(ConfigurationError(problems).into());
        }
        let warnings = [effective.warnings(), preflight::warnings(&effective, now())].concat();
        let notes = effective.notes();
        let configuration = effective.configuration;
        let surroundings = &*console.surroundings;
        let environment = surroundings.environment.clone();
        let shutdown = surroundings.shutdown.clone();
        let command = setup_link_command(console.config_file().as_deref());
        let runtime = Runtime::with_log(&configuration.logging, surroundings)?;
        Ok(runtime.block_on(async {
            for warning in warnings {
                tracing::warn!("{warning}");
            }
            for note in notes {
                tracing::info!("{note}");
            }
            for name in unknown_names(&environment) {
                tracing::warn!(name, "set in the environment, but there is no such setting");
            }
            serve::run(configuration, shutdown, &command).await
        })?)
    }

    fn flags(&self) -> Vec<(&'static str, String)> {
        let data_dir = self
            .data_dir
            .as_ref()
            .map(|path| path.display().to_string());
        [
            ("issuer", self.issuer.clone()),
            ("listen", self.listen.clone()),
            ("data_dir", data_dir),
        ]
        .into_iter()
        .filter_map(|(path, value)| Some((path, value?)))
        .collect()
    }
}
