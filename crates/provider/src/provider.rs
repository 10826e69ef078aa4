//! The provider as a value: what it is made of, and the checks before it is made.
//!
//! One database is one issuer, sealed under one master key; a process may hold several providers.

use std::ops::Deref;
use std::sync::Arc;

use countersign_jose::random::Random;
use countersign_jose::seal;
use countersign_oauth::issuer::Issuer;
use countersign_store::Store;

use crate::accounts::Accounts;
use crate::clients::ClientRegistry;
use crate::clock::Clock;
use crate::cookies::Cookies;
use crate::discovery::metadata::Documents;
use crate::health::readiness::Readiness;
use crate::instance;
use crate::keys::{self, KeyRing};
use crate::pages::Pages;
use crate::passwords::PasswordHasher;
use crate::settings::Settings;
use crate::start_error::StartError;

/// An OpenID provider. Cheap to clone; every clone is the same provider.
#[derive(Clone)]
pub struct Provider(Arc<Parts>);

/// What a provider is made of.
pub struct Parts {
    pub issuer: Issuer,
    pub settings: Settings,
    pub store: Arc<dyn Store>,
    pub accounts: Arc<dyn Accounts>,
    pub passwords: Arc<PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub pages: Pages,
    pub cookies: Cookies,
    pub clients: ClientRegistry,
    pub keys: KeyRing,
    /// Seals what is at rest, and the forms of our pages.
    pub sealing: seal::Keyring,
    /// The id of this deployment's database: in cookie names, and in what a sealed form is bound to.
    pub instance_id: String,
    pub(crate) documents: Documents,
    pub(crate) readiness: Readiness,
}

/// What the caller of [`Provider::new`] brings.
pub struct Ingredients {
    pub issuer: Issuer,
    pub settings: Settings,
    pub store: Arc<dyn Store>,
    pub accounts: Arc<dyn Accounts>,
    pub passwords: Arc<PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub pages: Pages,
    /// Made from the master key.
    pub sealing: seal::Keyring,
}

impl Provider {
    /// Checks that the database is this issuer's and fits the master key, makes the signing keys
    /// that are missing, and loads them.
    pub async fn new(ingredients: Ingredients) -> Result<Provider, StartError> {
        let Ingredients {
            issuer,
            settings,
            store,
            accounts,
            passwords,
            clock,
            random,
            pages,
            sealing,
        } = ingredients;
        let instance = instance::adopt(&*store, &issuer, &sealing, &*random, clock.now()).await?;
        keys::ensure(&*store, &sealing, &*random, &settings, clock.now()).await?;
        let keys = KeyRing::load(
            Arc::clone(&store),
            sealing.clone(),
            Arc::clone(&clock),
            &settings,
        )
        .await?;
        let pages = pages.with_base_path(issuer.path_prefix());
        Ok(Provider(Arc::new(Parts {
            cookies: Cookies::new(&instance.id, issuer.is_https()),
            clients: ClientRegistry::new(),
            documents: Documents::new(&issuer, &settings)?,
            readiness: Readiness::default(),
            instance_id: instance.id,
            keys,
            issuer,
            settings,
            store,
            accounts,
            passwords,
            clock,
            random,
            pages,
            sealing,
        })))
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The path of one of our own pages, below the issuer's.
    pub fn page_path(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.path_prefix())
    }
}

impl Deref for Provider {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
