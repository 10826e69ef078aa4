//! `countersign user update`.

use std::path::PathBuf;

use clap::Args;
use countersign_management::users::AccountChanges;
use countersign_management::users::claims::is_string_claim;
use countersign_store::users::Replacement;
use serde_json::{Map, Value};

use super::NamedUser;
use super::create::claims_of;
use crate::cli::console::Console;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign user update alice --email alice@new.example --email-verified true\n  countersign user update alice --name 'Alice Berg' --claim nickname=Ali --remove-claim website\n  countersign user update alice --claim 'groups=[\"staff\",\"wiki\"]' --claim employee=true\n  countersign user update alice --administrator false\n\nA new email address counts as not verified until --email-verified says otherwise."
)]
pub struct UpdateUser {
    #[command(flatten)]
    named: NamedUser,
    /// What the user signs in with from now on.
    #[arg(long)]
    username: Option<String>,
    /// The claim `email`; the user can sign in with it too.
    #[arg(long, conflicts_with = "remove_email")]
    email: Option<String>,
    /// Remove the email address.
    #[arg(long)]
    remove_email: bool,
    /// Whether the email address, after this change, counts as verified.
    #[arg(long, value_name = "true|false")]
    email_verified: Option<bool>,
    /// The claim `name`.
    #[arg(long, conflicts_with = "remove_name")]
    name: Option<String>,
    /// Remove the claim `name`.
    #[arg(long)]
    remove_name: bool,
    /// Whether the account is an administrator.
    #[arg(long, value_name = "true|false")]
    administrator: Option<bool>,
    /// Set a claim; may be repeated. A value that is JSON is read as JSON, except for standard
    /// claims that are strings.
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    claims: Vec<String>,
    /// Remove a claim; may be repeated.
    #[arg(long = "remove-claim", value_name = "NAME")]
    removed_claims: Vec<String>,
    /// A JSON object of claims to set, where null removes one; `-` is standard input.
    #[arg(long = "claims", value_name = "FILE")]
    claims_file: Option<PathBuf>,
}

impl UpdateUser {
    pub fn user(&self) -> &str {
        &self.named.user
    }

    /// The changes that the flags and the file name.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the claims cannot be read, a claim is malformed or given twice, or
    /// there is nothing to change.
    pub fn read(&self, console: &mut Console<'_>) -> Result<AccountChanges, Failure> {
        let mut claims = claims_of(self.claims_file.as_deref(), console)?;
        for claim in &self.claims {
            let (name, value) = claim.split_once('=').ok_or_else(|| {
                let message = format!("--claim {claim}: = is missing. Write NAME=VALUE.");
                Failure::new(ExitCode::Usage, message)
            })?;
            set(&mut claims, name, value_of(name, value))?;
        }
        if let Some(name) = &self.name {
            set(&mut claims, "name", name.as_str().into())?;
        }
        let removed = self.removed_claims.iter().map(String::as_str);
        for name in removed.chain(self.remove_name.then_some("name")) {
            set(&mut claims, name, Value::Null)?;
        }
        let changes = AccountChanges {
            username: self.username.clone(),
            email: match self.remove_email {
                true => Some(Replacement::Remove),
                false => self.email.clone().map(Replacement::Set),
            },
            email_verified: self.email_verified,
            administrator: self.administrator,
            claims,
        };
        match changes.is_empty() {
            true => Err(Failure::new(
                ExitCode::Usage,
                "nothing to change was given. See `countersign user update --help`.",
            )),
            false => Ok(changes),
        }
    }
}

fn set(claims: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Failure> {
    match claims.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Failure::new(
            ExitCode::Usage,
            format!("the claim {name} is given twice."),
        )),
    }
}

fn value_of(name: &str, text: &str) -> Value {
    match is_string_claim(name) {
        true => text.into(),
        false => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}
