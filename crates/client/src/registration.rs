//! What the provider knows of this client ([RFC 7591, section 2]): its id, how it authenticates,
//! where it is sent back to.
//!
//! [RFC 7591, section 2]: https://www.rfc-editor.org/rfc/rfc7591#section-2

use countersign_jose::alg::SignatureAlgorithm;

use crate::secret::ClientSecret;

/// The client's own half of what the registration agreed on.
#[derive(Clone, Debug)]
pub struct Registration {
    pub(crate) client_id: String,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) id_token_signed_response_alg: SignatureAlgorithm,
    pub(crate) trusted_audiences: Vec<String>,
    pub(crate) clock_leeway_seconds: i64,
}

impl Registration {
    /// A client without a secret: an application on a device or in a browser (RFC 6749, section
    /// 2.1).
    pub fn public(client_id: impl Into<String>) -> Self {
        Self::new(client_id.into(), ClientAuthentication::None)
    }

    /// A client with a secret, sent by `client_secret_basic`, which every provider must understand
    /// (RFC 6749, section 2.3.1).
    pub fn confidential(client_id: impl Into<String>, secret: impl Into<ClientSecret>) -> Self {
        Self::new(
            client_id.into(),
            ClientAuthentication::SecretBasic(secret.into()),
        )
    }

    fn new(client_id: String, authentication: ClientAuthentication) -> Self {
        Self {
            client_id,
            authentication,
            redirect_uri: None,
            // OIDC Dynamic Client Registration, section 2: the default of
            // id_token_signed_response_alg.
            id_token_signed_response_alg: SignatureAlgorithm::RS256,
            trusted_audiences: Vec::new(),
            clock_leeway_seconds: 30,
        }
    }

    /// Another way to authenticate at the token endpoint than the constructor's.
    #[must_use]
    pub fn authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Where the provider sends the browser back to; one of the registered addresses, character by
    /// character.
    #[must_use]
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// The one algorithm that ID tokens are accepted in. Default RS256.
    #[must_use]
    pub fn id_token_signed_response_alg(mut self, alg: SignatureAlgorithm) -> Self {
        self.id_token_signed_response_alg = alg;
        self
    }

    /// Names an audience that an ID token may have beside this client (OpenID Connect Core, section
    /// 3.1.3.7, point 3). Default none.
    #[must_use]
    pub fn trusted_audience(mut self, audience: impl Into<String>) -> Self {
        self.trusted_audiences.push(audience.into());
        self
    }

    /// How far this clock and the provider's may differ, in seconds. Default 30.
    #[must_use]
    pub fn clock_leeway_seconds(mut self, seconds: i64) -> Self {
        self.clock_leeway_seconds = seconds.max(0);
        self
    }
}

/// `token_endpoint_auth_method`: how the client shows at the token endpoint who it is (OIDC Core,
/// section 9).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `none`: only the client_id.
    None,
    /// `client_secret_basic`: in the `Authorization` header.
    SecretBasic(ClientSecret),
    /// `client_secret_post`: in the form.
    SecretPost(ClientSecret),
}
