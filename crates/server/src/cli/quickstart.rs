//! `countersign quickstart`: from nothing to the first sign-in.

use std::path::PathBuf;

use clap::Args;

use super::exit_code::ExitCode;
use super::failure::Failure;
use super::global::{Global, QUICKSTART_FOLDER, environment};
use super::output;
use crate::logging;
use crate::quickstart::{self, QuickstartError};

#[derive(Debug, Args)]
#[command(
    after_help = "Needs no configuration. Makes ./countersign-data with the database and the master key; delete the folder to start over.\nThe environment names of other systems (DATABASE_URL and so on) are not looked at."
)]
pub struct Quickstart {
    /// The provider's port, 8080 at first. A folder keeps the one that it was made with.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The demo application's port.
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    demo_port: u16,
    /// The folder of the database and the master key.
    #[arg(long, value_name = "FOLDER", default_value = QUICKSTART_FOLDER)]
    data_dir: PathBuf,
}

impl Quickstart {
    pub async fn run(&self, global: &Global) -> Result<(), Failure> {
        if global.config.is_some() {
            let message = "quickstart takes no --config; run `countersign serve --config FILE` for a configuration of your own.";
            return Err(Failure::new(ExitCode::Usage, message));
        }
        let quickstart = quickstart::Quickstart {
            data_dir: self.data_dir.clone(),
            port: self.port,
            demo_port: self.demo_port,
            environment: environment(),
        };
        let configuration = quickstart.configuration()?;
        logging::start(&configuration.logging).map_err(|reason| {
            Failure::new(ExitCode::Configuration, format!("logging.level: {reason}."))
        })?;
        let started = quickstart.start(configuration).await?;
        output::print(
            global.json,
            &started.welcome.to_json(),
            &started.welcome.to_string(),
        )?;
        started.run().await;
        Ok(())
    }
}

impl From<QuickstartError> for Failure {
    fn from(error: QuickstartError) -> Self {
        match error {
            QuickstartError::Configuration(error) => error.into(),
            QuickstartError::Serve(error) => error.into(),
            QuickstartError::DemoPortInUse { .. } | QuickstartError::PortInUse { .. } => {
                Self::new(ExitCode::PortInUse, error.to_string())
            }
            QuickstartError::Client(error) => error.into(),
            QuickstartError::Store(error) => error.into(),
        }
    }
}
