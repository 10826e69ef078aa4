//! `countersign keys`: the keys that sign tokens.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use countersign_jose::alg::SignatureAlgorithm;
use countersign_management::keys::{KeyLife, Keys, Phase};
use countersign_store::keys::SigningKeyRecord;
use serde_json::{Value, json};

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::output;
use super::rotate_master::{self, RotateMaster};
use crate::surroundings::now;
use countersign_provider::settings::SigningAlgorithm;

#[derive(Debug, Subcommand)]
#[command(
    after_help = "A key is published in /jwks for keys.jwks_max_age_seconds plus a minute before it signs, and for keys.retired_key_published_seconds afterwards.\nFor each algorithm, one key signs and one is standby: published, and the next to sign.\ndocs/keys.md explains the states of a key."
)]
pub enum KeysCommand {
    /// List the signing keys, oldest first, and when each one signs and is published.
    List,
    /// Let the standby key of an algorithm, or of every configured algorithm, sign as soon as it
    /// has been published for long enough, and create a new standby. Until then the previous key
    /// signs. It stays published while tokens that it signed may be valid.
    Rotate(RotateKeys),
    /// Import a private key (PEM or JWK), or all keys of a JWK set. Each replaces the key that
    /// signs with its algorithm, once it has been published for long enough.
    Import(ImportKey),
    /// Replace the master key, which seals secrets in the database, and reseal them under the new
    /// one.
    RotateMaster(RotateMaster),
    /// Reseal under the current master key what is sealed under an older one. Run it after a change
    /// of keys.secret_key.
    Reseal,
    /// Remove a compromised key from use and from /jwks at once. The standby signs in its place,
    /// and a new standby is created. Tokens that the key has signed are refused here within a
    /// second, and elsewhere as soon as /jwks is fetched again.
    Revoke(RevokeKey),
    /// Delete a key that is no longer published. If keys.private_key_path still names the file of a
    /// revoked key, the next start would import it again: remove that setting first.
    Delete(DeleteKey),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign keys rotate\n  countersign keys rotate --alg RS256"
)]
pub struct RotateKeys {
    /// The algorithm, such as RS256. Without it, all of `keys.algorithms`.
    #[arg(long, value_name = "ALG")]
    alg: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign keys revoke KID --yes")]
pub struct RevokeKey {
    /// The key's kid, as `keys list` shows it.
    #[arg(allow_hyphen_values = true)]
    kid: String,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign keys delete KID --yes")]
pub struct DeleteKey {
    /// The key's kid, as `keys list` shows it.
    #[arg(allow_hyphen_values = true)]
    kid: String,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign keys import private.jwk\n  countersign keys import --private-key private.pem --public-key public.pem --alg RS256\n\nA JWK keeps its kid. The keys of a set must have different algorithms; all are checked before the first is imported."
)]
pub struct ImportKey {
    /// The private key: PEM (PKCS#8, PKCS#1 or SEC1, not encrypted), a JWK, or a JWK set. `-` reads
    /// standard input.
    #[arg(value_name = "FILE", required_unless_present = "private_key")]
    file: Option<PathBuf>,
    /// The same, as a flag.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    private_key: Option<PathBuf>,
    /// The public key, to check that the two belong together.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// The algorithm. By default, that of the JWK; or RS256 for an RSA key, and the algorithm of
    /// the curve for others.
    #[arg(long, value_name = "ALG")]
    alg: Option<String>,
}

impl KeysCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let keys = deployment.keys(console.actor());
        match self {
            KeysCommand::List => show(console, &keys, &keys.list().await?),
            KeysCommand::Rotate(RotateKeys { alg }) => {
                let algorithms = match alg {
                    Some(name) => vec![algorithm(name)?],
                    None => deployment.configuration.provider.keys.algorithms.clone(),
                };
                let found = keys.list().await?;
                let mut successors = Vec::new();
                for algorithm in algorithms {
                    let algorithm: SignatureAlgorithm = algorithm.into();
                    let signs = |key: &&SigningKeyRecord| {
                        key.alg == algorithm.as_str() && key.signs_among(&found, now())
                    };
                    let signing = found.iter().find(signs).map(|key| key.kid.as_str());
                    successors.push(keys.rotate(algorithm, signing, now()).await?);
                }
                show(console, &keys, &successors)
            }
            KeysCommand::Import(import) => {
                let algorithm = import.alg.as_deref().map(algorithm).transpose()?;
                let private = import.private_key.as_ref().or(import.file.as_ref());
                let private = private.ok_or_else(|| Failure::refused("name a file."))?;
                let private = pem(console, private)?;
                let public = match &import.public_key {
                    Some(path) => Some(pem(console, path)?),
                    None => None,
                };
                let public = public.as_deref().map(String::as_str);
                let algorithm = algorithm.map(Into::into);
                let made = keys.import_all(&private, public, algorithm, now());
                show(console, &keys, &made.await?)
            }
            KeysCommand::RotateMaster(rotate) => rotate.run(console, &deployment).await,
            KeysCommand::Reseal => rotate_master::run_reseal(console, &deployment).await,
            KeysCommand::Revoke(RevokeKey { kid, yes }) => {
                let what = format!("revoke the key {kid}: nothing that it has signed is accepted");
                console.confirm(*yes, &what)?;
                keys.revoke(kid, now()).await?;
                show(console, &keys, &keys.list().await?)
            }
            KeysCommand::Delete(DeleteKey { kid, yes }) => {
                console.confirm(*yes, &format!("delete the key {kid}"))?;
                keys.delete(kid, now()).await?;
                show(console, &keys, &keys.list().await?)
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
        .map_err(|_| Failure::refused(format!("{} is neither PEM nor JSON.", path.display())))?;
    Ok(zeroize::Zeroizing::new(text.to_owned()))
}

fn show(console: &mut Console<'_>, keys: &Keys, shown: &[SigningKeyRecord]) -> Result<(), Failure> {
    let now = now();
    let lives = shown.iter().map(|key| (key, keys.life(key, now)));
    let value: Value = lives
        .clone()
        .map(|(key, life)| {
            json!({
                "kid": key.kid,
                "alg": key.alg,
                "state": life.phase.as_str(),
                "signs_from": life.signs_from,
                "signs_until": life.signs_until,
                "published_from": life.published_from,
                "published_until": life.published_until,
            })
        })
        .collect();
    let mut rows = vec![["KID", "ALG", "STATE", "SIGNS", "PUBLISHED"].map(str::to_owned)];
    rows.extend(lives.map(|(key, life)| {
        let state = life.phase.as_str().to_owned();
        let (kid, alg) = (key.kid.clone(), key.alg.clone());
        [kid, alg, state, signs(&life), published(&life)]
    }));
    console.print(&value, &output::columns(&rows))
}

/// From when and until when a key signs, in words.
fn signs(life: &KeyLife) -> String {
    let instant = output::instant;
    match (life.phase, life.signs_from, life.signs_until) {
        (Phase::Revoked, ..) => "no longer".to_owned(),
        (_, Some(from), Some(until)) => format!("from {} until {}", instant(from), instant(until)),
        (_, Some(from), None) => format!("from {} on", instant(from)),
        (_, None, _) => "next".to_owned(),
    }
}

/// From when or until when a key is published, in words.
fn published(life: &KeyLife) -> String {
    match life.published_until {
        Some(until) => format!("until {}", output::instant(until)),
        None => format!("since {}", output::instant(life.published_from)),
    }
}
