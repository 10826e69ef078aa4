//! A journey under way. Before sign-in nothing is written: the destination and how far the journey
//! got travel sealed in the pages' forms, bound to the browser by a cookie, and never in an
//! address.
//!
//! A form holds no proof and no counter. Who signed in is in the session, in the store; client,
//! redirect URI and what the client may ask for are proven again whenever a form comes back.

use countersign_store::GrantId;
use serde::{Deserialize, Serialize};

use super::destination::{CarriedDestination, Destination};
use super::fault::InteractionFault;
use crate::Provider;
use crate::browser_secret::BrowserSecret;
use crate::clients::Client;
use crate::error::Failure;
use crate::sealed_form::{Binding, Carried, NotOpened, SealedForm};

/// A journey to a proven destination, in the browser in which it began.
#[derive(Debug, Clone)]
pub struct Interaction {
    /// Becomes the id of a client's grant, so that finishing twice is seen.
    pub id: GrantId,
    pub destination: Destination,
    /// Who chose an account after `prompt=select_account`.
    pub chosen: Option<String>,
    pub(super) binding: Binding,
}

/// The page that a form is on, and which user (`sub`) was shown it. A decision counts from that
/// user: while a page is open, someone else may sign in beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    SignIn,
    SelectAccount(String),
    /// To which client as it was shown, too: one that no one vouches for may change meanwhile.
    Consent {
        shown_to: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        client: String,
    },
    /// About which client as it was shown, as on the page for consent.
    Device {
        shown_to: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        client: String,
    },
}

impl Page {
    /// The page that asks this user for consent to this client.
    pub fn consent(sub: &str, client: &Client) -> Page {
        Page::Consent {
            shown_to: sub.to_owned(),
            client: client.consent_binding().to_owned(),
        }
    }

    /// The page that asks this user about a request of this client's device.
    pub fn device(sub: &str, client: &Client) -> Page {
        Page::Device {
            shown_to: sub.to_owned(),
            client: client.consent_binding().to_owned(),
        }
    }
}

impl Interaction {
    /// Starts a journey in a browser.
    pub fn begin(
        provider: &Provider,
        destination: Destination,
        browser: &BrowserSecret,
    ) -> Interaction {
        Interaction::begin_bound(provider, destination, Binding::new(provider, browser))
    }

    /// Starts a journey in the browser that a form was made for.
    pub fn begin_bound(
        provider: &Provider,
        destination: Destination,
        binding: Binding,
    ) -> Interaction {
        Interaction {
            id: GrantId::generate(&*provider.random),
            destination,
            chosen: None,
            binding,
        }
    }

    /// The text for a page's form.
    ///
    /// # Errors
    ///
    /// It would be longer than `interactions.max_bytes`.
    pub fn seal(&self, provider: &Provider, page: Page) -> Result<String, Failure> {
        let carried = Sealed {
            id: self.id,
            destination: self.destination.carried(),
            page,
            chosen: self.chosen.clone(),
        };
        let binding = self.binding.clone();
        SealedForm { carried, binding }.seal(provider)
    }
}

/// What a page's form carries.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    pub id: GrantId,
    pub destination: CarriedDestination,
    pub page: Page,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
}

impl Carried for Sealed {
    const KIND: &'static str = "interactions";

    fn too_long() -> Failure {
        InteractionFault::TooLong.into()
    }

    fn not_opened(why: NotOpened) -> Failure {
        InteractionFault::not_opened(why)
    }
}
