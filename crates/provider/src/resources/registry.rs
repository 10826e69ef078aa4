//! The resources in use: those of the configuration, and a copy of those in the store. The copy is
//! confirmed once a second and never used when it is older. So a resource that was declared or
//! deleted elsewhere takes effect within that second.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign_management::resources::declared;
use countersign_oauth::issuer::Issuer;
use countersign_store::resources::Resource;
use countersign_store::{Store, StoreError};
use parking_lot::RwLock;

use super::{DeclaredResources, rules};
use crate::clock::Clock;
use crate::settings::Settings;

/// The maximum age of a copy since it was last confirmed.
const CONFIRMED_FOR_MILLISECONDS: u64 = 1000;

/// The resources of a provider.
pub struct ResourceRegistry {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    copy: RwLock<Copy>,
    confirmed_at: AtomicU64,
}

impl DeclaredResources {
    /// The resources of the configuration, and the stored ones that are served with it.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails or holds a resource that can't be read.
    pub async fn read(
        store: &dyn Store,
        settings: &Settings,
        issuer: &Issuer,
    ) -> Result<DeclaredResources, StoreError> {
        DeclaredResources::with(store.resources().await?, settings, issuer)
    }

    /// Logs the stored resources that are not served.
    fn with(
        records: Vec<Resource>,
        settings: &Settings,
        issuer: &Issuer,
    ) -> Result<DeclaredResources, StoreError> {
        let rules = rules(settings, issuer);
        let all = declared(&settings.operator.resources, records, &rules)?;
        for one in &all {
            if let Some(why) = &one.not_served {
                let (resource, why) = (one.identifier.as_str(), why.to_string());
                tracing::warn!(resource, why, "a resource in the store is not served");
            }
        }
        let served = all.into_iter().filter(|one| one.not_served.is_none());
        let resources = served.map(|one| (one.identifier, one.attributes)).collect();
        Ok(DeclaredResources::new(issuer.clone(), resources))
    }
}

/// The stored records, and the declared resources that follow from them.
struct Copy {
    records: Vec<Resource>,
    declared: Arc<DeclaredResources>,
}

impl ResourceRegistry {
    pub(crate) async fn load(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        settings: &Settings,
        issuer: &Issuer,
    ) -> Result<ResourceRegistry, StoreError> {
        let confirmed_at = AtomicU64::new(clock.monotonic_milliseconds());
        let records = store.resources().await?;
        let copy = RwLock::new(Copy::of(records, settings, issuer)?);
        Ok(ResourceRegistry {
            store,
            clock,
            copy,
            confirmed_at,
        })
    }

    /// The resources as they were in the store at most a second ago.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails or holds a resource that can't be read.
    pub async fn current(
        &self,
        settings: &Settings,
        issuer: &Issuer,
    ) -> Result<Arc<DeclaredResources>, StoreError> {
        let now = self.clock.monotonic_milliseconds();
        let confirmed = self.confirmed_at.load(Ordering::Acquire);
        if now.saturating_sub(confirmed) < CONFIRMED_FOR_MILLISECONDS {
            return Ok(Arc::clone(&self.copy.read().declared));
        }
        let records = self.store.resources().await?;
        let is_known = self.copy.read().records == records;
        if !is_known {
            *self.copy.write() = Copy::of(records, settings, issuer)?;
        }
        self.confirmed_at.fetch_max(now, Ordering::AcqRel);
        Ok(Arc::clone(&self.copy.read().declared))
    }
}

impl Copy {
    fn of(
        records: Vec<Resource>,
        settings: &Settings,
        issuer: &Issuer,
    ) -> Result<Copy, StoreError> {
        let declared = DeclaredResources::with(records.clone(), settings, issuer)?;
        Ok(Copy {
            records,
            declared: Arc::new(declared),
        })
    }
}
