//! How a provider is made: three things that only its host knows, and sensible defaults for the
//! rest.

use std::sync::Arc;

use countersign_fetch::Outbound;
use countersign_jose::random::{Random, SystemRandom};
use countersign_jose::seal;
use countersign_management::passwords::PasswordHasher;
use countersign_oauth::issuer::Issuer;
use countersign_store::Store;
use countersign_web::catalogue::Catalogue;
use countersign_web::clock::{Clock, SystemClock};
use countersign_web::pages::Pages;
use countersign_web::{Site, SiteParts, SiteSettings, instance};

use crate::accounts::{Accounts, BuiltInAccounts};
use crate::housekeeping::equalise_times;
use crate::pages::PAGES;
use crate::provider::{Parts, Provider};
use crate::settings::Settings;
use crate::start_error::StartError;
use crate::subjects::Subjects;
use crate::{catalogue, keys};

/// A provider in the making. Every setting has the secure choice as its default.
#[must_use]
pub struct ProviderBuilder {
    issuer: Issuer,
    store: Arc<dyn Store>,
    sealing: seal::Keyring,
    settings: Settings,
    site_settings: SiteSettings,
    accounts: Option<Arc<dyn Accounts>>,
    passwords: Option<Arc<PasswordHasher>>,
    pages: Option<Pages>,
    catalogue: Option<Catalogue>,
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Provider {
    /// Starts building a provider for `issuer` on `store`. `sealing` seals stored secrets and the
    /// pages' forms: its key must stay the same for as long as the store is used.
    pub fn builder(
        issuer: Issuer,
        store: Arc<dyn Store>,
        sealing: seal::Keyring,
    ) -> ProviderBuilder {
        ProviderBuilder {
            issuer,
            store,
            sealing,
            settings: Settings::default(),
            site_settings: SiteSettings::default(),
            accounts: None,
            passwords: None,
            pages: None,
            catalogue: None,
            outbound: Outbound::default(),
            clock: Arc::new(SystemClock::new()),
            random: Arc::new(SystemRandom),
        }
    }
}

impl ProviderBuilder {
    /// Lifetimes, scopes, keys and passwords.
    pub fn settings(self, settings: Settings) -> ProviderBuilder {
        ProviderBuilder { settings, ..self }
    }

    /// Sessions, forms, limits of requests and of sign-in attempts.
    pub fn site_settings(self, site_settings: SiteSettings) -> ProviderBuilder {
        ProviderBuilder {
            site_settings,
            ..self
        }
    }

    /// The host's own users, in place of the accounts in the store.
    pub fn accounts(self, accounts: Arc<dyn Accounts>) -> ProviderBuilder {
        let accounts = Some(accounts);
        ProviderBuilder { accounts, ..self }
    }

    /// A pool of hashing threads that is shared with others, in place of one of its own.
    pub fn passwords(self, passwords: Arc<PasswordHasher>) -> ProviderBuilder {
        let passwords = Some(passwords);
        ProviderBuilder { passwords, ..self }
    }

    /// Pages with other templates, or a name at their head.
    pub fn pages(self, pages: Pages) -> ProviderBuilder {
        let pages = Some(pages);
        ProviderBuilder { pages, ..self }
    }

    /// The causes of errors that pages under `/errors/` explain, where the host has more of them
    /// than the provider ([`catalogue::areas`]).
    pub fn catalogue(self, catalogue: Catalogue) -> ProviderBuilder {
        let catalogue = Some(catalogue);
        ProviderBuilder { catalogue, ..self }
    }

    /// How clients' addresses are fetched: other limits, or addresses of one's own network that may
    /// be reached.
    pub fn outbound(self, outbound: Outbound) -> ProviderBuilder {
        ProviderBuilder { outbound, ..self }
    }

    /// Another clock than the machine's, for tests.
    pub fn clock(self, clock: Arc<dyn Clock>) -> ProviderBuilder {
        ProviderBuilder { clock, ..self }
    }

    /// Other randomness than the machine's, for tests.
    pub fn random(self, random: Arc<dyn Random>) -> ProviderBuilder {
        ProviderBuilder { random, ..self }
    }

    /// Makes the provider: the store becomes this issuer's if it is new, and the signing keys that
    /// are missing are made.
    ///
    /// # Errors
    /// Returns a [`StartError`], for example if the store belongs to another issuer or was sealed
    /// under another key.
    pub async fn build(self) -> Result<Provider, StartError> {
        let ProviderBuilder {
            issuer,
            store,
            sealing,
            settings,
            clock,
            random,
            ..
        } = self;
        let now = clock.now();
        let instance = instance::adopt(&*store, &issuer, &sealing, &*random, now).await?;
        let subjects = Subjects::new(&instance::pairwise_key(&instance, &sealing)?);
        let passwords = match self.passwords {
            Some(passwords) => passwords,
            None => Arc::new(PasswordHasher::start(&settings.passwords, random.clone())?),
        };
        let accounts = self.accounts.unwrap_or_else(|| {
            let (store, passwords) = (store.clone(), passwords.clone());
            Arc::new(BuiltInAccounts::new(store, passwords, clock.clone()))
        });
        let pages = match self.pages {
            Some(pages) => pages,
            None => Pages::new(&[PAGES], None)?,
        };
        let own_catalogue = || Catalogue::new().with(catalogue::areas());
        keys::ensure(&*store, &sealing, &*random, &settings, now).await?;
        let site = Site::new(SiteParts {
            issuer,
            instance_id: instance.id,
            settings: self.site_settings,
            sessions: store.clone(),
            throttle: store.clone(),
            clock,
            random,
            sealing,
            pages,
            catalogue: self.catalogue.unwrap_or_else(own_catalogue),
        });
        let outbound = self.outbound;
        let parts = Parts::of(
            site, settings, store, accounts, passwords, outbound, subjects,
        )
        .await?;
        let provider = parts.into();
        equalise_times(&provider).await;
        Ok(provider)
    }
}
