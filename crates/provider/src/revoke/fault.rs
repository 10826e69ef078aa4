//! Causes of revocation.

use crate::error::causes;

causes! {
    /// Why a revocation is refused. A token that is invalid or another client's is no such cause
    /// (RFC 7009, section 2.2).
    pub enum RevocationFault {
        TokenTypeNotSupported = "revocation_token_type_not_supported" UnsupportedTokenType Shape {
            rule: "Access tokens and refresh tokens can be revoked (RFC 7009, sections 2 and 2.2.1).",
            received: "An authorization code or an ID token.",
            expected: "The access_token or the refresh_token of a token response.",
            fix: "To end everything of a grant, revoke its refresh token. To sign the user out, use the end_session_endpoint.",
        }
    }
}
