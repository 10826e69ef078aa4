//! Why metadata was refused: the member, what was wrong, and the wire's code (RFC 7591, section
//! 3.2.2).

use crate::client_auth_method::ClientAuthMethod;
use crate::client_certificate::CertificateNameFault;
use crate::error_code::ErrorCode;
use crate::grant_type::GrantType;
use crate::response_type::ResponseType;
use crate::scope::ScopeFault;

/// Texts that the client sent are cut and made printable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientMetadataFault {
    #[error("redirect_uris is empty, but a response type needs one")]
    RedirectUrisMissing,
    #[error("{member}: {uri} is not an absolute URI, such as https://app.example/callback")]
    UriInvalid { member: String, uri: String },
    #[error(
        "{member}: {uri} has {character}, which a URI can't contain (RFC 3986, section 2): remove or percent-encode it, or write a host in its ASCII form, xn--"
    )]
    UriCharacter {
        member: String,
        uri: String,
        character: String,
    },
    #[error(
        "{member}: {uri} has the character {character} in its host, where only letters, digits, -, . and _ are accepted (RFC 1123, section 2.1)"
    )]
    UriHostCharacter {
        member: String,
        uri: String,
        character: char,
    },
    #[error(
        "{member}: {uri} is not in its normal form, which is {normal}: a browser would go there instead"
    )]
    UriNotInNormalForm {
        member: String,
        uri: String,
        normal: String,
    },
    #[error(
        "{member}: {uri} has a * in its host; there are no wildcards, so register each address"
    )]
    UriWildcard { member: String, uri: String },
    #[error("{member}: {uri} has a fragment")]
    UriFragment { member: String, uri: String },
    #[error(
        "{member}: {uri} has the parameter {parameter} in its query, which a response adds: it would be there twice (RFC 6749, section 3.1)"
    )]
    UriResponseParameter {
        member: String,
        uri: String,
        parameter: &'static str,
    },
    #[error("{member}: {uri} has a user name or password")]
    UriUserinfo { member: String, uri: String },
    #[error("{member}: {uri} has a scheme that runs in the browser or reads files")]
    UriDangerousScheme { member: String, uri: String },
    #[error("{member}: {uri} must be https")]
    UriNotHttps { member: String, uri: String },
    #[error(
        "{member}: {uri} is http on a loopback host, which this server doesn't allow for web clients"
    )]
    UriLoopbackNotAllowed { member: String, uri: String },
    #[error(
        "{member}: {uri} is on a loopback host; a web client that gets tokens through the browser needs an https address"
    )]
    UriLoopbackForTokens { member: String, uri: String },
    #[error(
        "{member}: {uri} has a private-use scheme, which only native clients (application_type=native) may use"
    )]
    UriPrivateUseSchemeOfWebClient { member: String, uri: String },
    #[error("{member}: {uri} has a scheme that belongs to a protocol and not to an application")]
    UriRegisteredScheme { member: String, uri: String },
    #[error(
        "client_uri: {uri} is neither http nor https, and no redirect_uri of the client has its scheme"
    )]
    ClientUriScheme { uri: String },
    #[error(
        "frontchannel_logout_uri: {uri} has not the scheme, host and port of any redirect_uri (Front-Channel Logout, section 2)"
    )]
    FrontchannelLogoutOrigin { uri: String },
    #[error("{member} has more than {limit} entries")]
    TooMany { member: String, limit: usize },
    #[error("{member} is longer than {limit_bytes} bytes")]
    TooLong { member: String, limit_bytes: usize },
    #[error("{member} contains a control character")]
    ControlCharacter { member: String },
    #[error("{member} has the wrong type: {expected} is expected")]
    WrongType {
        member: String,
        expected: &'static str,
    },
    #[error("{member} has the value {value}, which is not defined")]
    UnknownValue { member: &'static str, value: String },
    #[error("grant type {grant_type} is not supported here; supported are {offered}")]
    GrantTypeNotSupported {
        grant_type: GrantType,
        offered: String,
    },
    #[error("response type {response_type} is not supported here; supported are {offered}")]
    ResponseTypeNotSupported {
        response_type: ResponseType,
        offered: String,
    },
    #[error("token_endpoint_auth_method {method} is not supported here; supported are {offered}")]
    AuthMethodNotSupported {
        method: ClientAuthMethod,
        offered: String,
    },
    #[error(
        "rotate_refresh_tokens is false, which is not allowed for a client without a credential: a stolen refresh token would stay usable and unnoticed"
    )]
    PublicClientWithoutRotation,
    #[error(
        "may_introspect is true, which is not allowed for a client without a credential: anyone could ask in its name"
    )]
    PublicClientMayIntrospect,
    #[error("{member} is greater than {limit}")]
    TooGreat { member: &'static str, limit: u32 },
    #[error("response type {response_type} needs the grant type {grant_type}")]
    ResponseTypeNeedsGrant {
        response_type: ResponseType,
        grant_type: GrantType,
    },
    #[error("grant type {grant_type} needs a response type that uses it")]
    GrantNeedsResponseType { grant_type: GrantType },
    #[error("grant type {0} is for clients that authenticate; token_endpoint_auth_method is none")]
    GrantNeedsConfidentialClient(GrantType),
    #[error("{member} is none, which would leave tokens unsigned")]
    AlgorithmNone { member: &'static str },
    #[error(
        "{member} has the algorithm {value}, which is not supported here; supported are {offered}"
    )]
    AlgorithmNotSupported {
        member: &'static str,
        value: String,
        offered: String,
    },
    #[error(
        "{member} is missing, and its default RS256 is not supported here; choose one of {offered}"
    )]
    AlgorithmMissing {
        member: &'static str,
        offered: String,
    },
    #[error("jwks and jwks_uri must not be used together")]
    JwksTwice,
    #[error("jwks is not a JSON Web Key set: {reason}")]
    JwksInvalid { reason: &'static str },
    #[error("token_endpoint_auth_method {method} needs the client's keys, in jwks or at jwks_uri")]
    KeysMissing { method: ClientAuthMethod },
    #[error("jwks has no usable public key for any of {algorithms}")]
    NoSigningKey { algorithms: String },
    #[error(
        "token_endpoint_auth_method tls_client_auth: {0}; of tls_client_auth_subject_dn (RFC 4514), tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip and tls_client_auth_san_email, give one"
    )]
    CertificateName(CertificateNameFault),
    #[error(
        "no key in jwks has a certificate in x5c, which self_signed_tls_client_auth compares with"
    )]
    NoCertificate,
    #[error(
        "subject_type is pairwise, but nothing says whose the client is: give it a sector_identifier_uri, or redirect_uris that are all on one host other than the user's own machine (OpenID Connect Core, section 8.1)"
    )]
    SectorMissing,
    #[error(
        "subject_type is pairwise, and the redirect_uris have several hosts, such as {first} and {other}: a sector_identifier_uri must list them (OIDC Registration, section 5)"
    )]
    SectorsDiffer { first: String, other: String },
    #[error("{member} is not supported yet")]
    MemberNotSupported { member: &'static str },
    #[error("only the operator may set {member}")]
    OperatorOnly { member: &'static str },
    #[error("{member}: {fault}")]
    Scope {
        member: &'static str,
        fault: ScopeFault,
    },
    #[error("{member} has the scope {scope}, which is not defined here; defined are {offered}")]
    ScopeNotOffered {
        member: &'static str,
        scope: String,
        offered: String,
    },
    #[error("default_resources names {resource}, which is not declared here")]
    ResourceNotOffered { resource: String },
    #[error("default_scope is not within scope")]
    DefaultScopeOutsideScope,
    #[error("the metadata is not a JSON object of the expected shape: {reason}")]
    Malformed { reason: String },
}

impl ClientMetadataFault {
    /// The stable name of the cause, for logs and documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::RedirectUrisMissing => "client_metadata_redirect_uris_missing",
            Self::UriInvalid { .. } => "client_metadata_uri_invalid",
            Self::UriCharacter { .. } => "client_metadata_uri_character",
            Self::UriHostCharacter { .. } => "client_metadata_uri_host_character",
            Self::UriNotInNormalForm { .. } => "client_metadata_uri_not_in_normal_form",
            Self::UriWildcard { .. } => "client_metadata_uri_wildcard",
            Self::UriFragment { .. } => "client_metadata_uri_fragment",
            Self::UriResponseParameter { .. } => "client_metadata_uri_response_parameter",
            Self::UriUserinfo { .. } => "client_metadata_uri_userinfo",
            Self::UriDangerousScheme { .. } => "client_metadata_uri_dangerous_scheme",
            Self::UriNotHttps { .. } => "client_metadata_uri_not_https",
            Self::UriLoopbackNotAllowed { .. } => "client_metadata_uri_loopback_not_allowed",
            Self::UriLoopbackForTokens { .. } => "client_metadata_uri_loopback_for_tokens",
            Self::UriPrivateUseSchemeOfWebClient { .. } => {
                "client_metadata_uri_private_use_scheme_of_web_client"
            }
            Self::UriRegisteredScheme { .. } => "client_metadata_uri_registered_scheme",
            Self::ClientUriScheme { .. } => "client_metadata_client_uri_scheme",
            Self::FrontchannelLogoutOrigin { .. } => "client_metadata_frontchannel_logout_origin",
            Self::TooMany { .. } => "client_metadata_too_many",
            Self::TooLong { .. } => "client_metadata_too_long",
            Self::ControlCharacter { .. } => "client_metadata_control_character",
            Self::WrongType { .. } => "client_metadata_wrong_type",
            Self::UnknownValue { .. } => "client_metadata_unknown_value",
            Self::GrantTypeNotSupported { .. } => "client_metadata_grant_type_not_supported",
            Self::ResponseTypeNotSupported { .. } => "client_metadata_response_type_not_supported",
            Self::AuthMethodNotSupported { .. } => "client_metadata_auth_method_not_supported",
            Self::PublicClientWithoutRotation => "client_metadata_public_client_without_rotation",
            Self::PublicClientMayIntrospect => "client_metadata_public_client_may_introspect",
            Self::TooGreat { .. } => "client_metadata_too_great",
            Self::ResponseTypeNeedsGrant { .. } => "client_metadata_response_type_needs_grant",
            Self::GrantNeedsResponseType { .. } => "client_metadata_grant_needs_response_type",
            Self::GrantNeedsConfidentialClient(_) => {
                "client_metadata_grant_needs_confidential_client"
            }
            Self::AlgorithmNone { .. } => "client_metadata_algorithm_none",
            Self::AlgorithmMissing { .. } => "client_metadata_algorithm_missing",
            Self::AlgorithmNotSupported { .. } => "client_metadata_algorithm_not_supported",
            Self::JwksTwice => "client_metadata_jwks_twice",
            Self::JwksInvalid { .. } => "client_metadata_jwks_invalid",
            Self::KeysMissing { .. } => "client_metadata_keys_missing",
            Self::NoSigningKey { .. } => "client_metadata_no_signing_key",
            Self::CertificateName(_) => "client_metadata_certificate_name",
            Self::NoCertificate => "client_metadata_no_certificate",
            Self::SectorMissing => "client_metadata_sector_missing",
            Self::SectorsDiffer { .. } => "client_metadata_sectors_differ",
            Self::MemberNotSupported { .. } => "client_metadata_member_not_supported",
            Self::OperatorOnly { .. } => "client_metadata_operator_only",
            Self::Scope { .. } => "client_metadata_scope",
            Self::ScopeNotOffered { .. } => "client_metadata_scope_not_offered",
            Self::ResourceNotOffered { .. } => "client_metadata_resource_not_offered",
            Self::DefaultScopeOutsideScope => "client_metadata_default_scope_outside_scope",
            Self::Malformed { .. } => "client_metadata_malformed",
        }
    }

    /// `invalid_redirect_uri` for the redirect URIs, `invalid_client_metadata` for everything else.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::RedirectUrisMissing => ErrorCode::InvalidRedirectUri,
            Self::UriInvalid { member, .. }
            | Self::UriCharacter { member, .. }
            | Self::UriHostCharacter { member, .. }
            | Self::UriNotInNormalForm { member, .. }
            | Self::UriWildcard { member, .. }
            | Self::UriFragment { member, .. }
            | Self::UriResponseParameter { member, .. }
            | Self::UriUserinfo { member, .. }
            | Self::UriDangerousScheme { member, .. }
            | Self::UriNotHttps { member, .. }
            | Self::UriLoopbackNotAllowed { member, .. }
            | Self::UriLoopbackForTokens { member, .. }
            | Self::UriPrivateUseSchemeOfWebClient { member, .. }
            | Self::UriRegisteredScheme { member, .. }
                if member == "redirect_uris" =>
            {
                ErrorCode::InvalidRedirectUri
            }
            _ => ErrorCode::InvalidClientMetadata,
        }
    }
}
