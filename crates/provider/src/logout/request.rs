//! A logout request (RP-Initiated Logout, section 2), read part by part.
//!
//! Section 4: where a part does not validate, whatever needs it is aborted and the part is not
//! used. Nothing else follows, so a request is never refused as a whole: what is left of it asks
//! the person, who can sign out in any case.

use countersign_oauth::id_token::IdTokenHint;
use countersign_oauth::parameters::Parameters;
use countersign_store::sessions::BrowserSession;

use super::fault::{LogoutFault, Unusable};
use super::target::{self, PostLogoutTarget};
use crate::clients::Client;
use crate::error::Failure;
use crate::subjects::NamedSubject;
use crate::{Provider, id_token_hint, log};

#[derive(Default)]
pub(super) struct LogoutRequest {
    hint: Option<IdTokenHint>,
    /// Who asks: the client that the hint was issued to, or else the one that `client_id` names.
    pub client: Option<Client>,
    pub target: Option<PostLogoutTarget>,
    /// What could not be used.
    pub unusable: Option<Unusable>,
}

impl LogoutRequest {
    /// Reads what of a request can be used.
    ///
    /// # Errors
    ///
    /// The store or the keys could not be read.
    pub async fn read(
        provider: &Provider,
        parameters: &Parameters,
    ) -> Result<LogoutRequest, Failure> {
        let mut request = LogoutRequest::default();
        let named = parameters.get("client_id");
        let client_id = match id_token_hint::read(provider, parameters).await? {
            None => named.map(str::to_owned),
            Some(Err(fault)) => {
                request.set_aside(LogoutFault::HintInvalid.because(fault.to_string()));
                named.map(str::to_owned)
            }
            Some(Ok(hint)) => match issued_to(&hint, named) {
                Ok(client_id) => {
                    request.hint = Some(hint);
                    Some(client_id)
                }
                Err(unusable) => {
                    request.set_aside(unusable);
                    None
                }
            },
        };
        if let Some(client_id) = client_id {
            request.client = provider.clients.find(&*provider.store, &client_id).await?;
            if request.client.is_some() {
                log::name_client(&client_id);
            } else {
                request.hint = None;
                request.set_aside(LogoutFault::ClientUnknown.into());
            }
        }
        match target::prove(request.client.as_ref(), parameters) {
            Ok(target) => request.target = target,
            Err(unusable) => request.set_aside(unusable),
        }
        Ok(request)
    }

    /// What a confirmed form carried: a way back that is proven again.
    pub fn confirmed(target: Option<PostLogoutTarget>) -> LogoutRequest {
        LogoutRequest {
            client: target.as_ref().map(|target| target.client().clone()),
            target,
            ..LogoutRequest::default()
        }
    }

    /// Nothing of a request, because of a fault that concerns all of it.
    pub fn nothing(unusable: Unusable) -> LogoutRequest {
        LogoutRequest {
            unusable: Some(unusable),
            ..LogoutRequest::default()
        }
    }

    /// The first part that was set aside explains those after it.
    fn set_aside(&mut self, unusable: Unusable) {
        self.unusable.get_or_insert(unusable);
    }

    /// Whether one of our ID tokens was sent with it, which proves who asks.
    pub fn is_proven(&self) -> bool {
        self.hint.is_some()
    }

    /// Whether the hint is an ID token of this very session.
    ///
    /// # Errors
    ///
    /// The store could not be read.
    pub async fn is_of(
        &self,
        provider: &Provider,
        session: &BrowserSession,
    ) -> Result<bool, Failure> {
        let (Some(hint), Some(client)) = (&self.hint, &self.client) else {
            return Ok(false);
        };
        let named = NamedSubject::told_to(Some(client), hint.subject());
        let is_theirs = provider.subjects.names(&named, &session.sub);
        let Some(sid) = hint.session().filter(|_| is_theirs) else {
            return Ok(false);
        };
        let Ok(sid) = sid.parse() else {
            return Ok(false);
        };
        let known = provider.store.client_session_named(&sid).await?;
        Ok(known.is_some_and(|known| {
            known.browser_session == session.id && known.client_id == client.client_id
        }))
    }
}

/// The client that a hint was issued to. A `client_id` beside it must be the same
/// (RP-Initiated Logout, section 2): where it is not, neither says who asks.
fn issued_to(hint: &IdTokenHint, named: Option<&str>) -> Result<String, Unusable> {
    let client_id = hint
        .client_id()
        .ok_or_else(|| LogoutFault::HintInvalid.because("it names no single client"))?;
    match named {
        Some(named) if named != client_id => Err(LogoutFault::HintOfAnotherClient.into()),
        _ => Ok(client_id.to_owned()),
    }
}
