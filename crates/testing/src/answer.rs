//! What came back from a request, and how tests look at it.

use std::fmt;

use countersign_jose::base64url;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use url::Url;

use crate::Tokens;

/// What came back.
#[derive(Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or("not text"))
    }

    pub fn location(&self) -> Option<Url> {
        let location = self.headers.get(header::LOCATION)?;
        Url::parse(location.to_str().ok()?).ok()
    }

    /// `Location` as it was sent.
    pub fn raw_location(&self) -> Option<String> {
        let location = self.headers.get(header::LOCATION)?;
        Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
    }

    /// Every cookie that is set, attributes included.
    pub fn set_cookies(&self) -> Vec<String> {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        cookies
            .map(|cookie| String::from_utf8_lossy(cookie.as_bytes()).into_owned())
            .collect()
    }

    /// A parameter of the query of the redirect.
    pub fn location_parameter(&self, name: &str) -> Option<String> {
        let location = self.location()?;
        location
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Every parameter of that query, in order.
    pub fn location_parameters(&self) -> Vec<(String, String)> {
        let Some(location) = self.location() else {
            return Vec::new();
        };
        location.query_pairs().into_owned().collect()
    }

    /// `error` of a JSON response.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or("").to_owned()
    }

    pub fn tokens(&self) -> Tokens {
        let body = self.json();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        Tokens {
            access_token: text("access_token").unwrap_or_else(|| panic!("no token: {self:?}")),
            refresh_token: text("refresh_token"),
            id_token: text("id_token"),
            body,
        }
    }

    /// Which of our pages this is, by the ids that the pages keep stable.
    pub fn page_kind(&self) -> &'static str {
        let has = |id: &str| self.body.contains(&format!("id=\"{id}\""));
        match () {
            () if has("login-password") => "login",
            () if has("account-continue") => "select_account",
            () if has("consent-allow") => "consent",
            () if has("device-code") => "device_code",
            () if has("device-allow") => "device_approval",
            () if has("device-answered") => "device_answered",
            () if has("logout-confirm") => "logout",
            () if has("setup-submit") => "setup",
            () if has("error-heading") => "error",
            () => "other",
        }
    }

    pub fn form_action(&self) -> Option<String> {
        let form = &self.body[self.body.find("<form")?..];
        Some(unescape(attribute(form, "action")?))
    }

    pub fn hidden_fields(&self) -> Vec<(String, String)> {
        self.body
            .split("<input")
            .skip(1)
            .filter(|input| attribute(input, "type") == Some("hidden"))
            .filter_map(|input| {
                Some((
                    unescape(attribute(input, "name")?),
                    unescape(attribute(input, "value")?),
                ))
            })
            .collect()
    }

    pub fn hidden_field(&self, name: &str) -> Option<String> {
        self.hidden_fields()
            .into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The heading of an error page: each kind has one text.
    pub fn error_heading(&self) -> Option<String> {
        self.text_of("<h1 id=\"error-heading\">", "</h1>")
    }

    /// The cause on an error page that explains itself.
    pub fn explained_cause(&self) -> Option<String> {
        self.text_of("<code id=\"error-cause\">", "</code>")
    }

    fn text_of(&self, start: &str, end: &str) -> Option<String> {
        let text = &self.body[self.body.find(start)? + start.len()..];
        Some(unescape(&text[..text.find(end)?]))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        writeln!(f, "\n{}", self.body)
    }
}

/// The claims of a JWT, unverified: for looking at what was issued.
pub fn claims_of(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&base64url::decode(payload).expect("base64url")).expect("JSON")
}

/// The header of a JWT, unverified.
pub fn header_of(jwt: &str) -> Value {
    let header = jwt.split('.').next().expect("three parts");
    serde_json::from_slice(&base64url::decode(header).expect("base64url")).expect("JSON")
}

/// The value of an attribute of the first tag in `html`.
fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let tag = &html[..html.find('>')?];
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let rest = &tag[start..];
    Some(&rest[..rest.find('"')?])
}

pub(crate) fn unescape(text: &str) -> String {
    text.replace("&#x2f;", "/")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
