//! `countersign client`: the applications that people sign in to. The words are those of RFC 7591.

use std::sync::Arc;

use clap::{Args, Subcommand};
use countersign_management::clients::{
    AddressChange, AddressList, ClientError, Clients, NewClient, Registration, client_information,
    metadata_of,
};
use countersign_oauth::client_metadata::ClientMetadata;
use countersign_oauth::flow_name::{FlowName, flows_of};
use countersign_provider::sector_identifiers::FetchedSectors;
use countersign_store::clients::Client;
use serde_json::{Map, Value, json};

use super::client_metadata::MetadataFlags;
use super::client_owner::{ListedOwners, OwnerChange, OwnerFlag, Owners};
use super::client_secret::SecretCommand;
use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::output;
use crate::deployment::Deployment;
use crate::outbound::outbound;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Register a client. Its secret is shown only once.
    Create(CreateClient),
    /// List all clients, or those of one user.
    #[command(
        after_help = "Examples:\n  countersign client list --json | jq -r '.[].client_id'\n  countersign client list --owner alice"
    )]
    List(ListedOwners),
    /// Show a client's metadata.
    #[command(after_help = "Example:\n  countersign client show CLIENT_ID")]
    Show(NamedClient),
    /// Change a client: replace the metadata that the file or the flags name (null in the file
    /// removes a member), add and remove single redirect URIs.
    Update(UpdateClient),
    /// Give a client a new secret, which is shown only once. The old one is refused from then on.
    #[command(
        after_help = "Example:\n  countersign client rotate-secret CLIENT_ID --json | jq -r .client_secret"
    )]
    RotateSecret(NamedClient),
    /// End all grants of a client, and its own access tokens. It can get new ones.
    RevokeGrants(RevokeGrants),
    /// Add, list and remove secrets: a client may have several, so that it can be given a new one
    /// before the old one is refused.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Vouch for a client that registered itself, as a registration token does: the
    /// consent page then no longer says that it registered itself.
    #[command(after_help = "Example:\n  countersign client vouch CLIENT_ID")]
    Vouch(NamedClient),
    /// Refuse a client from now on, and end its grants.
    #[command(after_help = "Example:\n  countersign client disable CLIENT_ID")]
    Disable(NamedClient),
    /// Enable a disabled client. Grants that have ended stay ended.
    #[command(after_help = "Example:\n  countersign client enable CLIENT_ID")]
    Enable(NamedClient),
    /// Delete a client. Its grants end, and its client_id is never given to another one.
    Delete(DeleteClient),
}

#[derive(Debug, Args)]
pub struct NamedClient {
    /// The client_id.
    #[arg(allow_hyphen_values = true)]
    client_id: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  countersign client create --name Shop --redirect-uri https://shop.example/callback --post-logout-redirect-uri https://shop.example/
  countersign client create --name App --public --application-type native --redirect-uri http://127.0.0.1/callback
  countersign client create --name Robot --grant-type client_credentials --json
  countersign client create --name Robot --grant-type client_credentials --auth-method private_key_jwt --jwks-uri https://robot.example/jwks.json
  countersign client create --metadata client.json --owner alice --json
  countersign client show CLIENT_ID --json | countersign client create --metadata - --client-id ANOTHER_ID")]
pub struct CreateClient {
    #[command(flatten)]
    flags: MetadataFlags,
    /// Your own client_id, instead of the file's or a random one.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    #[command(flatten)]
    owner: OwnerFlag,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  countersign client update CLIENT_ID --add-redirect-uri https://shop.example/callback\n  countersign client update CLIENT_ID --remove-redirect-uri https://shop.example/old --name Shop\n  countersign client update CLIENT_ID --redirect-uri https://shop.example/callback --redirect-uri https://shop.example/other\n\nA list, such as --redirect-uri, replaces the registered one; --add-redirect-uri and --remove-redirect-uri change single entries."
)]
pub struct UpdateClient {
    #[command(flatten)]
    named: NamedClient,
    #[command(flatten)]
    flags: MetadataFlags,
    #[command(flatten)]
    addresses: AddressFlags,
    #[command(flatten)]
    owner: OwnerChange,
}

/// Single addresses that come and go.
#[derive(Debug, Args)]
pub struct AddressFlags {
    /// Add a redirect URI and keep the others; may be repeated.
    #[arg(
        long = "add-redirect-uri",
        value_name = "URI",
        conflicts_with = "redirect_uris"
    )]
    added: Vec<String>,
    /// Remove a redirect URI, written as it is registered; may be repeated.
    #[arg(
        long = "remove-redirect-uri",
        value_name = "URI",
        conflicts_with = "redirect_uris"
    )]
    removed: Vec<String>,
    /// Add a post-logout redirect URI and keep the others; may be repeated.
    #[arg(
        long = "add-post-logout-redirect-uri",
        value_name = "URI",
        conflicts_with = "post_logout_redirect_uris"
    )]
    added_post_logout: Vec<String>,
    /// Remove a post-logout redirect URI, written as it is registered; may be repeated.
    #[arg(
        long = "remove-post-logout-redirect-uri",
        value_name = "URI",
        conflicts_with = "post_logout_redirect_uris"
    )]
    removed_post_logout: Vec<String>,
}

impl AddressFlags {
    /// What is removed first: an address may be replaced by a corrected one.
    fn read(&self) -> Vec<AddressChange> {
        use AddressList::{PostLogoutRedirectUris, RedirectUris};
        let removed = |list, uris: &[String]| -> Vec<AddressChange> {
            let change = |uri: &String| AddressChange::Remove(list, uri.clone());
            uris.iter().map(change).collect()
        };
        let added = |list, uris: &[String]| -> Vec<AddressChange> {
            let change = |uri: &String| AddressChange::Add(list, uri.clone());
            uris.iter().map(change).collect()
        };
        [
            removed(RedirectUris, &self.removed),
            removed(PostLogoutRedirectUris, &self.removed_post_logout),
            added(RedirectUris, &self.added),
            added(PostLogoutRedirectUris, &self.added_post_logout),
        ]
        .concat()
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  countersign client revoke-grants CLIENT_ID --yes\n\n`countersign grant revoke` ends single ones."
)]
pub struct RevokeGrants {
    #[command(flatten)]
    named: NamedClient,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign client delete CLIENT_ID --yes")]
pub struct DeleteClient {
    #[command(flatten)]
    named: NamedClient,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl ClientCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let clients = clients(console, &deployment).await?;
        match self {
            ClientCommand::Create(CreateClient {
                flags,
                client_id,
                owner,
            }) => {
                let given = flags.read(console)?;
                let owner = owner.sub(console, &deployment).await?;
                let client_id = given.new_client_id(client_id.as_deref())?;
                let metadata =
                    ClientMetadata::from_object(given.members).map_err(ClientError::from)?;
                let new = NewClient {
                    metadata,
                    client_id,
                    owner,
                };
                let registration = clients.create(new, now()).await?;
                show_registration(console, &deployment, &registration).await
            }
            ClientCommand::List(listed) => {
                let mut all = clients.list().await?;
                let owners = Owners::of(&deployment, &all).await?;
                listed
                    .filter(&mut all, &owners, &deployment, console)
                    .await?;
                let information = all.iter().map(|client| shown(client, &owners));
                let information = information.collect::<Result<Vec<_>, _>>()?;
                console.print(&information.into(), &list(&all, &owners)?)
            }
            ClientCommand::Show(named) => {
                let client = clients.find(&named.client_id).await?;
                let owners = Owners::of(&deployment, std::slice::from_ref(&client)).await?;
                let mut information = shown(&client, &owners)?;
                if let Some(vouched) = clients.is_vouched(&client.client_id).await? {
                    information.insert("vouched".to_owned(), vouched.into());
                }
                console.print(&information.clone().into(), &details(&information))
            }
            ClientCommand::Update(update) => {
                let given = update.flags.read(console)?;
                let addresses = update.addresses.read();
                let client_id = &update.named.client_id;
                given.refuse_another_client_id(client_id)?;
                let owner = update.owner.read(console, &deployment).await?;
                let mut registration = clients
                    .update(client_id, given.members, &addresses, now())
                    .await?;
                if let Some(owner) = owner {
                    let changed = clients.change_owner(client_id, owner, now());
                    registration.client = changed.await?;
                }
                show_registration(console, &deployment, &registration).await
            }
            ClientCommand::RotateSecret(named) => {
                let registration = clients.rotate_secret(&named.client_id, 0, now()).await?;
                show_registration(console, &deployment, &registration).await
            }
            ClientCommand::RevokeGrants(RevokeGrants { named, yes }) => {
                let client = clients.find(&named.client_id).await?;
                let what = format!("end all grants of the client {}", client.client_id);
                console.confirm(*yes, &what)?;
                let client = clients.revoke_grants(&client.client_id, now()).await?;
                changed(console, &deployment, &client, "Revoked the grants of").await
            }
            ClientCommand::Secret(command) => command.run(console, &deployment, &clients).await,
            ClientCommand::Vouch(named) => {
                let client = clients.vouch(&named.client_id, now()).await?;
                changed(console, &deployment, &client, "Vouched for").await
            }
            ClientCommand::Disable(named) => {
                let client = clients.disable(&named.client_id, now()).await?;
                changed(console, &deployment, &client, "Disabled").await
            }
            ClientCommand::Enable(named) => {
                let client = clients.enable(&named.client_id, now()).await?;
                changed(console, &deployment, &client, "Enabled").await
            }
            ClientCommand::Delete(DeleteClient { named, yes }) => {
                let client = clients.find(&named.client_id).await?;
                let what = format!(
                    "permanently delete the client {} and end its grants",
                    client.client_id
                );
                console.confirm(*yes, &what)?;
                clients.delete(&client.client_id, now()).await?;
                console.print(
                    &json!({ "deleted": 1, "client_id": client.client_id }),
                    &format!("Deleted {}\n", client.client_id),
                )
            }
        }
    }
}

pub(super) async fn clients(
    console: &Console<'_>,
    deployment: &Deployment,
) -> Result<Clients, Failure> {
    let policy = deployment.client_policy().await?;
    let sealing = deployment.sealing.clone();
    let outbound = outbound(&deployment.configuration).map_err(|message| {
        let message = format!("outbound.extra_ca_path: {message}");
        Failure::new(ExitCode::Configuration, message)
    })?;
    let clients = Clients::new(console.context(deployment), sealing, policy);
    Ok(clients.with_sectors(Arc::new(FetchedSectors(outbound))))
}

async fn changed(
    console: &mut Console<'_>,
    deployment: &Deployment,
    client: &Client,
    how: &str,
) -> Result<(), Failure> {
    let owners = Owners::of(deployment, std::slice::from_ref(client)).await?;
    console.print(
        &shown(client, &owners)?.into(),
        &format!("{how} {}\n", client.client_id),
    )
}

/// A client's registered metadata, its status and its owner.
fn shown(client: &Client, owners: &Owners) -> Result<Map<String, Value>, ClientError> {
    let mut information = client_information(client)?;
    information.insert("status".to_owned(), client.status.as_str().into());
    information.extend(
        owners
            .as_json(client)
            .map(|owner| ("owner".to_owned(), owner)),
    );
    Ok(information)
}

pub(super) async fn show_registration(
    console: &mut Console<'_>,
    deployment: &Deployment,
    registration: &Registration,
) -> Result<(), Failure> {
    let client = std::slice::from_ref(&registration.client);
    let owners = Owners::of(deployment, client).await?;
    let mut response = registration.response()?;
    let owner = owners.as_json(&registration.client);
    response.extend(owner.map(|owner| ("owner".to_owned(), owner)));
    let mut text = details(&response);
    if registration.client_secret.is_some() {
        text.push_str("\nThe secret will not be shown again. Store it now.\n");
    }
    console.print(&response.into(), &text)
}

fn details(information: &Map<String, Value>) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let texts = items.iter().map(|item| {
                item.as_str()
                    .map_or_else(|| item.to_string(), str::to_owned)
            });
            texts.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    let mut rows: Vec<_> = information
        .iter()
        .map(|(name, value)| [name.clone(), text(value)])
        .collect();
    if let (Some(row), Some(owner)) = (
        rows.iter_mut().find(|[name, _]| name == "owner"),
        information.get("owner"),
    ) {
        let members = ["username", "sub", "status"].map(|name| owner[name].as_str());
        let members: Vec<&str> = members.into_iter().flatten().collect();
        row[1] = members.join(" ");
    }
    rows.extend(flows(information).map(|flows| ["flows".to_owned(), flows]));
    output::columns(&rows)
}

/// The flows that the metadata amounts to, as older tools name them.
fn flows(information: &Map<String, Value>) -> Option<String> {
    let metadata: ClientMetadata =
        serde_json::from_value(Value::Object(information.clone())).ok()?;
    let names: Vec<&str> = flows_of(&metadata)
        .into_iter()
        .map(FlowName::friendly_name)
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn list(clients: &[Client], owners: &Owners) -> Result<String, Failure> {
    let head = ["CLIENT_ID", "NAME", "STATUS", "AUTHENTICATION", "OWNER"];
    let mut rows = vec![head.map(str::to_owned)];
    for client in clients {
        let metadata = metadata_of(client)?;
        rows.push([
            client.client_id.clone(),
            metadata.client_name.unwrap_or_default(),
            client.status.as_str().to_owned(),
            metadata.token_endpoint_auth_method.unwrap_or_default(),
            owners.text(client),
        ]);
    }
    Ok(output::columns(&rows))
}
