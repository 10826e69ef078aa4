//! Where a journey leads. Sign-in, account selection and consent know it as a value and nothing more
//! of it: what it demands, what the pages call it, and how it is reached or refused.
//!
//! A client that asked for an authorization is one destination; a page of our own is another.

use axum::response::Response;
use countersign_store::GrantId;
use serde::{Deserialize, Serialize};

use super::demand::Demand;
use super::next::Permitted;
use crate::Provider;
use crate::authorize::finish;
use crate::authorize::request::AuthorizationRequest;
use crate::authorize::target::{self, CarriedTarget, RedirectTarget};
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::pages::ClientView;
use crate::respond;

/// Where a journey leads.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Back to a client, with a code or an error.
    Client(Box<Authorization>),
    /// To a page of our own.
    OwnPage(OwnPage),
}

/// A checked authorization request of a client with a proven redirect URI.
#[derive(Debug, Clone)]
pub struct Authorization {
    pub target: RedirectTarget,
    pub request: AuthorizationRequest,
}

/// A page that shows a person something of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnPage {
    Account,
}

impl OwnPage {
    /// Its path, below the issuer's.
    pub fn path(self) -> &'static str {
        match self {
            OwnPage::Account => "/account",
        }
    }
}

/// What a sealed form carries of a destination. It was proven once; it proves nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarriedDestination {
    Client {
        target: CarriedTarget,
        request: AuthorizationRequest,
    },
    OwnPage(OwnPage),
}

impl Destination {
    /// A client's authorization.
    pub fn client(target: RedirectTarget, request: AuthorizationRequest) -> Destination {
        Destination::Client(Box::new(Authorization { target, request }))
    }

    /// What it demands of the sign-in; a page of our own takes any user.
    pub fn demand(&self) -> &Demand {
        static ANY_USER: Demand = Demand::ANY_USER;
        match self {
            Destination::Client(authorization) => &authorization.request.demand,
            Destination::OwnPage(_) => &ANY_USER,
        }
    }

    /// The client that pages name; a page of our own has none.
    pub fn client_view(&self) -> Option<ClientView<'_>> {
        match self {
            Destination::Client(authorization) => Some(authorization.target.client().view()),
            Destination::OwnPage(_) => None,
        }
    }

    /// Where its answer goes, outside our own pages.
    pub fn redirect_uri(&self) -> Option<&str> {
        match self {
            Destination::Client(authorization) => Some(authorization.target.redirect_uri()),
            Destination::OwnPage(_) => None,
        }
    }

    /// The end of a journey that was permitted.
    ///
    /// # Errors
    ///
    /// The authorization was finished before, or the store failed.
    pub async fn reach(
        &self,
        provider: &Provider,
        id: GrantId,
        permitted: &Permitted<'_>,
        exchange: &Exchange,
    ) -> Result<Response, Failure> {
        match (self, permitted) {
            (Destination::Client(authorization), Permitted::Client(permission)) => {
                let code = finish::issue(provider, authorization, id, permission).await?;
                let target = &authorization.target;
                Ok(target.grant(provider, &code.expose(), exchange))
            }
            (Destination::OwnPage(page), _) | (_, Permitted::OwnPage(page)) => {
                Ok(respond::redirect(&provider.page_path(page.path())))
            }
        }
    }

    /// The end of a journey that failed: a client is told, a person sees a page.
    pub fn refuse(&self, provider: &Provider, failure: &Failure, exchange: &Exchange) -> Response {
        match self {
            Destination::Client(authorization) => {
                authorization.target.refuse(provider, failure, exchange)
            }
            Destination::OwnPage(_) => provider.error_page(failure, exchange),
        }
    }

    /// For a sealed form.
    pub fn carried(&self) -> CarriedDestination {
        match self {
            Destination::Client(authorization) => CarriedDestination::Client {
                target: authorization.target.carried(),
                request: authorization.request.clone(),
            },
            Destination::OwnPage(page) => CarriedDestination::OwnPage(*page),
        }
    }
}

impl CarriedDestination {
    /// The languages of the pages, which an error page is shown in too.
    pub fn ui_locales(&self) -> Option<&str> {
        match self {
            CarriedDestination::Client { request, .. } => request.demand.ui_locales.as_deref(),
            CarriedDestination::OwnPage(_) => None,
        }
    }

    /// The border between the two zones of a journey, for a form that comes back: before it an error
    /// is a page, after it every outcome leaves through the destination.
    ///
    /// # Errors
    ///
    /// The client or its redirect URI is not what it was.
    pub async fn prove_again(self, provider: &Provider) -> Result<Proven, Failure> {
        match self {
            CarriedDestination::Client { target, request } => Ok(Proven::Client {
                target: target::prove_again(provider, &target).await?,
                request,
            }),
            CarriedDestination::OwnPage(page) => Ok(Proven::OwnPage(page)),
        }
    }
}

/// A destination that is proven again, with a request that is not checked again yet.
pub enum Proven {
    Client {
        target: RedirectTarget,
        request: AuthorizationRequest,
    },
    OwnPage(OwnPage),
}

impl Proven {
    /// The destination, its request as far as the client may still make it.
    ///
    /// # Errors
    ///
    /// What was asked for was taken away from the client meanwhile.
    pub fn still_allowed(self, provider: &Provider) -> Result<Destination, Failure> {
        match self {
            Proven::Client { target, request } => {
                let request = request.still_allowed(provider, target.client())?;
                Ok(Destination::client(target, request))
            }
            Proven::OwnPage(page) => Ok(Destination::OwnPage(page)),
        }
    }
}
