//! `countersign quickstart`: from nothing to the first sign-in.

use std::path::PathBuf;

use clap::Args;

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::global::NoConfiguration;
use super::runtime::Runtime;
use crate::places::QUICKSTART_FOLDER;
use crate::quickstart;

#[derive(Debug, Args)]
#[command(
    after_help = "Needs no configuration. Creates ./countersign-data with the database and the master key; delete the folder to start over.\nThe environment variables of other systems (DATABASE_URL and so on) are ignored."
)]
pub struct Quickstart {
    /// The provider's port, 8080 by default. A folder keeps the port that it was created with.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The demo application's port.
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    demo_port: u16,
    /// The folder of the database and the master key.
    #[arg(long, value_name = "FOLDER", default_value = QUICKSTART_FOLDER)]
    data_dir: PathBuf,
    #[command(flatten)]
    _none: NoConfiguration,
}

impl Quickstart {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        if console.global.config.is_some() {
            let message = "quickstart does not take --config. To use your own configuration, run `countersign serve --config FILE`.";
            return Err(Failure::new(ExitCode::Usage, message));
        }
        let quickstart = quickstart::Quickstart {
            folder: console.surroundings.folder.clone(),
            data_dir: self.data_dir.clone(),
            port: self.port,
            demo_port: self.demo_port,
            environment: console.surroundings.environment.clone(),
        };
        let configuration = quickstart.configuration()?;
        let shutdown = console.surroundings.shutdown.clone();
        let runtime = Runtime::with_log(&configuration.logging, console.surroundings)?;
        runtime.block_on(async {
            let started = quickstart.start(configuration).await?;
            let welcome = &started.welcome;
            console.print(&welcome.to_json(), &welcome.to_string())?;
            started.run(shutdown).await;
            Ok(())
        })
    }
}
