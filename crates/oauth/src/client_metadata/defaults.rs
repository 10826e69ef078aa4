//! What absent members mean, and the questions that the endpoints ask of a client.

use url::Url;

use crate::client_auth_method::ClientAuthMethod;
use crate::grant_type::GrantType;
use crate::issuer::is_loopback_host;
use crate::response_type::ResponseType;
use crate::scope::Scope;

use super::{AccessTokenFormat, ApplicationType, ClientMetadata};

impl ClientMetadata {
    /// Default `client_secret_basic` (RFC 7591, section 2). `None` for a method that we don't know.
    pub fn auth_method(&self) -> Option<ClientAuthMethod> {
        match &self.token_endpoint_auth_method {
            None => Some(ClientAuthMethod::ClientSecretBasic),
            Some(name) => ClientAuthMethod::parse(name),
        }
    }

    /// Whether the client has no credential (RFC 6749, section 2.1).
    pub fn is_public(&self) -> bool {
        self.auth_method() == Some(ClientAuthMethod::None)
    }

    /// Default `authorization_code` (RFC 7591, section 2). Names that we don't know are left out.
    pub fn grant_types(&self) -> Vec<GrantType> {
        match &self.grant_types {
            None => vec![GrantType::AuthorizationCode],
            Some(names) => names
                .iter()
                .filter_map(|name| GrantType::parse(name))
                .collect(),
        }
    }

    pub fn allows_grant(&self, grant_type: GrantType) -> bool {
        self.grant_types().contains(&grant_type)
    }

    /// Default `code` (RFC 7591, section 2), but none for a client without a grant that uses the
    /// authorization endpoint. Names that we don't know are left out.
    pub fn response_types(&self) -> Vec<ResponseType> {
        match &self.response_types {
            None if self.allows_grant(GrantType::AuthorizationCode) => vec![ResponseType::Code],
            None => Vec::new(),
            Some(names) => names
                .iter()
                .filter_map(|name| ResponseType::parse(name))
                .collect(),
        }
    }

    pub fn allows_response_type(&self, response_type: ResponseType) -> bool {
        self.response_types().contains(&response_type)
    }

    /// Default `web` (OIDC Registration, section 2), but `native` where every redirect URI leads to
    /// a program on the user's own machine, or any has a private-use scheme (RFC 8252, section 7):
    /// a client that has such addresses is a native application, whether its developer knows the
    /// word or not.
    #[must_use]
    pub fn application_type(&self) -> ApplicationType {
        let registered = self.application_type.as_deref();
        if let Some(application_type) = registered.and_then(ApplicationType::parse) {
            return application_type;
        }
        let uris = &self.redirect_uris;
        let are_all_local = !uris.is_empty() && uris.iter().all(|uri| is_on_the_users_machine(uri));
        match are_all_local || uris.iter().any(|uri| is_private_use(uri)) {
            true => ApplicationType::Native,
            false => ApplicationType::Web,
        }
    }

    /// Default `RS256` (OIDC Registration, section 2).
    pub fn id_token_alg(&self) -> &str {
        self.id_token_signed_response_alg
            .as_deref()
            .unwrap_or(DEFAULT_ID_TOKEN_ALG)
    }

    /// Default `RS256` (RFC 9701, section 6).
    pub fn introspection_alg(&self) -> &str {
        self.introspection_signed_response_alg
            .as_deref()
            .unwrap_or("RS256")
    }

    /// Always for public clients (RFC 9700, section 2.1.1), for others if they are registered so.
    pub fn requires_pkce(&self) -> bool {
        self.is_public() || self.require_pkce == Some(true)
    }

    pub fn allows_plain_pkce(&self) -> bool {
        self.insecure_plain_pkce == Some(true)
    }

    /// On for public clients unless turned off; for confidential ones if they are registered so.
    pub fn rotates_refresh_tokens(&self) -> bool {
        self.rotate_refresh_tokens
            .unwrap_or_else(|| self.is_public())
    }

    pub fn access_token_format(&self) -> AccessTokenFormat {
        self.access_token_format.unwrap_or_default()
    }

    pub fn accepts_json_token_requests(&self) -> bool {
        self.accept_json_token_requests == Some(true)
    }

    pub fn persists_access_tokens(&self) -> bool {
        self.persist_access_tokens == Some(true)
    }

    pub fn may_introspect(&self) -> bool {
        self.may_introspect == Some(true)
    }

    /// Whether only the issuer may be the audience of its assertions.
    pub fn is_strict_about_assertion_audience(&self) -> bool {
        self.strict_client_assertion_audience == Some(true)
    }

    /// Whether each of its authorization requests is a signed object (RFC 9101, section 10.5).
    pub fn requires_signed_request_object(&self) -> bool {
        self.require_signed_request_object == Some(true)
    }

    pub fn skips_consent(&self) -> bool {
        self.insecure_skip_consent == Some(true)
    }

    /// Whether its ID token is its access token.
    pub fn id_token_is_access_token(&self) -> bool {
        self.insecure_id_token_is_access_token == Some(true)
    }

    /// The scope that the client may ask for; `None` if nothing was registered.
    pub fn allowed_scope(&self) -> Option<Scope> {
        self.scope
            .as_deref()
            .and_then(|text| Scope::parse(text).ok())
    }

    /// The scope of a request that names none; `None` if nothing was registered.
    pub fn default_scope(&self) -> Option<Scope> {
        self.default_scope
            .as_deref()
            .and_then(|text| Scope::parse(text).ok())
    }

    /// A human-readable member in the best of the wanted languages: the exact tag first, then its
    /// primary language, then the member without a tag (RFC 7591, section 2.2). Tags compare
    /// without regard to case.
    pub fn localized(&self, member: &str, languages: &[&str]) -> Option<&str> {
        for language in languages {
            let primary = language.split('-').next().unwrap_or(language);
            for wanted in [*language, primary] {
                let tagged = self.other.iter().find_map(|(name, value)| {
                    let (base, tag) = name.split_once('#')?;
                    let fits = base == member && tag.eq_ignore_ascii_case(wanted);
                    if fits { value.as_str() } else { None }
                });
                if tagged.is_some() {
                    return tagged;
                }
            }
        }
        match member {
            "client_name" => self.client_name.as_deref(),
            "client_uri" => self.client_uri.as_deref(),
            "logo_uri" => self.logo_uri.as_deref(),
            "tos_uri" => self.tos_uri.as_deref(),
            "policy_uri" => self.policy_uri.as_deref(),
            _ => None,
        }
    }
}

/// Whether a redirect URI is `http` on a loopback host or has a private-use scheme.
pub(super) fn is_on_the_users_machine(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| match url.scheme() {
        "https" => false,
        "http" => url.host().as_ref().is_some_and(is_loopback_host),
        _ => true,
    })
}

/// Whether a redirect URI has a private-use scheme, which no website has.
fn is_private_use(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| !matches!(url.scheme(), "http" | "https"))
}

pub(super) const DEFAULT_ID_TOKEN_ALG: &str = "RS256";

/// The members that people read, which may carry a language tag (RFC 7591, section 2.2).
pub(super) const HUMAN_READABLE: [&str; 5] = [
    "client_name",
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
];
