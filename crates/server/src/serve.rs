//! The server as a whole: a deployment, the provider on it, the accept loop in front of it, and the
//! upkeep beside it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use countersign_management::Actor;
use countersign_provider::{HousekeepingSettings, OutboxLimits, Provider, StartError};
use countersign_store::setup::SetupLinkState;
use countersign_store::{SecretHash, StoreError};
use countersign_web::clock::{Clock, SystemClock};
use tokio::net::TcpListener;

use crate::catalogue::catalogue;
use crate::configuration::{Configuration, ListenAddress, ProviderIssuer, StoreLocation};
use crate::configured_key::{ConfiguredKey, ConfiguredKeyError, import_configured, import_later};
use crate::data_directory::ServerLock;
use crate::deployment::{Deployment, Locked, OpenError, of_instance};
use crate::listen::{self, Door, Limits, Transport, raise_open_files_limit};
use crate::master_key;
use crate::outbound::outbound;
use crate::statement_keys::read_statement_keys;
use crate::surroundings::Shutdown;
use crate::templates::pages;
use crate::tls::{Tls, TlsFault};
use crate::wording::Wording;

/// Runs the server until it is told to stop. `setup_link_command` is what prints a setup link for
/// this deployment.
///
/// # Errors
/// Returns a [`ServeError`] before anything is served.
pub async fn run(
    configuration: Configuration,
    shutdown: Shutdown,
    setup_link_command: &str,
) -> Result<(), ServeError> {
    // The folder first: that a server runs there already says more than that the port is in use,
    // and one that is too many must not migrate the database.
    let server = Server::start(Deployment::lock(configuration)?, None).await?;
    tracing::info!(issuer = %server.issuer(), address = %server.address(), "serving");
    server.say_what_is_missing(setup_link_command).await?;
    server.run(shutdown.requested()).await;
    tracing::info!("ended");
    Ok(())
}

/// A server that is ready to run.
pub struct Server {
    deployment: Deployment,
    provider: Provider,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    /// That of `client_certificates.listen`.
    mtls_listener: Option<TcpListener>,
    /// What came of `keys.private_key_path`.
    configured_key: ConfiguredKey,
    _lock: ServerLock,
}

/// Why a server can't start. Each says what to do.
#[derive(Debug)]
pub enum ServeError {
    PortInUse { address: String },
    CannotListen { address: String, source: io::Error },
    Open(OpenError),
    Store(StoreError),
    SigningKey(ConfiguredKeyError),
    Pages(String),
    Outbound(String),
    Tls(TlsFault),
    Internal(String),
}

impl ServeError {
    /// The message, with the settings named as its reader knows them.
    #[must_use]
    pub fn message(&self, wording: Wording) -> String {
        let listen = wording.listen();
        match self {
            Self::PortInUse { address } => format!(
                "{address} is in use by another program. Stop that program, or choose another port with {listen}."
            ),
            Self::CannotListen { address, source } => {
                format!(
                    "can't listen on {address}: {source}. Choose another address with {listen}."
                )
            }
            Self::Open(error) => error.message(wording),
            Self::Store(error) => error.to_string(),
            Self::SigningKey(error) => error.to_string(),
            Self::Tls(fault) => fault.to_string(),
            Self::Pages(message) | Self::Outbound(message) | Self::Internal(message) => {
                message.clone()
            }
        }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message(Wording::Settings))
    }
}

impl std::error::Error for ServeError {}

impl Server {
    /// Takes the port, opens the store in the locked data folder and makes the provider.
    /// `after_setup_url` is where the page after setup leads on to.
    ///
    /// # Errors
    /// Returns a [`ServeError`].
    pub async fn start(
        locked: Locked,
        after_setup_url: Option<String>,
    ) -> Result<Self, ServeError> {
        raise_open_files_limit();
        let tls = Tls::load(locked.configuration()).map_err(ServeError::Tls)?;
        let listener = take_port(&locked.configuration().basics.listen).await?;
        let mtls_listener = match &locked.configuration().mtls.listen {
            Some(address) => Some(take_port(address).await?),
            None => None,
        };
        let address = listener
            .local_addr()
            .map_err(|error| ServeError::Internal(error.to_string()))?;
        let pages = pages(locked.configuration()).map_err(ServeError::Pages)?;
        let outbound = outbound(locked.configuration()).map_err(|message| {
            ServeError::Outbound(format!("outbound.extra_ca_path: {message}"))
        })?;
        let mut settings = locked.configuration().provider.clone();
        read_statement_keys(&mut settings.registration).map_err(ServeError::Internal)?;
        if after_setup_url.is_some() {
            settings.setup.after_setup_url = after_setup_url;
        }

        let (deployment, lock) = locked.open()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let keys = deployment.keys(Actor::Server);
        let configured_key =
            import_configured(&deployment.configuration, &keys, clock.now()).await?;
        let store = Arc::clone(&deployment.store);
        let (issuer, sealing) = ((*deployment.issuer).clone(), deployment.sealing.clone());
        let provider = Provider::builder(issuer, store, sealing)
            .settings(settings)
            .site_settings(deployment.configuration.site())
            .pages(pages)
            .catalogue(catalogue())
            .outbound(outbound)
            .clock(clock)
            .build()
            .await
            .map_err(|error| match error {
                StartError::Store(error) => ServeError::Store(error),
                StartError::Instance(error) => of_instance(error, &deployment.configuration).into(),
                other => ServeError::Internal(other.to_string()),
            })?;
        Ok(Self {
            deployment,
            provider,
            listener,
            address,
            tls,
            mtls_listener,
            configured_key,
            _lock: lock,
        })
    }

    /// Serves until `shutdown` completes and running requests have ended.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self {
            deployment,
            provider,
            listener,
            tls,
            mtls_listener,
            configured_key,
            ..
        } = self;
        let follower = match &deployment.configuration.key_material.secret_key {
            Some(_) => None,
            None => Some(tokio::spawn(master_key::follow(
                deployment.data_directory.clone(),
                deployment.sealing.clone(),
            ))),
        };
        let importer = match configured_key {
            ConfiguredKey::Waits { until } => Some(tokio::spawn(import_later(
                deployment.configuration.clone(),
                deployment.keys(Actor::Server),
                provider.clone(),
                until,
            ))),
            ConfiguredKey::NothingNew | ConfiguredKey::Imported(_) => None,
        };
        let store = &deployment.configuration.store;
        let housekeeping = provider.start_housekeeping(HousekeepingSettings {
            interval_seconds: store.collect_interval_seconds,
            outbox: OutboxLimits {
                max_events: store.outbox_max_events,
                max_age_seconds: store.outbox_retention_seconds.into(),
            },
        });
        let mut doors = vec![Door {
            listener,
            transport: match &tls {
                Some(tls) => Transport::Tls(Arc::clone(&tls.main)),
                None => Transport::Plain,
            },
            app: provider.standalone_router(),
        }];
        if let (Some(tls), Some(listener)) = (&tls, mtls_listener) {
            doors.push(Door {
                listener,
                transport: Transport::Tls(Arc::clone(&tls.mtls)),
                app: provider.mtls_router(),
            });
        }
        let reloading = tls.map(|tls| tls.keep_current(&deployment.configuration));
        let limits = Limits::of(&deployment.configuration);
        listen::serve_doors(doors, limits, shutdown).await;
        drop(reloading);
        for task in [importer, follower].into_iter().flatten() {
            task.abort();
            _ = task.await;
        }
        housekeeping.stop().await;
        if let Err(error) = deployment.store.close().await {
            tracing::error!(%error, "the store was not closed properly");
        }
    }

    /// The issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &ProviderIssuer {
        &self.deployment.issuer
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it runs on.
    #[must_use]
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// Whether there is an administrator by now.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    pub async fn has_administrator(&self) -> Result<bool, StoreError> {
        // Whichever link is asked about, the outcome says whether there is an administrator.
        let state = self
            .deployment
            .store
            .setup_link(&SecretHash::of(b""), self.provider.now())
            .await?;
        Ok(state == SetupLinkState::AdministratorExists)
    }

    async fn say_what_is_missing(&self, setup_link_command: &str) -> Result<(), ServeError> {
        if self.deployment.configuration.store_location() == StoreLocation::Memory {
            tracing::warn!("the store is in memory: everything is forgotten when the server stops");
        }
        if !self.has_administrator().await? {
            tracing::info!(
                "there is no administrator yet: `{setup_link_command}` prints a link that creates one"
            );
        }
        Ok(())
    }
}

impl From<OpenError> for ServeError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<StoreError> for ServeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ConfiguredKeyError> for ServeError {
    fn from(error: ConfiguredKeyError) -> Self {
        Self::SigningKey(error)
    }
}

/// Takes an address to listen on.
///
/// # Errors
/// Returns [`ServeError::PortInUse`] or [`ServeError::CannotListen`].
pub async fn take_port(address: &ListenAddress) -> Result<TcpListener, ServeError> {
    let address = address.to_string();
    listen::bind(&address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ServeError::PortInUse { address },
            _ => ServeError::CannotListen { address, source },
        })
}
