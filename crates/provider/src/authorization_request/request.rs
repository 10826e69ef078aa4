//! An authorization request (RFC 6749, section 4.1.1, OpenID Connect Core, section 3.1.2.1),
//! checked and in the form in which it travels through the pages.

use countersign_oauth::grant_type::GrantType;
use countersign_oauth::parameters::Parameters;
use countersign_oauth::pkce::CodeChallenge;
use countersign_oauth::prompt::Prompt;
use countersign_oauth::response_mode::{self, ResponseMode};
use countersign_oauth::response_type::ResponseType;
use countersign_oauth::scope::{OFFLINE_ACCESS, OPENID, Scope};
use serde::{Deserialize, Serialize};

use super::fault::AuthorizeFault;
use crate::Provider;
use crate::clients::Client;
use crate::demand::Demand;
use crate::error::Failure;
use crate::resources::{DeclaredResources, UnknownResource};
use crate::{id_token_hint, offered};

/// What was asked for, after every check that needs no user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// What of the requested scope this client may have here.
    pub scope: Scope,
    /// What the tokens are for (RFC 8707); empty means the issuer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
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
    /// Returns an [`AuthorizeFault`] if the client may no longer use the code flow, may no longer
    /// use any of the scope, or now needs PKCE and the request has no challenge.
    pub fn still_allowed(
        self,
        provider: &Provider,
        client: &Client,
        declared: &DeclaredResources,
    ) -> Result<AuthorizationRequest, Failure> {
        may_use(provider, client, ResponseType::Code)?; // The one that is offered.
        if !self.resources.iter().all(|name| declared.is_declared(name)) {
            return Err(AuthorizeFault::ResourceUnknown.into());
        }
        Ok(AuthorizationRequest {
            scope: grantable(provider, client, declared, &self.scope, &self.resources)?,
            code_challenge: with_pkce_where_required(provider, client, self.code_challenge)?,
            ..self
        })
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
    refuse_request_objects(parameters)?;
    let declared = provider.declared_resources().await?;
    let resources = declared
        .requested(parameters)
        .map_err(|UnknownResource| AuthorizeFault::ResourceUnknown)?
        .unwrap_or_else(|| declared.default_of(client));
    let prompt = Prompt::parse(parameters.get("prompt"))
        .map_err(|fault| Failure::from(AuthorizeFault::PromptInvalid).detail(fault.to_string()))?;
    let max_age = max_age(client, parameters)?;
    Ok(AuthorizationRequest {
        scope: scope(provider, client, &declared, parameters, &resources)?,
        resources,
        nonce: parameters.get("nonce").map(str::to_owned),
        code_challenge: code_challenge(provider, client, parameters)?,
        demand: Demand {
            prompt,
            max_age,
            login_hint: parameters.get("login_hint").map(str::to_owned),
            hinted_sub: hinted_sub(provider, parameters).await?,
            ui_locales: parameters.get("ui_locales").map(str::to_owned),
        },
    })
}

/// `response_type` and `response_mode`, which decide how every later fault is returned.
///
/// # Errors
/// Returns an [`AuthorizeFault`] if `response_type` is missing, not supported or not registered for
/// the client, or if `response_mode` is not supported for it.
pub fn response_mode(
    provider: &Provider,
    client: &Client,
    parameters: &Parameters,
) -> Result<ResponseMode, Failure> {
    let name = parameters
        .get("response_type")
        .ok_or(AuthorizeFault::ResponseTypeMissing)?;
    let response_type = ResponseType::parse(name).ok_or(AuthorizeFault::ResponseTypeUnsupported)?;
    if !offered::response_types(&provider.settings).contains(&response_type) {
        return Err(AuthorizeFault::ResponseTypeUnsupported.into());
    }
    may_use(provider, client, response_type)?;
    let mode = ResponseMode::choose(parameters.get("response_mode"), response_type)
        .map_err(|_| AuthorizeFault::ResponseModeUnsupported)?;
    match offered::RESPONSE_MODES.contains(&mode) {
        true => Ok(mode),
        false => Err(AuthorizeFault::ResponseModeUnsupported.into()),
    }
}

/// How an error in `response_type` or `response_mode` themselves is returned.
pub fn response_mode_for_error(parameters: &Parameters) -> ResponseMode {
    response_mode::response_mode_for_error(
        parameters.get("response_mode"),
        parameters.get("response_type"),
        &offered::RESPONSE_MODES,
    )
}

fn may_use(
    provider: &Provider,
    client: &Client,
    response_type: ResponseType,
) -> Result<(), AuthorizeFault> {
    let metadata = &client.metadata;
    match metadata.allows_response_type(response_type)
        && offered::may_use(&provider.settings, metadata, GrantType::AuthorizationCode)
    {
        true => Ok(()),
        false => Err(AuthorizeFault::ResponseTypeNotRegistered),
    }
}

fn refuse_request_objects(parameters: &Parameters) -> Result<(), Failure> {
    let request = parameters.get("request").is_some();
    let request_uri = parameters.get("request_uri").is_some();
    if request && request_uri {
        return Err(AuthorizeFault::RequestAndRequestUri.into());
    }
    if request {
        return Err(AuthorizeFault::RequestNotSupported.into());
    }
    if request_uri {
        return Err(AuthorizeFault::RequestUriNotSupported.into());
    }
    if parameters.get("registration").is_some() {
        return Err(AuthorizeFault::RegistrationNotSupported.into());
    }
    Ok(())
}

/// What of the requested scope the client may have here, for these resources. Without `scope` the
/// client's default applies (RFC 6749, section 3.3).
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
        None => client.metadata.default_scope().unwrap_or_default(),
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
    let granted = declared.grantable(client, requested, &provider.settings);
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

fn code_challenge(
    provider: &Provider,
    client: &Client,
    parameters: &Parameters,
) -> Result<Option<String>, Failure> {
    let challenge = CodeChallenge::from_request(
        parameters.get("code_challenge"),
        parameters.get("code_challenge_method"),
        client.metadata.allows_plain_pkce(),
    )
    .map_err(|fault| Failure::from(AuthorizeFault::PkceMalformed).detail(fault.to_string()))?;
    let challenge = challenge.map(CodeChallenge::into_string);
    Ok(with_pkce_where_required(provider, client, challenge)?)
}

/// Public clients must use PKCE (RFC 9700, section 2.1.1), those that are registered so, and every
/// one where the operator says so.
fn with_pkce_where_required(
    provider: &Provider,
    client: &Client,
    challenge: Option<String>,
) -> Result<Option<String>, AuthorizeFault> {
    let required = client.metadata.requires_pkce() || provider.settings.grants.require_pkce();
    match challenge.is_none() && required {
        true => Err(AuthorizeFault::PkceRequired),
        false => Ok(challenge),
    }
}

fn max_age(client: &Client, parameters: &Parameters) -> Result<Option<i64>, Failure> {
    match parameters.get("max_age") {
        None => Ok(client
            .metadata
            .default_max_age
            .map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX))),
        // A number without an upper limit (section 3.1.2.1): what is too long for us is longer than
        // any session is old.
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Some(text.parse().unwrap_or(i64::MAX)))
        }
        Some(_) => Err(AuthorizeFault::MaxAgeInvalid.into()),
    }
}

/// Whose ID token it is matters, not to whom it was given.
async fn hinted_sub(
    provider: &Provider,
    parameters: &Parameters,
) -> Result<Option<String>, Failure> {
    match id_token_hint::read(provider, parameters).await? {
        None => Ok(None),
        Some(Ok(hint)) => Ok(Some(hint.subject().to_owned())),
        Some(Err(fault)) => {
            Err(Failure::from(AuthorizeFault::IdTokenHintInvalid).detail(fault.to_string()))
        }
    }
}
