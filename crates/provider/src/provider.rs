//! The provider as a value: what it is made of. A process may hold several.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use countersign_fetch::Outbound;
use countersign_management::passwords::PasswordHasher;
use countersign_management::{Actor, Context};
use countersign_store::Store;
use countersign_web::Site;
use countersign_web::document::Document;

use crate::accounts::Accounts;
use crate::client_documents::ClientDocuments;
use crate::clients::{ClientRegistry, Edge};
use crate::error::Failure;
use crate::fetched_keys::FetchedKeys;
use crate::fetched_logos::FetchedLogos;
use crate::fetched_request_objects::FetchedRequestObjects;
use crate::keys::KeyRing;
use crate::readiness::Readiness;
use crate::resources::{DeclaredResources, ResourceRegistry};
use crate::server_metadata::Documents;
use crate::settings::Settings;
use crate::start_error::StartError;
use crate::subjects::Subjects;
use crate::wake::Wake;

/// An OpenID provider. Cheap to clone; every clone is the same provider.
#[derive(Clone)]
pub struct Provider(Arc<Parts>);

/// What a provider is made of.
pub struct Parts {
    /// The web side that it shares with everything else that is served at this issuer's address.
    pub site: Site,
    pub settings: Settings,
    pub store: Arc<dyn Store>,
    pub accounts: Arc<dyn Accounts>,
    pub passwords: Arc<PasswordHasher>,
    pub clients: ClientRegistry,
    pub keys: KeyRing,
    pub(crate) resources: ResourceRegistry,
    /// What is fetched from clients' addresses.
    pub outbound: Outbound,
    /// Keys of clients that register an address for them.
    pub client_keys: FetchedKeys,
    /// By which `sub` clients know users.
    pub subjects: Subjects,
    /// Logos of clients.
    pub(crate) logos: FetchedLogos,
    /// Request objects at clients' addresses.
    pub(crate) request_objects: FetchedRequestObjects,
    pub(crate) documents: Documents,
    pub(crate) readiness: Readiness,
    pub(crate) wake: Wake,
}

impl Parts {
    pub(crate) async fn of(
        site: Site,
        settings: Settings,
        store: Arc<dyn Store>,
        accounts: Arc<dyn Accounts>,
        passwords: Arc<PasswordHasher>,
        outbound: Outbound,
        subjects: Subjects,
    ) -> Result<Parts, StartError> {
        let (sealing, clock) = (site.sealing.clone(), Arc::clone(&site.clock));
        let resources = ResourceRegistry::load(
            Arc::clone(&store),
            Arc::clone(&clock),
            &settings,
            &site.issuer,
        )
        .await?;
        let keys = KeyRing::load(Arc::clone(&store), sealing, clock, &settings).await?;
        Ok(Parts {
            clients: ClientRegistry::new(ClientDocuments::new(&settings, &outbound)),
            documents: Documents::default(),
            logos: FetchedLogos::new(&settings.logos, &outbound),
            request_objects: FetchedRequestObjects::new(&settings.request_objects, &outbound),
            resources,
            readiness: Readiness::default(),
            wake: Wake::default(),
            keys,
            site,
            settings,
            store,
            accounts,
            passwords,
            client_keys: FetchedKeys::new(outbound.clone()),
            outbound,
            subjects,
        })
    }
}

impl Provider {
    /// The resources that are declared now, as the store had them at most a second ago.
    ///
    /// # Errors
    /// Returns a server fault if the store fails.
    pub async fn declared_resources(&self) -> Result<Arc<DeclaredResources>, Failure> {
        Ok(self.resources.current(&self.settings, &self.issuer).await?)
    }

    /// The provider's metadata as a document.
    ///
    /// # Errors
    /// Returns a server fault if it can't be written.
    pub(crate) fn metadata(&self, declared: &Arc<DeclaredResources>) -> Result<Document, Failure> {
        self.documents
            .metadata(&self.issuer, &self.settings, declared)
    }

    /// What the use cases of `management` need, on behalf of `actor`.
    pub fn context(&self, actor: Actor) -> Context {
        Context {
            issuer: self.issuer.clone(),
            store: Arc::clone(&self.store),
            random: Arc::clone(&self.random),
            actor,
        }
    }
}

impl Parts {
    /// What finding a client that is a document takes, at this moment.
    pub(crate) fn edge(&self) -> Edge<'_> {
        Edge {
            store: &*self.store,
            random: &*self.random,
            now: self.now(),
            now_ms: self.clock.monotonic_milliseconds(),
        }
    }
}

impl From<Parts> for Provider {
    fn from(parts: Parts) -> Provider {
        Provider(Arc::new(parts))
    }
}

impl Deref for Provider {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// A provider is a site that can do more: `provider.page(...)`, `provider.now()`.
impl Deref for Parts {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

/// So that what reads a request ([`Incoming`](countersign_web::exchange::Incoming)) does so in the
/// provider's handlers.
impl FromRef<Provider> for Site {
    fn from_ref(provider: &Provider) -> Site {
        provider.site.clone()
    }
}
