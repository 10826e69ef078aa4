//! The logout request as it travels through the confirmation page: sealed, and bound to the browser.

use countersign_jose::{base64url, seal};
use countersign_oauth::parameters::Parameters;
use countersign_store::SecretHash;
use serde::{Deserialize, Serialize};

use super::LogoutFault;
use crate::Provider;
use crate::error::{Failure, ServerFault};
use crate::exchange::Exchange;
use crate::pages::field;

pub(super) struct Confirmation {
    pub created_at: i64,
    pub browser: SecretHash,
    pub location: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    created_at: i64,
    browser: String,
    location: Option<String>,
}

impl Confirmation {
    pub fn seal(&self, provider: &Provider) -> Result<String, Failure> {
        let sealed = Sealed {
            created_at: self.created_at,
            browser: base64url::encode(self.browser.as_bytes()),
            location: self.location.clone(),
        };
        let json = serde_json::to_vec(&sealed)
            .map_err(|error| Failure::from(ServerFault::PageFailed).detail(error.to_string()))?;
        let blob = provider
            .sealing
            .seal(&*provider.random, &associated_data(), &json);
        Ok(base64url::encode(&blob))
    }

    pub fn of_form(
        provider: &Provider,
        form: &Parameters,
        exchange: &Exchange,
    ) -> Result<Confirmation, Failure> {
        let text = form.get(field::INTERACTION).unwrap_or("");
        let confirmation = read(provider, text).ok_or(LogoutFault::ConfirmationInvalid)?;
        let expires_at = confirmation.created_at + provider.settings.interaction_lifetime_seconds;
        let in_time = provider.now() < expires_at;
        match in_time && exchange.is_from_browser(&provider.cookies.browser, &confirmation.browser)
        {
            true => Ok(confirmation),
            false => Err(LogoutFault::ConfirmationInvalid.into()),
        }
    }
}

fn read(provider: &Provider, text: &str) -> Option<Confirmation> {
    let blob = base64url::decode(text).ok()?;
    let json = provider.sealing.open(&associated_data(), &blob).ok()?;
    let sealed: Sealed = serde_json::from_slice(&json).ok()?;
    Some(Confirmation {
        created_at: sealed.created_at,
        browser: SecretHash::from_slice(&base64url::decode(&sealed.browser).ok()?)?,
        location: sealed.location,
    })
}

fn associated_data() -> Vec<u8> {
    seal::associated_data("logouts", "", "blob")
}
