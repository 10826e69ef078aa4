//! A browser for the router: it keeps cookies, reads forms, and follows nothing by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderValue, Method, Request, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use url::Url;

use crate::Answer;

/// A browser with its cookies.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    host: String,
    /// The network address it is seen under; none as a rule, as behind a listener that tells none.
    pub address: Option<SocketAddr>,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(router: Router, issuer: &str) -> Browser {
        let url = Url::parse(issuer).expect("issuer");
        let host = url.host_str().expect("host").to_owned();
        Browser {
            router,
            host,
            address: None,
            cookies: BTreeMap::new(),
        }
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
        headers.push((
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        ));
        self.send(Method::POST, path, &headers, Some(form(fields)))
            .await
    }

    /// A request with a text in its body.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Option<String>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(body.unwrap_or_default().into_bytes());
        self.send_request(request.expect("a request")).await
    }

    /// Any request at all, with this browser's host, address and cookies.
    pub async fn send_request(&mut self, request: Request<Vec<u8>>) -> Answer {
        let mut request = request.map(Body::from);
        if !request.headers().contains_key(header::HOST) {
            let host = HeaderValue::from_str(&self.host).expect("a host");
            request.headers_mut().insert(header::HOST, host);
        }
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter();
            let cookies: Vec<String> = cookies
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let cookies = HeaderValue::from_str(&cookies.join("; ")).expect("cookies");
            request.headers_mut().append(header::COOKIE, cookies);
        }
        if let Some(address) = self.address {
            request.extensions_mut().insert(ConnectInfo(address));
        }
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
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
        let action = page
            .form_action()
            .unwrap_or_else(|| panic!("no form: {page:?}"));
        let mut all: Vec<(String, String)> = page.hidden_fields();
        all.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let all: Vec<(&str, &str)> = all
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(&action, &all).await
    }

    pub async fn sign_in(&mut self, page: &Answer, username: &str, password: &str) -> Answer {
        let fields = [
            ("username", username),
            ("password", password),
            ("decision", "sign_in"),
        ];
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

/// Fields as a form sends them.
pub fn form<V: AsRef<str>>(fields: &[(&str, V)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields.iter().map(|(name, value)| (*name, value.as_ref())));
    form.finish()
}
