//! `countersign grant`: what people have allowed applications.

use std::collections::HashMap;

use clap::{Args, Subcommand};
use countersign_management::grants::{GrantStatus, Grants, WantedGrants};
use countersign_management::sessions::Sessions;
use countersign_store::StoreError;
use countersign_store::grants::GrantView;
use serde_json::{Value, json};

use super::console::Console;
use super::failure::Failure;
use super::{client, output, user};
use crate::deployment::Deployment;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum GrantCommand {
    /// List grants: who has allowed which application what.
    List(ListGrants),
    /// End a grant with all of its tokens, or everything that a user has allowed an application.
    /// An API that verifies a JWT without asking accepts it until it expires.
    Revoke(RevokeGrant),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign grant list --user alice\n  countersign grant list --client my-app --json | jq -r '.[].id'"
)]
pub struct ListGrants {
    /// Only those of this user: the username, the email address or the sub.
    #[arg(long, allow_hyphen_values = true)]
    user: Option<String>,
    /// Only those to this client_id.
    #[arg(long, value_name = "CLIENT_ID", allow_hyphen_values = true)]
    client: Option<String>,
    /// Only those that end with this session; `countersign session list` shows the ids.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    session: Option<String>,
    /// Those too that have ended or expired, as long as they are remembered.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign grant revoke ID --yes\n  countersign grant revoke --user alice --client my-app --yes\n\nTo end everything of a user: `countersign user sign-out`. Of a client: `countersign client revoke-grants`."
)]
pub struct RevokeGrant {
    /// The grant, as in `countersign grant list` and in the log.
    // An id is random and may begin with a dash.
    #[arg(
        required_unless_present_all = ["user", "client"],
        conflicts_with_all = ["user", "client"],
        allow_hyphen_values = true
    )]
    id: Option<String>,
    /// Everything that this user has allowed the client, with the consent itself.
    #[arg(long, requires = "client", allow_hyphen_values = true)]
    user: Option<String>,
    /// The client_id.
    #[arg(
        long,
        value_name = "CLIENT_ID",
        requires = "user",
        allow_hyphen_values = true
    )]
    client: Option<String>,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl GrantCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        match self {
            GrantCommand::List(list) => list.run(console, &deployment).await,
            GrantCommand::Revoke(revoke) => revoke.run(console, &deployment).await,
        }
    }
}

impl ListGrants {
    async fn run(&self, console: &mut Console<'_>, deployment: &Deployment) -> Result<(), Failure> {
        let context = console.context(deployment);
        // What is named has to be there: a typing error is not "no grants".
        let sub = match &self.user {
            Some(name) => Some(user::users(console, deployment)?.find(name).await?.sub),
            None => None,
        };
        let client_id = match &self.client {
            Some(id) => Some(client(console, deployment, id).await?),
            None => None,
        };
        let session = match &self.session {
            Some(id) => Some(Sessions::new(context.clone()).find(id).await?.session),
            None => None,
        };
        let wanted = WantedGrants {
            // A session has one user, by whom its grants are found.
            sub: sub.or_else(|| session.as_ref().map(|session| session.sub.clone())),
            client_id,
            browser_session: session.map(|session| session.id),
        };
        let at = now();
        let mut grants = Grants::new(context).list(&wanted).await?;
        if !self.all {
            grants.retain(|view| GrantStatus::of(view, at) == GrantStatus::Active);
        }
        let subs = grants.iter().map(|view| view.grant.sub.as_str());
        let names = usernames(deployment, subs).await?;
        let values = grants.iter().map(|view| as_json(view, &names, at));
        console.print(&values.collect(), &table(&grants, &names, at))
    }
}

impl RevokeGrant {
    async fn run(&self, console: &mut Console<'_>, deployment: &Deployment) -> Result<(), Failure> {
        let settings = deployment.configuration.provider.personal_tokens.clone();
        let grants = Grants::new(console.context(deployment)).with_personal_tokens(settings);
        if let Some(id) = &self.id {
            let grant = grants.find(id).await?.grant;
            let (sub, client_id) = (&grant.sub, &grant.client_id);
            let what = format!("end the grant of the user {sub} to the client {client_id}");
            console.confirm(self.yes, &what)?;
            let grant = grants.revoke(id, now()).await?;
            let value =
                json!({ "revoked": 1, "id": id, "sub": grant.sub, "client_id": grant.client_id });
            return console.print(&value, &format!("Revoked {id}\n"));
        }
        let (user, client_id) = match (&self.user, &self.client) {
            (Some(user), Some(client_id)) => (user, client_id),
            _ => return Err(Failure::refused("name a grant, or a user and a client.")),
        };
        let user = user::users(console, deployment)?.find(user).await?;
        let client_id = client(console, deployment, client_id).await?;
        let name = &user.username;
        let what = format!("end everything that {name} has allowed the client {client_id}");
        console.confirm(self.yes, &what)?;
        grants.withdraw(&user.sub, &client_id, now()).await?;
        let value = json!({ "withdrawn": 1, "sub": user.sub, "client_id": client_id });
        let text = format!("Ended everything that {name} had allowed {client_id}\n");
        console.print(&value, &text)
    }
}

async fn client(
    console: &Console<'_>,
    deployment: &Deployment,
    client_id: &str,
) -> Result<String, Failure> {
    let clients = client::clients(console, deployment).await?;
    Ok(clients.find(client_id).await?.client_id)
}

/// The username of each `sub` that has an account here.
pub(super) async fn usernames(
    deployment: &Deployment,
    subs: impl Iterator<Item = &str>,
) -> Result<HashMap<String, String>, StoreError> {
    let mut names = HashMap::new();
    for sub in subs {
        if names.contains_key(sub) {
            continue;
        }
        if let Some(user) = deployment.store.user(sub).await? {
            names.insert(sub.to_owned(), user.username);
        }
    }
    Ok(names)
}

fn as_json(view: &GrantView, names: &HashMap<String, String>, at: i64) -> Value {
    let grant = &view.grant;
    let session = grant.parents.session.as_ref();
    json!({
        "id": grant.id.to_string(),
        "client_id": grant.client_id,
        "sub": grant.sub,
        "username": names.get(&grant.sub),
        "scope": grant.scope,
        "status": GrantStatus::of(view, at).as_str(),
        "ended_because": view.what_ended.map(|what_ended| what_ended.to_string()),
        "offline": session.is_none(),
        "session": session.map(|session| session.browser_session.to_string()),
        "created_at": grant.created_at,
        "expires_at": grant.expires_at,
    })
}

fn table(grants: &[GrantView], names: &HashMap<String, String>, at: i64) -> String {
    let head = [
        "ID", "USER", "CLIENT", "SCOPE", "STATUS", "CREATED", "EXPIRES",
    ];
    let row = |view: &GrantView| {
        let grant = &view.grant;
        [
            grant.id.to_string(),
            names.get(&grant.sub).unwrap_or(&grant.sub).clone(),
            grant.client_id.clone(),
            grant.scope.clone(),
            GrantStatus::of(view, at).as_str().to_owned(),
            output::instant(grant.created_at),
            output::instant(grant.expires_at),
        ]
    };
    let rows = std::iter::once(head.map(str::to_owned)).chain(grants.iter().map(row));
    output::columns(&rows.collect::<Vec<_>>())
}
