//! Cookies: their names, and how they are set.
//!
//! The name carries the instance, so that two deployments on one host do not collide, and `__Host-`
//! over https (RFC 6265bis 4.1.3.2), so that no other host can toss one. Over http, which exists on
//! loopback only, browsers refuse that prefix.

use http::{HeaderMap, HeaderValue, header};

/// The names of one provider's cookies.
#[derive(Debug, Clone)]
pub struct Cookies {
    /// The browser session: `cs_bs_…`.
    pub session: String,
    /// The prefix of the names of the cookies that bind forms to the browser before anyone has
    /// signed in.
    pub browser: String,
    /// The browsers in which a name has signed in.
    pub device: String,
    /// Which session the browser has, for scripts to compare: the one cookie that they can read.
    pub state: String,
    secure: bool,
}

impl Cookies {
    pub fn new(instance_id: &str, https: bool) -> Cookies {
        let prefix = if https { "__Host-" } else { "" };
        Cookies {
            session: format!("{prefix}cs_{instance_id}_session"),
            browser: format!("{prefix}cs_{instance_id}_browser_"),
            device: format!("{prefix}cs_{instance_id}_device"),
            state: format!("{prefix}cs_{instance_id}_state"),
            secure: https,
        }
    }

    /// Sets a cookie for as long as the browser runs, or for `max_age` seconds.
    pub fn set(&self, name: &str, value: &str, max_age: Option<i64>) -> Option<HeaderValue> {
        let mut cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax");
        if self.secure {
            cookie.push_str("; Secure");
        }
        if let Some(seconds) = max_age {
            cookie.push_str(&format!("; Max-Age={seconds}"));
        }
        HeaderValue::from_str(&cookie).ok()
    }

    /// Sets the cookie that scripts can read, so that a frame in a page of another site has it
    /// (OpenID Connect Session Management, section 3.2). Only over https can it be sent along from
    /// other sites; on loopback, sites differ only in their ports, which makes them the same site.
    pub fn set_readable_state(&self, value: &str, max_age: Option<i64>) -> Option<HeaderValue> {
        let same_site = match self.secure {
            true => "SameSite=None; Secure",
            false => "SameSite=Lax",
        };
        let mut cookie = format!("{}={value}; Path=/; {same_site}", self.state);
        if let Some(seconds) = max_age {
            cookie.push_str(&format!("; Max-Age={seconds}"));
        }
        HeaderValue::from_str(&cookie).ok()
    }

    /// Removes a cookie.
    pub fn clear(&self, name: &str) -> Option<HeaderValue> {
        self.set(name, "", Some(0))
    }
}

/// Every cookie in the request, as name and value. Only space and tab around a pair are removed
/// (RFC 6265, section 4.2.1; RFC 9110, section 5.6.3). To a browser, every other character is part
/// of the name. So one of our names behind other white space is a cookie that any neighbouring host
/// can set.
pub fn sent_cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        // A neighbour's cookie that is not UTF-8 does not hide ours.
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_a_cookie_is_bound_to_the_host_and_out_of_a_scripts_reach() {
        let cookies = Cookies::new("a1", true);
        let set = cookies
            .set(&cookies.session, "v", Some(60))
            .expect("a header");
        assert_eq!(
            set.to_str().expect("text"),
            "__Host-cs_a1_session=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"
        );
    }

    #[test]
    fn the_state_alone_is_readable_by_scripts_and_sent_from_other_sites() {
        let cookies = Cookies::new("a1", true);
        let set = cookies.set_readable_state("v", None).expect("a header");
        assert_eq!(
            set.to_str().expect("text"),
            "__Host-cs_a1_state=v; Path=/; SameSite=None; Secure"
        );
        let cookies = Cookies::new("a1", false);
        let clear = cookies.set_readable_state("", Some(0)).expect("a header");
        assert_eq!(
            clear.to_str().expect("text"),
            "cs_a1_state=; Path=/; SameSite=Lax; Max-Age=0"
        );
    }

    #[test]
    fn over_http_on_loopback_the_prefix_is_left_out_because_browsers_would_refuse_it() {
        let cookies = Cookies::new("a1", false);
        let set = cookies.set(&cookies.browser, "v", None).expect("a header");
        assert_eq!(
            set.to_str().expect("text"),
            "cs_a1_browser_=v; Path=/; HttpOnly; SameSite=Lax"
        );
    }
}
