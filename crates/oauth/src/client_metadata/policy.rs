//! What a server lets clients register.

use countersign_jose::alg::SignatureAlgorithm;

use crate::client_auth_method::ClientAuthMethod;
use crate::grant_type::GrantType;
use crate::response_type::ResponseType;
use crate::scope::Scope;

/// The limits that [`ClientMetadata::validate`](super::ClientMetadata::validate) keeps. What a list lacks
/// is recognised and refused as not supported.
#[derive(Clone, Debug)]
pub struct ClientPolicy {
    /// Whether the operator speaks (command line, admin pages) and not the client itself. Our own members
    /// that loosen or cost something are the operator's alone.
    pub operator: bool,
    /// Whether a web client may register `http` redirect URIs on a loopback host, for development.
    pub http_loopback_for_web: bool,
    pub auth_methods: Vec<ClientAuthMethod>,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    pub id_token_algs: Vec<SignatureAlgorithm>,
    /// What `scope` and `default_scope` may hold; `None` for anything.
    pub scope: Option<Scope>,
    /// Members that this server acts on although [`ClientPolicy::default`] doesn't: names from
    /// [`ClientPolicy::NOT_YET`].
    pub supported_members: Vec<String>,
}

impl ClientPolicy {
    /// Members that change how requests or answers are protected. A server that doesn't act on them must
    /// not nod them through: the client would believe that it is protected.
    pub const NOT_YET: &[&str] = &[
        "software_statement",
        "sector_identifier_uri",
        "id_token_encrypted_response_alg",
        "id_token_encrypted_response_enc",
        "userinfo_signed_response_alg",
        "userinfo_encrypted_response_alg",
        "userinfo_encrypted_response_enc",
        "request_object_signing_alg",
        "request_object_encryption_alg",
        "request_object_encryption_enc",
        "require_pushed_authorization_requests",
        "require_signed_request_object",
        "dpop_bound_access_tokens",
        "tls_client_certificate_bound_access_tokens",
        "authorization_signed_response_alg",
        "authorization_encrypted_response_alg",
        "authorization_encrypted_response_enc",
        "introspection_signed_response_alg",
        "frontchannel_logout_uri",
        "backchannel_logout_uri",
    ];

    /// What the operator may register.
    pub fn operator() -> Self {
        Self {
            operator: true,
            ..Self::self_registered()
        }
    }

    /// What a client may register for itself.
    pub fn self_registered() -> Self {
        Self {
            operator: false,
            http_loopback_for_web: true,
            auth_methods: vec![
                ClientAuthMethod::None,
                ClientAuthMethod::ClientSecretBasic,
                ClientAuthMethod::ClientSecretPost,
            ],
            grant_types: vec![
                GrantType::AuthorizationCode,
                GrantType::RefreshToken,
                GrantType::ClientCredentials,
            ],
            response_types: vec![ResponseType::Code],
            id_token_algs: vec![
                SignatureAlgorithm::RS256,
                SignatureAlgorithm::PS256,
                SignatureAlgorithm::ES256,
                SignatureAlgorithm::EdDSA,
            ],
            scope: None,
            supported_members: Vec::new(),
        }
    }
}

impl Default for ClientPolicy {
    /// That of a client that registers itself.
    fn default() -> Self {
        Self::self_registered()
    }
}
