//! The authorization response ([RFC 6749, section 4.1.2]), and the proof that it belongs to our
//! request ([RFC 9207], [RFC 9700, sections 4.4 and 4.7]).
//!
//! [RFC 6749, section 4.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
//! [RFC 9207]: https://www.rfc-editor.org/rfc/rfc9207
//! [RFC 9700, sections 4.4 and 4.7]: https://www.rfc-editor.org/rfc/rfc9700#section-4.4

use countersign_jose::constant_time_eq;
use countersign_oauth::parameters::{Limits, ParameterFault, Parameters};
use zeroize::Zeroizing;

use crate::client::Client;
use crate::pending::{LIFETIME_SECONDS, PendingAuthorization};
use crate::provider_error::ProviderError;
use crate::token::{TokenError, TokenSet};

impl Client {
    /// Finishes a sign-in: checks the response against what was sent, redeems the code, and
    /// verifies the ID token.
    ///
    /// # Errors
    /// Returns a [`CallbackError`]. Unless it is [`CallbackError::Token`], no request was made to
    /// the provider.
    pub async fn callback(
        &self,
        pending: PendingAuthorization,
        response: AuthorizationResponse,
    ) -> Result<TokenSet, CallbackError> {
        let code = self.check_response(pending, response)?;
        Ok(self.redeem_code(code).await?)
    }

    /// The first half of [`callback`](Self::callback), which makes no request.
    ///
    /// # Errors
    /// Returns a [`CallbackError`].
    pub fn check_response(
        &self,
        pending: PendingAuthorization,
        response: AuthorizationResponse,
    ) -> Result<AuthorizationCode, CallbackError> {
        // 1. The request was this client's, at this provider: where several providers share a
        //    callback, the response of one must not meet the pending sign-in of another.
        if pending.issuer != self.issuer() || pending.client_id != self.client_id() {
            return Err(CallbackError::PendingOfAnotherProvider);
        }
        if self.now() > pending.created_at.saturating_add(LIFETIME_SECONDS) {
            return Err(CallbackError::PendingTooOld);
        }
        // 2. `state` (RFC 6749, section 10.12). An error counts only with it.
        let state = response
            .parameters
            .get("state")
            .ok_or(CallbackError::StateMissing)?;
        if !constant_time_eq(state.as_bytes(), pending.state.as_bytes()) {
            return Err(CallbackError::StateMismatch);
        }
        // 3. `iss` (RFC 9207, section 2.4): equal wherever it is sent, and sent where the provider
        //    announces it.
        let announced = self.metadata.authorization_response_iss_parameter_supported;
        match response.parameters.get("iss") {
            Some(iss) if iss == self.issuer() => {}
            Some(iss) => {
                return Err(CallbackError::IssuerMismatch {
                    received: iss.to_owned(),
                });
            }
            None if announced == Some(true) => return Err(CallbackError::IssuerMissing),
            None => {}
        }
        // 4. The provider's refusal (RFC 6749, section 4.1.2.1).
        if let Some(error) = response.parameters.get("error") {
            let description = response.parameters.get("error_description");
            let uri = response.parameters.get("error_uri");
            return Err(CallbackError::Provider(ProviderError::new(
                error,
                description,
                uri,
            )));
        }
        // 5. What the code flow doesn't return was put there by someone else.
        if let Some(name) = FOREIGN
            .into_iter()
            .find(|name| response.parameters.get(name).is_some())
        {
            return Err(CallbackError::UnexpectedParameter { name });
        }
        let code = response
            .parameters
            .get("code")
            .ok_or(CallbackError::CodeMissing)?;
        Ok(AuthorizationCode {
            code: Zeroizing::new(code.to_owned()),
            pending,
        })
    }
}

/// The parameters that the browser brought. It contains a code: it prints only the names of its
/// parameters.
#[derive(Clone, Debug)]
pub struct AuthorizationResponse {
    parameters: Parameters,
}

impl AuthorizationResponse {
    /// Reads the query of a callback (`response_mode=query`), without its `?`.
    ///
    /// # Errors
    /// Returns a [`ParameterFault`] for one that is repeated, malformed or too large (RFC 6749,
    /// section 3.1).
    pub fn from_query(query: &str) -> Result<Self, ParameterFault> {
        let parameters = Parameters::parse_query(query, Limits::default(), &[])?;
        Ok(Self { parameters })
    }

    /// Reads the body of a callback (`response_mode=form_post`).
    ///
    /// # Errors
    /// As [`from_query`](Self::from_query).
    pub fn from_form(body: impl AsRef<[u8]>) -> Result<Self, ParameterFault> {
        let parameters = Parameters::parse_form(body, Limits::default(), &[])?;
        Ok(Self { parameters })
    }

    /// `state`, by which the pending sign-in is found.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.parameters.get("state")
    }
}

/// A code that was returned for our request, together with what redeems it. Made only by
/// [`Client::check_response`], and redeemed once.
#[derive(Debug)]
pub struct AuthorizationCode {
    pub(crate) code: Zeroizing<String>,
    pub(crate) pending: PendingAuthorization,
}

/// Results of other flows: implicit and hybrid (OpenID Connect Core, sections 3.2 and 3.3), JARM.
const FOREIGN: [&str; 3] = ["id_token", "access_token", "response"];

/// Why no one was signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    #[error("the response can't be read: {0}")]
    Parameters(#[from] ParameterFault),
    #[error("the pending sign-in was started at another provider or as another client")]
    PendingOfAnotherProvider,
    #[error("the sign-in was started more than an hour ago")]
    PendingTooOld,
    #[error("the response has no state")]
    StateMissing,
    #[error("state is not the one that was sent")]
    StateMismatch,
    #[error("the response has no iss, although the provider announces that it sends one")]
    IssuerMissing,
    #[error("the response is from the issuer {received:?}, not from the one that was asked")]
    IssuerMismatch { received: String },
    #[error("the provider returned {0}")]
    Provider(ProviderError),
    #[error("the response has {name}, which the code flow doesn't return")]
    UnexpectedParameter { name: &'static str },
    #[error("the response has neither code nor error")]
    CodeMissing,
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl CallbackError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Parameters(fault) => fault.code(),
            Self::PendingOfAnotherProvider => "callback_pending_of_another_provider",
            Self::PendingTooOld => "callback_pending_too_old",
            Self::StateMissing => "callback_state_missing",
            Self::StateMismatch => "callback_state_mismatch",
            Self::IssuerMissing => "callback_iss_missing",
            Self::IssuerMismatch { .. } => "callback_iss_mismatch",
            Self::Provider(_) => "callback_provider_error",
            Self::UnexpectedParameter { .. } => "callback_unexpected_parameter",
            Self::CodeMissing => "callback_code_missing",
            Self::Token(error) => error.code(),
        }
    }
}
