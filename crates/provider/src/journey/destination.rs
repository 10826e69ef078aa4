//! Where a journey leads. Sign-in, account selection and consent know it as a value and nothing
//! more of it: what it demands, what the pages call it, and how a failure leaves through it.
//!
//! A client that asked for an authorization is one destination; a page of our own is another, and
//! so is the approval of a device's request.

use axum::response::Response;
use countersign_store::GrantId;
use serde::{Deserialize, Serialize};

use crate::Provider;
use crate::authorization_request::request::AuthorizationRequest;
use crate::authorization_request::target::{self, CarriedTarget, RedirectTarget};
use crate::clients::Client;
use crate::demand::Demand;
use crate::device_request::proven::{self, ProvenDeviceRequest};
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::pages::LoginPurpose;

/// Where a journey leads.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Back to a client, with a code or an error.
    Client(Box<ClientRequest>),
    /// To a page of our own.
    OwnPage(OwnPage),
    /// To the approval of a device's request, which is answered there and not here.
    Device(Box<ProvenDeviceRequest>),
}

/// A checked authorization request of a client with a proven redirect URI.
#[derive(Debug, Clone)]
pub struct ClientRequest {
    pub target: RedirectTarget,
    pub request: AuthorizationRequest,
}

/// A page that shows a person something of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnPage {
    Account,
    /// The person's API tokens, after a recent sign-in.
    Tokens,
}

impl OwnPage {
    /// Its path, below the issuer's.
    pub fn path(self) -> &'static str {
        match self {
            OwnPage::Account => "/account",
            OwnPage::Tokens => "/account/tokens",
        }
    }

    /// What it demands of the sign-in.
    fn demand(self) -> &'static Demand {
        match self {
            OwnPage::Account => &Demand::ANY_USER,
            OwnPage::Tokens => &Demand::RECENT_SIGN_IN,
        }
    }
}

/// What a sealed form carries of a destination. It was proven once; it proves nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarriedDestination {
    Client {
        target: CarriedTarget,
        request: Box<AuthorizationRequest>,
    },
    OwnPage(OwnPage),
    /// The request's id.
    Device(GrantId),
}

impl Destination {
    /// A client's checked request.
    pub fn client(target: RedirectTarget, request: AuthorizationRequest) -> Destination {
        Destination::Client(Box::new(ClientRequest { target, request }))
    }

    /// What it demands of the sign-in; a page of our own takes any user.
    pub fn demand(&self) -> &Demand {
        match self {
            Destination::Client(client_request) => &client_request.request.demand,
            Destination::OwnPage(page) => page.demand(),
            Destination::Device(proven) => proven.demand(),
        }
    }

    /// What the sign-in page says that it is for, if no client is named.
    pub fn purpose(&self) -> LoginPurpose {
        match self {
            Destination::Client(_) | Destination::OwnPage(_) => LoginPurpose::Account,
            Destination::Device(_) => LoginPurpose::Device,
        }
    }

    /// The client that pages name and lead to. A page of our own has none, and a device is not
    /// reached from here.
    pub fn shown_client(&self) -> Option<&Client> {
        match self {
            Destination::Client(client_request) => Some(client_request.target.client()),
            Destination::OwnPage(_) | Destination::Device(_) => None,
        }
    }

    /// The end of a journey that failed: a client gets an error response, a person sees a page.
    pub fn refuse(&self, provider: &Provider, failure: &Failure, exchange: &Exchange) -> Response {
        match self {
            Destination::Client(client_request) => {
                client_request.target.refuse(provider, failure, exchange)
            }
            Destination::OwnPage(_) | Destination::Device(_) => {
                provider.error_page(failure, exchange)
            }
        }
    }

    /// For a sealed form.
    pub fn carried(&self) -> CarriedDestination {
        match self {
            Destination::Client(client_request) => CarriedDestination::Client {
                target: client_request.target.carried(),
                request: Box::new(client_request.request.clone()),
            },
            Destination::OwnPage(page) => CarriedDestination::OwnPage(*page),
            Destination::Device(proven) => CarriedDestination::Device(proven.request().id),
        }
    }
}

impl CarriedDestination {
    /// The languages of the pages, which an error page is shown in too.
    pub fn ui_locales(&self) -> Option<&str> {
        match self {
            CarriedDestination::Client { request, .. } => request.demand.ui_locales.as_deref(),
            CarriedDestination::OwnPage(_) | CarriedDestination::Device(_) => None,
        }
    }

    /// Proves the destination of a form that comes back: client and redirect URI may have been
    /// taken away since the form was made, or part of what was asked for.
    ///
    /// # Errors
    ///
    /// Returns a [`NotProven`], which knows who is to be told.
    pub async fn prove_again(self, provider: &Provider) -> Result<Destination, NotProven> {
        let (target, request) = match self {
            CarriedDestination::Client { target, request } => (target, request),
            CarriedDestination::OwnPage(page) => return Ok(Destination::OwnPage(page)),
            CarriedDestination::Device(id) => return device_again(provider, &id).await,
        };
        let target = match target::prove_again(provider, &target).await {
            Ok(target) => target,
            Err(failure) => {
                return Err(NotProven {
                    failure,
                    target: None,
                });
            }
        };
        let request = match provider.declared_resources().await {
            Ok(declared) => request.still_allowed(provider, target.client(), &declared),
            Err(failure) => Err(failure),
        };
        match request {
            Ok(request) => Ok(Destination::client(target, request)),
            Err(failure) => Err(NotProven {
                failure,
                target: Some(target),
            }),
        }
    }
}

async fn device_again(provider: &Provider, id: &GrantId) -> Result<Destination, NotProven> {
    let found = provider.store.device_request(id).await;
    let proven = match found {
        Ok(found) => proven::prove(provider, found).await,
        Err(error) => Err(error.into()),
    };
    match proven {
        Ok(proven) => Ok(Destination::Device(Box::new(proven))),
        Err(failure) => Err(NotProven {
            failure,
            target: None,
        }),
    }
}

/// Why a destination is no longer valid. The client is told if its redirect URI is still proven;
/// otherwise the error is a page.
pub struct NotProven {
    failure: Failure,
    target: Option<RedirectTarget>,
}

impl NotProven {
    pub fn into_failure(self) -> Failure {
        self.failure
    }

    pub fn respond(&self, provider: &Provider, exchange: &Exchange) -> Response {
        match &self.target {
            Some(target) => target.refuse(provider, &self.failure, exchange),
            None => provider.error_page(&self.failure, exchange),
        }
    }
}
