//! An authorization under way. Before sign-in nothing is written: the request and how far it got
//! travel sealed in the pages' forms, bound to the browser by a cookie, and never in an address.
//!
//! It holds no proof and no counter. Who signed in stands in the session, in the store.

use countersign_jose::{base64url, seal};
use countersign_oauth::parameters::Parameters;
use countersign_store::{GrantId, SecretHash};
use serde::{Deserialize, Serialize};

use super::fault::{AuthorizeFault, InteractionFault};
use super::request::AuthorizationRequest;
use crate::Provider;
use crate::error::{Failure, ServerFault};
use crate::exchange::Exchange;
use crate::pages::{ErrorKind, field};

#[derive(Debug, Clone)]
pub struct Interaction {
    /// Becomes the grant's id, so that finishing twice is seen.
    pub id: GrantId,
    pub created_at: i64,
    /// Hash of the browser cookie.
    pub browser: SecretHash,
    pub request: AuthorizationRequest,
    pub progress: Progress,
}

/// How far the user got.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Progress {
    /// `prompt=select_account` was answered.
    #[serde(default)]
    pub account_chosen: bool,
    /// The user who was shown the consent page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_shown_to: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    id: GrantId,
    created_at: i64,
    browser: String,
    request: AuthorizationRequest,
    progress: Progress,
}

impl Interaction {
    /// The text for the form.
    pub fn seal(&self, provider: &Provider) -> Result<String, Failure> {
        let sealed = Sealed {
            id: self.id,
            created_at: self.created_at,
            browser: base64url::encode(self.browser.as_bytes()),
            request: self.request.clone(),
            progress: self.progress.clone(),
        };
        let json = serde_json::to_vec(&sealed)
            .map_err(|error| Failure::from(ServerFault::PageFailed).detail(error.to_string()))?;
        let blob = provider
            .sealing
            .seal(&*provider.random, &associated_data(), &json);
        let text = base64url::encode(&blob);
        match text.len() > provider.settings.interaction_max_bytes {
            true => Err(AuthorizeFault::ParameterTooLong.into()),
            false => Ok(text),
        }
    }

    /// The interaction of a posted form: ours, in time, and of this browser.
    pub fn of_form(
        provider: &Provider,
        form: &Parameters,
        exchange: &Exchange,
    ) -> Result<Interaction, Failure> {
        let text = form
            .get(field::INTERACTION)
            .ok_or(InteractionFault::Missing)?;
        if text.len() > provider.settings.interaction_max_bytes {
            return Err(InteractionFault::Unreadable.into());
        }
        let blob = base64url::decode(text).map_err(|_| InteractionFault::Unreadable)?;
        let json = provider
            .sealing
            .open(&associated_data(), &blob)
            .map_err(|_| InteractionFault::Unreadable)?;
        let interaction = Interaction::read(&json).ok_or(InteractionFault::Unreadable)?;
        if provider.now() >= interaction.created_at + provider.settings.interaction_lifetime_seconds
        {
            return Err(InteractionFault::Expired.into());
        }
        if !exchange.is_from_browser(&provider.cookies.browser, &interaction.browser) {
            return Err(InteractionFault::OtherBrowser.into());
        }
        Ok(interaction)
    }

    fn read(json: &[u8]) -> Option<Interaction> {
        let sealed: Sealed = serde_json::from_slice(json).ok()?;
        Some(Interaction {
            id: sealed.id,
            created_at: sealed.created_at,
            browser: SecretHash::from_slice(&base64url::decode(&sealed.browser).ok()?)?,
            request: sealed.request,
            progress: sealed.progress,
        })
    }
}

/// The page for a form that does not lead on: what is merely old has expired, anything else is a form
/// that we did not give to this browser, and forbidden (403).
pub fn page_kind(failure: &Failure) -> ErrorKind {
    match failure.is(InteractionFault::Expired.entry()) {
        true => ErrorKind::InteractionExpired,
        false => ErrorKind::OtherBrowser,
    }
}

/// Whether a failure is about the interaction and not about the request or the server.
pub fn is_about_the_interaction(failure: &Failure) -> bool {
    InteractionFault::ALL
        .iter()
        .any(|cause| failure.is(cause.entry()))
}

fn associated_data() -> Vec<u8> {
    seal::associated_data("interactions", "", "blob")
}
