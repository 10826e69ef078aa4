//! A logout request (RP-Initiated Logout 2), checked.

use countersign_oauth::id_token::IdTokenHint;
use countersign_oauth::parameters::Parameters;
use countersign_store::sessions::BrowserSession;

use super::fault::LogoutFault;
use super::target::{self, PostLogoutTarget};
use crate::clients::Client;
use crate::error::Failure;
use crate::{Provider, id_token_hint};

pub(super) struct LogoutRequest {
    hinted: Option<Hinted>,
    pub target: Option<PostLogoutTarget>,
}

/// An ID token of ours and the client that it was issued to.
struct Hinted {
    hint: IdTokenHint,
    client: Client,
}

impl LogoutRequest {
    pub async fn check(
        provider: &Provider,
        parameters: &Parameters,
    ) -> Result<LogoutRequest, Failure> {
        let invalid = LogoutFault::HintInvalid;
        let hinted = match id_token_hint::read(provider, parameters, invalid).await? {
            Some(hint) => Some(Hinted {
                client: client_of(provider, &hint, parameters).await?,
                hint,
            }),
            None => None,
        };
        let client = hinted.as_ref().map(|hinted| &hinted.client);
        let target = target::prove(client, parameters)?;
        Ok(LogoutRequest { hinted, target })
    }

    /// The client that the hint proves.
    pub fn client(&self) -> Option<&Client> {
        self.hinted.as_ref().map(|hinted| &hinted.client)
    }

    /// Whether the hint is an ID token of this very session.
    pub async fn is_of(
        &self,
        provider: &Provider,
        session: &BrowserSession,
    ) -> Result<bool, Failure> {
        let Some(Hinted { hint, client }) = &self.hinted else {
            return Ok(false);
        };
        let Some(sid) = hint.session().filter(|_| hint.subject() == session.sub) else {
            return Ok(false);
        };
        let known = provider
            .store
            .client_session(&session.id, &client.client_id)
            .await?;
        Ok(known.is_some_and(|known| known.sid.to_string() == sid))
    }
}

async fn client_of(
    provider: &Provider,
    hint: &IdTokenHint,
    parameters: &Parameters,
) -> Result<Client, Failure> {
    let client_id = hint.client_id().ok_or(LogoutFault::HintInvalid)?;
    let named = parameters.get("client_id");
    if named.is_some_and(|named| named != client_id) {
        return Err(LogoutFault::HintOfAnotherClient.into());
    }
    let client = provider.clients.find(&*provider.store, client_id).await?;
    client.ok_or_else(|| LogoutFault::HintOfAnotherClient.into())
}
