//! The authorization request ([OpenID Connect Core, section 3.1.2.1]), with PKCE ([RFC 7636])
//! always.
//!
//! [OpenID Connect Core, section 3.1.2.1]: https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
//! [RFC 7636]: https://www.rfc-editor.org/rfc/rfc7636

use countersign_fetch::Url;
use countersign_jose::base64url;
use countersign_jose::random::Random;
use countersign_oauth::pkce::{CodeChallengeMethod, CodeVerifier};
use countersign_oauth::prompt::{Prompt, PromptFault};
use countersign_oauth::response_mode::ResponseMode;
use countersign_oauth::scope::{self, Scope, ScopeFault};
use zeroize::Zeroizing;

use crate::client::Client;
use crate::pending::PendingAuthorization;

impl Client {
    /// Begins a sign-in. The default scope is `openid`.
    pub fn authorize(&self) -> AuthorizationRequest<'_> {
        AuthorizationRequest {
            client: self,
            redirect_uri: None,
            scope: scope::OPENID.to_owned(),
            prompt: None,
            max_age_seconds: None,
            response_mode: None,
            further: Vec::new(),
        }
    }
}

/// A request that was built: where to send the browser, and what to keep meanwhile.
#[derive(Debug)]
pub struct Authorization {
    /// Redirect the browser here (302 or 303).
    pub url: Url,
    /// Keep this for the callback, bound to the browser.
    pub pending: PendingAuthorization,
}

/// Builds an authorization request.
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthorizationRequest<'a> {
    client: &'a Client,
    redirect_uri: Option<String>,
    scope: String,
    prompt: Option<String>,
    max_age_seconds: Option<u64>,
    response_mode: Option<ResponseMode>,
    further: Vec<(String, String)>,
}

impl AuthorizationRequest<'_> {
    /// The scope, space-separated. Without `openid` it is plain OAuth: there is no nonce, and no ID
    /// token is expected.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Another registered redirect URI than the registration's first.
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// `none`, `login`, `consent`, `select_account`, or several of the latter three, separated by
    /// spaces.
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// The user must have authenticated within this many seconds. The ID token's `auth_time` is
    /// then required and checked (OpenID Connect Core, section 3.1.3.7, point 13).
    pub fn max_age_seconds(mut self, seconds: u64) -> Self {
        self.max_age_seconds = Some(seconds);
        self
    }

    /// A name or address for the provider to fill into its form.
    pub fn login_hint(self, login_hint: impl Into<String>) -> Self {
        self.parameter("login_hint", login_hint)
    }

    /// The wanted authentication contexts, best first, separated by spaces. The provider may ignore
    /// them: check `acr` of the ID token.
    pub fn acr_values(self, acr_values: impl Into<String>) -> Self {
        self.parameter("acr_values", acr_values)
    }

    /// The wanted languages of the provider's pages, best first, separated by spaces.
    pub fn ui_locales(self, ui_locales: impl Into<String>) -> Self {
        self.parameter("ui_locales", ui_locales)
    }

    /// A resource that the access token is for (RFC 8707, section 2). May be called more than once.
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.parameter("resource", resource)
    }

    /// How the response travels: `query` (the default) or `form_post`. Over https a session cookie
    /// must be `SameSite=None` to come along with a `form_post`.
    pub fn response_mode(mut self, response_mode: ResponseMode) -> Self {
        self.response_mode = Some(response_mode);
        self
    }

    /// Any further parameter. Those that this builder sets itself are refused by
    /// [`build`](Self::build).
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.further.push((name.into(), value.into()));
        self
    }

    /// Generates state, nonce and code_verifier, and builds the address.
    ///
    /// # Errors
    /// Returns an [`AuthorizeError`] for a mistake in the application or a gap in the metadata.
    pub fn build(self) -> Result<Authorization, AuthorizeError> {
        let Self { client, .. } = self;
        let endpoint = client.endpoints.authorization.as_ref();
        let endpoint = endpoint.ok_or(AuthorizeError::NoAuthorizationEndpoint)?;
        let redirect_uri = self
            .redirect_uri
            .or_else(|| client.registration.redirect_uri.clone());
        let redirect_uri = redirect_uri.ok_or(AuthorizeError::NoRedirectUri)?;
        let scope = Scope::parse(&self.scope)?;
        Prompt::parse(self.prompt.as_deref())?;
        if self.response_mode == Some(ResponseMode::Fragment) {
            return Err(AuthorizeError::FragmentResponseMode);
        }
        if let Some((name, _)) = self
            .further
            .iter()
            .find(|(name, _)| OWN.contains(&name.as_str()))
        {
            return Err(AuthorizeError::OwnParameter { name: name.clone() });
        }

        let random = client.random();
        let state = token(random);
        let nonce = scope.contains(scope::OPENID).then(|| token(random));
        let code_verifier = CodeVerifier::generate(random);
        let scope = scope.to_string();
        let max_age = self.max_age_seconds.map(|seconds| seconds.to_string());

        let mut url = endpoint.clone();
        {
            // The endpoint's own query stays (RFC 6749, section 3.1).
            let mut query = url.query_pairs_mut();
            let mut put = |name: &str, value: Option<&str>| {
                if let Some(value) = value {
                    query.append_pair(name, value);
                }
            };
            put("response_type", Some("code"));
            put("client_id", Some(client.client_id()));
            put("redirect_uri", Some(&redirect_uri));
            put("scope", (!scope.is_empty()).then_some(scope.as_str()));
            put("state", Some(&state));
            put("nonce", nonce.as_deref());
            put("code_challenge", Some(&code_verifier.challenge_s256()));
            put(
                "code_challenge_method",
                Some(CodeChallengeMethod::S256.as_str()),
            );
            put("prompt", self.prompt.as_deref());
            put("max_age", max_age.as_deref());
            put(
                "response_mode",
                self.response_mode.map(ResponseMode::as_str),
            );
            for (name, value) in &self.further {
                put(name, Some(value));
            }
        }
        let pending = PendingAuthorization {
            issuer: client.issuer().to_owned(),
            client_id: client.client_id().to_owned(),
            redirect_uri,
            state,
            nonce,
            code_verifier: Zeroizing::new(code_verifier.as_str().to_owned()),
            max_age_seconds: self.max_age_seconds,
            scope,
            created_at: client.now(),
        };
        Ok(Authorization { url, pending })
    }
}

/// 256 random bits in base64url: 43 characters.
fn token(random: &dyn Random) -> String {
    base64url::encode(random.bytes::<32>())
}

/// What the builder sets itself. `request` and `request_uri` would override it all (RFC 9101,
/// section 4).
const OWN: [&str; 13] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "response_mode",
    "request",
    "request_uri",
];

/// Why no authorization request could be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizeError {
    #[error("the provider's metadata has no authorization_endpoint")]
    NoAuthorizationEndpoint,
    #[error("neither the registration nor the request names a redirect_uri")]
    NoRedirectUri,
    #[error(transparent)]
    Scope(#[from] ScopeFault),
    #[error(transparent)]
    Prompt(#[from] PromptFault),
    #[error("response_mode=fragment never reaches a server; use query or form_post")]
    FragmentResponseMode,
    #[error("{name} is set by the request itself and can't be given as an additional parameter")]
    OwnParameter { name: String },
}

impl AuthorizeError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAuthorizationEndpoint => "authorize_no_endpoint",
            Self::NoRedirectUri => "authorize_no_redirect_uri",
            Self::Scope(fault) => fault.code(),
            Self::Prompt(fault) => fault.code(),
            Self::FragmentResponseMode => "authorize_fragment_response_mode",
            Self::OwnParameter { .. } => "authorize_own_parameter",
        }
    }
}
