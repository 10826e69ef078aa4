//! The web side of one issuer as a value: what every request of it needs.

use std::ops::Deref;
use std::sync::Arc;

use countersign_jose::random::Random;
use countersign_jose::seal;
use countersign_oauth::issuer::Issuer;
use countersign_store::sessions::Sessions;
use countersign_store::throttle::Throttle;

use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::cookies::Cookies;
use crate::pages::Pages;
use crate::settings::SiteSettings;

/// The web side of one issuer. Cheap to clone; every clone is the same site.
///
/// An axum handler reads a request of it with [`Incoming`](crate::exchange::Incoming), whatever the
/// state of its router is, as long as that state has a site (`Site: FromRef<State>`).
#[derive(Clone)]
pub struct Site(Arc<Inner>);

/// What a site is made of.
pub struct SiteParts {
    pub issuer: Issuer,
    /// The id of this deployment's database ([`adopt`](crate::instance::adopt)): in cookie names,
    /// and in what a sealed form is bound to.
    pub instance_id: String,
    pub settings: SiteSettings,
    /// Where browser sessions are kept.
    pub sessions: Arc<dyn Sessions>,
    /// Where attempts are counted.
    pub throttle: Arc<dyn Throttle>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Seals the forms of our pages.
    pub sealing: seal::Keyring,
    pub pages: Pages,
    /// Every cause that this site may name, for the pages that explain them.
    pub catalogue: Catalogue,
}

/// What a site is made of, with what follows from it.
pub struct Inner {
    parts: SiteParts,
    pub cookies: Cookies,
}

impl Site {
    pub fn new(parts: SiteParts) -> Site {
        let issuer = &parts.issuer;
        let cookies = Cookies::new(&parts.instance_id, issuer.is_https());
        let pages = parts.pages.with_base_path(issuer.path_prefix());
        Site(Arc::new(Inner {
            cookies,
            parts: SiteParts { pages, ..parts },
        }))
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

impl Deref for Site {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = SiteParts;

    fn deref(&self) -> &SiteParts {
        &self.parts
    }
}
