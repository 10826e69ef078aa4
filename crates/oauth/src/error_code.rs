//! The error codes that go over the wire, each with the status that it has by default and the
//! section that defines it. Causes, which say what really happened, are mapped to these in one
//! place per server.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($variant:ident $wire:literal $status:literal $section:literal)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $wire, "`, ", $section)] #[serde(rename = $wire)] $variant,)*
        }

        impl ErrorCode {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The value of the `error` member.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }

            /// The HTTP status of a direct response. A redirect carries the code without it.
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Where the code is defined.
            pub fn section(self) -> &'static str {
                match self { $(Self::$variant => $section,)* }
            }
        }
    };
}

error_codes! {
    InvalidRequest "invalid_request" 400 "RFC 6749, sections 4.1.2.1 and 5.2"
    InvalidClient "invalid_client" 401 "RFC 6749, section 5.2"
    InvalidGrant "invalid_grant" 400 "RFC 6749, section 5.2"
    UnauthorizedClient "unauthorized_client" 400 "RFC 6749, sections 4.1.2.1 and 5.2"
    UnsupportedGrantType "unsupported_grant_type" 400 "RFC 6749, section 5.2"
    InvalidScope "invalid_scope" 400 "RFC 6749, sections 4.1.2.1 and 5.2"
    AccessDenied "access_denied" 400 "RFC 6749, section 4.1.2.1"
    UnsupportedResponseType "unsupported_response_type" 400 "RFC 6749, section 4.1.2.1"
    ServerError "server_error" 500 "RFC 6749, section 4.1.2.1"
    TemporarilyUnavailable "temporarily_unavailable" 503 "RFC 6749, section 4.1.2.1"
    InvalidToken "invalid_token" 401 "RFC 6750, section 3.1"
    InsufficientScope "insufficient_scope" 403 "RFC 6750, section 3.1"
    InteractionRequired "interaction_required" 400 "OpenID Connect Core, section 3.1.2.6"
    LoginRequired "login_required" 400 "OpenID Connect Core, section 3.1.2.6"
    AccountSelectionRequired "account_selection_required" 400 "OpenID Connect Core, section 3.1.2.6"
    ConsentRequired "consent_required" 400 "OpenID Connect Core, section 3.1.2.6"
    InvalidRequestUri "invalid_request_uri" 400 "OpenID Connect Core, section 3.1.2.6"
    InvalidRequestObject "invalid_request_object" 400 "OpenID Connect Core, section 3.1.2.6"
    RequestNotSupported "request_not_supported" 400 "OpenID Connect Core, section 3.1.2.6"
    RequestUriNotSupported "request_uri_not_supported" 400 "OpenID Connect Core, section 3.1.2.6"
    RegistrationNotSupported "registration_not_supported" 400 "OpenID Connect Core, section 3.1.2.6"
    UnmetAuthenticationRequirements "unmet_authentication_requirements" 400 "OIDC Core Unmet Authentication Requirements, section 2"
    InsufficientUserAuthentication "insufficient_user_authentication" 401 "RFC 9470, section 3"
    InvalidRedirectUri "invalid_redirect_uri" 400 "RFC 7591, section 3.2.2"
    InvalidClientMetadata "invalid_client_metadata" 400 "RFC 7591, section 3.2.2"
    InvalidSoftwareStatement "invalid_software_statement" 400 "RFC 7591, section 3.2.2"
    UnapprovedSoftwareStatement "unapproved_software_statement" 400 "RFC 7591, section 3.2.2"
    UnsupportedTokenType "unsupported_token_type" 400 "RFC 7009, section 2.2.1"
    InvalidTarget "invalid_target" 400 "RFC 8707, section 2"
    AuthorizationPending "authorization_pending" 400 "RFC 8628, section 3.5"
    SlowDown "slow_down" 400 "RFC 8628, section 3.5"
    ExpiredToken "expired_token" 400 "RFC 8628, section 3.5"
    InvalidDpopProof "invalid_dpop_proof" 400 "RFC 9449, section 5"
    UseDpopNonce "use_dpop_nonce" 400 "RFC 9449, section 8"
    InvalidAuthorizationDetails "invalid_authorization_details" 400 "RFC 9396, section 5"
    MfaRequired "mfa_required" 403 "Auth0 MFA API"
}

impl ErrorCode {
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.as_str() == code)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Makes a text valid as an `error_description`: %x20-21 / %x23-5B / %x5D-7E (RFC 6749, sections
/// 4.1.2.1 and 5.2). A double quote becomes a single one, a backslash a slash, any white space a
/// space, anything else `?`.
pub fn sanitize_description(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            _ if is_description_character(c) => c,
            _ if c.is_whitespace() => ' ',
            _ => '?',
        })
        .collect()
}

/// Whether a text may be used in `error_description` or `error` as it is.
pub fn is_description(text: &str) -> bool {
    text.chars().all(is_description_character)
}

fn is_description_character(c: char) -> bool {
    matches!(c, '\x20'..='\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E')
}
