//! What went wrong, in plain words: what happened, the name of the cause, and what to do.
//!
//! A demo shows causes to everyone. A real application writes them to its log and shows only the
//! rest.

use axum::response::{IntoResponse, Response};
use countersign_client::fetch::PolicyError;
use countersign_client::{
    AuthorizeError, CallbackError, ConfigurationError, ProviderError, TokenError,
};
use countersign_oauth::parameters::ParameterFault;
use http::StatusCode;
use serde_json::json;
use url::Url;

use super::pages::Page;

/// A page about a failure. Handlers return it with `?`.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    /// What happened, in one sentence.
    detail: String,
    /// The stable name of the cause.
    code: &'static str,
    advice: String,
}

impl Problem {
    fn new(
        status: StatusCode,
        title: &'static str,
        (code, detail): (&'static str, String),
        advice: &str,
    ) -> Self {
        Self {
            status,
            title,
            detail,
            code,
            advice: advice.to_owned(),
        }
    }

    pub fn discovery(error: &ConfigurationError, issuer: &str) -> Self {
        let cause = (error.code(), error.to_string());
        if error.is_temporary() {
            let advice = format!("Start the provider at {issuer}, and then try again.");
            Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The provider doesn't respond",
                cause,
                &advice,
            )
        } else {
            let title = "The provider's metadata can't be used";
            let advice = format!(
                "The application is set up for the issuer {issuer}. That must be, character by character, the \
                 issuer that the provider itself is set up with."
            );
            Self::new(StatusCode::BAD_GATEWAY, title, cause, &advice)
        }
    }

    pub fn http_client(error: &PolicyError) -> Self {
        let cause = ("demo_http_client", error.to_string());
        let title = "This application can't send requests to the provider";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            title,
            cause,
            "Its log says more.",
        )
    }

    pub fn not_begun_here(base_url: &Url) -> Self {
        let detail =
            "No sign-in with this state was started in this browser, or it is already finished.";
        let cause = ("demo_not_begun_here", detail.to_owned());
        let advice = format!(
            "Sign in again. If this comes back, allow cookies, and open the application as {base_url}: under \
             another name for the same machine the browser sends no cookie.",
        );
        Self::new(
            StatusCode::BAD_REQUEST,
            "This is not your sign-in",
            cause,
            &advice,
        )
    }

    pub fn no_id_token() -> Self {
        let cause = (
            "demo_no_id_token",
            "The provider sent no ID token.".to_owned(),
        );
        let advice = "The scope has to contain openid.";
        Self::new(
            StatusCode::BAD_GATEWAY,
            "The sign-in did not succeed",
            cause,
            advice,
        )
    }

    pub fn foreign_form() -> Self {
        let detail = "The form wasn't sent from a page of this session.";
        let cause = ("demo_foreign_form", detail.to_owned());
        let advice = "Go to the start page and press the button there.";
        Self::new(
            StatusCode::FORBIDDEN,
            "That page was out of date",
            cause,
            advice,
        )
    }

    pub fn no_one_signed_in() -> Self {
        let cause = (
            "demo_no_one_signed_in",
            "No one is signed in here any longer.".to_owned(),
        );
        Self::new(
            StatusCode::FORBIDDEN,
            "You are not signed in",
            cause,
            "Sign in first.",
        )
    }

    pub fn no_refresh_token() -> Self {
        let cause = (
            "demo_no_refresh_token",
            "The provider gave no refresh token.".to_owned(),
        );
        let advice =
            "Register the client with refresh_token among its grant_types, and sign in again.";
        Self::new(
            StatusCode::BAD_REQUEST,
            "There is no refresh token",
            cause,
            advice,
        )
    }

    pub fn ended_at_provider(error: &TokenError) -> Self {
        let cause = (error.code(), error.to_string());
        let advice = "You are now signed out here too. Sign in again.";
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Your sign-in has ended at the provider",
            cause,
            advice,
        )
    }

    pub fn not_found() -> Self {
        let cause = ("demo_not_found", "There is no such page here.".to_owned());
        Self::new(
            StatusCode::NOT_FOUND,
            "Page not found",
            cause,
            "Go to the start page.",
        )
    }
}

impl From<AuthorizeError> for Problem {
    fn from(error: AuthorizeError) -> Self {
        let cause = (error.code(), error.to_string());
        let advice = "There is a mistake in this application or in the provider's metadata.";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The sign-in can't be started",
            cause,
            advice,
        )
    }
}

impl From<ParameterFault> for Problem {
    fn from(fault: ParameterFault) -> Self {
        CallbackError::from(fault).into()
    }
}

impl From<CallbackError> for Problem {
    fn from(error: CallbackError) -> Self {
        let cause = (error.code(), error.to_string());
        match error {
            CallbackError::Provider(refusal) => Self::refused(&refusal, cause),
            CallbackError::Token(error) => Self::from(error),
            CallbackError::PendingTooOld => {
                let advice = "Nothing has changed. Sign in again.";
                Self::new(
                    StatusCode::BAD_REQUEST,
                    "The sign-in took too long",
                    cause,
                    advice,
                )
            }
            _ => {
                let title = "The response doesn't match the request";
                let advice = "No one was signed in, and nothing was sent on. Sign in again. If this comes back, \
                              someone may be tampering with it, or the provider doesn't keep to the standard.";
                Self::new(StatusCode::BAD_REQUEST, title, cause, advice)
            }
        }
    }
}

impl Problem {
    fn refused(refusal: &ProviderError, cause: (&'static str, String)) -> Self {
        let (title, advice) = match refusal.error.as_str() {
            "access_denied" => (
                "You didn't sign in",
                "Nothing was shared with this application. Sign in again if that was a mistake.",
            ),
            "unauthorized_client" | "invalid_scope" | "unsupported_response_type" => (
                "The provider doesn't allow this application to request that",
                "The client's registration at the provider has to allow the authorization code flow and the scopes \
                 openid, profile and email.",
            ),
            "server_error" | "temporarily_unavailable" => (
                "The provider has a problem",
                "Wait a moment, and try again. The provider's log says more.",
            ),
            _ => (
                "The provider refused the sign-in",
                "The provider's log says why.",
            ),
        };
        Self::new(StatusCode::BAD_REQUEST, title, cause, advice)
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let cause = (error.code(), error.to_string());
        let refusal = match &error {
            TokenError::Provider { error, .. } => error.error.as_str(),
            _ => "",
        };
        let (title, advice) = match (refusal, &error) {
            ("invalid_client", _) => (
                "The provider doesn't know this application",
                "client_id, client_secret and token_endpoint_auth_method have to be those of the registration.",
            ),
            ("invalid_grant", _) => (
                "The sign-in is no longer valid",
                "Its code has already been used, or has expired. Sign in again.",
            ),
            (_, TokenError::IdToken(_)) => (
                "The ID token failed verification",
                "Nothing in it was used. If this machine's clock or the provider's is wrong, correct it. \
                 Otherwise the cause says which check failed.",
            ),
            (_, TokenError::Fetch(_)) => (
                "The provider doesn't respond",
                "Check that it is still running, and try again.",
            ),
            _ => (
                "The provider gave no tokens",
                "Sign in again. The provider's log says more.",
            ),
        };
        Self::new(StatusCode::BAD_GATEWAY, title, cause, advice)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        tracing::info!(
            cause = self.code,
            detail = self.detail,
            "the demo shows a problem"
        );
        let Self {
            status,
            title,
            detail,
            code,
            advice,
        } = self;
        let context = json!({"title": title, "detail": detail, "code": code, "advice": advice});
        Page::new("problem.html", context).into_response(status)
    }
}
