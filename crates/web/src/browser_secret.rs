//! The random value that binds the forms of our pages to a browser before anyone has signed in.
//!
//! The cookie's name is made from its value, so two tabs that open a browser's first two pages at
//! the same moment get a cookie each, and neither takes the other's form away.
//!
//! The number of these cookies stays bounded: as soon as a browser sends more than
//! [`MAX_COOKIES`], the oldest are removed. Browsers send cookies in the order in which they were
//! created (RFC 6265, section 5.4), and new forms are bound to the newest, so what is removed
//! belongs to the oldest pages.

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
    /// Cookies to be removed: those beyond the bound.
    surplus: Vec<String>,
}

impl BrowserSecret {
    /// A new value, which no browser has yet.
    pub fn generate(site: &Site) -> BrowserSecret {
        let mut bytes = [0; BYTES];
        site.random.fill(&mut bytes);
        BrowserSecret {
            value: base64url::encode(bytes),
            is_new: true,
            surplus: Vec::new(),
        }
    }

    /// What a form remembers of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(self.value.as_bytes())
    }

    /// The values that the browser sent, each under the name that is made from it, oldest first.
    fn sent<'a>(
        exchange: &'a Exchange,
        cookies: &'a Cookies,
    ) -> impl Iterator<Item = BrowserSecret> + 'a {
        exchange.all_cookies().filter_map(|(name, value)| {
            let secret = BrowserSecret {
                value: value.to_owned(),
                is_new: false,
                surplus: Vec::new(),
            };
            let is_ours = base64url::decode(value).is_ok_and(|bytes| bytes.len() == BYTES)
                && name == secret.cookie_name(cookies);
            is_ours.then_some(secret)
        })
    }

    /// The newest of the values that the browser sent.
    fn known(exchange: &Exchange, cookies: &Cookies) -> Option<BrowserSecret> {
        let mut sent: Vec<BrowserSecret> = BrowserSecret::sent(exchange, cookies).collect();
        let newest = sent.pop()?;
        let surplus = (sent.len() + 1).saturating_sub(MAX_COOKIES);
        Some(BrowserSecret {
            surplus: sent
                .iter()
                .take(surplus)
                .map(|secret| secret.cookie_name(cookies))
                .collect(),
            ..newest
        })
    }

    fn cookie_name(&self, cookies: &Cookies) -> String {
        let hash = base64url::encode(self.hash().as_bytes());
        let (name, _) = hash.split_at(NAME_CHARACTERS);
        format!("{}{name}", cookies.browser)
    }
}

const BYTES: usize = 24;

/// 72 bits: two of a browser's few values never share a name.
const NAME_CHARACTERS: usize = 12;

/// How many values a browser keeps.
const MAX_COOKIES: usize = 16;

impl Site {
    /// The value of the browser that sent the request, or a new one.
    pub fn browser_secret(&self, exchange: &Exchange) -> BrowserSecret {
        let known = BrowserSecret::known(exchange, &self.cookies);
        known.unwrap_or_else(|| BrowserSecret::generate(self))
    }

    /// Adds the cookie, where the browser does not have it, and removes those beyond the bound.
    pub fn set_browser_cookie(&self, response: &mut Response, secret: &BrowserSecret) {
        let name = secret.cookie_name(&self.cookies);
        let new = match secret.is_new {
            true => self.cookies.set(&name, &secret.value, None),
            false => None,
        };
        let surplus = secret.surplus.iter();
        let removed = surplus.filter_map(|name| self.cookies.clear(name));
        for cookie in new.into_iter().chain(removed) {
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_value_has_a_name_of_its_own() {
        let cookies = Cookies::new("a1", true);
        let names = (0..20_000_u32).map(|number| {
            let mut bytes = [0; BYTES];
            let (counter, _) = bytes.split_at_mut(4);
            counter.copy_from_slice(&number.to_be_bytes());
            let secret = BrowserSecret {
                value: base64url::encode(bytes),
                is_new: true,
                surplus: Vec::new(),
            };
            secret.cookie_name(&cookies)
        });
        let names: HashSet<String> = names.collect();
        assert_eq!(names.len(), 20_000);
        for name in names {
            let own = name
                .strip_prefix("__Host-cs_a1_browser_")
                .expect("the prefix");
            assert_eq!(own.len(), NAME_CHARACTERS);
        }
    }
}
