//! What a configuration stands for once it is opened: the data folder, the master key, the store. The server and the command
//! line open the same way.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use countersign_jose::digest::hkdf_sha256;
use countersign_jose::seal::{Keyring, SealingKey, associated_data};
use countersign_store::memory::Memory;
use countersign_store::{Store, StoreError};
use countersign_store_sql::sqlite::{Options, Sqlite};
use zeroize::Zeroizing;

use crate::configuration::{Configuration, StoreLocation};
use crate::data_directory::{DataDirectory, DataDirectoryError, ServerLock, check_database};

/// An opened deployment.
pub struct Deployment {
    pub configuration: Configuration,
    pub data_directory: DataDirectory,
    pub store: Arc<dyn Store>,
    /// Seals and opens what is at rest.
    pub sealing: Keyring,
}

/// Why a deployment can't be opened. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    DataDirectory(#[from] DataDirectoryError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("store.url: {0}")]
    StoreLocation(String),
    #[error(
        "the store is in the memory of the server and can't be managed from here. Set store.url to a database."
    )]
    MemoryStore,
    #[error(
        "the database belongs to the issuer {found}, not to {wanted}. Set issuer to that, or name another data_dir."
    )]
    OtherIssuer { found: String, wanted: String },
    #[error(
        "the master key is not the one that this database was sealed with. Restore master.key or SECRET_KEY."
    )]
    OtherMasterKey,
}

/// Domain separation of the key that is derived from `keys.secret_key`.
const MASTER_KEY_INFO: &[u8] = b"countersign master key, version 1";

/// The id of the only master key there is; a rotated one will have another.
const MASTER_KEY_ID: u32 = 1;

impl Deployment {
    /// Opens the data folder, the key and the store; makes what isn't there yet.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(configuration: Configuration) -> Result<Self, OpenError> {
        let data_directory = DataDirectory::prepare(&configuration.data_dir)?;
        let key = master_key(&configuration, &data_directory)?;
        let sealing = Keyring::new(SealingKey::new(MASTER_KEY_ID, *key));
        let store = match configuration
            .store_location()
            .map_err(OpenError::StoreLocation)?
        {
            StoreLocation::Memory => Arc::new(Memory::new()) as Arc<dyn Store>,
            StoreLocation::Sqlite(path) => {
                check_database(&path)?;
                Arc::new(Sqlite::open(sqlite_options(&configuration, path))?)
            }
        };
        Ok(Self {
            configuration,
            data_directory,
            store,
            sealing,
        })
    }

    /// Takes the right to serve from the configured data folder.
    ///
    /// # Errors
    /// [`OpenError::DataDirectory`].
    pub fn lock(configuration: &Configuration) -> Result<ServerLock, OpenError> {
        Ok(DataDirectory::prepare(&configuration.data_dir)?.lock_for_server()?)
    }

    /// Sees that the database is the configured issuer's and was sealed under this master key. One that nobody has used yet fits
    /// anything.
    ///
    /// # Errors
    /// [`OpenError::OtherIssuer`], [`OpenError::OtherMasterKey`].
    pub async fn check_instance(&self) -> Result<(), OpenError> {
        let Some(instance) = self.store.instance().await? else {
            return Ok(());
        };
        if self
            .sealing
            .open(
                &associated_data("instance", "1", "key_check"),
                &instance.key_check,
            )
            .is_err()
        {
            return Err(OpenError::OtherMasterKey);
        }
        if instance.issuer != self.configuration.issuer {
            let wanted = self.configuration.issuer.clone();
            return Err(OpenError::OtherIssuer {
                found: instance.issuer,
                wanted,
            });
        }
        Ok(())
    }

    /// The same for the command line, which can't manage what is only in another process's memory.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_to_manage(configuration: Configuration) -> Result<Self, OpenError> {
        match configuration
            .store_location()
            .map_err(OpenError::StoreLocation)?
        {
            StoreLocation::Memory => Err(OpenError::MemoryStore),
            StoreLocation::Sqlite(_) => Self::open(configuration),
        }
    }
}

fn master_key(
    configuration: &Configuration,
    directory: &DataDirectory,
) -> Result<Zeroizing<[u8; 32]>, DataDirectoryError> {
    match &configuration.keys.secret_key {
        Some(secret) => {
            let secret = secret.expose_secret().as_bytes();
            Ok(Zeroizing::new(hkdf_sha256(secret, b"", MASTER_KEY_INFO)))
        }
        None => directory.master_key(),
    }
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
