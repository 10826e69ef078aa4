//! A request.

use std::fmt;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// One request. Its headers and body may carry secrets: `Debug` shows the method and the address
/// without its query.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) invalid_header: Option<HeaderName>,
}

impl Request {
    /// GET.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: None,
            invalid_header: None,
        }
    }

    /// POST of `application/x-www-form-urlencoded` pairs, in their order.
    #[must_use]
    pub fn post_form<N, V>(url: Url, pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            form.append_pair(name.as_ref(), value.as_ref());
        }
        Self::post(
            url,
            "application/x-www-form-urlencoded",
            form.finish().into_bytes(),
        )
    }

    /// POST of a JSON value.
    #[must_use]
    pub fn post_json(url: Url, value: &serde_json::Value) -> Self {
        Self::post(url, "application/json", value.to_string().into_bytes())
    }

    /// POST of any body.
    #[must_use]
    pub fn post(url: Url, content_type: &'static str, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            method: Method::POST,
            url,
            headers,
            body: Some(body),
            invalid_header: None,
        }
    }

    /// Sets a header. A value that no header can carry (a line break, say) makes the sending fail
    /// with [`FetchError::InvalidHeader`](crate::FetchError::InvalidHeader).
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(mut value) => {
                value.set_sensitive(name == AUTHORIZATION);
                self.headers.insert(name, value);
            }
            Err(_) => self.invalid_header = Some(name),
        }
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.origin().ascii_serialization();
        write!(
            formatter,
            "Request({} {origin}{})",
            self.method,
            self.url.path()
        )
    }
}
