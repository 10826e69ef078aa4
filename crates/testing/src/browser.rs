//! A browser for the router: it keeps cookies, reads forms, and follows nothing by itself.

use std::collections::BTreeMap;
use std::fmt;

use axum::Router;
use axum::body::Body;
use countersign_jose::base64url;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use url::Url;

use crate::Tokens;

/// A browser with its cookies.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    host: String,
    pub cookies: BTreeMap<String, String>,
}

/// What came back.
#[derive(Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    pub fn new(router: Router, issuer: &str) -> Browser {
        let url = Url::parse(issuer).expect("issuer");
        let host = url.host_str().expect("host").to_owned();
        Browser { router, host, cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn get_with<V: AsRef<str>>(&mut self, path: &str, query: &[(&str, V)]) -> Answer {
        let path = format!("{path}?{}", form(query));
        self.send(Method::GET, &path, &[], None).await
    }

    pub async fn get_with_headers(&mut self, path: &str, headers: &[(&str, String)]) -> Answer {
        self.send(Method::GET, path, headers, None).await
    }

    pub async fn post<V: AsRef<str>>(&mut self, path: &str, fields: &[(&str, V)]) -> Answer {
        self.post_with(path, fields, &[]).await
    }

    pub async fn post_with<V: AsRef<str>>(
        &mut self,
        path: &str,
        fields: &[(&str, V)],
        headers: &[(&str, String)],
    ) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        self.send(Method::POST, path, &headers, Some(form(fields))).await
    }

    /// Any request at all.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Option<String>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request = request.header(header::HOST, &self.host);
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request.body(Body::from(body.unwrap_or_default())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("body").to_bytes();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        self.keep_cookies(&answer);
        answer
    }

    /// Submits the form of a page with its hidden fields and these.
    pub async fn submit(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let action = page.form_action().unwrap_or_else(|| panic!("no form: {page:?}"));
        let mut all: Vec<(String, String)> = page.hidden_fields();
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let all: Vec<(&str, &str)> =
            all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&action, &all).await
    }

    pub async fn sign_in(&mut self, page: &Answer, username: &str, password: &str) -> Answer {
        let fields = [("username", username), ("password", password), ("decision", "sign_in")];
        self.submit(page, &fields).await
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("name=value");
            match attributes.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or("not text"))
    }

    pub fn location(&self) -> Option<Url> {
        let location = self.headers.get(header::LOCATION)?;
        Url::parse(location.to_str().ok()?).ok()
    }

    /// A parameter of the query that the answer redirects with.
    pub fn location_parameter(&self, name: &str) -> Option<String> {
        let location = self.location()?;
        location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// `error` of a JSON answer.
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
                Some((unescape(attribute(input, "name")?), unescape(attribute(input, "value")?)))
            })
            .collect()
    }

    pub fn hidden_field(&self, name: &str) -> Option<String> {
        self.hidden_fields().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
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

fn form<V: AsRef<str>>(fields: &[(&str, V)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields.iter().map(|(name, value)| (*name, value.as_ref())));
    form.finish()
}

/// The value of an attribute of the first tag in `html`.
fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let tag = &html[..html.find('>')?];
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let rest = &tag[start..];
    Some(&rest[..rest.find('"')?])
}

fn unescape(text: &str) -> String {
    text.replace("&#x2f;", "/")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
