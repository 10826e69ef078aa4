//! The server as a whole: a deployment, the provider on it, the accept loop in front of it, and the upkeep beside it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_jose::random::SystemRandom;
use countersign_oauth::issuer::Issuer;
use countersign_provider::accounts::BuiltInAccounts;
use countersign_provider::clock::{Clock, SystemClock};
use countersign_provider::passwords::PasswordHasher;
use countersign_provider::settings::Settings;
use countersign_provider::{Ingredients, Provider, StartError};
use countersign_store::setup::SetupLinkState;
use countersign_store::{SecretHash, Store, StoreError};
use tokio::net::TcpListener;

use crate::configuration::{Configuration, StoreLocation};
use crate::data_directory::ServerLock;
use crate::deployment::{Deployment, OpenError};
use crate::listen::{self, Limits, raise_open_files_limit, termination_signal};
use crate::management::{SigningKeyError, SigningKeys, import_configured};
use crate::provider_settings::{pages, provider_settings};

/// How many expired records one act of the collector takes, so that it never keeps the writer for long.
const COLLECT_BATCH: u32 = 500;

/// Runs the server until it is told to stop by a signal.
///
/// # Errors
/// [`ServeError`], before anything was served.
pub async fn run(configuration: Configuration) -> Result<(), ServeError> {
    let server = Server::start(configuration, |_| {}).await?;
    tracing::info!(issuer = server.issuer(), address = %server.address(), "serving");
    server.say_what_is_missing().await?;
    server.run(termination_signal()).await;
    tracing::info!("ended");
    Ok(())
}

/// A server that is ready to run.
pub struct Server {
    deployment: Deployment,
    provider: Provider,
    listener: TcpListener,
    address: SocketAddr,
    _lock: ServerLock,
}

/// Why a server can't start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "{address} is in use by another program. Stop that one, or choose another port with listen."
    )]
    PortInUse { address: String },
    #[error("can't listen on {address}: {source}. Choose another address with listen.")]
    CannotListen { address: String, source: io::Error },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    #[error("{0}")]
    Pages(String),
    #[error("{0}")]
    Internal(String),
}

impl Server {
    /// Takes the port and the data folder, opens the store and makes the provider. `adjust` may change the provider's settings
    /// that no configuration names.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(
        configuration: Configuration,
        adjust: impl FnOnce(&mut Settings),
    ) -> Result<Self, ServeError> {
        raise_open_files_limit();
        let listener = take_port(&configuration.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|error| ServeError::Internal(error.to_string()))?;
        let pages = pages(&configuration).map_err(ServeError::Pages)?;
        let mut settings = provider_settings(&configuration);
        adjust(&mut settings);

        // The folder is locked before the database is opened: a server that is one too many must not migrate it.
        let lock = Deployment::lock(&configuration)?;
        let deployment = Deployment::open(configuration)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let keys = SigningKeys::new(Arc::clone(&deployment.store), deployment.sealing.clone());
        if let Some(key) = import_configured(&deployment.configuration, &keys, clock.now()).await? {
            tracing::info!(
                kid = key.kid,
                alg = key.alg,
                "imported the signing key of keys.private_key_path"
            );
        }
        let random = Arc::new(SystemRandom);
        let passwords = PasswordHasher::start(&settings.passwords, random.clone())
            .map(Arc::new)
            .map_err(|error| ServeError::Internal(error.to_string()))?;
        let store = Arc::clone(&deployment.store);
        let provider = Provider::new(Ingredients {
            issuer: Issuer::parse(&deployment.configuration.issuer)
                .map_err(|error| ServeError::Internal(error.to_string()))?,
            settings,
            accounts: Arc::new(BuiltInAccounts::new(
                store.clone(),
                passwords.clone(),
                clock.clone(),
            )),
            passwords,
            store,
            clock,
            random,
            pages,
            sealing: deployment.sealing.clone(),
        })
        .await?;
        Ok(Self {
            deployment,
            provider,
            listener,
            address,
            _lock: lock,
        })
    }

    /// Serves until `shutdown` completes and running requests have ended.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self {
            deployment,
            provider,
            listener,
            ..
        } = self;
        let retention = deployment
            .configuration
            .store
            .outbox_retention_seconds
            .into();
        let period = Duration::from_secs(
            deployment
                .configuration
                .store
                .collect_interval_seconds
                .into(),
        );
        let collector = tokio::spawn(collect(
            Arc::clone(&deployment.store),
            provider.clone(),
            period,
            retention,
        ));
        listen::serve(
            listener,
            provider.router(),
            Limits::of(&deployment.configuration),
            shutdown,
        )
        .await;
        collector.abort();
        _ = collector.await;
    }

    /// The issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.deployment.configuration.issuer
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

    /// Whether somebody has become the administrator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_administrator(&self) -> Result<bool, StoreError> {
        // Whatever link one asks for, the answer says so where there is one.
        let state = self
            .deployment
            .store
            .setup_link(&SecretHash::of(b""), self.provider.now())
            .await?;
        Ok(state == SetupLinkState::AdministratorExists)
    }

    async fn say_what_is_missing(&self) -> Result<(), ServeError> {
        if self.deployment.configuration.store_location() == Ok(StoreLocation::Memory) {
            tracing::warn!("the store is in memory: everything is forgotten when the server stops");
        }
        if !self.has_administrator().await? {
            tracing::info!(
                "there is no administrator yet: `countersign setup-link` prints a link that makes one"
            );
        }
        Ok(())
    }
}

impl From<StartError> for ServeError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => error.into(),
            StartError::OtherIssuer { found, wanted } => {
                OpenError::OtherIssuer { found, wanted }.into()
            }
            StartError::OtherMasterKey => OpenError::OtherMasterKey.into(),
            StartError::Key(message) => ServeError::Internal(message),
        }
    }
}

/// Takes an address to listen on.
///
/// # Errors
/// [`ServeError::PortInUse`], [`ServeError::CannotListen`].
pub async fn take_port(address: &str) -> Result<TcpListener, ServeError> {
    listen::bind(address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ServeError::PortInUse {
                address: address.to_owned(),
            },
            _ => ServeError::CannotListen {
                address: address.to_owned(),
                source,
            },
        })
}

/// Deletes what has expired, a batch at a time, as long as the server runs.
async fn collect(
    store: Arc<dyn Store>,
    provider: Provider,
    period: Duration,
    retention_seconds: i64,
) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        loop {
            let now = provider.now();
            match store
                .collect(now, now - retention_seconds, COLLECT_BATCH)
                .await
            {
                Ok(collected) if collected >= u64::from(COLLECT_BATCH) => {
                    tokio::task::yield_now().await
                }
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "can't collect what has expired; trying again later");
                    break;
                }
            }
        }
    }
}
