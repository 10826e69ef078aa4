//! `countersign registration-token`: the tokens that let clients register themselves.

use clap::{Args, Subcommand};
use countersign_management::initial_access_tokens::{InitialAccessTokens, NewInitialAccessToken};
use countersign_store::registration::InitialAccessToken;
use serde_json::{Value, json};

use super::console::Console;
use super::failure::Failure;
use super::output;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum RegistrationTokenCommand {
    /// Make a token, and print it. Anyone who has it can register clients, and you vouch for them.
    Create(CreateToken),
    /// List the tokens, without their secrets.
    List,
    /// Delete a token. The clients that were registered with it stay.
    Delete(DeleteToken),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  countersign registration-token create --uses 1 --lifetime-seconds 86400 --note 'the shop'\n\nAn application sends it as `Authorization: Bearer TOKEN` when it registers (POST /register)."
)]
pub struct CreateToken {
    /// How many clients it registers. Without this, any number.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    uses: Option<u32>,
    /// How long it is valid. Without this, until it is deleted.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    lifetime_seconds: Option<u32>,
    /// What you want to remember of it.
    #[arg(long)]
    note: Option<String>,
}

#[derive(Debug, Args)]
pub struct DeleteToken {
    /// The token's id, as `list` shows it.
    #[arg(allow_hyphen_values = true)]
    id: String,
}

impl RegistrationTokenCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let tokens = InitialAccessTokens::new(console.context(&deployment));
        match self {
            Self::Create(create) => {
                let new = NewInitialAccessToken {
                    note: create.note.clone(),
                    lifetime_seconds: create.lifetime_seconds,
                    uses: create.uses,
                };
                let (record, token) = tokens.create(new, now()).await?;
                let mut value = shown(&record);
                value["token"] = Value::from(token.as_str());
                let text = format!("{}\n", token.as_str());
                console.print(&value, &text)?;
                console.note("note", "It is not shown again.");
                Ok(())
            }
            Self::List => {
                let all = tokens.list().await?;
                let value: Value = all.iter().map(shown).collect();
                let mut rows = vec![["ID", "USES LEFT", "EXPIRES", "NOTE"].map(str::to_owned)];
                rows.extend(all.iter().map(row));
                console.print(&value, &output::columns(&rows))
            }
            Self::Delete(DeleteToken { id }) => {
                tokens.delete(id, now()).await?;
                console.print(&json!({ "deleted": id }), &format!("Deleted {id}\n"))
            }
        }
    }
}

fn shown(token: &InitialAccessToken) -> Value {
    json!({
        "id": token.id,
        "note": token.note,
        "uses_left": token.uses_left,
        "expires_at": token.expires_at,
        "created_at": token.created_at,
        "valid": token.is_valid(now()),
    })
}

fn row(token: &InitialAccessToken) -> [String; 4] {
    let uses = token
        .uses_left
        .map_or("any number".to_owned(), |left| left.to_string());
    let expires = match token.expires_at {
        None => "never".to_owned(),
        Some(at) if at <= now() => format!("{} (expired)", output::instant(at)),
        Some(at) => output::instant(at),
    };
    let note = token.note.clone().unwrap_or_default();
    [token.id.clone(), uses, expires, note]
}
