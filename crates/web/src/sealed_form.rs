//! What our pages carry in their forms: sealed, and valid for one kind of form, one deployment, one
//! browser and a limited time.
//!
//! The browser's cookie keeps a form from being posted by anyone else; the kind keeps a form of one
//! journey from being mistaken for another's. What comes back was ours, but it is no proof that it
//! still holds: if it carries an address, that is proven again.

use countersign_jose::{base64url, seal};
use countersign_oauth::parameters::Parameters;
use countersign_store::SecretHash;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Site;
use crate::browser_secret::BrowserSecret;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::respond;

/// The form field that carries it.
pub const FIELD: &str = "interaction";

/// What a kind of form carries.
pub trait Carried: Serialize + DeserializeOwned {
    /// Part of what is authenticated.
    const KIND: &'static str;

    /// Why it does not fit into a form (`interactions.max_bytes`).
    fn too_long() -> Failure;

    /// Why it was not taken when it came back.
    fn not_opened(why: NotOpened) -> Failure;
}

/// Why a form that came back was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpened {
    Missing,
    /// Cut, changed, of another kind, or sealed under another key or for another deployment.
    Unreadable,
    Expired,
    OtherBrowser,
}

/// A form's content with what it is bound to.
pub struct SealedForm<T> {
    pub carried: T,
    pub binding: Binding,
}

/// The browser that a form was made for, and when its journey began.
#[derive(Debug, Clone)]
pub struct Binding {
    browser: SecretHash,
    created_at: i64,
}

impl Binding {
    pub fn new(site: &Site, browser: &BrowserSecret) -> Binding {
        Binding {
            browser: browser.hash(),
            created_at: site.now(),
        }
    }

    /// The browser, for a counter of its own.
    pub fn browser(&self) -> &SecretHash {
        &self.browser
    }

    /// The same browser, for a journey that begins now.
    #[must_use]
    pub fn begun_now(&self, site: &Site) -> Binding {
        Binding {
            browser: self.browser,
            created_at: site.now(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    created_at: i64,
    browser: String,
    carried: T,
}

impl<T: Carried> SealedForm<T> {
    /// The text for the form.
    ///
    /// # Errors
    /// Returns [`Carried::too_long`] or [`ServerFault::ResponseFailed`](crate::error::ServerFault).
    pub fn seal(self, site: &Site) -> Result<String, Failure> {
        let json = respond::json_bytes(&Envelope {
            created_at: self.binding.created_at,
            browser: base64url::encode(self.binding.browser.as_bytes()),
            carried: self.carried,
        })?;
        let aad = associated_data::<T>(site);
        let blob = site.sealing.seal(&*site.random, &aad, &json);
        let text = base64url::encode(&blob);
        match text.len() > site.settings.interactions.max_bytes {
            true => Err(T::too_long()),
            false => Ok(text),
        }
    }

    /// The content of a posted form: ours, in time, and of this browser.
    ///
    /// # Errors
    ///
    /// What [`Carried::not_opened`] makes of it.
    pub fn open(
        site: &Site,
        form: &Parameters,
        exchange: &Exchange,
    ) -> Result<SealedForm<T>, Failure> {
        let opened = SealedForm::open_at_any_age(site, form, exchange)?;
        match opened.is_expired(site) {
            true => Err(T::not_opened(NotOpened::Expired)),
            false => Ok(opened),
        }
    }

    /// Whether it was made longer ago than `interactions.lifetime_seconds`.
    pub fn is_expired(&self, site: &Site) -> bool {
        site.now() >= self.binding.created_at + site.settings.interactions.lifetime_seconds
    }

    /// The content of a posted form that may be too old to decide anything: ours, and of this
    /// browser.
    ///
    /// # Errors
    ///
    /// What [`Carried::not_opened`] makes of it.
    pub fn open_at_any_age(
        site: &Site,
        form: &Parameters,
        exchange: &Exchange,
    ) -> Result<SealedForm<T>, Failure> {
        let text = form
            .get(FIELD)
            .ok_or_else(|| T::not_opened(NotOpened::Missing))?;
        let opened = read::<T>(site, text).ok_or_else(|| T::not_opened(NotOpened::Unreadable))?;
        let binding = &opened.binding;
        if !exchange.is_from_browser(&site.cookies, &binding.browser) {
            return Err(T::not_opened(NotOpened::OtherBrowser));
        }
        Ok(opened)
    }
}

impl<T: Carried> SealedForm<T> {
    /// The content of a posted form whichever browser it was made for. It decides nothing: it only
    /// tells where the person wanted to go.
    pub fn content_of_any_browser(site: &Site, form: &Parameters) -> Option<T> {
        let opened = read::<T>(site, form.get(FIELD)?)?;
        Some(opened.carried)
    }
}

fn read<T: Carried>(site: &Site, text: &str) -> Option<SealedForm<T>> {
    if text.len() > site.settings.interactions.max_bytes {
        return None;
    }
    let blob = base64url::decode(text).ok()?;
    let aad = associated_data::<T>(site);
    let json = site.sealing.open(&aad, &blob).ok()?;
    let envelope: Envelope<T> = serde_json::from_slice(&json).ok()?;
    let browser = base64url::decode(&envelope.browser).ok()?;
    Some(SealedForm {
        carried: envelope.carried,
        binding: Binding {
            browser: SecretHash::from_slice(&browser)?,
            created_at: envelope.created_at,
        },
    })
}

fn associated_data<T: Carried>(site: &Site) -> Vec<u8> {
    seal::associated_data(T::KIND, &site.instance_id, "form")
}
