//! `countersign token`: API tokens that users make, or that an operator makes for them.

use clap::{Args, Subcommand};
use countersign_management::grants::GrantStatus;
use countersign_management::personal_tokens::{NewPersonalToken, PersonalTokens, TokenChanges};
use countersign_oauth::scope::Scope;
use countersign_provider::personal_tokens::offered_scopes;
use countersign_store::grants::{EndCause, GrantView, Origin};
use countersign_store::personal_tokens::{StoredChange, WantedChanges};
use countersign_store::users::User;
use serde_json::{Value, json};

use super::console::Console;
use super::failure::Failure;
use super::{output, user};
use crate::deployment::Deployment;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for a user. It is shown only once.
    Create(CreateToken),
    /// List a user's tokens.
    List(ListTokens),
    /// Show one of a user's tokens.
    Show(NamedToken),
    /// Change a token's name or expiry.
    Update(UpdateToken),
    /// Revoke a token, and everything that was issued under it.
    Revoke(RevokeToken),
    /// Show who made, changed and revoked a user's tokens, latest first.
    History(History),
}

#[derive(Debug, Args)]
pub struct OfUser {
    /// The user: a username, an email address or a sub.
    #[arg(long, allow_hyphen_values = true)]
    user: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign token show --user alice backup")]
pub struct NamedToken {
    #[command(flatten)]
    of: OfUser,
    /// The token's name or id, as in `countersign token list`.
    #[arg(allow_hyphen_values = true)]
    token: String,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  countersign token create --user alice --name backup --scope 'openid reports' --days 90"
)]
pub struct CreateToken {
    #[command(flatten)]
    of: OfUser,
    /// What it is for, in a few words. A user's tokens have different names.
    #[arg(long)]
    name: String,
    /// What it may do: scopes, separated by spaces.
    #[arg(long)]
    scope: String,
    #[command(flatten)]
    lifetime: NewLifetime,
}

/// How long a new token is valid.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct NewLifetime {
    /// How many days it is valid.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,
    /// How many seconds it is valid, at least 300.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    lifetime_seconds: Option<u32>,
}

impl NewLifetime {
    fn seconds(&self) -> Option<i64> {
        let days = self.days.map(|days| i64::from(days) * 86_400);
        days.or(self.lifetime_seconds.map(i64::from))
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign token list --user alice --json | jq -r '.[].name'")]
pub struct ListTokens {
    #[command(flatten)]
    of: OfUser,
    /// Also list tokens that are revoked or expired, as long as they are kept.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  countersign token update --user alice backup --name nightly --days 30"
)]
pub struct UpdateToken {
    #[command(flatten)]
    named: NamedToken,
    /// The new name.
    #[arg(long)]
    name: Option<String>,
    /// How many days it is valid from now.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "lifetime_seconds")]
    days: Option<u32>,
    /// How many seconds it is valid from now, at least 300.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    lifetime_seconds: Option<u32>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign token revoke --user alice backup --yes")]
pub struct RevokeToken {
    #[command(flatten)]
    named: NamedToken,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign token history --user alice\n  countersign token history --user alice --token ID --limit 10 --before 1234"
)]
pub struct History {
    #[command(flatten)]
    of: OfUser,
    /// Only the changes of the token with this id, which may have been deleted since.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    token: Option<String>,
    /// The maximum number of changes to show.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Only changes before the one with this number. For the next page, pass the last number.
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
}

impl TokenCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let settings = deployment.configuration.provider.personal_tokens.clone();
        let tokens = PersonalTokens::new(console.context(&deployment), settings);
        match self {
            Self::Create(create) => create.run(console, &deployment, &tokens).await,
            Self::List(list) => {
                let user = list.of.find(console, &deployment).await?;
                let at = now();
                let mut found = tokens.list(&user.sub).await?;
                let is_active = |view: &GrantView| GrantStatus::of(view, at) == GrantStatus::Active;
                found.retain(|view| list.all || is_active(view));
                let values = found.iter().map(|view| as_json(view, &user, at));
                console.print(&values.collect(), &table(&found, at))
            }
            Self::Show(named) => {
                let user = named.of.find(console, &deployment).await?;
                let view = tokens.find(&user.sub, &named.token).await?;
                show(console, &view, &user)
            }
            Self::Update(update) => {
                let user = update.named.of.find(console, &deployment).await?;
                let view = tokens.find(&user.sub, &update.named.token).await?;
                let days = update.days.map(|days| i64::from(days) * 86_400);
                let changes = TokenChanges {
                    name: update.name.clone(),
                    lifetime_seconds: days.or(update.lifetime_seconds.map(i64::from)),
                };
                let grant = tokens
                    .update(&user.sub, &view.grant.id, changes, now())
                    .await?;
                show(console, &GrantView { grant, ..view }, &user)
            }
            Self::Revoke(revoke) => {
                let user = revoke.named.of.find(console, &deployment).await?;
                let view = tokens.find(&user.sub, &revoke.named.token).await?;
                let (id, name) = (view.grant.id, name_of(&view).to_owned());
                let what = format!("revoke the token {name:?} of {}", user.username);
                console.confirm(revoke.yes, &what)?;
                let cause = EndCause::DeletedByOperator;
                tokens.revoke(&user.sub, &id, cause, now()).await?;
                let value = json!({ "revoked": 1, "id": id.to_string(), "name": name });
                console.print(&value, &format!("Revoked {name}\n"))
            }
            Self::History(history) => {
                let user = history.of.find(console, &deployment).await?;
                let token = match &history.token {
                    None => None,
                    Some(id) => Some(id.parse().map_err(|_| {
                        Failure::refused(format!("{id:?} is not the id of a token."))
                    })?),
                };
                let wanted = WantedChanges {
                    sub: Some(user.sub),
                    token,
                    before: history.before,
                };
                let changes = tokens.history(&wanted, history.limit).await?;
                let value = changes.iter().map(change_as_json).collect();
                console.print(&value, &history_table(&changes))
            }
        }
    }
}

impl OfUser {
    async fn find(&self, console: &Console<'_>, deployment: &Deployment) -> Result<User, Failure> {
        Ok(user::users(console, deployment)?.find(&self.user).await?)
    }
}

impl CreateToken {
    async fn run(
        &self,
        console: &mut Console<'_>,
        deployment: &Deployment,
        tokens: &PersonalTokens,
    ) -> Result<(), Failure> {
        let user = self.of.find(console, deployment).await?;
        let scope = Scope::parse(&self.scope)
            .map_err(|fault| Failure::refused(format!("the scope is refused: {fault}.")))?;
        let settings = &deployment.configuration.provider;
        let declared = deployment.declared_resources().await?;
        let owner = tokens.owner(&user.sub).await?;
        let new = NewPersonalToken {
            name: self.name.clone(),
            resources: declared.of_scope(&scope),
            scope,
            lifetime_seconds: self.lifetime.seconds().unwrap_or_default(),
        };
        let offered = offered_scopes(settings, &declared);
        let (view, token) = tokens.create(&owner, new, &offered, now()).await?;
        let mut value = as_json(&view, &user, now());
        value["token"] = Value::from(token.as_str());
        console.print(&value, &format!("{}\n", token.as_str()))?;
        console.note("note", "It is not shown again.");
        if !settings.personal_tokens.enabled {
            let off =
                "personal_tokens.enabled is off: the server refuses the token until it is on.";
            console.note("note", off);
        }
        Ok(())
    }
}

fn show(console: &mut Console<'_>, view: &GrantView, user: &User) -> Result<(), Failure> {
    let value = as_json(view, user, now());
    let rows: Vec<[String; 2]> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| [name.clone(), text_of(name, value)])
        .collect();
    console.print(&value, &output::columns(&rows))
}

fn text_of(name: &str, value: &Value) -> String {
    match value {
        Value::Number(at) if name.ends_with("_at") => {
            output::instant(at.as_i64().unwrap_or_default())
        }
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => {
            let items = items.iter().filter_map(Value::as_str);
            items.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

fn name_of(view: &GrantView) -> &str {
    match &view.grant.origin {
        Origin::Personal(token) => &token.name,
        _ => "",
    }
}

fn as_json(view: &GrantView, user: &User, at: i64) -> Value {
    let grant = &view.grant;
    json!({
        "id": grant.id.to_string(),
        "name": name_of(view),
        "sub": grant.sub,
        "username": user.username,
        "scope": grant.scope,
        "resources": grant.authorization.resources,
        "status": GrantStatus::of(view, at).as_str(),
        "ended_because": view.what_ended.map(|what_ended| what_ended.to_string()),
        "created_at": grant.created_at,
        "expires_at": grant.expires_at,
    })
}

fn table(tokens: &[GrantView], at: i64) -> String {
    let head = ["ID", "NAME", "SCOPE", "STATUS", "CREATED", "EXPIRES"];
    let row = |view: &GrantView| {
        let grant = &view.grant;
        [
            grant.id.to_string(),
            name_of(view).to_owned(),
            grant.scope.clone(),
            GrantStatus::of(view, at).as_str().to_owned(),
            output::instant(grant.created_at),
            output::instant(grant.expires_at),
        ]
    };
    let rows = std::iter::once(head.map(str::to_owned)).chain(tokens.iter().map(row));
    output::columns(&rows.collect::<Vec<_>>())
}

fn change_as_json(stored: &StoredChange) -> Value {
    let change = &stored.change;
    json!({
        "number": stored.id,
        "id": change.token.to_string(),
        "kind": change.kind.as_str(),
        "at": change.at,
        "actor": change.by.actor,
        "address": change.by.address,
        "name": change.name,
        "old_name": change.old_name,
        "scope": change.scope,
        "expires_at": change.expires_at,
        "old_expires_at": change.old_expires_at,
    })
}

fn history_table(changes: &[StoredChange]) -> String {
    let head = [
        "NUMBER", "AT", "ID", "NAME", "CHANGE", "BY", "FROM", "EXPIRES",
    ];
    let row = |stored: &StoredChange| {
        let change = &stored.change;
        let name = match &change.old_name {
            Some(old) => format!("{} (was {old})", change.name),
            None => change.name.clone(),
        };
        let expires = match change.old_expires_at {
            Some(old) => format!(
                "{} (was {})",
                output::instant(change.expires_at),
                output::instant(old)
            ),
            None => output::instant(change.expires_at),
        };
        [
            stored.id.to_string(),
            output::instant(change.at),
            change.token.to_string(),
            name,
            change.kind.as_str().to_owned(),
            change.by.actor.clone(),
            change.by.address.clone().unwrap_or_default(),
            expires,
        ]
    };
    let rows = std::iter::once(head.map(str::to_owned)).chain(changes.iter().map(row));
    output::columns(&rows.collect::<Vec<_>>())
}
