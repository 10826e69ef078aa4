//! Signing out at the provider too ([OIDC RP-Initiated Logout, section 2]).
//!
//! [OIDC RP-Initiated Logout, section 2]: https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout

use countersign_fetch::Url;

use crate::client::Client;
use crate::id_token::IdToken;

impl Client {
    /// Begins a sign-out. End the application's own session first; then send the browser to the
    /// address.
    pub fn logout(&self) -> LogoutRequest<'_> {
        LogoutRequest {
            client: self,
            parameters: Vec::new(),
        }
    }
}

/// Builds the address that signs the user out.
#[derive(Clone, Debug)]
#[must_use]
pub struct LogoutRequest<'a> {
    client: &'a Client,
    parameters: Vec<(&'static str, String)>,
}

impl LogoutRequest<'_> {
    /// Whose session it is. Recommended: without it the provider asks the user.
    pub fn id_token_hint(self, id_token: &IdToken) -> Self {
        self.id_token_hint_text(id_token.reveal())
    }

    /// [`id_token_hint`](Self::id_token_hint) where only the token's text was kept.
    pub fn id_token_hint_text(self, id_token: &str) -> Self {
        self.put("id_token_hint", id_token)
    }

    /// Where the provider sends the browser afterwards; one of the registered addresses.
    pub fn post_logout_redirect_uri(self, uri: &str) -> Self {
        self.put("post_logout_redirect_uri", uri)
    }

    /// Comes back with the browser.
    pub fn state(self, state: &str) -> Self {
        self.put("state", state)
    }

    /// Who is to be signed out, if there is no ID token.
    pub fn logout_hint(self, logout_hint: &str) -> Self {
        self.put("logout_hint", logout_hint)
    }

    /// The wanted languages of the provider's pages.
    pub fn ui_locales(self, ui_locales: &str) -> Self {
        self.put("ui_locales", ui_locales)
    }

    fn put(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.push((name, value.to_owned()));
        self
    }

    /// The address for the browser.
    ///
    /// # Errors
    /// Returns a [`LogoutError`] if the provider has none: then ending the application's own
    /// session is all there is.
    pub fn url(self) -> Result<Url, LogoutError> {
        let endpoint = self.client.endpoints.end_session.as_ref();
        let mut url = endpoint.ok_or(LogoutError::NoEndSessionEndpoint)?.clone();
        url.query_pairs_mut()
            .append_pair("client_id", self.client.client_id())
            .extend_pairs(&self.parameters);
        Ok(url)
    }
}

/// Why the user can't be signed out at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutError {
    #[error("the provider's metadata has no end_session_endpoint")]
    NoEndSessionEndpoint,
}

impl LogoutError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoEndSessionEndpoint => "logout_no_endpoint",
        }
    }
}
