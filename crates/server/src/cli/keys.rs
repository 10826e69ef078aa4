//! `countersign keys`: the keys that sign tokens.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use countersign_management::keys::Keys;
use countersign_store::keys::{KeyState, SigningKeyRecord};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::output;
use crate::surroundings::now;
use countersign_provider::settings::SigningAlgorithm;

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the signing keys, oldest first.
    #[command(after_help = "Example:\n  countersign keys list --json")]
    List,
    /// Have the next key of an algorithm sign, or of all that are configured. It does so as soon as it was published for longer than
    /// others may keep a copy of /jwks; the key before it stays published while what it signed may be accepted.
    Rotate(RotateKeys),
    /// Import a private key, PEM. It signs in place of the current one of its algorithm, once it was published for long enough.
    Import(ImportKey),
    /// Take a compromised key out of use and out of /jwks, at once. The next one signs in its place; what the key has signed is
    /// refused as soon as others fetch /jwks again.
    Revoke(RevokeKey),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign keys rotate\n  countersign keys rotate --alg RS256"
)]
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

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign keys revoke KID --yes")]
pub struct RevokeKey {
    /// The key's kid, as `keys list` shows it.
    #[arg(allow_hyphen_values = true)]
    kid: String,
    /// Don't ask.
    #[arg(long)]
    yes: bool,
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
                let mut successors = Vec::new();
                for algorithm in algorithms {
                    successors.push(keys.rotate(algorithm.into(), now()).await?);
                }
                show(console, &successors)
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
            KeysCommand::Revoke(RevokeKey { kid, yes }) => {
                console.confirm(
                    *yes,
                    &format!("revoke the key {kid}, so that nothing it has signed is accepted"),
                )?;
                keys.revoke(kid, now()).await?;
                show(console, &keys.list().await?)
            }
        }
    }
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, Failure> {
    name.parse()
        .map_err(|message: String| Failure::new(ExitCode::Usage, message))
}

fn pem(console: &mut Console<'_>, path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = console.file(path)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Failure::refused(format!("{} is not PEM.", path.display())))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn show(console: &mut Console<'_>, keys: &[SigningKeyRecord]) -> Result<(), Failure> {
    let value: Value = keys.iter().map(as_json).collect();
    let heads = ["KID", "ALG", "STATE", "CREATED", "SIGNS FROM", "RETIRED"];
    let mut rows = vec![heads.map(str::to_owned)];
    rows.extend(keys.iter().map(|key| {
        let instant = |at: Option<i64>| at.map(output::instant).unwrap_or_default();
        [
            key.kid.clone(),
            key.alg.clone(),
            key.state.as_str().to_owned(),
            output::instant(key.created_at),
            instant(signs_from(key)),
            instant(key.retired_at()),
        ]
    }));
    console.print(&value, &output::columns(&rows))
}

fn as_json(key: &SigningKeyRecord) -> Value {
    json!({
        "kid": key.kid,
        "alg": key.alg,
        "state": key.state.as_str(),
        "created_at": key.created_at,
        "signs_from": signs_from(key),
        "retired_at": key.retired_at(),
    })
}

fn signs_from(key: &SigningKeyRecord) -> Option<i64> {
    match key.state {
        KeyState::Signing { from } | KeyState::Retired { from, .. } => Some(from),
        KeyState::Standby | KeyState::Revoked { .. } => None,
    }
}
