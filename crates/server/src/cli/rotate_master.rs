//! `countersign keys rotate-master` and `keys reseal`: replacing the master key, and resealing
//! everything under it.

use std::time::SystemTime;

use clap::Args;
use countersign_management::resealing::{Resealed, reseal};
use countersign_web::instance;
use serde_json::json;

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::deployment::Deployment;
use crate::master_key::{ANNOUNCED_FOR, MasterKeys, is_unchanged_for};
use crate::surroundings::now;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign keys rotate-master\n  countersign keys rotate-master --finish\n\nServers may keep running. If a rotation was interrupted, run the command again to continue it.\ndocs/keys.md has the steps for several machines, and for keys.secret_key."
)]
pub struct RotateMaster {
    /// Only write the new key to master.key, where it opens but does not seal yet. Copy the file to
    /// the other machines, then run the command without this flag.
    #[arg(long, conflicts_with = "finish")]
    announce: bool,
    /// Remove the old key. Wait an hour first, so that forms sealed under it can still be sent.
    #[arg(long)]
    finish: bool,
    /// With --finish: don't wait for that hour. Anyone who is signing in has to start again.
    #[arg(long, requires = "finish")]
    now: bool,
}

impl RotateMaster {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>, at: &Deployment) -> Result<(), Failure> {
        if at.configuration.key_material.secret_key.is_some() {
            return Err(Failure::refused(
                "the master key is derived from keys.secret_key. Set keys.opening_secret_key and run `countersign keys reseal`, as docs/keys.md says.",
            ));
        }
        match (self.announce, self.finish) {
            (true, _) => {
                announce(at)?;
                let text = "The next master key is in master.key. Copy the file to the other machines, then run `countersign keys rotate-master`.\n";
                console.print(&json!({ "step": "announced" }), text)
            }
            (_, true) => self.finish(console, at).await,
            _ => rotate(console, at).await,
        }
    }

    async fn finish(&self, console: &mut Console<'_>, at: &Deployment) -> Result<(), Failure> {
        let keys = read(at)?;
        if keys.next.is_some() {
            return Err(Failure::new(
                ExitCode::Conflict,
                "a rotation has begun and the new key does not seal yet. Run `countersign keys rotate-master`.",
            ));
        }
        let interactions = &at.configuration.site.interactions;
        let wait = interactions.lifetime_seconds.unsigned_abs();
        if !self.now && !keys.old.is_empty() && !unchanged(at, wait)? {
            let message = format!(
                "the master key was rotated less than {wait} seconds ago, and open forms may be sealed under the old one. Wait, or add --now: anyone who is signing in then has to start again."
            );
            return Err(Failure::new(ExitCode::Conflict, message));
        }
        if !keys.old.is_empty() && !unchanged(at, ANNOUNCED_FOR.as_secs())? {
            wait_for_servers(at).await;
        }
        // A server that was late may have sealed under the old key after the rotation.
        reseal_all(at).await?;
        let left = reseal_all(at).await?;
        if left != Resealed::default() {
            return Err(Failure::new(
                ExitCode::Conflict,
                "a server still seals under the old master key. Copy master.key to every machine, then try again.",
            ));
        }
        let removed = keys.old.len();
        if removed > 0 {
            at.data_directory
                .replace_master_key(&MasterKeys::of(keys.sealing))
                .map_err(opened)?;
        }
        let text = match removed {
            0 => "There is no old master key to remove.\n",
            _ => {
                "Removed the old master key. Copy master.key to the other machines, and to your backup.\n"
            }
        };
        console.print(&json!({ "step": "finished", "removed": removed }), text)
    }
}

/// Seals everything under the master key that seals now.
///
/// # Errors
/// Returns the [`Failure`] that is reported, with its exit code.
pub async fn run_reseal(console: &mut Console<'_>, at: &Deployment) -> Result<(), Failure> {
    let resealed = reseal_all(at).await?;
    let Resealed {
        signing_keys,
        client_secrets,
    } = resealed;
    let value = json!({ "signing_keys": signing_keys, "client_secrets": client_secrets });
    let text =
        format!("Resealed {signing_keys} signing keys and {client_secrets} client secrets.\n");
    console.print(&value, &text)
}

async fn rotate(console: &mut Console<'_>, at: &Deployment) -> Result<(), Failure> {
    let before = read(at)?;
    let is_unfinished = before.next.is_none() && !before.old.is_empty();
    if !is_unfinished {
        let announced = announce(at)?;
        wait_for_servers(at).await;
        if read(at)? != announced {
            return Err(Failure::new(
                ExitCode::Conflict,
                "another rotation of the master key has begun in the meantime. Run the command again.",
            ));
        }
        let promoted = announced.promoted();
        at.data_directory
            .replace_master_key(&promoted)
            .map_err(opened)?;
        at.sealing.replace(&promoted.ring());
    }
    let resealed = reseal_all(at).await?;
    let value = json!({
        "step": "rotated",
        "signing_keys": resealed.signing_keys,
        "client_secrets": resealed.client_secrets,
    });
    let begun = match is_unfinished {
        true => "The previous rotation is not finished, and its new key is used",
        false => "Rotated the master key",
    };
    let text = format!(
        "{begun}. Sealed {} signing keys and {} client secrets under it.\nThe old key still opens. Copy master.key to the other machines and to your backup, and run `countersign keys rotate-master --finish` in an hour.\n",
        resealed.signing_keys, resealed.client_secrets
    );
    console.print(&value, &text)
}

/// Waits until every server on this machine has read the file. Returns at once if none is running.
async fn wait_for_servers(at: &Deployment) {
    if at.data_directory.lock_for_server().is_err() {
        tokio::time::sleep(ANNOUNCED_FOR).await;
    }
}

/// Writes the next key into the file, if it isn't there.
fn announce(at: &Deployment) -> Result<MasterKeys, Failure> {
    let keys = read(at)?;
    if keys.next.is_none() && !keys.old.is_empty() {
        return Err(Failure::new(
            ExitCode::Conflict,
            "the previous rotation is not finished. Run `countersign keys rotate-master --finish` first.",
        ));
    }
    let announced = keys.announced();
    if announced != keys {
        at.data_directory
            .replace_master_key(&announced)
            .map_err(opened)?;
    }
    Ok(announced)
}

/// Reseals everything. The text that detects a wrong master key comes last: while it is sealed
/// under the old key, a server does not start without that key.
async fn reseal_all(at: &Deployment) -> Result<Resealed, Failure> {
    let context = at.context(countersign_management::Actor::Server);
    let resealed = reseal(&context, &at.sealing, now()).await?;
    instance::reseal(&*context.store, &at.sealing, &*context.random).await?;
    Ok(resealed)
}

fn read(at: &Deployment) -> Result<MasterKeys, Failure> {
    at.data_directory.read_master_key().map_err(opened)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file's time is the machine's, and so is what it is compared with"
)]
fn unchanged(at: &Deployment, seconds: u64) -> Result<bool, Failure> {
    is_unchanged_for(&at.data_directory, seconds, SystemTime::now()).map_err(opened)
}

fn opened(error: crate::data_directory::DataDirectoryError) -> Failure {
    crate::deployment::OpenError::from(error).into()
}
