//! Where a browser may go after RP-initiated logout: one of the client's
//! `post_logout_redirect_uris`, compared as text ([OIDC RP-Initiated Logout, section 3]).
//!
//! [OIDC RP-Initiated Logout, section 3]: https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RedirectionAfterLogout

use crate::redirect_uri::{RedirectUriFault, RegisteredRedirectUri};

use crate::client_metadata::ApplicationType;

/// A post-logout address of which it was proven that the client registered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredPostLogoutRedirectUri(RegisteredRedirectUri);

impl RegisteredPostLogoutRedirectUri {
    /// Finds the presented URI among the client's `post_logout_redirect_uris`. The comparison is
    /// that of redirect URIs, the loopback port of native clients included: the same listener
    /// receives both.
    ///
    /// # Errors
    /// As [`RegisteredRedirectUri::find`].
    pub fn find(
        presented: &str,
        registered: &[String],
        application_type: ApplicationType,
    ) -> Result<Self, RedirectUriFault> {
        RegisteredRedirectUri::find(presented, registered, application_type).map(Self)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address, with `state` where the client sent one.
    pub fn location(&self, state: Option<&str>) -> String {
        match state {
            Some(state) => self.0.with_query(&[("state", state)]),
            None => self.as_str().to_owned(),
        }
    }
}
