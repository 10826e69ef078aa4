//! `countersign client secret`: a client's secrets, each under an id. A secret is generated, shown
//! once, and never again.

use clap::{Args, Subcommand};
use countersign_management::clients::{Clients, secret_information};
use countersign_store::clients::Client;
use serde_json::{Value, json};

use super::client::show_registration;
use super::console::Console;
use super::failure::Failure;
use super::output;
use crate::deployment::Deployment;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Add a secret, which is shown only once. The others stay valid.
    Add(AddSecret),
    /// List the ids of a client's secrets, when each was made and when it expires.
    #[command(after_help = "Example:\n  countersign client secret list CLIENT_ID")]
    List(OfClient),
    /// Refuse one of a client's secrets from now on.
    Remove(RemoveSecret),
    /// Replace all secrets by a new one, which is shown only once.
    Rotate(RotateSecret),
}

#[derive(Debug, Args)]
pub struct OfClient {
    /// The client_id.
    #[arg(allow_hyphen_values = true)]
    client_id: String,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  countersign client secret add CLIENT_ID --expires-in-seconds 7776000 --json | jq -r .client_secret\n\nA client has at most 5 secrets that have not expired."
)]
pub struct AddSecret {
    #[command(flatten)]
    of: OfClient,
    /// Refuse the secret after this time. Without it, the secret does not expire.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(1..=MAX_SECONDS))]
    expires_in_seconds: Option<i64>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign client secret remove CLIENT_ID SECRET_ID")]
pub struct RemoveSecret {
    #[command(flatten)]
    of: OfClient,
    /// The id that `list` shows.
    secret_id: String,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  countersign client secret rotate CLIENT_ID --overlap-seconds 86400 --json | jq -r .client_secret"
)]
pub struct RotateSecret {
    #[command(flatten)]
    of: OfClient,
    /// How long the secrets that there are now stay valid beside the new one. 0 refuses them at
    /// once.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=MAX_SECONDS))]
    overlap_seconds: i64,
}

/// Ten years.
const MAX_SECONDS: i64 = 315_360_000;

impl SecretCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(
        &self,
        console: &mut Console<'_>,
        deployment: &Deployment,
        clients: &Clients,
    ) -> Result<(), Failure> {
        let now = now();
        match self {
            SecretCommand::Add(add) => {
                let expires_at = add.expires_in_seconds.map(|seconds| now + seconds);
                let added = clients.add_secret(&add.of.client_id, expires_at, now);
                show_registration(console, deployment, &added.await?).await
            }
            SecretCommand::List(of) => {
                let client = clients.find(&of.client_id).await?;
                list(console, &client, now)
            }
            SecretCommand::Remove(RemoveSecret { of, secret_id }) => {
                let removed = clients.remove_secret(&of.client_id, secret_id, now);
                removed.await?;
                console.print(
                    &json!({ "removed": 1, "client_id": of.client_id, "secret_id": secret_id }),
                    &format!("Removed {secret_id}\n"),
                )
            }
            SecretCommand::Rotate(rotate) => {
                let overlap = rotate.overlap_seconds;
                let rotated = clients.rotate_secret(&rotate.of.client_id, overlap, now);
                show_registration(console, deployment, &rotated.await?).await
            }
        }
    }
}

fn list(console: &mut Console<'_>, client: &Client, now: i64) -> Result<(), Failure> {
    let information: Vec<Value> = client
        .secrets
        .iter()
        .map(|secret| secret_information(secret, now).into())
        .collect();
    let mut rows = vec![["SECRET_ID", "CREATED", "EXPIRES", "STATUS"].map(str::to_owned)];
    rows.extend(client.secrets.iter().map(|secret| {
        let expires_at = secret
            .expires_at
            .map_or("never".to_owned(), output::instant);
        let status = match secret.is_expired(now) {
            true => "expired",
            false => "active",
        };
        let created_at = output::instant(secret.created_at);
        [secret.id.clone(), created_at, expires_at, status.to_owned()]
    }));
    console.print(&information.into(), &output::columns(&rows))
}
