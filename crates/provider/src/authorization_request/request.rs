//! An authorization request (RFC 6749, section 4.1.1, OpenID Connect Core, section 3.1.2.1),
//! checked and in the form in which it travels through the pages.

use countersign_oauth::claims::RequestedClaims;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::parameters::Parameters;
use countersign_oauth::pkce::CodeChallenge;
use countersign_oauth::response_type::ResponseType;
use countersign_oauth::scope::{OFFLINE_ACCESS, OPENID, Scope};
use serde::{Deserialize, Serialize};

use super::demand::demand;
use super::fault::AuthorizeFault;
use super::requested_claims;
use super::response::{may_use, response_type};
use crate::Provider;
use crate::clients::Client;
use crate::demand::Demand;
use crate::error::Failure;
use crate::offered;
use crate::resources::{DeclaredResources, UnknownResource};
use crate::settings::Settings;

/// What was asked for, after every check that needs no user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub response_type: ResponseType,
    /// What of the requested scope this client may have here.
    pub scope: Scope,
    /// What the user is asked for: the scope, and the scopes of claims that are asked for by name.
    #[serde(skip)]
    pub shown_scope: Scope,
    /// What the tokens are for (RFC 8707); empty means the issuer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Claims that were asked for by name, as far as the client may have them.
    #[serde(default, skip_serializing_if = "RequestedClaims::is_empty")]
    pub claims: RequestedClaims,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// In S256 form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    pub demand: Demand,
}

impl AuthorizationRequest {
    /// The request of a form that comes back, as far as its client may still make it: the operator
    /// may have changed the client while the page was open. What was taken away is dropped or
    /// refused by the rules of [`check`]; what was added counts from the next request on.
    ///
    /// # Errors
    /// Returns an [`AuthorizeFault`] if the client may no longer use the response type, may no
    /// longer use any of the scope, or now needs PKCE and the request has no challenge.
    pub fn still_allowed(
        self,
        provider: &Provider,
        client: &Client,
        declared: &DeclaredResources,
    ) -> Result<AuthorizationRequest, Failure> {
        may_use(provider, client, self.response_type)?;
        if !self.resources.iter().all(|name| declared.is_declared(name)) {
            return Err(AuthorizeFault::ResourceUnknown.into());
        }
        let allowed = AuthorizationRequest {
            scope: grantable(provider, client, declared, &self.scope, &self.resources)?,
            claims: requested_claims::grantable(&provider.settings, client, declared, self.claims),
            ..self
        };
        allowed.checked_as_a_whole(&provider.settings, client)
    }

    /// The rules between the parts of a request.
    fn checked_as_a_whole(
        mut self,
        settings: &Settings,
        client: &Client,
    ) -> Result<AuthorizationRequest, Failure> {
        let response_type = self.response_type;
        if !response_type.includes_code() {
            // OpenID Connect Core, section 11: only a code leads to a refresh token.
            self.scope = self.scope.without(OFFLINE_ACCESS);
        }
        if response_type.includes_id_token() {
            if !self.scope.contains(OPENID) {
                return Err(AuthorizeFault::IdTokenWithoutOpenid.into());
            }
            if self.nonce.is_none() {
                return Err(AuthorizeFault::NonceMissing.into());
            }
        }
        // RFC 9700, section 2.1.1: public clients must use PKCE, those that are registered so, and
        // every one where the operator says so.
        let pkce_is_required = client.metadata.requires_pkce() || settings.grants.require_pkce();
        if response_type.includes_code() && pkce_is_required && self.code_challenge.is_none() {
            return Err(AuthorizeFault::PkceRequired.into());
        }
        let shown = requested_claims::shown(settings, &self.scope, &self.claims);
        self.shown_scope = shown.ok_or(AuthorizeFault::ClaimsMalformed)?;
        Ok(self)
    }
}

/// Checks a request whose target is proven. Unknown parameters are ignored (RFC 6749, section 3.1).
///
/// # Errors
/// Returns the [`AuthorizeFault`] of the first parameter that is malformed, not supported, or not
/// allowed for this client; or a server fault if the store fails or the keys for `id_token_hint`
/// cannot be read.
pub async fn check(
    provider: &Provider,
    client: &Client,
    parameters: &Parameters,
) -> Result<AuthorizationRequest, Failure> {
    if parameters.get("registration").is_some() {
        return Err(AuthorizeFault::RegistrationNotSupported.into());
    }
    let declared = provider.declared_resources().await?;
    let resources = declared
        .requested(parameters)
        .map_err(|UnknownResource| AuthorizeFault::ResourceUnknown)?
        .unwrap_or_else(|| declared.default_of(&client.metadata));
    let settings = &provider.settings;
    let claims = requested_claims::parameter(parameters)?;
    let request = AuthorizationRequest {
        response_type: response_type(provider, client, parameters)?,
        scope: scope(provider, client, &declared, parameters, &resources)?,
        shown_scope: Scope::default(),
        resources,
        claims: requested_claims::requested(settings, client, &declared, parameters, &claims),
        nonce: parameters.get("nonce").map(str::to_owned),
        code_challenge: code_challenge(client, parameters)?,
        demand: demand(provider, client, parameters, &claims).await?,
    };
    request.checked_as_a_whole(settings, client)
}

/// What of the requested scope the client may have here, for these resources. Without `scope` the
/// client's default applies, or all that belongs to the resources (RFC 6749, section 3.3): MCP
/// clients send none if a server names none. The person sees on the consent page what that is.
///
/// # Errors
/// Returns an [`AuthorizeFault`] if `scope` is malformed, or nothing of it is left.
pub fn scope(
    provider: &Provider,
    client: &Client,
    declared: &DeclaredResources,
    parameters: &Parameters,
    resources: &[String],
) -> Result<Scope, Failure> {
    let requested = match parameters.get("scope") {
        Some(text) => Scope::parse(text).map_err(|fault| {
            Failure::from(AuthorizeFault::ScopeMalformed).detail(fault.to_string())
        })?,
        None => {
            let default = client.metadata.default_scope();
            default.unwrap_or_else(|| declared.scope_of(resources))
        }
    };
    Ok(grantable(
        provider, client, declared, &requested, resources,
    )?)
}

/// What of a scope this client may have here, for these resources. `offline_access` is ignored for
/// a client that cannot refresh (OpenID Connect Core, section 11).
///
/// # Errors
/// Returns [`AuthorizeFault::ScopeEmpty`] if nothing is left.
pub fn grantable(
    provider: &Provider,
    client: &Client,
    declared: &DeclaredResources,
    requested: &Scope,
    resources: &[String],
) -> Result<Scope, AuthorizeFault> {
    let granted = declared.grantable(client.allowed_scope.as_ref(), requested, &provider.settings);
    let mut granted = declared.scope_within(&granted, resources);
    let refreshable = offered::may_use(
        &provider.settings,
        &client.metadata,
        GrantType::RefreshToken,
    );
    if !refreshable || !granted.contains(OPENID) {
        granted = granted.without(OFFLINE_ACCESS);
    }
    match granted.is_empty() {
        true => Err(AuthorizeFault::ScopeEmpty),
        false => Ok(granted),
    }
}

fn code_challenge(client: &Client, parameters: &Parameters) -> Result<Option<String>, Failure> {
    let challenge = CodeChallenge::from_request(
        parameters.get("code_challenge"),
        parameters.get("code_challenge_method"),
        client.metadata.allows_plain_pkce(),
    )
    .map_err(|fault| Failure::from(AuthorizeFault::PkceMalformed).detail(fault.to_string()))?;
    Ok(challenge.map(CodeChallenge::into_string))
}
