//! One request as the endpoints see it: read whole, within limits, with its id.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRef, FromRequest, Request};
use countersign_oauth::client_certificate::ClientCertificate;
use countersign_oauth::parameters::{Limits, Parameters, Reading};
use http::{HeaderMap, Method, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::Site;
use crate::cookies::sent_cookies;
use crate::error::{Failure, RequestFault};
use crate::pages::Language;

/// The id of a request: in its response's header, on its error page, in its log lines.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// A request's head, and who sent it.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub method: Method,
    /// Below the issuer's path, as the router matched it.
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
    /// The network address of the peer, where the listener knows it.
    pub peer: Option<IpAddr>,
    /// The client's certificate, where the listener knows it: it inserts a [`ClientCertificate`]
    /// into the request's extensions.
    pub client_certificate: Option<ClientCertificate>,
    request_id: RequestId,
    /// `ui_locales` of the request that the exchange serves, once it is known.
    pub ui_locales: Option<String>,
}

impl Exchange {
    /// The request's id.
    pub fn request_id(&self) -> &str {
        &self.request_id.0
    }

    /// The language of the pages that are shown in response.
    pub fn language(&self) -> Language {
        Language::negotiate(
            self.ui_locales.as_deref(),
            self.header(header::ACCEPT_LANGUAGE),
        )
    }

    /// A header's value; `None` if it is missing or is not text.
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether a header was sent more than once.
    pub fn is_repeated(&self, name: &header::HeaderName) -> bool {
        self.headers.get_all(name).iter().nth(1).is_some()
    }

    /// Values of every cookie of that name, in the order sent. A browser sends several when another
    /// host or path set one of the same name.
    pub fn cookies<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all_cookies()
            .filter(move |(sent, _)| *sent == name)
            .map(|(_, value)| value)
    }

    /// Every cookie, name and value.
    pub fn all_cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        sent_cookies(&self.headers)
    }
}

/// A request with its body.
pub struct Incoming {
    pub exchange: Exchange,
    body: Result<Bytes, RequestFault>,
}

impl Incoming {
    /// The parameters of a GET's query or a POST's form, with the query's merged in (RFC 6749,
    /// section 3.1).
    ///
    /// # Errors
    /// Returns a [`RequestFault`] if the request is malformed, has a duplicate parameter, or
    /// exceeds the limits.
    pub fn parameters(&self, site: &Site, repeatable: &[&str]) -> Result<Parameters, Failure> {
        Ok(self.reading(site, repeatable)?.into_whole()?)
    }

    /// The same, without ending at the first fault of a parameter: for an endpoint that tells the
    /// client of it.
    ///
    /// # Errors
    /// Returns a [`RequestFault`] if the request as a whole can't be read: its body, or more than
    /// the limits.
    pub fn reading(&self, site: &Site, repeatable: &[&str]) -> Result<Reading, Failure> {
        let limits = site.settings.parameters();
        let query = self.exchange.query.as_deref().unwrap_or("");
        let query = Reading::of_form(query, limits, repeatable)?;
        if self.exchange.method != Method::POST {
            return Ok(query);
        }
        let body = Reading::of_form(self.form_body()?, limits, repeatable)?;
        Ok(body.merge(query, repeatable))
    }

    /// The parameters of a form in the body.
    ///
    /// # Errors
    /// Returns a [`RequestFault`] if the body is not a form within the limits.
    pub fn form(&self, site: &Site, repeatable: &[&str]) -> Result<Parameters, Failure> {
        let limits = site.settings.parameters();
        Ok(Parameters::parse_form(
            self.form_body()?,
            limits,
            repeatable,
        )?)
    }

    /// The body of a form that a person filled in. What was typed may contain any character, so
    /// that a field that can't be accepted is reported on the form, and the rest of the form is not
    /// lost.
    ///
    /// # Errors
    /// As [`form`](Self::form).
    pub fn typed_form(&self, site: &Site) -> Result<Parameters, Failure> {
        let limits = Limits {
            control_characters: true,
            ..site.settings.parameters()
        };
        Ok(Parameters::parse_form(self.form_body()?, limits, &[])?)
    }

    fn form_body(&self) -> Result<&Bytes, Failure> {
        match self.has_content_type("application/x-www-form-urlencoded") {
            true => self.body(),
            false => Err(RequestFault::ContentTypeNotForm.into()),
        }
    }

    /// The media type, without its parameters and without regard to case.
    pub fn has_content_type(&self, wanted: &str) -> bool {
        let content_type = self.exchange.header(header::CONTENT_TYPE).unwrap_or("");
        content_type
            .split(';')
            .next()
            .unwrap_or("")
            .trim()
            .eq_ignore_ascii_case(wanted)
    }

    /// The whole body.
    ///
    /// # Errors
    /// Returns [`RequestFault::BodyTooLarge`] or [`RequestFault::BodyUnreadable`].
    pub fn body(&self) -> Result<&Bytes, Failure> {
        Ok(self.body.as_ref().map_err(|fault| *fault)?)
    }
}

/// For any router whose state has a [`Site`].
impl<S> FromRequest<S> for Incoming
where
    Site: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    /// Never rejects: the endpoint itself says, in its own form, that a body cannot be read.
    async fn from_request(request: Request, state: &S) -> Result<Incoming, Infallible> {
        let site = Site::from_ref(state);
        let (parts, body) = request.into_parts();
        let body = match parts.method {
            Method::POST | Method::PUT | Method::PATCH => {
                read_body(body, site.settings.requests.max_body_bytes).await
            }
            _ => Ok(Bytes::new()),
        };
        let request_id = parts.extensions.get::<RequestId>().cloned();
        let exchange = Exchange {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            peer: parts
                .extensions
                .get::<ConnectInfo<SocketAddr>>()
                .map(|ConnectInfo(peer)| peer.ip()),
            client_certificate: parts.extensions.get::<ClientCertificate>().cloned(),
            request_id: request_id.unwrap_or_else(|| RequestId(String::new())),
            ui_locales: None,
        };
        Ok(Incoming { exchange, body })
    }
}

async fn read_body(body: Body, limit: usize) -> Result<Bytes, RequestFault> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(RequestFault::BodyTooLarge),
        Err(_) => Err(RequestFault::BodyUnreadable),
    }
}
