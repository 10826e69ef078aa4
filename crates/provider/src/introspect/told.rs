//! What is told of a token (RFC 7662, section 2.2).
//!
//! An access token is told to the client that it was issued to, and to the clients that the
//! operator allows to ask about all (`may_introspect`) or about those of a resource
//! (`introspecting_clients`). A refresh token is told to its own client
//! only: an API that took it for an access token would let it in.

use countersign_oauth::audience::Audience;
use countersign_oauth::scope::{PROFILE, Scope};
use countersign_store::grants::{
    Grant, Holder, Origin, RefreshTokenState, decide_check_of_refresh_token,
};
use countersign_store::{GrantId, Token, TokenKind};
use serde::Serialize;
use serde_json::Value;

use crate::access_token::{self, AcceptedAccessToken, NotAccepted};
use crate::client_auth::AuthenticatedClient;
use crate::clients::Registered;
use crate::error::Failure;
use crate::{Provider, resources};

/// The response. Of a token that is not active nothing else is told (RFC 7662, section 2.2).
#[derive(Debug, Default, Serialize)]
pub(super) struct Told {
    active: bool,
    #[serde(flatten)]
    token: Option<ActiveToken>,
}

/// The members of RFC 7662, section 2.2, and of RFC 9470, section 6.2, that apply.
#[derive(Debug, Default, Serialize)]
struct ActiveToken {
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Audience>,
    iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<String>,
    /// The key that the token is bound to (RFC 7800, section 3.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Value>,
}

/// What `caller` is told of a token of any type. `token_type_hint` is not needed: our tokens show
/// their type.
///
/// # Errors
/// Returns a server fault if it can't be found out, which says nothing of the token.
pub(super) async fn of(
    provider: &Provider,
    caller: &AuthenticatedClient,
    token: &str,
) -> Result<Told, Failure> {
    let token = match Token::parse(TokenKind::RefreshToken, token) {
        Some(refresh_token) => of_refresh_token(provider, caller, &refresh_token).await?,
        None => of_access_token(provider, caller, token).await?,
    };
    Ok(Told {
        active: token.is_some(),
        token,
    })
}

async fn of_access_token(
    provider: &Provider,
    caller: &AuthenticatedClient,
    token: &str,
) -> Result<Option<ActiveToken>, Failure> {
    let accepted = match access_token::accept(provider, token, provider.now()).await {
        Ok(accepted) => accepted,
        Err(NotAccepted::Failed(failure)) => return Err(failure),
        Err(NotAccepted::Refused { fault, detail }) => {
            let cause = fault.entry().name;
            return Ok(not_active(cause, detail.as_deref()));
        }
    };
    let declared = provider.declared_resources().await?;
    let may_ask = accepted.client_id() == caller.client_id
        || caller.metadata.may_introspect()
        || declared.may_introspect(accepted.resources(), &caller.client_id);
    if !may_ask {
        return Ok(not_active("access_token_of_another_client", None));
    }
    let client_id = accepted.client_id().to_owned();
    let issued_for = resources::audience(accepted.resources(), &provider.issuer);
    let common = ActiveToken {
        scope: accepted.scope().to_string(),
        token_type: Some("Bearer"),
        exp: accepted.expires_at(),
        iat: accepted.claims().map(|claims| claims.iat),
        aud: Some(Audience::many(issued_for)),
        iss: provider.issuer.as_str().to_owned(),
        jti: accepted.claims().map(|claims| claims.jti.clone()),
        cnf: accepted.claims().and_then(|claims| claims.cnf.clone()),
        // RFC 9068, section 2.2: without a resource owner, sub identifies the client.
        sub: client_id.clone(),
        client_id,
        ..ActiveToken::default()
    };
    of_holder(provider, caller, &accepted, common).await
}

async fn of_holder(
    provider: &Provider,
    caller: &AuthenticatedClient,
    accepted: &AcceptedAccessToken,
    told: ActiveToken,
) -> Result<Option<ActiveToken>, Failure> {
    let Holder::Grant(grant) = accepted.holder() else {
        return Ok(Some(told));
    };
    let scope = accepted.scope();
    if grant.client_id == caller.client_id {
        return of_user(provider, caller, grant, scope, told)
            .await
            .map(Some);
    }
    // `sub` is told as the token's own client knows it, and as a JWT has it.
    match provider
        .clients
        .find(&*provider.store, &grant.client_id)
        .await?
    {
        Some(client) => of_user(provider, &client, grant, scope, told)
            .await
            .map(Some),
        None => Ok(not_active("client_ended", None)),
    }
}

async fn of_refresh_token(
    provider: &Provider,
    caller: &AuthenticatedClient,
    token: &Token,
) -> Result<Option<ActiveToken>, Failure> {
    let view = provider.store.grant(&GrantId::from_bytes(token.id)).await?;
    let (grant, issued_at, expires_at) =
        match decide_check_of_refresh_token(view, token, provider.now()) {
            RefreshTokenState::Active {
                grant,
                issued_at,
                expires_at,
            } => (grant, issued_at, expires_at),
            RefreshTokenState::Unknown => return Ok(not_active("refresh_token_unknown", None)),
            RefreshTokenState::Rotated => return Ok(not_active("refresh_token_rotated", None)),
            RefreshTokenState::Expired { .. } => {
                return Ok(not_active("refresh_token_expired", None));
            }
            RefreshTokenState::Ended(what_ended) => {
                return Ok(not_active("grant_ended", Some(&what_ended.to_string())));
            }
        };
    if grant.client_id != caller.client_id {
        return Ok(not_active("refresh_token_of_another_client", None));
    }
    let told = ActiveToken {
        scope: grant.scope.clone(),
        client_id: grant.client_id.clone(),
        exp: expires_at,
        iat: Some(issued_at),
        iss: provider.issuer.as_str().to_owned(),
        ..ActiveToken::default()
    };
    let scope = Scope::parse(&grant.scope).unwrap_or_default();
    of_user(provider, caller, &grant, &scope, told)
        .await
        .map(Some)
}

/// Adds what the grant says of its user.
async fn of_user(
    provider: &Provider,
    client: &Registered,
    grant: &Grant,
    scope: &Scope,
    told: ActiveToken,
) -> Result<ActiveToken, Failure> {
    // The scope that releases `preferred_username` (OpenID Connect Core, section 5.4). Without it
    // the person stays unnamed, and their account unread.
    let username = match scope.contains(PROFILE) {
        true => provider.accounts.account(&grant.sub).await?,
        false => None,
    };
    Ok(ActiveToken {
        username: username.map(|account| account.username),
        sub: provider.subjects.at(client, &grant.sub).into_owned(),
        // No one signed in for a token that a user made.
        auth_time: (!matches!(grant.origin, Origin::Personal(_)))
            .then_some(grant.authorization.auth_time),
        acr: grant.authorization.acr.clone(),
        ..told
    })
}

/// Why, for the log of an operator who looks for it.
fn not_active(why: &str, detail: Option<&str>) -> Option<ActiveToken> {
    tracing::debug!(act = "introspect", why, detail, "a token is not active");
    None
}
