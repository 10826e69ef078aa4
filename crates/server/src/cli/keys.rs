//! `countersign keys`: the keys that sign tokens.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use countersign_management::keys::Keys;
use countersign_store::keys::SigningKeyRecord;
use serde_json::{Value, json};

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::output;
use crate::surroundings::now;
use countersign_provider::settings::SigningAlgorithm;

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the signing keys, oldest first.
    List,
    /// Make a new key for an algorithm, or for all that are configured. The old one stays published while what it signed may live.
    Rotate(RotateKeys),
    /// Import a private key, PEM. It becomes the current one of its algorithm.
    Import(ImportKey),
}

#[derive(Debug, Args)]
pub struct RotateKeys {
    /// The algorithm, such as RS256; without it all of `keys.algorithms`.
    #[arg(long, value_name = "ALG")]
    alg: Option<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  countersign keys import --private-key private.pem --public-key public.pem --alg RS256"
)]
pub struct ImportKey {
    /// The private key: PKCS#8, PKCS#1 or SEC1, not encrypted; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    private_key: PathBuf,
    /// The public key, to be sure that the two belong together.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// The algorithm; without it RS256 for RSA, and the one that fits the curve otherwise.
    #[arg(long, value_name = "ALG")]
    alg: Option<String>,
}

impl KeysCommand {
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let keys = Keys::new(console.context(&deployment), deployment.sealing.clone());
        match self {
            KeysCommand::List => show(console, &keys.list().await?),
            KeysCommand::Rotate(RotateKeys { alg }) => {
                let algorithms = match alg {
                    Some(name) => vec![algorithm(name)?],
                    None => deployment.configuration.provider.keys.algorithms.clone(),
                };
                let mut made = Vec::new();
                for algorithm in algorithms {
                    made.push(keys.rotate(algorithm.into(), now()).await?);
                }
                show(console, &made)
            }
            KeysCommand::Import(import) => {
                let algorithm = import.alg.as_deref().map(algorithm).transpose()?;
                let private = pem(console, &import.private_key)?;
                let public = match &import.public_key {
                    Some(path) => Some(pem(console, path)?),
                    None => None,
                };
                let public = public.as_deref().map(String::as_str);
                let algorithm = algorithm.map(Into::into);
                let made = keys.import(&private, public, algorithm, now()).await?;
                show(console, &[made])
            }
        }
    }
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, Failure> {
    name.parse()
        .map_err(|message: String| Failure::new(ExitCode::Usage, message))
}

fn pem(console: &mut Console<'_>, path: &Path) -> Result<zeroize::Zeroizing<String>, Failure> {
    let bytes = console.file(path)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Failure::refused(format!("{} is not PEM.", path.display())))?;
    Ok(zeroize::Zeroizing::new(text.to_owned()))
}

fn show(console: &mut Console<'_>, keys: &[SigningKeyRecord]) -> Result<(), Failure> {
    let value: Value = keys
        .iter()
        .map(|key| {
            let state = key.state.as_str();
            json!({ "kid": key.kid, "alg": key.alg, "state": state, "created_at": key.created_at, "retired_at": key.retired_at() })
        })
        .collect();
    let mut rows = vec![["KID", "ALG", "STATE", "CREATED", "RETIRED"].map(str::to_owned)];
    rows.extend(keys.iter().map(|key| {
        let retired = key.retired_at().map(output::instant).unwrap_or_default();
        [
            key.kid.clone(),
            key.alg.clone(),
            key.state.as_str().to_owned(),
            output::instant(key.created_at),
            retired,
        ]
    }));
    console.print(&value, &output::columns(&rows))
}
