//! What a configuration describes, once it is opened: the data folder, the master key, the store.
//! The server and the command line open the same way.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use countersign_jose::digest::hkdf_sha256;
use countersign_jose::random::SystemRandom;
use countersign_jose::seal::Keyring;
use countersign_management::keys::Keys;
use countersign_management::resources::Resources;
use countersign_management::{Actor, Context};
use countersign_oauth::client_metadata::ClientPolicy;
use countersign_provider::offered;
use countersign_provider::resources::{self, DeclaredResources};
use countersign_store::memory::Memory;
use countersign_store::{Store, StoreError};
use countersign_store_sql::sqlite::{Options, Sqlite, schema_version};
use countersign_web::instance::{self, InstanceError};
use zeroize::Zeroizing;

use crate::configuration::{Configuration, Problem, ProviderIssuer, SecretKey, StoreLocation};
use crate::data_directory::{
    DataDirectory, DataDirectoryError, MASTER_KEY_FILE, ServerLock, check_database,
    check_database_is_not_lost, check_master_key_is_there,
};
use crate::master_key::MasterKeys;
use crate::wording::Wording;

/// An opened deployment.
pub struct Deployment {
    pub configuration: Configuration,
    pub issuer: ProviderIssuer,
    pub data_directory: DataDirectory,
    pub store: Arc<dyn Store>,
    /// Seals and opens what is at rest.
    pub sealing: Keyring,
}

/// A configuration whose data folder no one else serves from as long as this is kept.
pub struct Locked {
    configuration: Configuration,
    data_directory: DataDirectory,
    lock: ServerLock,
}

impl Locked {
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Opens what is in the folder.
    ///
    /// # Errors
    /// Returns an [`OpenError`].
    pub fn open(self) -> Result<(Deployment, ServerLock), OpenError> {
        let deployment = Deployment::open_in(self.data_directory, self.configuration)?;
        Ok((deployment, self.lock))
    }
}

/// Why a deployment can't be opened. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    DataDirectory(#[from] DataDirectoryError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A setting that nothing can be opened without.
    #[error("{0}")]
    Setting(Problem),
    #[error(
        "the store is in the server's memory and can't be managed from here. Set store.url to a database."
    )]
    MemoryStore,
    #[error(
        "the database belongs to the issuer {found}, not to {wanted}. Set issuer to that, or choose another data_dir."
    )]
    OtherIssuer { found: String, wanted: String },
    #[error(
        "{path} is not the master key that this database was sealed with. Restore the right one. If the database was created with keys.secret_key, set that instead."
    )]
    OtherMasterKey { path: PathBuf },
    #[error(
        "keys.secret_key is not the one that this database was sealed with. Set it to its old value, or remove it if the master key is a file."
    )]
    OtherSecretKey,
}

impl OpenError {
    /// The message, with the settings named as its reader knows them.
    #[must_use]
    pub fn message(&self, wording: Wording) -> String {
        match self {
            Self::DataDirectory(error) => error.message(wording),
            other => other.to_string(),
        }
    }
}

/// Domain separation of the key that is derived from `keys.secret_key`.
const MASTER_KEY_INFO: &[u8] = b"countersign master key, version 1";

impl Deployment {
    /// What the operator may register clients for, derived from what this deployment offers.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    pub async fn client_policy(&self) -> Result<ClientPolicy, StoreError> {
        let declared = self.declared_resources().await?;
        let offered = offered::to_clients(&self.configuration.provider, &declared);
        Ok(ClientPolicy::operator(offered))
    }

    /// The resources that are declared now, in the configuration and in the store.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    pub async fn declared_resources(&self) -> Result<DeclaredResources, StoreError> {
        let settings = &self.configuration.provider;
        DeclaredResources::read(&*self.store, settings, &self.issuer).await
    }

    /// What may be done to the resources on behalf of `actor`.
    #[must_use]
    pub fn resources(&self, actor: Actor) -> Resources {
        let settings = &self.configuration.provider;
        let configured = settings.operator.resources.clone();
        let rules = resources::rules(settings, &self.issuer);
        Resources::new(self.context(actor), configured, rules)
    }

    /// Opens the data folder, the key and the store; makes what isn't there yet.
    ///
    /// # Errors
    /// Returns an [`OpenError`].
    pub fn open(configuration: Configuration) -> Result<Self, OpenError> {
        check_key(&configuration)?;
        let data_directory = DataDirectory::prepare(&configuration.basics.data_dir)?;
        Self::open_in(data_directory, configuration)
    }

    /// The same in its folder, which was prepared after [`check_key`].
    fn open_in(
        data_directory: DataDirectory,
        configuration: Configuration,
    ) -> Result<Self, OpenError> {
        let issuer = configuration.issuer().map_err(OpenError::Setting)?.clone();
        let sealing = master_keys(&configuration, &data_directory)?;
        let store = match configuration.store_location() {
            StoreLocation::Memory => Arc::new(Memory::new()) as Arc<dyn Store>,
            StoreLocation::Sqlite(path) => {
                check_database(&path)?;
                let store = Sqlite::open(sqlite_options(&configuration, path.clone()))?;
                // What was not there before is now.
                check_database(&path)?;
                Arc::new(store)
            }
        };
        Ok(Self {
            configuration,
            issuer,
            data_directory,
            store,
            sealing,
        })
    }

    /// What the deployment is managed with on behalf of `actor`.
    #[must_use]
    pub fn context(&self, actor: Actor) -> Context {
        Context {
            issuer: (*self.issuer).clone(),
            store: Arc::clone(&self.store),
            random: Arc::new(SystemRandom),
            actor,
        }
    }

    /// What may be done to the signing keys on behalf of `actor`.
    #[must_use]
    pub fn keys(&self, actor: Actor) -> Keys {
        let publication = self.configuration.provider.key_publication.clone();
        Keys::new(self.context(actor), self.sealing.clone(), publication)
    }

    /// Takes the right to serve from the configured data folder.
    ///
    /// # Errors
    /// Returns [`OpenError::DataDirectory`].
    pub fn lock(configuration: Configuration) -> Result<Locked, OpenError> {
        check_key(&configuration)?;
        let data_directory = DataDirectory::prepare(&configuration.basics.data_dir)?;
        let lock = data_directory.lock_for_server()?;
        Ok(Locked {
            configuration,
            data_directory,
            lock,
        })
    }

    /// Checks that the database belongs to the configured issuer and was sealed under this master
    /// key. An unused one matches any.
    ///
    /// # Errors
    /// Returns [`OpenError::OtherIssuer`] or [`OpenError::OtherMasterKey`].
    pub async fn check_instance(&self) -> Result<(), OpenError> {
        let Some(instance) = self.store.instance().await? else {
            return Ok(());
        };
        instance::check(&instance, &self.issuer, &self.sealing)
            .map_err(|error| of_instance(error, &self.configuration))
    }

    /// The same for the command line, which can't manage what is only in another process's memory.
    ///
    /// # Errors
    /// Returns an [`OpenError`].
    pub fn open_to_manage(configuration: Configuration) -> Result<Self, OpenError> {
        match configuration.store_location() {
            StoreLocation::Memory => Err(OpenError::MemoryStore),
            StoreLocation::Sqlite(_) => Self::open(configuration),
        }
    }

    /// Whether there is a database with something in it that [`Deployment::open`] would open,
    /// without making anything.
    ///
    /// # Errors
    /// Returns an [`OpenError`] if the file is not ours, or its master key is gone.
    pub fn exists(configuration: &Configuration) -> Result<bool, OpenError> {
        check_key(configuration)?;
        match configuration.store_location() {
            StoreLocation::Memory => Ok(false),
            StoreLocation::Sqlite(path) => Ok(schema_version(&path)?.is_some()),
        }
    }
}

impl Configuration {
    /// That the key which is configured is not the database's.
    fn other_key(&self) -> OpenError {
        match self.key_material.secret_key {
            Some(_) => OpenError::OtherSecretKey,
            None => OpenError::OtherMasterKey {
                path: self.basics.data_dir.join(MASTER_KEY_FILE),
            },
        }
    }
}

/// Why a database is not the configured issuer's.
pub(crate) fn of_instance(error: InstanceError, configuration: &Configuration) -> OpenError {
    match error {
        InstanceError::Store(error) => error.into(),
        InstanceError::OtherIssuer { found, wanted } => OpenError::OtherIssuer { found, wanted },
        InstanceError::OtherMasterKey => configuration.other_key(),
    }
}

/// Before anything is made: a database whose master key is gone must not get another one.
fn check_key(configuration: &Configuration) -> Result<(), DataDirectoryError> {
    match (
        &configuration.key_material.secret_key,
        configuration.store_location(),
    ) {
        (None, StoreLocation::Sqlite(database)) => {
            check_master_key_is_there(&configuration.basics.data_dir, &database)?;
            check_database_is_not_lost(&configuration.basics.data_dir, &database)
        }
        _ => Ok(()),
    }
}

/// The keys that seal and open what is at rest.
fn master_keys(
    configuration: &Configuration,
    directory: &DataDirectory,
) -> Result<Keyring, DataDirectoryError> {
    let settings = &configuration.key_material;
    let Some(secret) = &settings.secret_key else {
        return Ok(directory.master_key()?.ring());
    };
    let derived = |secret: &SecretKey| {
        let secret = secret.expose_secret().as_bytes();
        Zeroizing::new(hkdf_sha256(secret, b"", MASTER_KEY_INFO))
    };
    let mut keys = MasterKeys::of(derived(secret));
    keys.old
        .extend(settings.opening_secret_key.as_ref().map(derived));
    Ok(keys.ring())
}

fn sqlite_options(configuration: &Configuration, path: PathBuf) -> Options {
    let store = &configuration.store;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Options {
        busy_timeout: Duration::from_millis(store.busy_timeout_milliseconds.into()),
        readers: if store.readers == 0 {
            cores
        } else {
            store.readers
        },
        max_batch: store.commit_batch_max,
        queue: store.queue,
        checkpoint_pages: store.checkpoint_pages,
        ..Options::new(path)
    }
}
