//! `countersign quickstart`: a provider and a demo application beside it, from nothing, in one
//! process.
//!
//! The provider is the same as `serve`'s; what is different is chosen here: a folder of its own,
//! loopback addresses, errors that explain themselves, and a client for the demo. A second start
//! finds everything where it was.

pub mod demo;
mod error;
mod welcome;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_management::Actor;
use countersign_management::clients::{ClientError, Clients, NewClient};
use countersign_management::setup::new_setup_link;
use countersign_oauth::client_metadata::ClientMetadata;
use countersign_oauth::issuer::Issuer;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::configuration::{
    Configuration, ConfigurationError, Effective, Environment, ListenAddress, Sources,
};
use crate::data_directory::DataDirectoryError;
use crate::deployment::{Deployment, OpenError};
use crate::listen::{HostPolicy, Limits, serve};
use crate::places::{DEFAULT_FILE, QUICKSTART_FOLDER, setup_link_command};
use crate::serve::{ServeError, Server, take_port};
use crate::surroundings::{Shutdown, now};
use demo::DemoConfig;
pub use error::QuickstartError;
pub use welcome::Welcome;

/// The client that the demo application is registered as.
pub const DEMO_CLIENT_ID: &str = "countersign-demo";

/// Faults, and what people and applications do at the provider.
const LOG_LEVEL: &str = "warn,countersign_provider=info,countersign_web=info";

/// The provider's port if no other is named.
pub const DEFAULT_PORT: u16 = 8080;

/// Where everything is to be.
#[derive(Debug, Clone)]
pub struct Quickstart {
    /// What relative paths are relative to; empty means the process's current folder.
    pub folder: PathBuf,
    /// The folder of database and master key; made if it isn't there.
    pub data_dir: PathBuf,
    /// The provider's port on this machine; without it the one that the folder was made with, at
    /// first [`DEFAULT_PORT`].
    pub port: Option<u16>,
    /// The demo application's port.
    pub demo_port: u16,
    /// Only names that begin with `COUNTERSIGN_` are used: what another system left in the
    /// environment must not make us open its database.
    pub environment: Environment,
}

/// Everything is started and nothing is served yet.
pub struct Started {
    server: Server,
    demo: TcpListener,
    demo_config: DemoConfig,
    demo_limits: Limits,
    pub welcome: Welcome,
}

impl Quickstart {
    /// The settings: our choices where the built-in defaults would stand, below what the
    /// environment says.
    ///
    /// # Errors
    /// What is wrong with the environment's values, or with `countersign.toml` in the data folder.
    pub fn configuration(&self) -> Result<Configuration, ConfigurationError> {
        let file = self.file();
        let addresses = |port: u16| {
            vec![
                ("issuer", format!("http://localhost:{port}")),
                ("listen", format!("127.0.0.1:{port}")),
            ]
        };
        let mut defaults = addresses(DEFAULT_PORT);
        defaults.extend([
            ("data_dir", self.data_dir.display().to_string()),
            ("errors.explain_errors", "true".to_owned()),
            ("registration.open", "true".to_owned()),
            ("client_documents.enabled", "true".to_owned()),
            ("logging.level", LOG_LEVEL.to_owned()),
        ]);
        let sources = Sources {
            folder: self.folder.clone(),
            file: Some(file).filter(|file| file.is_file()),
            environment: self.environment.clone(),
            flags: self.port.map(addresses).unwrap_or_default(),
            defaults,
            ..Sources::default()
        };
        Ok(Effective::load(&sources)?.configuration)
    }

    /// Takes the data folder and both ports, registers the demo, and makes a setup link if there is
    /// no administrator yet.
    ///
    /// # Errors
    /// Returns a [`QuickstartError`] before anything is served.
    pub async fn start(&self, configuration: Configuration) -> Result<Started, QuickstartError> {
        // The folder first: that quickstart runs there already says more than that its ports are in
        // use.
        let locked = Deployment::lock(configuration).map_err(|error| self.of_lock(error))?;
        let demo = take_port(&ListenAddress::loopback(self.demo_port)).await;
        let demo = demo.map_err(|error| match error {
            ServeError::PortInUse { .. } => QuickstartError::DemoPortInUse {
                port: self.demo_port,
            },
            error => error.into(),
        })?;
        let address = demo
            .local_addr()
            .map_err(|error| ServeError::Internal(error.to_string()))?;
        let demo_url = demo_url(address)?;
        let demo_limits = Limits {
            hosts: HostPolicy::for_issuer(&demo_origin(&demo_url)?, &[]),
            ..Limits::new(
                &locked.configuration().http,
                &locked.configuration().site.requests,
            )
        };
        let port = locked.configuration().basics.listen.port();
        let server = Server::start(locked, Some(demo_url.to_string()))
            .await
            .map_err(|error| match error {
                ServeError::PortInUse { .. } => QuickstartError::PortInUse { port },
                error => error.into(),
            })?;
        let demo_config = DemoConfig {
            issuer: server.issuer().to_string(),
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: None,
            base_url: demo_url.clone(),
        };
        register_demo(&server, &demo_config).await?;
        self.remember(&server)?;
        let deployment = server.deployment();
        let lifetime = deployment
            .configuration
            .provider
            .setup
            .link_lifetime_seconds;
        let context = deployment.context(Actor::Server);
        let link = new_setup_link(&context, lifetime, now()).await?;
        let welcome = Welcome {
            issuer: server.issuer().to_string(),
            demo: demo_url.to_string(),
            data_dir: self.data_dir.clone(),
            setup_link: link,
            setup_link_lifetime_seconds: lifetime,
            setup_link_command: self.setup_link_command(),
        };
        Ok(Started {
            server,
            demo,
            demo_config,
            demo_limits,
            welcome,
        })
    }

    /// What this folder was made with.
    fn file(&self) -> PathBuf {
        let folder = self.folder.join(&self.data_dir);
        folder.join(DEFAULT_FILE)
    }

    /// What prints another setup link for this folder.
    fn setup_link_command(&self) -> String {
        let is_found = self.data_dir == Path::new(QUICKSTART_FOLDER);
        let file = self.data_dir.join(DEFAULT_FILE);
        setup_link_command(Some(file.as_path()).filter(|_| !is_found))
    }

    fn of_lock(&self, error: OpenError) -> QuickstartError {
        match error {
            OpenError::DataDirectory(DataDirectoryError::InUse { path }) => {
                // The flags say where this one would be; where the other one is, the folder says.
                let other = Self {
                    port: None,
                    ..self.clone()
                };
                let known = Some(other).filter(|other| other.file().is_file());
                let issuer = known
                    .and_then(|other| other.configuration().ok()?.basics.issuer)
                    .map(|issuer| issuer.to_string());
                QuickstartError::RunningAlready {
                    data_dir: path,
                    issuer,
                }
            }
            error => QuickstartError::Serve(error.into()),
        }
    }

    /// Writes down what this folder was made with, so that the next start and every other command
    /// find the same deployment.
    fn remember(&self, server: &Server) -> Result<(), ServeError> {
        let configuration = &server.deployment().configuration;
        let path = self.file();
        if path.exists() {
            return Ok(());
        }
        // A relative path in the file is relative to the file, so the folder can be moved.
        let text = format!(
            "# The settings with which `countersign quickstart` created this folder. `countersign config reference` lists every setting.\n\
             issuer = {:?}\nlisten = {:?}\ndata_dir = \".\"\n\n[errors]\nexplain_errors = {}\n\n[registration]\nopen = {}\n\n[client_documents]\nenabled = {}\n\n[logging]\nlevel = {:?}\n",
            server.issuer().as_str(),
            configuration.basics.listen.to_string(),
            configuration.site.errors.explain_errors,
            configuration.provider.registration.open,
            configuration.provider.client_documents.enabled,
            configuration.logging.level.as_str(),
        );
        server
            .deployment()
            .data_directory
            .write_new(DEFAULT_FILE, text.as_bytes())
            .map_err(|error| {
                ServeError::Internal(format!("can't write {}: {error}", path.display()))
            })
    }
}

impl Started {
    /// Serves both until they are told to stop.
    pub async fn run(self, shutdown: Shutdown) {
        let (handle, stopped) = Shutdown::by_handle();
        let demo = tokio::spawn(serve(
            self.demo,
            demo::router(self.demo_config),
            Limits {
                graceful_shutdown: Duration::from_secs(1),
                ..self.demo_limits
            },
            stopped.clone().requested(),
        ));
        let server = self.server.run(stopped.requested());
        tokio::spawn(async move {
            shutdown.requested().await;
            handle.stop();
        });
        server.await;
        _ = demo.await;
    }
}

/// `http://127.0.0.1`, where the provider says `localhost`: two host names, so that their cookies
/// don't mix.
fn demo_url(address: SocketAddr) -> Result<Url, ServeError> {
    Url::parse(&format!("http://127.0.0.1:{}/", address.port()))
        .map_err(|error| ServeError::Internal(error.to_string()))
}

fn demo_origin(url: &Url) -> Result<Issuer, ServeError> {
    Issuer::parse(url.as_str()).map_err(|error| ServeError::Internal(error.to_string()))
}

/// Registers the demo, or brings its addresses up to date if it runs on another port than before.
async fn register_demo(server: &Server, demo: &DemoConfig) -> Result<(), ClientError> {
    let deployment = server.deployment();
    let policy = deployment.client_policy().await?;
    let sealing = deployment.sealing.clone();
    let clients = Clients::new(deployment.context(Actor::Server), sealing, policy);
    let addresses = json!({
        "redirect_uris": [demo.redirect_uri()],
        "post_logout_redirect_uris": [demo.post_logout_redirect_uri()],
    });
    let Value::Object(addresses) = addresses else {
        return Ok(());
    };
    match clients.find(&demo.client_id).await {
        Ok(known) if has(&known.metadata, &addresses) => Ok(()),
        Ok(_) => clients
            .update(&demo.client_id, addresses, &[], now())
            .await
            .map(drop),
        Err(ClientError::Unknown(_)) => {
            let new = NewClient {
                metadata: demo_metadata(addresses)?,
                client_id: Some(demo.client_id.clone()),
                ..NewClient::default()
            };
            clients.create(new, now()).await.map(drop)
        }
        Err(error) => Err(error),
    }
}

fn has(metadata: &str, members: &Map<String, Value>) -> bool {
    let known: Map<String, Value> = serde_json::from_str(metadata).unwrap_or_default();
    members
        .iter()
        .all(|(name, value)| known.get(name) == Some(value))
}

fn demo_metadata(addresses: Map<String, Value>) -> Result<ClientMetadata, ClientError> {
    let mut members = addresses;
    members.insert("client_name".to_owned(), json!("Demo application"));
    members.insert("token_endpoint_auth_method".to_owned(), json!("none"));
    members.insert(
        "grant_types".to_owned(),
        json!(["authorization_code", "refresh_token"]),
    );
    members.insert(
        "scope".to_owned(),
        json!("openid profile email offline_access"),
    );
    Ok(ClientMetadata::from_object(members)?)
}
