//! `countersign resource`: what access tokens are for (RFC 8707). The names are those of the
//! configuration's `resources`.

use clap::{Args, Subcommand, ValueEnum};
use countersign_management::resources::{DeclaredResource, OperatorResource, Resources, Source};
use countersign_oauth::client_metadata::AccessTokenFormat;
use countersign_provider::settings::SigningAlgorithm;
use serde_json::{Value, json};

use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::output;
use crate::surroundings::now;

#[derive(Debug, Subcommand)]
#[command(
    after_help = "A running server sees a change within a second.\nA resource in the configuration file is listed here, but can be changed only there.\ndocs/resources.md explains what a resource is."
)]
pub enum ResourceCommand {
    /// Declare a resource, so that clients can ask for tokens for it.
    Create(CreateResource),
    /// List all resources, and where each is declared.
    #[command(after_help = "Example:\n  countersign resource list --json | jq -r '.[].identifier'")]
    List,
    /// Show a resource.
    Show(NamedResource),
    /// Change a resource. Attributes without a flag stay as they are.
    Update(UpdateResource),
    /// Delete a resource. Access tokens that are only for it are refused from then on, and a
    /// refresh for it fails with invalid_target.
    Delete(DeleteResource),
}

#[derive(Debug, Args)]
pub struct NamedResource {
    /// The identifier: an absolute URI without a fragment, such as the address of an API.
    identifier: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  countersign resource create https://api.example.com --scope orders:read --scope orders:write
  countersign resource create https://vault.example.com --access-token-format opaque --introspecting-client vault")]
pub struct CreateResource {
    #[command(flatten)]
    named: NamedResource,
    #[command(flatten)]
    attributes: AttributeFlags,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  countersign resource update https://api.example.com --scope orders:read --access-token-lifetime-seconds 300
  countersign resource update https://api.example.com --unset access-token-lifetime-seconds

A list, such as --scope, replaces the current one.")]
pub struct UpdateResource {
    #[command(flatten)]
    named: NamedResource,
    #[command(flatten)]
    attributes: AttributeFlags,
    /// Reset this attribute to its default. May be repeated.
    #[arg(long, value_name = "NAME")]
    unset: Vec<Attribute>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  countersign resource delete https://api.example.com --yes")]
pub struct DeleteResource {
    #[command(flatten)]
    named: NamedResource,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
}

/// The attributes of a resource.
#[derive(Debug, Args)]
pub struct AttributeFlags {
    /// A scope that belongs to the resource. May be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The format of its access tokens, instead of what the client registered.
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    access_token_format: Option<AccessTokenFormat>,
    /// The algorithm that signs its access tokens, instead of keys.access_token_algorithm; one of
    /// keys.algorithms.
    #[arg(long, value_name = "ALG")]
    access_token_algorithm: Option<SigningAlgorithm>,
    /// How long its access tokens are valid, instead of tokens.access_token_lifetime_seconds.
    #[arg(long, value_name = "SECONDS")]
    access_token_lifetime_seconds: Option<i64>,
    /// The client_id of a client that may introspect its tokens, usually the API itself. May be
    /// repeated.
    #[arg(long = "introspecting-client", value_name = "CLIENT_ID")]
    introspecting_clients: Vec<String>,
    /// Let its tokens open userinfo, so that those who run the resource can read the user's claims.
    #[arg(long)]
    userinfo: bool,
}

/// An attribute by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Attribute {
    Scopes,
    AccessTokenFormat,
    AccessTokenAlgorithm,
    AccessTokenLifetimeSeconds,
    IntrospectingClients,
    Userinfo,
}

impl ResourceCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let deployment = console.open().await?;
        let resources = deployment.resources(console.actor());
        match self {
            Self::Create(CreateResource { named, attributes }) => {
                let mut resource = OperatorResource::default();
                attributes.apply(&mut resource);
                let created = resources.create(&named.identifier, &resource, now());
                show(console, &created.await?)
            }
            Self::List => {
                let all = resources.list().await?;
                let value: Value = all.iter().map(as_json).collect();
                console.print(&value, &table(&all))
            }
            Self::Show(named) => show(console, &resources.find(&named.identifier).await?),
            Self::Update(update) => update.run(console, &resources).await,
            Self::Delete(DeleteResource { named, yes }) => {
                let identifier = &named.identifier;
                resources.find(identifier).await?;
                console.confirm(*yes, &format!("delete the resource {identifier}"))?;
                resources.delete(identifier, now()).await?;
                let value = json!({ "deleted": 1, "identifier": identifier });
                console.print(&value, &format!("Deleted {identifier}\n"))
            }
        }
    }
}

impl UpdateResource {
    async fn run(&self, console: &mut Console<'_>, resources: &Resources) -> Result<(), Failure> {
        if self.attributes.is_empty() && self.unset.is_empty() {
            let message = "name at least one change. See --help.";
            return Err(Failure::new(ExitCode::Usage, message));
        }
        let change = |resource: &mut OperatorResource| {
            for name in &self.unset {
                name.unset(resource);
            }
            self.attributes.apply(resource);
        };
        let updated = resources.update(&self.named.identifier, change, now());
        show(console, &updated.await?)
    }
}

impl AttributeFlags {
    fn is_empty(&self) -> bool {
        let mut untouched = OperatorResource::default();
        self.apply(&mut untouched);
        untouched == OperatorResource::default()
    }

    fn apply(&self, resource: &mut OperatorResource) {
        if !self.scopes.is_empty() {
            resource.scopes.clone_from(&self.scopes);
        }
        if !self.introspecting_clients.is_empty() {
            let clients = &self.introspecting_clients;
            resource.introspecting_clients.clone_from(clients);
        }
        let format = self.access_token_format;
        resource.access_token_format = format.or(resource.access_token_format);
        let algorithm = self.access_token_algorithm;
        resource.access_token_algorithm = algorithm.or(resource.access_token_algorithm);
        let lifetime = self.access_token_lifetime_seconds;
        resource.access_token_lifetime_seconds =
            lifetime.or(resource.access_token_lifetime_seconds);
        resource.userinfo |= self.userinfo;
    }
}

impl Attribute {
    fn unset(self, resource: &mut OperatorResource) {
        match self {
            Self::Scopes => resource.scopes.clear(),
            Self::AccessTokenFormat => resource.access_token_format = None,
            Self::AccessTokenAlgorithm => resource.access_token_algorithm = None,
            Self::AccessTokenLifetimeSeconds => resource.access_token_lifetime_seconds = None,
            Self::IntrospectingClients => resource.introspecting_clients.clear(),
            Self::Userinfo => resource.userinfo = false,
        }
    }
}

fn format(name: &str) -> Result<AccessTokenFormat, String> {
    serde_json::from_value(name.into()).map_err(|_| "expected jwt or opaque".to_owned())
}

fn show(console: &mut Console<'_>, resource: &DeclaredResource) -> Result<(), Failure> {
    let value = as_json(resource);
    console.print(&value, &details(&value))
}

fn as_json(resource: &DeclaredResource) -> Value {
    let attributes = &resource.attributes;
    let times = match &resource.source {
        Source::Configuration => None,
        Source::Store(record) => Some((record.created_at, record.updated_at)),
    };
    json!({
        "identifier": resource.identifier,
        "source": resource.source.as_str(),
        "served": resource.not_served.is_none(),
        "not_served_because": resource.not_served.as_ref().map(ToString::to_string),
        "scopes": attributes.scopes,
        "access_token_format": attributes.access_token_format,
        "access_token_algorithm": attributes.access_token_algorithm,
        "access_token_lifetime_seconds": attributes.access_token_lifetime_seconds,
        "introspecting_clients": attributes.introspecting_clients,
        "userinfo": attributes.userinfo,
        "created_at": times.map(|(created_at, _)| created_at),
        "updated_at": times.map(|(_, updated_at)| updated_at),
    })
}

/// The attributes that are set, one per line.
fn details(resource: &Value) -> String {
    let members = resource.as_object().into_iter().flatten();
    let rows: Vec<[String; 2]> = members
        .filter_map(|(name, value)| Some([name.clone(), text(name, value)?]))
        .collect();
    output::columns(&rows)
}

fn text(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            (!items.is_empty()).then(|| items.join(" "))
        }
        Value::Number(seconds) if name.ends_with("_at") => seconds.as_i64().map(output::instant),
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn table(all: &[DeclaredResource]) -> String {
    let head = ["IDENTIFIER", "DECLARED IN", "SERVED", "SCOPES"];
    let row = |resource: &DeclaredResource| {
        let served = match &resource.not_served {
            None => "yes".to_owned(),
            Some(why) => format!("no: {why}"),
        };
        let scopes = resource.attributes.scopes.join(" ");
        let source = resource.source.as_str().to_owned();
        [resource.identifier.clone(), source, served, scopes]
    };
    let rows = std::iter::once(head.map(str::to_owned)).chain(all.iter().map(row));
    output::columns(&rows.collect::<Vec<_>>())
}
