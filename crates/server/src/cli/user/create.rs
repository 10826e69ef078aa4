//! `countersign user create`.

use std::path::{Path, PathBuf};

use clap::Args;
use countersign_management::users::NewAccount;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::cli::console::Console;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign user create --username alice --email alice@example.org --name 'Alice Adams' --password-stdin\n  printf '%s' \"$PASSWORD\" | countersign user create --username bob --claims bob.json --password-stdin --json"
)]
pub struct CreateUser {
    /// What the user signs in with: no white space, no control characters.
    #[arg(long)]
    username: String,
    /// The claim `email`; the user can sign in with it too.
    #[arg(long)]
    email: Option<String>,
    /// The claim `name`.
    #[arg(long)]
    name: Option<String>,
    /// A JSON object with OpenID Connect's standard claims and your own; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Read the password from standard input. At a terminal, it is asked for twice and not shown.
    /// Without a password, no one can sign in until `user password` sets one.
    #[arg(long)]
    password_stdin: bool,
    /// Make the account an administrator.
    #[arg(long)]
    administrator: bool,
}

impl CreateUser {
    /// The account and its password, if one is to be set.
    ///
    /// # Errors
    /// Returns a [`Failure`] if standard input is named twice, the claims cannot be read, or no
    /// password can be read.
    pub fn read(
        &self,
        console: &mut Console<'_>,
    ) -> Result<(NewAccount, Option<Zeroizing<String>>), Failure> {
        if self.password_stdin && self.claims.as_deref() == Some(Path::new("-")) {
            return Err(Failure::new(
                ExitCode::Usage,
                "--claims - and --password-stdin both read standard input. Put the claims in a file.",
            ));
        }
        let claims = claims_of(self.claims.as_deref(), console)?;
        let password = match self.password_stdin {
            true => Some(console.new_password()?),
            false => None,
        };
        let account = NewAccount {
            username: self.username.clone(),
            email: self.email.clone(),
            name: self.name.clone(),
            administrator: self.administrator,
            claims,
        };
        Ok((account, password))
    }
}

/// The claims in a file, or none if no file is named.
pub(super) fn claims_of(
    path: Option<&Path>,
    console: &mut Console<'_>,
) -> Result<Map<String, Value>, Failure> {
    let Some(path) = path else {
        return Ok(Map::new());
    };
    countersign_jose::json::parse_object(&console.file(path)?)
        .map_err(|error| Failure::refused(format!("the claims are refused: {error}.")))
}
