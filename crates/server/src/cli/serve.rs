//! `countersign serve`: the server.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::global::{Global, environment};
use crate::configuration::{Effective, unknown_names};
use crate::{logging, serve};

#[derive(Debug, Args)]
#[command(
    after_help = "Three lines are enough for the configuration:\n  issuer = \"https://id.example.com\"\n  listen = \"127.0.0.1:8080\"\n  data_dir = \"/var/lib/countersign\""
)]
pub struct Serve {
    /// The address that names the provider.
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
    pub async fn run(&self, global: &Global) -> Result<(), Failure> {
        let Effective { configuration, .. } = global.load(self.flags())?;
        logging::start(&configuration.logging).map_err(|reason| {
            Failure::new(
                super::exit_code::ExitCode::Configuration,
                format!("logging.level: {reason}."),
            )
        })?;
        for warning in configuration.warnings() {
            tracing::warn!("{warning}");
        }
        for name in unknown_names(&environment()) {
            tracing::warn!(name, "set in the environment, but there is no such setting");
        }
        Ok(serve::run(configuration).await?)
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
