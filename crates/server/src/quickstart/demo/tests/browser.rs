//! A browser: it keeps the demo's cookie and remembers all that it was shown.

use axum::Router;
use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::fake_provider::FakeProvider;

pub struct Browser {
    demo: Router,
    pub cookie: Option<String>,
    seen: String,
}

pub struct Shown {
    pub status: StatusCode,
    pub body: String,
    headers: HeaderMap,
}

impl Browser {
    pub fn of(demo: &Router) -> Self {
        Self {
            demo: demo.clone(),
            cookie: None,
            seen: String::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Shown {
        self.send(Method::GET, path, String::new()).await
    }

    pub async fn post(&mut self, path: &str, csrf_token: &str) -> Shown {
        self.send(Method::POST, path, format!("csrf_token={csrf_token}"))
            .await
    }

    /// Presses "Sign in" and lets the provider agree; gives the address on which the browser comes
    /// back.
    pub async fn begin(&mut self, provider: &FakeProvider) -> String {
        let shown = self.get("/sign-in").await;
        assert_eq!(shown.status, StatusCode::SEE_OTHER, "{}", shown.body);
        provider.agree(shown.location())
    }

    pub async fn sign_in(&mut self, provider: &FakeProvider) {
        let answer = self.begin(provider).await;
        let shown = self.get(&answer).await;
        assert_eq!(
            (shown.status, shown.location()),
            (StatusCode::SEE_OTHER, "/"),
            "{}",
            shown.body
        );
    }

    /// Every head and body that ever came.
    pub fn seen(&self) -> &str {
        &self.seen
    }

    async fn send(&mut self, method: Method, path: &str, body: String) -> Shown {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let request = request.body(Body::from(body)).expect("it is a request");
        let response = self
            .demo
            .clone()
            .oneshot(request)
            .await
            .expect("routers don't fail");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("it is whole").to_bytes();
        let shown = Shown {
            status: head.status,
            body: String::from_utf8_lossy(&body).into_owned(),
            headers: head.headers,
        };
        if shown.headers.contains_key("set-cookie") {
            let pair = shown
                .header("set-cookie")
                .split(';')
                .next()
                .unwrap_or_default();
            self.cookie = Some(pair.to_owned());
        }
        self.seen += &format!("{:?}\n{}\n", shown.headers, shown.body);
        shown
    }
}

impl Shown {
    pub fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}: {}", self.body));
        value.to_str().expect("it is text")
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn csrf_token(&self) -> String {
        let after = self
            .body
            .split("name=\"csrf_token\" value=\"")
            .nth(1)
            .expect("there is a form");
        after.split('"').next().expect("it ends").to_owned()
    }
}
