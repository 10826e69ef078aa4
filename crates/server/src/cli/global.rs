//! The flags that every command has, and where the configuration is looked for.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::configuration::{CONFIG_VARIABLE, Sources, names_of};
use crate::places::{DEFAULT_FILE, QUICKSTART_FOLDER};
use crate::surroundings::Surroundings;

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// The configuration file (or COUNTERSIGN_CONFIG). Without it: ./countersign.toml, otherwise
    /// the file that quickstart created in ./countersign-data, otherwise only the environment.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// For commands that use no configuration: replaces the flag, and is not shown in the help.
#[derive(Debug, Clone, Default, Args)]
pub struct NoConfiguration {
    #[arg(long, value_name = "FILE", hide = true)]
    config: Option<PathBuf>,
}

/// Where the settings are, if `named` is the file that was named.
pub fn sources(named: Option<PathBuf>, surroundings: &Surroundings) -> Sources {
    let sources = Sources {
        folder: surroundings.folder.clone(),
        environment: surroundings.environment.clone(),
        ..Sources::default()
    };
    let default = surroundings.path(Path::new(DEFAULT_FILE));
    let file = match named {
        Some(named) => Some(surroundings.path(&named)),
        None => Some(default).filter(|path| path.is_file()),
    };
    let quickstart = surroundings.path(Path::new(QUICKSTART_FOLDER));
    if file.is_some() || issuer_is_set(&sources) || !quickstart.is_dir() {
        return Sources {
            file,
            earlier_names: true,
            ..sources
        };
    }
    // What quickstart chose, and not what earlier systems have left in the environment.
    Sources {
        file: Some(quickstart.join(DEFAULT_FILE)).filter(|path| path.is_file()),
        defaults: vec![
            ("issuer", "http://localhost:8080".to_owned()),
            ("data_dir", quickstart.display().to_string()),
        ],
        ..sources
    }
}

/// Whether there is nothing that could name an issuer.
pub fn nothing_is_configured(sources: &Sources) -> bool {
    sources.file.is_none()
        && sources.defaults.is_empty()
        && !issuer_is_set(sources)
        && !sources.flags.iter().any(|(path, _)| *path == "issuer")
}

fn issuer_is_set(sources: &Sources) -> bool {
    names_of("issuer")
        .iter()
        .any(|name| sources.environment.contains_key(name))
}

/// The message for a user in the wrong folder.
pub fn no_configuration(surroundings: &Surroundings) -> Failure {
    let message = format!(
        "no configuration file was found: {} contains neither {DEFAULT_FILE} nor {QUICKSTART_FOLDER}, which quickstart creates. Name the file with --config FILE or {CONFIG_VARIABLE}, or set COUNTERSIGN_ISSUER.",
        surroundings.folder_name()
    );
    Failure::new(ExitCode::Configuration, message)
}
