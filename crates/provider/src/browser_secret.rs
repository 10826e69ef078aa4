//! The random value that binds the forms of our pages to a browser before anybody signed in.
//!
//! Each value has a cookie name of its own. Two tabs that open a browser's first two pages at the
//! same moment get one each, and neither takes the other's form away. Whoever sends one gets no
//! other, so there are as many as first pages in flight at once.

use axum::response::Response;
use countersign_jose::base64url;
use countersign_store::SecretHash;
use http::header;

use crate::Provider;
use crate::cookies::Cookies;
use crate::exchange::Exchange;

/// A browser's value: what its cookie has, or will have.
pub struct BrowserSecret {
    value: String,
    is_new: bool,
}

impl BrowserSecret {
    /// A new value, which no browser has yet.
    pub fn generate(provider: &Provider) -> BrowserSecret {
        let mut bytes = [0; BYTES];
        provider.random.fill(&mut bytes);
        BrowserSecret {
            value: base64url::encode(bytes),
            is_new: true,
        }
    }

    /// What a form remembers of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(self.value.as_bytes())
    }

    fn cookie_name(&self, cookies: &Cookies) -> String {
        let tag: String = base64url::encode(self.hash().as_bytes())
            .chars()
            .take(TAG_CHARACTERS)
            .collect();
        format!("{}{tag}", cookies.browser)
    }
}

const BYTES: usize = 24;
const CHARACTERS: usize = 32;
const TAG_CHARACTERS: usize = 8;

impl Provider {
    /// The value of the browser that sent the request, or a new one.
    pub fn browser_secret(&self, exchange: &Exchange) -> BrowserSecret {
        let known = exchange
            .cookies_beginning(&self.cookies.browser)
            .find(|value| value.len() == CHARACTERS && value.is_ascii());
        match known {
            Some(value) => BrowserSecret {
                value: value.to_owned(),
                is_new: false,
            },
            None => BrowserSecret::generate(self),
        }
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
    /// Whether the request comes from a browser that has a value of ours.
    pub fn has_browser_cookie(&self, cookies: &Cookies) -> bool {
        self.cookies_beginning(&cookies.browser).next().is_some()
    }

    /// Whether the browser that sent this request is the one that `binding` was made for.
    pub fn is_from_browser(&self, cookies: &Cookies, binding: &SecretHash) -> bool {
        self.cookies_beginning(&cookies.browser)
            .any(|value| SecretHash::of(value.as_bytes()).matches(binding))
    }
}
