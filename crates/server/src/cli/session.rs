//! `countersign session`: where people are signed in.

use std::collections::HashMap;

use clap::{Args, Subcommand};
use countersign_management::sessions::{SessionStatus, Sessions};
use countersign_store::sessions::{BrowserSession, SessionView};
use serde_json::{Value, json};

use super::console::Console;
use super::failure::Failure;
use super::grant::usernames;
use super::{output, user};
use crate::deployment::Deployment;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// List the browser sessions of a user, or of all.
    List(ListSessions),
    /// End a browser session, or all of a user, with the grants that depend on them. Grants with
    /// offline access continue; `countersign user sign-out` ends them too.
    Revoke(RevokeSession),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign session list --user alice\n  countersign session list --json | jq -r '.[].id'"
)]
pub struct ListSessions {
    /// Only those of this user: the username, the email address or the sub.
    #[arg(long, allow_hyphen_values = true)]
    user: Option<String>,
    /// Those too that have ended or expired, as long as they are remembered.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign session revoke ID --yes\n  countersign session revoke --user alice --yes"
)]
pub struct RevokeSession {
    /// The session, as in `countersign session list`.
    // An id is random and may begin with a dash.
    #[arg(
        required_unless_present = "user",
        conflicts_with = "user",
        allow_hyphen_values = true
    )]
    id: Option<String>,
    /// All sessions of this user: the username, the email address or the sub.
    #[arg(long, allow_hyphen_values = true)]
    user: Option<String>,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl SessionCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        match self {
            SessionCommand::List(list) => list.run(console, &deployment).await,
            SessionCommand::Revoke(revoke) => revoke.run(console, &deployment).await,
        }
    }
}

impl ListSessions {
    async fn run(&self, console: &mut Console<'_>, deployment: &Deployment) -> Result<(), Failure> {
        let sub = match &self.user {
            Some(name) => Some(user::users(console, deployment)?.find(name).await?.sub),
            None => None,
        };
        let at = now();
        let sessions = Sessions::new(console.context(deployment));
        let mut sessions = sessions.list(sub.as_deref()).await?;
        if !self.all {
            sessions.retain(|view| SessionStatus::of(view, at) == SessionStatus::Active);
        }
        let subs = sessions.iter().map(|view| view.session.sub.as_str());
        let names = usernames(deployment, subs).await?;
        let values = sessions.iter().map(|view| as_json(view, &names, at));
        console.print(&values.collect(), &table(&sessions, &names, at))
    }
}

impl RevokeSession {
    async fn run(&self, console: &mut Console<'_>, deployment: &Deployment) -> Result<(), Failure> {
        let sessions = Sessions::new(console.context(deployment));
        let (ended, of): (Vec<BrowserSession>, String) = match (&self.id, &self.user) {
            (Some(id), _) => {
                let sub = sessions.find(id).await?.session.sub;
                let what = format!("end a session of the user {sub}");
                console.confirm(self.yes, &what)?;
                (vec![sessions.revoke(id, now()).await?], sub)
            }
            (None, Some(name)) => {
                let user = user::users(console, deployment)?.find(name).await?;
                let what = format!("end every session of {}", user.username);
                console.confirm(self.yes, &what)?;
                let ended = sessions.revoke_all_of(&user.sub, now()).await?;
                (ended, user.username)
            }
            (None, None) => return Err(Failure::refused("name a session or a user.")),
        };
        let ids: Vec<String> = ended.iter().map(|session| session.id.to_string()).collect();
        let count = ids.len();
        let plural = if count == 1 { "" } else { "s" };
        let value = json!({ "revoked": count, "ids": ids });
        console.print(&value, &format!("Ended {count} session{plural} of {of}\n"))
    }
}

fn as_json(view: &SessionView, names: &HashMap<String, String>, at: i64) -> Value {
    let session = &view.session;
    json!({
        "id": session.id.to_string(),
        "sub": session.sub,
        "username": names.get(&session.sub),
        "status": SessionStatus::of(view, at).as_str(),
        "amr": session.amr,
        "auth_time": session.auth_time,
        "created_at": session.created_at,
        "expires_at": session.expires_at,
    })
}

fn table(sessions: &[SessionView], names: &HashMap<String, String>, at: i64) -> String {
    let head = ["ID", "USER", "STATUS", "SIGNED IN", "EXPIRES"];
    let row = |view: &SessionView| {
        let session = &view.session;
        [
            session.id.to_string(),
            names.get(&session.sub).unwrap_or(&session.sub).clone(),
            SessionStatus::of(view, at).as_str().to_owned(),
            output::instant(session.auth_time),
            output::instant(session.expires_at),
        ]
    };
    let rows = std::iter::once(head.map(str::to_owned)).chain(sessions.iter().map(row));
    output::columns(&rows.collect::<Vec<_>>())
}
