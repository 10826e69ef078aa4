//! The device cookie: proof that a name has signed in in this browser before.
//!
//! Someone who guesses a name's password from many networks uses up the attempts that the name is
//! allowed in total, and the owner would be refused even with the right password. In a browser in
//! which the owner has signed in, the name has its own allowance, which no stranger can use up. The
//! cookie proves nothing else: it signs no one in and survives sign-out.
//!
//! It is sealed, so it says nothing about who uses the browser, and it names a few names only.

use axum::response::Response;
use countersign_jose::{base64url, digest, seal};
use countersign_store::names::normalise;
use http::header;
use serde::{Deserialize, Serialize};

use crate::Site;
use crate::exchange::Exchange;

/// A browser in which a name has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceId([u8; 16]);

impl DeviceId {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Site {
    /// The device that the browser is for `name`; `None` if the name has not signed in there, or
    /// longer ago than `device_cookie_lifetime_seconds`.
    pub fn device_of(&self, name: &str, exchange: &Exchange) -> Option<DeviceId> {
        let name = hash_of(name)?;
        self.known(exchange)
            .into_iter()
            .find(|known| known.name == name)
            .map(|known| DeviceId(known.id))
    }

    /// Remembers in the browser that `name` has just signed in there.
    pub fn set_device_cookie(&self, response: &mut Response, name: &str, exchange: &Exchange) {
        let Some(name) = hash_of(name) else {
            return;
        };
        let mut known = self.known(exchange);
        let id = match known.iter().find(|known| known.name == name) {
            Some(known) => known.id,
            None => {
                let mut id = [0; 16];
                self.random.fill(&mut id);
                id
            }
        };
        known.retain(|known| known.name != name);
        known.insert(
            0,
            Known {
                name,
                id,
                signed_in_at: self.now(),
            },
        );
        known.truncate(MAX_NAMES);
        let Ok(json) = serde_json::to_vec(&known) else {
            return;
        };
        let sealed = self.sealing.seal(&*self.random, &self.aad(), &json);
        let lifetime = Some(self.settings.login.device_cookie_lifetime_seconds);
        let value = base64url::encode(sealed);
        if let Some(cookie) = self.cookies.set(&self.cookies.device, &value, lifetime) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// The names of the first cookie that is ours and not too old; a cookie that is not counts for
    /// nothing.
    fn known(&self, exchange: &Exchange) -> Vec<Known> {
        let oldest = self.now() - self.settings.login.device_cookie_lifetime_seconds;
        let known = exchange
            .cookies(&self.cookies.device)
            .take(MAX_CANDIDATES)
            .find_map(|value| {
                let blob = base64url::decode(value).ok()?;
                let json = self.sealing.open(&self.aad(), &blob).ok()?;
                serde_json::from_slice::<Vec<Known>>(&json).ok()
            });
        let mut known = known.unwrap_or_default();
        known.retain(|known| known.signed_in_at > oldest);
        known
    }

    fn aad(&self) -> Vec<u8> {
        seal::associated_data("devices", &self.instance_id, "cookie")
    }
}

#[derive(Serialize, Deserialize)]
struct Known {
    /// Half a SHA-256 of the normalised name: enough to recognise it by.
    name: [u8; 16],
    id: [u8; 16],
    /// Unix seconds.
    signed_in_at: i64,
}

fn hash_of(name: &str) -> Option<[u8; 16]> {
    let name = normalise(name)?;
    let [half @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        digest::sha256(name.as_bytes());
    Some(half)
}

/// Most browsers serve one person, who has a user name and an address.
const MAX_NAMES: usize = 4;

/// Of several cookies of this name, as many are looked at.
const MAX_CANDIDATES: usize = 4;
