//! The contents of an authorization response: a code, and, for clients that are registered for it,
//! tokens beside the code or in its place (OpenID Connect Core, sections 3.2.2.5 and 3.3.2.5).
//!
//! As at the token endpoint, tokens are planned before the act and made after it.

use countersign_oauth::scope::Scope;
use countersign_store::grants::{Grant, TokensInResponse};
use countersign_store::{GrantId, Token};

use super::finish::Issued;
use super::next::Permitted;
use crate::Provider;
use crate::authorization_request::fault::AuthorizeFault;
use crate::authorization_request::request::AuthorizationRequest;
use crate::clients::Client;
use crate::error::Failure;
use crate::released_claims;
use crate::token::mint::{self, For, Holder, IdTokenContents, PlannedTokens};

/// Plans the tokens of a response; `None` for one with a code alone.
///
/// # Errors
/// Returns a [`Failure`] if the keys that are to sign them are missing or can't be read, or if the
/// resources do not agree on how a token is made.
pub(super) async fn plan(
    provider: &Provider,
    client: &Client,
    request: &AuthorizationRequest,
    id: GrantId,
    now: i64,
) -> Result<Option<PlannedTokens>, Failure> {
    if !request.response_type.returns_token() {
        return Ok(None);
    }
    let whose = For::Grant {
        id,
        scope: None,
        resources: &request.resources,
        id_token: request.response_type.includes_id_token(),
    };
    let planned = mint::plan(provider, client, &whose, now).await?;
    Ok(Some(planned))
}

/// The planned tokens, in the form that the act needs.
pub(super) fn in_response(
    provider: &Provider,
    request: &AuthorizationRequest,
    planned: &PlannedTokens,
    now: i64,
) -> TokensInResponse {
    let has_access_token = request.response_type.includes_access_token();
    let id_token_ends = now + provider.settings.tokens.id_token_lifetime_seconds;
    match has_access_token {
        true => TokensInResponse {
            access_token: planned.row.clone(),
            expire_at: planned.expires_at().max(id_token_ends),
        },
        false => TokensInResponse {
            access_token: None,
            expire_at: id_token_ends,
        },
    }
}

/// The parameters of the response, after the act.
///
/// # Errors
/// Returns [`AuthorizeFault::AlreadyDone`] if the grant has ended meanwhile, or a server fault if
/// the store fails or a token can't be signed.
pub(super) async fn parameters(
    provider: &Provider,
    permitted: &Permitted<'_>,
    issued: &Issued,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let code = issued.code.as_ref().map(Token::expose);
    let mut parameters = Vec::new();
    if let Some(planned) = &issued.in_response {
        let client_request = permitted.client_request();
        let (client, request) = (client_request.target.client(), &client_request.request);
        let grant = grant(provider, &issued.id).await?;
        parameters = tokens(provider, client, request, &grant, planned, code.as_deref()).await?;
    }
    parameters.extend(code.map(|code| ("code", code)));
    Ok(parameters)
}

/// The grant as the act left it, with parents that have not ended.
async fn grant(provider: &Provider, id: &GrantId) -> Result<Grant, Failure> {
    match provider.store.grant(id).await? {
        Some(view) if view.what_ended.is_none() => Ok(view.grant),
        _ => Err(AuthorizeFault::AlreadyDone.into()),
    }
}

async fn tokens(
    provider: &Provider,
    client: &Client,
    request: &AuthorizationRequest,
    grant: &Grant,
    planned: &PlannedTokens,
    code: Option<&str>,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut parameters = Vec::new();
    let response_type = request.response_type;
    let access_token = match response_type.includes_access_token() {
        true => {
            let sub = &*provider.subjects.at(client, &grant.sub);
            let holder = Holder::Grant { grant, sub };
            let token = mint::access_token(provider, planned, holder, &grant.scope)?;
            Some(token)
        }
        false => None,
    };
    if response_type.includes_id_token() {
        // OpenID Connect Core, section 5.4: without an access token, the claims of the scope are in
        // the ID token.
        let scope = match response_type.includes_access_token() || response_type.includes_code() {
            true => Scope::default(),
            false => request.scope.clone(),
        };
        let contents = IdTokenContents {
            nonce: grant.authorization.nonce.as_deref(),
            access_token: access_token.as_ref().map(|token| token.value.as_str()),
            code,
            claims: released_claims::in_id_token(provider, grant, &scope).await?,
        };
        let id_token = mint::id_token(provider, client, planned, grant, &contents)?;
        parameters.push(("id_token", id_token));
    }
    if let Some(token) = access_token {
        let (sub, id, scope) = (&grant.sub, grant.id, &grant.scope);
        tracing::info!(act = "token", sub, grant = %id, scope, "a token was issued in a response");
        parameters.push(("access_token", token.value));
        parameters.push(("token_type", "Bearer".to_owned()));
        parameters.push(("expires_in", token.expires_in.to_string()));
        parameters.push(("scope", scope.clone()));
    }
    Ok(parameters)
}
