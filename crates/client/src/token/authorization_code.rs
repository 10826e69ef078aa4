//! `grant_type=authorization_code` ([RFC 6749, section 4.1.3], OpenID Connect Core, section 3.1.3).
//!
//! [RFC 6749, section 4.1.3]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3

use super::response::TokenResponse;
use super::{TokenError, TokenSet};
use crate::callback::AuthorizationCode;
use crate::client::Client;
use crate::id_token::Occasion;

impl Client {
    /// Redeems a code: the second half of [`callback`](Client::callback). It is sent once and never
    /// again, whatever the outcome.
    ///
    /// # Errors
    /// Returns a [`TokenError`].
    pub async fn redeem_code(&self, code: AuthorizationCode) -> Result<TokenSet, TokenError> {
        let AuthorizationCode { code, pending } = code;
        let form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", pending.redirect_uri.as_str()),
            ("code_verifier", pending.code_verifier.as_str()),
        ];
        let members = self.ask_token_endpoint(form).await?;
        let response = TokenResponse::read(members, self.now())?;
        let id_token = match (&pending.nonce, &response.id_token) {
            (Some(nonce), Some(text)) => {
                let occasion = Occasion::SignIn {
                    nonce,
                    max_age_seconds: pending.max_age_seconds,
                };
                Some(self.verify(text, &response.access_token, occasion).await?)
            }
            (Some(_), None) => return Err(TokenError::IdTokenMissing),
            (None, Some(_)) => return Err(TokenError::IdTokenUnexpected),
            (None, None) => None,
        };
        Ok(response.into_tokens(id_token))
    }
}
