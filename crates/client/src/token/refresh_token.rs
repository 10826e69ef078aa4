//! `grant_type=refresh_token` ([RFC 6749, section 6], OpenID Connect Core, section 12).
//!
//! [RFC 6749, section 6]: https://www.rfc-editor.org/rfc/rfc6749#section-6

use super::response::TokenResponse;
use super::{TokenError, TokenSet};
use crate::client::Client;
use crate::id_token::{Occasion, SignedInUser};
use crate::secret::RefreshToken;

impl Client {
    /// Begins a refresh. The response usually contains another refresh token: keep that one, and
    /// never use the old one again, or the provider takes it for stolen (RFC 9700, section 4.14.2).
    pub fn refresh<'a>(&'a self, refresh_token: &'a RefreshToken) -> RefreshRequest<'a> {
        RefreshRequest {
            client: self,
            refresh_token,
            user: None,
            further: Vec::new(),
        }
    }
}

/// Builds a refresh.
#[derive(Clone, Debug)]
#[must_use]
pub struct RefreshRequest<'a> {
    client: &'a Client,
    refresh_token: &'a RefreshToken,
    user: Option<&'a SignedInUser>,
    further: Vec<(&'a str, &'a str)>,
}

impl<'a> RefreshRequest<'a> {
    /// Who is signed in: a new ID token must be about the same user and the same sign-in (OIDC
    /// Core, section 12.2). Without this call a response with an ID token is refused.
    pub fn signed_in_user(mut self, user: &'a SignedInUser) -> Self {
        self.user = Some(user);
        self
    }

    /// Less than was granted. Without this call all of it.
    pub fn scope(self, scope: &'a str) -> Self {
        self.parameter("scope", scope)
    }

    /// Any further parameter, such as `resource`.
    pub fn parameter(mut self, name: &'a str, value: &'a str) -> Self {
        self.further.push((name, value));
        self
    }

    /// Sends the request. If the provider sends no new refresh token, the old one stays and is
    /// given back.
    ///
    /// # Errors
    /// Returns a [`TokenError`]; [`TokenError::is_invalid_grant`] means that the user has to sign
    /// in again.
    pub async fn send(self) -> Result<TokenSet, TokenError> {
        let Self {
            client,
            refresh_token,
            user,
            further,
        } = self;
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.reveal()),
        ];
        form.extend(further);
        let members = client.ask_token_endpoint(form).await?;
        let mut response = TokenResponse::read(members, client.now())?;
        let id_token = match (user, &response.id_token) {
            (Some(user), Some(text)) => {
                let occasion = Occasion::Refresh(user);
                Some(
                    client
                        .verify(text, &response.access_token, occasion)
                        .await?,
                )
            }
            (None, Some(_)) => return Err(TokenError::IdTokenUnexpected),
            (_, None) => None,
        };
        response
            .refresh_token
            .get_or_insert_with(|| refresh_token.clone());
        Ok(response.into_tokens(id_token))
    }
}
