//! Where a browser goes after it signed out (RP-Initiated Logout, section 3): an address that the
//! client registered, proven again when it comes back in a form.

use countersign_oauth::parameters::Parameters;
use countersign_oauth::post_logout_redirect_uri::RegisteredPostLogoutRedirectUri;
use serde::{Deserialize, Serialize};

use super::fault::{LogoutFault, Unusable};
use crate::Provider;
use crate::clients::Client;
use crate::error::Failure;

/// A proven `post_logout_redirect_uri` with the request's `state`.
pub(super) struct PostLogoutTarget {
    uri: RegisteredPostLogoutRedirectUri,
    state: Option<String>,
    client: Client,
}

/// What a sealed form carries of a target. It was proven once; it proves nothing.
#[derive(Serialize, Deserialize)]
pub(super) struct CarriedTarget {
    client_id: String,
    post_logout_redirect_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

/// The target of a request, if it names one; `client` is who asks.
///
/// # Errors
///
/// The address is no one's, because no client is named, or it is not registered.
pub(super) fn prove(
    client: Option<&Client>,
    parameters: &Parameters,
) -> Result<Option<PostLogoutTarget>, Unusable> {
    let Some(presented) = parameters.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    let client = client.ok_or(LogoutFault::RedirectWithoutClient)?;
    let state = parameters.get("state").map(str::to_owned);
    registered(client, presented, state).map(Some)
}

/// The target of a form that comes back; `None` if the client does not have it any more.
///
/// # Errors
///
/// The client could not be read.
pub(super) async fn prove_again(
    provider: &Provider,
    carried: CarriedTarget,
) -> Result<Option<PostLogoutTarget>, Failure> {
    let client_id = &carried.client_id;
    let client = provider.clients.find(&*provider.store, client_id).await?;
    Ok(client.and_then(|client| {
        registered(&client, &carried.post_logout_redirect_uri, carried.state).ok()
    }))
}

fn registered(
    client: &Client,
    presented: &str,
    state: Option<String>,
) -> Result<PostLogoutTarget, Unusable> {
    let uris = &client.metadata.post_logout_redirect_uris;
    let application_type = client.metadata.application_type();
    let uri = RegisteredPostLogoutRedirectUri::find(presented, uris, application_type)
        .map_err(|fault| LogoutFault::RedirectNotRegistered.because(fault.to_string()))?;
    Ok(PostLogoutTarget {
        uri,
        state,
        client: client.clone(),
    })
}

impl PostLogoutTarget {
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the browser is led there by itself. To a client that no one vouched for it is not
    /// (RFC 9700, section 4.11.2): the way back is a link.
    pub fn is_followed(&self) -> bool {
        self.client.vouched
    }

    /// The address, `state` included.
    pub fn location(&self) -> String {
        self.uri.location(self.state.as_deref())
    }

    /// For a sealed form.
    pub fn carried(&self) -> CarriedTarget {
        CarriedTarget {
            client_id: self.client.client_id.clone(),
            post_logout_redirect_uri: self.uri.as_str().to_owned(),
            state: self.state.clone(),
        }
    }
}
