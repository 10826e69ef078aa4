//! The authorization server and OpenID provider.
//!
//! A [`Provider`] is a value without globals: settings, a store, keys, pages and a clock, made once
//! by [`Provider::new`]; [`Provider::router`] answers its addresses. [`routes`] lists every URL,
//! [`error`] every error on the wire, and each folder is an endpoint or a journey.

pub mod accounts;
pub mod authorize;
pub mod client_auth;
pub mod clients;
pub mod clock;
pub mod consent;
pub mod cookies;
pub mod discovery;
pub mod error;
pub mod exchange;
pub mod health;
pub mod home;
pub mod keys;
pub mod login;
pub mod logout;
pub mod pages;
pub mod passwords;
mod repost;
pub mod routes;
mod service;
pub mod session;
pub mod settings;
pub mod setup;
pub mod token;
pub mod userinfo;

use std::ops::Deref;
use std::sync::Arc;

use countersign_jose::random::Random;
use countersign_jose::{base64url, seal};
use countersign_oauth::issuer::Issuer;
use countersign_store::instance::Instance;
use countersign_store::{Store, StoreError};

use accounts::Accounts;
use clients::ClientRegistry;
use clock::Clock;
use cookies::Cookies;
use discovery::Documents;
use keys::KeyRing;
use pages::Pages;
use passwords::PasswordHasher;
use settings::Settings;

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
    /// Seals what is at rest, and interactions.
    pub sealing: seal::Keyring,
    documents: Documents,
    readiness: health::Readiness,
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

/// Why a provider could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// One database is one issuer (its tokens and its accounts name it).
    #[error("the database belongs to the issuer {found}, not to {wanted}")]
    OtherIssuer { found: String, wanted: String },
    /// The master key opens nothing that is sealed in this database.
    #[error("the master key is not the one that this database was sealed with")]
    OtherMasterKey,
    #[error("a signing key could not be made or opened: {0}")]
    Key(String),
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
        let instance = adopt(&*store, &issuer, &sealing, &*random, clock.now()).await?;
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
            documents: Documents::new(&issuer, &settings),
            readiness: health::Readiness::default(),
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

    pub fn now(&self) -> i64 {
        self.clock.now()
    }
}

impl Deref for Provider {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

const KEY_CHECK: &[u8] = b"countersign";

async fn adopt(
    store: &dyn Store,
    issuer: &Issuer,
    sealing: &seal::Keyring,
    random: &dyn Random,
    now: i64,
) -> Result<Instance, StartError> {
    let aad = seal::associated_data("instance", "1", "key_check");
    let mut id = [0; 6];
    random.fill(&mut id);
    // Part of cookie names, where `-` and `_` are fine but would read badly.
    let id = base64url::encode(id).replace(['-', '_'], "0");
    let key_check = sealing.seal(random, &aad, KEY_CHECK);
    let proposed = Instance {
        id,
        issuer: issuer.as_str().to_owned(),
        key_check,
        created_at: now,
    };
    let instance = store.adopt_instance(&proposed).await?;
    if sealing.open(&aad, &instance.key_check).is_err() {
        return Err(StartError::OtherMasterKey);
    }
    if instance.issuer != issuer.as_str() {
        let wanted = issuer.as_str().to_owned();
        return Err(StartError::OtherIssuer {
            found: instance.issuer,
            wanted,
        });
    }
    Ok(instance)
}
