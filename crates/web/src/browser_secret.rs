//! The random value that binds the forms of our pages to a browser before anyone signed in.
//!
//! A value chooses one of sixteen cookie names. Two tabs that open a browser's first two pages at
//! the same moment mostly get one each, and neither takes the other's form away; and whatever a
//! browser is made to ask for, sixteen small cookies are the most that it will have.

use axum::response::Response;
use countersign_jose::base64url;
use countersign_store::SecretHash;
use http::header;

use crate::Site;
use crate::cookies::Cookies;
use crate::exchange::Exchange;

/// A browser's value: what its cookie has, or will have.
pub struct BrowserSecret {
    value: String,
    is_new: bool,
}

impl BrowserSecret {
    /// A new value, which no browser has yet.
    pub fn generate(site: &Site) -> BrowserSecret {
        let mut bytes = [0; BYTES];
        site.random.fill(&mut bytes);
        BrowserSecret {
            value: base64url::encode(bytes),
            is_new: true,
        }
    }

    /// What a form remembers of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(self.value.as_bytes())
    }

    /// A value that the browser sent under the name that it chooses.
    fn sent<'a>(
        exchange: &'a Exchange,
        cookies: &'a Cookies,
    ) -> impl Iterator<Item = BrowserSecret> + 'a {
        exchange.all_cookies().filter_map(|(name, value)| {
            let secret = BrowserSecret {
                value: value.to_owned(),
                is_new: false,
            };
            let is_ours = base64url::decode(value).is_ok_and(|bytes| bytes.len() == BYTES)
                && name == secret.cookie_name(cookies);
            is_ours.then_some(secret)
        })
    }

    fn cookie_name(&self, cookies: &Cookies) -> String {
        let [first, ..] = *self.hash().as_bytes();
        format!("{}{:x}", cookies.browser, first % NAMES)
    }
}

const BYTES: usize = 24;
const NAMES: u8 = 16;

impl Site {
    /// The value of the browser that sent the request, or a new one.
    pub fn browser_secret(&self, exchange: &Exchange) -> BrowserSecret {
        let known = BrowserSecret::sent(exchange, &self.cookies).next();
        known.unwrap_or_else(|| BrowserSecret::generate(self))
    }

    /// Adds the cookie, where the browser does not have it.
    pub fn set_browser_cookie(&self, response: &mut Response, secret: &BrowserSecret) {
        let name = secret.cookie_name(&self.cookies);
        if secret.is_new
            && let Some(cookie) = self.cookies.set(&name, &secret.value, None)
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

impl Exchange {
    /// Whether the request comes from a browser that has such a value.
    pub fn has_browser_cookie(&self, cookies: &Cookies) -> bool {
        BrowserSecret::sent(self, cookies).next().is_some()
    }

    /// Whether the browser that sent this request is the one that `binding` was made for.
    pub fn is_from_browser(&self, cookies: &Cookies, binding: &SecretHash) -> bool {
        BrowserSecret::sent(self, cookies).any(|secret| secret.hash().matches(binding))
    }
}
