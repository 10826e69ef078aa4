//! `countersign restored`: what has to follow a restored backup.

use clap::Args;
use countersign_management::restoration::end_everything_restored;
use serde_json::json;

use super::console::Console;
use super::failure::Failure;
use crate::surroundings::now;

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  systemctl stop countersign && cp backup/countersign.sqlite3 /var/lib/countersign/ && countersign restored --yes && systemctl start countersign\n\nIn a backup, everything that has ended since it was made is still valid: sessions that were signed out, tokens that were revoked, codes that were used. Run this after restoring a backup, before the server starts. Everyone has to sign in again; accounts, passwords, clients and consents stay. docs/backups.md says more."
)]
pub struct Restored {
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl Restored {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        console.confirm(
            self.yes,
            "end every session and every grant, as after restoring a backup",
        )?;
        let ended = end_everything_restored(&console.context(&deployment), now()).await?;
        let text = format!(
            "Ended everything in the database ({ended} records). Everyone has to sign in again.\n"
        );
        console.print(&json!({ "ended": ended }), &text)
    }
}
