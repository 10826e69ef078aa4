//! The flags that every command has, and where the configuration is looked for.

use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use crate::configuration::{Effective, Environment, Sources};

/// The file that is read if no other is named.
pub const DEFAULT_FILE: &str = "countersign.toml";

/// The folder that quickstart makes.
pub const QUICKSTART_FOLDER: &str = "countersign-data";

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// The configuration file. Without it: ./countersign.toml, else what quickstart made in ./countersign-data, else the
    /// environment alone.
    #[arg(long, value_name = "FILE", global = true, env = "COUNTERSIGN_CONFIG")]
    pub config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

impl Global {
    /// Reads the configuration of the deployment that the command is about.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(&self, flags: Vec<(&'static str, String)>) -> Result<Effective, Failure> {
        let sources = self.sources(Path::new(""), environment());
        Ok(Effective::load(&Sources { flags, ..sources })?)
    }

    fn sources(&self, folder: &Path, environment: Environment) -> Sources {
        let named = self
            .config
            .clone()
            .or_else(|| Some(folder.join(DEFAULT_FILE)).filter(|path| path.is_file()));
        if named.is_some() {
            return Sources {
                file: named,
                environment,
                earlier_names: true,
                ..Sources::default()
            };
        }
        let quickstart = folder.join(QUICKSTART_FOLDER);
        let issuer_is_set = ["COUNTERSIGN_ISSUER", "ISSUER_URL"]
            .iter()
            .any(|name| environment.contains_key(*name));
        if issuer_is_set || !quickstart.is_dir() {
            return Sources {
                environment,
                earlier_names: true,
                ..Sources::default()
            };
        }
        // What quickstart chose, and not what earlier systems have left in the environment.
        let file = Some(quickstart.join(DEFAULT_FILE)).filter(|path| path.is_file());
        let defaults = vec![
            ("issuer", "http://localhost:8080".to_owned()),
            ("data_dir", quickstart.display().to_string()),
        ];
        Sources {
            file,
            environment,
            defaults,
            ..Sources::default()
        }
    }
}

/// The process's environment. Names and values that are no UTF-8 are none of ours.
#[must_use]
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
