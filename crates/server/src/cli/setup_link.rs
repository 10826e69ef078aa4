//! `countersign setup-link`: a new link that makes the first administrator.

use clap::Args;
use countersign_management::setup::new_setup_link;

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::output;
use crate::surroundings::now;

#[derive(Debug, Args)]
pub struct SetupLink {}

impl SetupLink {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let lifetime = deployment
            .configuration
            .provider
            .setup
            .link_lifetime_seconds;
        let context = console.context(&deployment);
        let link = new_setup_link(&context, lifetime, now()).await?;
        let Some(link) = link else {
            let message = "there is already an administrator, so no setup link works any more. Sign in as the administrator.";
            return Err(Failure::new(ExitCode::Conflict, message));
        };
        let value = serde_json::json!({ "setup_link": &**link, "expires_in": lifetime });
        console.print(&value, &format!("{}\n", &**link))?;
        // Beside the result, so that a script gets the link alone.
        if !console.global.json {
            let lifetime = output::duration(lifetime);
            console.note(
                "note",
                &format!("It works once, within {lifetime}. Links printed earlier no longer work."),
            );
        }
        Ok(())
    }
}
