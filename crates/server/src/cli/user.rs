//! `countersign user`: the people who can sign in.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign_management::users::{NewAccount, Users};
use countersign_store::users::User;
use serde_json::{Map, Value, json};

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::output;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account.
    Create(CreateUser),
    /// List all users.
    List,
    /// Show an account and its claims.
    Show(NamedUser),
    /// Set a new password, read from standard input. It ends the user's sessions and grants.
    Password(NewPassword),
    /// Let nobody sign in to an account, and end its sessions and grants.
    Disable(NamedUser),
    /// Allow a disabled account again. What was ended stays ended.
    Enable(NamedUser),
    /// Delete an account. Its identifier is never given to anybody else.
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
    after_help = "Example:\n  printf '%s' \"$PASSWORD\" | countersign user create --username alice --email alice@example.org --name 'Alice Adams' --password-stdin"
)]
pub struct CreateUser {
    /// What the user signs in with.
    #[arg(long)]
    username: String,
    /// The claim `email`; the user can sign in with it too.
    #[arg(long)]
    email: Option<String>,
    /// The claim `name`.
    #[arg(long)]
    name: Option<String>,
    /// A JSON object of claims by their OpenID Connect names, and of your own; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Read the password from standard input. Without it nobody can sign in until `user password` sets one.
    #[arg(long)]
    password_stdin: bool,
    /// Make the account an administrator.
    #[arg(long)]
    administrator: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  printf '%s' \"$PASSWORD\" | countersign user password alice --password-stdin"
)]
pub struct NewPassword {
    #[command(flatten)]
    named: NamedUser,
    /// Read the password from standard input: the only way to give one.
    #[arg(long, required = true)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub struct DeleteUser {
    #[command(flatten)]
    named: NamedUser,
    /// Don't ask.
    #[arg(long)]
    yes: bool,
}

impl UserCommand {
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let users = Users::new(
            console.context(&deployment),
            deployment.configuration.provider.passwords.clone(),
        );
        let (user, done) = match self {
            UserCommand::Create(create) => {
                let (request, password) = create.read(console)?;
                let password = password.as_ref().map(|password| password.as_str());
                (users.create(request, password, now()).await?, "Created")
            }
            UserCommand::List => {
                let all = users.list().await?;
                return console.print(&all.iter().map(as_json).collect(), &list(&all));
            }
            UserCommand::Show(named) => {
                let user = users.find(&named.user).await?;
                return console.print(&as_json(&user), &details(&user));
            }
            UserCommand::Password(NewPassword { named, .. }) => {
                let password = console.secret()?;
                let user = users.set_password(&named.user, &password, now()).await?;
                (user, "Set a new password for")
            }
            UserCommand::Disable(named) => (users.disable(&named.user, now()).await?, "Disabled"),
            UserCommand::Enable(named) => (users.enable(&named.user, now()).await?, "Enabled"),
            UserCommand::Delete(DeleteUser { named, yes }) => {
                let user = users.find(&named.user).await?;
                let what = format!("delete the account {} for ever", user.username);
                console.confirm(*yes, &what)?;
                users.delete(&user, now()).await?;
                let value = json!({ "deleted": 1, "sub": user.sub, "username": user.username });
                return console.print(&value, &format!("Deleted {}\n", user.username));
            }
        };
        console.print(&as_json(&user), &format!("{done} {}\n", user.username))
    }
}

impl CreateUser {
    fn read(
        &self,
        console: &mut Console<'_>,
    ) -> Result<(NewAccount, Option<zeroize::Zeroizing<String>>), Failure> {
        let claims_from_stdin = self
            .claims
            .as_deref()
            .is_some_and(|path| path.as_os_str() == "-");
        if claims_from_stdin && self.password_stdin {
            return Err(Failure::new(
                ExitCode::Usage,
                "--claims - and --password-stdin both want standard input. Put the claims into a file.",
            ));
        }
        let claims = match &self.claims {
            None => Map::new(),
            Some(path) => countersign_jose::json::parse_object(&console.file(path)?)
                .map_err(|error| Failure::refused(format!("the claims are refused: {error}.")))?,
        };
        let password = match self.password_stdin {
            true => Some(console.secret()?),
            false => None,
        };
        let request = NewAccount {
            username: self.username.clone(),
            email: self.email.clone(),
            name: self.name.clone(),
            administrator: self.administrator,
            claims,
        };
        Ok((request, password))
    }
}

fn as_json(user: &User) -> Value {
    json!({
        "sub": user.sub,
        "username": user.username,
        "email": user.email,
        "administrator": user.administrator,
        "status": user.status.as_str(),
        "claims": user.claims,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    })
}

fn list(users: &[User]) -> String {
    let head = ["USERNAME", "EMAIL", "STATUS", "SUB"].map(str::to_owned);
    let row = |user: &User| {
        let status = if user.administrator {
            "administrator, "
        } else {
            ""
        }
        .to_owned()
            + user.status.as_str();
        [
            user.username.clone(),
            user.email.clone().unwrap_or_default(),
            status,
            user.sub.clone(),
        ]
    };
    output::columns(
        &std::iter::once(head)
            .chain(users.iter().map(row))
            .collect::<Vec<_>>(),
    )
}

fn details(user: &User) -> String {
    let claims = serde_json::to_string_pretty(&user.claims).unwrap_or_default();
    let rows = [
        ["username".to_owned(), user.username.clone()],
        ["email".to_owned(), user.email.clone().unwrap_or_default()],
        ["sub".to_owned(), user.sub.clone()],
        ["status".to_owned(), user.status.as_str().to_owned()],
        ["administrator".to_owned(), user.administrator.to_string()],
        ["created".to_owned(), output::instant(user.created_at)],
        ["changed".to_owned(), output::instant(user.updated_at)],
    ];
    format!("{}claims\n{claims}\n", output::columns(&rows))
}
