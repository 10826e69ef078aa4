//! `countersign codes`: the authorization codes that wait to be redeemed.

use clap::{Args, Subcommand};
use countersign_management::codes;

use super::console::Console;
use super::failure::Failure;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum CodesCommand {
    /// Delete every code that has not been redeemed yet. People who are signing in right now have
    /// to start again.
    DeleteAll(DeleteAll),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign codes delete-all --yes")]
pub struct DeleteAll {
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl CodesCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let CodesCommand::DeleteAll(DeleteAll { yes }) = self;
        let deployment = console.open().await?;
        console.confirm(
            *yes,
            "delete every authorization code that has not been redeemed yet",
        )?;
        let deleted = codes::delete_all(&console.context(&deployment), now()).await?;
        let text = format!(
            "Deleted {deleted} authorization code{}\n",
            if deleted == 1 { "" } else { "s" }
        );
        console.print(&serde_json::json!({ "deleted": deleted }), &text)
    }
}
