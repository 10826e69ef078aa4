//! `countersign user`: the people who can sign in.

mod create;
mod shown;
mod update;

use std::sync::Arc;

use clap::{Args, Subcommand};
use countersign_management::passwords::{PasswordHasher, PasswordSettings};
use countersign_management::users::{UserError, Users};
use countersign_store::users::User;
use serde_json::json;

use super::client;
use super::console::Console;
use super::failure::Failure;
use crate::deployment::Deployment;
use crate::surroundings::now;
use create::CreateUser;
use shown::{as_json, details, list};
use update::UpdateUser;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create an account.
    Create(CreateUser),
    /// List all accounts.
    #[command(after_help = "Example:\n  countersign user list --json | jq -r '.[].username'")]
    List,
    /// Show an account and its claims.
    #[command(after_help = "Example:\n  countersign user show alice@example.org")]
    Show(NamedUser),
    /// Change an account: its names, its claims, whether it is an administrator. Everything else
    /// stays as it is.
    Update(UpdateUser),
    /// Set a new password. It ends the user's sessions and grants.
    Password(NewPassword),
    /// End every session and grant of a user, offline access too. The account stays as it is.
    SignOut(SignOutUser),
    /// Disable an account: no one can sign in to it, and its sessions and grants end.
    #[command(after_help = "Example:\n  countersign user disable alice")]
    Disable(NamedUser),
    /// Enable a disabled account. Sessions and grants that have ended stay ended.
    #[command(after_help = "Example:\n  countersign user enable alice")]
    Enable(NamedUser),
    /// Delete an account. Its identifier is never given to anyone else.
    Delete(DeleteUser),
}

/// A user, by username, email address or sub.
#[derive(Debug, Args)]
pub struct NamedUser {
    /// The username, the email address or the sub.
    // A sub is random and may begin with a dash.
    #[arg(allow_hyphen_values = true)]
    user: String,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign user password alice --password-stdin\n  printf '%s' \"$PASSWORD\" | countersign user password alice --password-stdin"
)]
pub struct NewPassword {
    #[command(flatten)]
    named: NamedUser,
    /// Read the password from standard input. At a terminal, it is asked for twice and not shown.
    /// There is no option for the password itself, because every user of a machine can see the
    /// arguments of its commands.
    #[arg(long, required = true)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  countersign user sign-out alice --yes\n\n`countersign session revoke` and `countersign grant revoke` end single ones."
)]
pub struct SignOutUser {
    #[command(flatten)]
    named: NamedUser,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign user delete alice --yes")]
pub struct DeleteUser {
    #[command(flatten)]
    named: NamedUser,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl UserCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let users = users(console, &deployment)?;
        let (user, done) = match self {
            UserCommand::Create(create) => {
                let (account, password) = create.read(console)?;
                let password = password.as_ref().map(|password| password.as_str());
                (users.create(account, password, now()).await?, "Created")
            }
            UserCommand::List => {
                let all = users.list().await?;
                return console.print(&all.iter().map(as_json).collect(), &list(&all));
            }
            UserCommand::Show(named) => {
                let user = users.find(&named.user).await?;
                return console.print(&as_json(&user), &details(&user));
            }
            UserCommand::Update(update) => {
                let changes = update.read(console)?;
                let user = users.update(update.user(), changes, now()).await?;
                return console.print(&as_json(&user), &details(&user));
            }
            UserCommand::Password(NewPassword { named, .. }) => {
                // Who is it, before anything is typed for nothing.
                users.find(&named.user).await?;
                let password = console.new_password()?;
                let user = users.set_password(&named.user, &password, now()).await?;
                (user, "Set a new password for")
            }
            UserCommand::SignOut(SignOutUser { named, yes }) => {
                let user = users.find(&named.user).await?;
                let name = &user.username;
                console.confirm(*yes, &format!("end every session and grant of {name}"))?;
                (users.sign_out(&user.sub, now()).await?, "Signed out")
            }
            UserCommand::Disable(named) => {
                let user = users.disable(&named.user, now()).await?;
                note_clients(console, &deployment, &user).await?;
                (user, "Disabled")
            }
            UserCommand::Enable(named) => (users.enable(&named.user, now()).await?, "Enabled"),
            UserCommand::Delete(DeleteUser { named, yes }) => {
                let user = users.find(&named.user).await?;
                let what = format!("permanently delete the account {}", user.username);
                console.confirm(*yes, &what)?;
                users.delete(&user, now()).await?;
                note_clients(console, &deployment, &user).await?;
                let value = json!({ "deleted": 1, "sub": user.sub, "username": user.username });
                return console.print(&value, &format!("Deleted {}\n", user.username));
            }
        };
        console.print(&as_json(&user), &format!("{done} {}\n", user.username))
    }
}

/// Notes the clients that belong to a user who can no longer sign in. They continue to work.
async fn note_clients(
    console: &mut Console<'_>,
    deployment: &Deployment,
    user: &User,
) -> Result<(), Failure> {
    let clients = client::clients(console, deployment).await?;
    let ids: Vec<String> = clients
        .owned_by(&user.sub)
        .await?
        .into_iter()
        .map(|client| client.client_id)
        .collect();
    if !ids.is_empty() {
        let (name, ids) = (&user.username, ids.join(", "));
        let text = format!(
            "{name} owns clients that go on: {ids}. Give them to someone else with `countersign client update CLIENT_ID --owner USER`, or disable or delete them."
        );
        console.note("note", &text);
    }
    Ok(())
}

pub(super) fn users(console: &Console<'_>, deployment: &Deployment) -> Result<Users, UserError> {
    let context = console.context(deployment);
    let settings = PasswordSettings {
        hashing_threads: 1,
        ..deployment.configuration.provider.passwords.clone()
    };
    let passwords = PasswordHasher::start(&settings, Arc::clone(&context.random))?;
    Ok(Users::new(context, Arc::new(passwords)))
}
