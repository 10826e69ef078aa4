//! What a server lets clients register: what it offers, and who is asking.

use countersign_jose::alg::SignatureAlgorithm;

use crate::client_auth_method::ClientAuthMethod;
use crate::grant_type::GrantType;
use crate::response_type::ResponseType;

/// The limits that [`ClientMetadata::validate`](super::ClientMetadata::validate) keeps.
#[derive(Clone, Debug)]
pub struct ClientPolicy {
    /// Whether the operator registers the client (command line, admin pages) and not the client
    /// itself. Our own members that loosen or cost something are for the operator only.
    pub operator: bool,
    /// Whether a web client may register `http` redirect URIs on a loopback host, for development.
    pub http_loopback_for_web: bool,
    pub offered: Offered,
}

/// What a server can do for a client. Anything else is recognised and refused, so that no client is
/// registered for what would fail at its first sign-in.
#[derive(Clone, Debug)]
pub struct Offered {
    pub auth_methods: Vec<ClientAuthMethod>,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    /// The algorithms that the server has keys for. Without RS256 a client has to name one of
    /// these.
    pub id_token_algs: Vec<SignatureAlgorithm>,
    /// The algorithms of clients' assertions and request objects, those of MACs among them.
    pub client_signature_algs: Vec<SignatureAlgorithm>,
    /// Every scope that is defined: what `scope` and `default_scope` may name.
    pub scopes: Vec<String>,
    /// The identifiers of every declared resource: what `default_resources` may name.
    pub resources: Vec<String>,
    /// Those of [`ClientPolicy::NOT_YET`], and `subject_type`, that this server acts on.
    pub members: Vec<&'static str>,
}

impl ClientPolicy {
    /// Members that change how requests or responses are protected, or what a person is shown. A
    /// server that doesn't act on them must refuse them: the client would rely on what it asked
    /// for.
    pub const NOT_YET: &[&str] = &[
        "software_statement",
        "logo_uri",
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
    #[must_use]
    pub fn operator(offered: Offered) -> Self {
        Self {
            operator: true,
            http_loopback_for_web: true,
            offered,
        }
    }

    /// What a client may register for itself.
    #[must_use]
    pub fn self_registered(offered: Offered) -> Self {
        Self {
            operator: false,
            http_loopback_for_web: true,
            offered,
        }
    }

    /// Whether the server acts on a member, which may carry a language tag (`logo_uri#de`).
    pub(super) fn acts_on(&self, member: &str) -> bool {
        self.offered.members.contains(&member)
    }
}
