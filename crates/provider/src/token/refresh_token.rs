//! `grant_type=refresh_token` (RFC 6749, section 6; OpenID Connect Core, section 12; RFC 9700,
//! section 4.14).
//!
//! A token that was used before ends its grant whatever else is wrong with the request. So a fault
//! of the request is held back, and returned only if the token itself would have been rotated or
//! repeated; then it costs no refresh token.

use countersign_oauth::grant_type::GrantType;
use countersign_oauth::scope::{OPENID, Scope};
use countersign_store::grants::{Grant, Otherwise, RotateOutcome, RotateRefreshToken, Successor};
use countersign_store::{GrantId, Token, TokenKind, refresh_tokens};

use super::fault::TokenFault;
use super::mint::{self, For, Granted};
use super::request::{TokenRequest, resources_within, stored_scope};
use super::response::TokenResponse;
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::{Failure, ServerFault};
use crate::resources::DeclaredResources;

pub(super) async fn refresh(
    provider: &Provider,
    client: &AuthenticatedClient,
    request: &TokenRequest,
) -> Result<TokenResponse, Failure> {
    let now = provider.now();
    let presented = request.parameters.require("refresh_token")?;
    let Some(presented) = Token::parse(TokenKind::RefreshToken, presented) else {
        // This is not one of our tokens, so there is nothing to check before the request.
        request.allow(client, GrantType::RefreshToken)?;
        return Err(TokenFault::RefreshTokenMalformed.into());
    };

    let id = GrantId::from_bytes(presented.id);
    let view = provider
        .store
        .grant(&id)
        .await?
        .ok_or(TokenFault::RefreshTokenUnknown)?;
    let mac_key = &view
        .grant
        .refresh
        .as_ref()
        .ok_or(TokenFault::RefreshTokenUnknown)?
        .mac_key;
    let granted = stored_scope(&view.grant)?;
    let declared = provider.declared_resources().await?;
    let asked = asked_within(provider, client, &declared, request, &view.grant, &granted);
    let (asked, held_back) = match asked {
        Ok(asked) => (asked, None),
        Err(fault) => (Asked::all_of(&view.grant), Some(fault)),
    };
    let Asked { scope, resources } = asked;

    let successor = client
        .metadata
        .rotates_refresh_tokens()
        .then(|| refresh_tokens::generate(id, mac_key, &*provider.random));
    let narrowed = (scope != view.grant.scope).then_some(scope.as_str());
    let whose = For::Grant {
        id,
        scope: narrowed,
        resources: &resources,
        id_token: scope.split(' ').any(|word| word == OPENID),
    };
    let planned = mint::plan(provider, client, &whose, now).await?;
    let act = RotateRefreshToken {
        grant: id,
        client_id: client.client_id.clone(),
        presented: presented.hash(),
        of_the_family: refresh_tokens::is_of_the_family(&presented, mac_key),
        successor: successor
            .as_ref()
            .map(|next| sealed(provider, client, &presented, next, now)),
        idle_expires_at: provider.settings.tokens.refresh_token_idle_expires_at(now),
        binding_key: None,
        access_token: planned.row.clone(),
        otherwise: match held_back {
            None => Otherwise::Proceed,
            Some(_) => Otherwise::Refuse,
        },
        hint: Some(view.grant.clone()),
    };
    let refresh_token = match provider.store.rotate_refresh_token(&act, now).await? {
        RotateOutcome::Rotated => successor,
        RotateOutcome::Kept => Some(presented),
        RotateOutcome::Repeated { sealed_successor } => Some(
            refresh_tokens::open_successor(&presented, &sealed_successor).ok_or_else(|| {
                Failure::from(ServerFault::RecordCorrupt).detail(format!("successor of grant {id}"))
            })?,
        ),
        RotateOutcome::Withheld => {
            return Err(held_back.unwrap_or_else(|| TokenFault::RefreshTokenUnknown.into()));
        }
        refused => return Err(refusal(&refused, now)),
    };

    let granted = Granted {
        grant_type: GrantType::RefreshToken,
        grant: &view.grant,
        scope,
        refresh_token,
        nonce: None,
    };
    mint::tokens_of_grant(provider, client, &planned, granted).await
}

/// What a new access token is asked to be.
struct Asked {
    scope: String,
    resources: Vec<String>,
}

impl Asked {
    fn all_of(grant: &Grant) -> Asked {
        Asked {
            scope: grant.scope.clone(),
            resources: grant.authorization.resources.clone(),
        }
    }
}

/// Scope and resources for the new access token: what was asked for, all of the grant's otherwise,
/// as far as the client may still have it, for its registration can have changed since (RFC 6749,
/// section 3.3; RFC 8707, section 2.2).
fn asked_within(
    provider: &Provider,
    client: &AuthenticatedClient,
    declared: &DeclaredResources,
    request: &TokenRequest,
    grant: &Grant,
    granted: &Scope,
) -> Result<Asked, Failure> {
    request.allow(client, GrantType::RefreshToken)?;
    let asked = request.resources(declared)?;
    let resources = resources_within(provider, declared, asked, grant)?;
    let asked = request.scope()?.unwrap_or_else(|| granted.clone());
    if !asked.is_subset_of(granted) {
        return Err(TokenFault::ScopeTooWide.into());
    }
    let scope = declared.grantable(client.allowed_scope.as_ref(), &asked, &provider.settings);
    if scope.is_empty() && !asked.is_empty() {
        return Err(TokenFault::ScopeTakenAway.into());
    }
    let scope = declared.scope_within(&scope, &resources).to_string();
    Ok(Asked { scope, resources })
}

fn sealed(
    provider: &Provider,
    client: &AuthenticatedClient,
    presented: &Token,
    next: &Token,
    now: i64,
) -> Successor {
    let own = client.metadata.refresh_grace_seconds.map(i64::from);
    let grace = own.unwrap_or(provider.settings.tokens.refresh_grace_seconds);
    // Without a grace nothing is handed over again, so nothing is kept.
    let sealed = if grace > 0 {
        refresh_tokens::seal_successor(presented, next, &*provider.random)
    } else {
        Vec::new()
    };
    Successor {
        hash: next.hash(),
        sealed,
        grace_until: now + grace,
    }
}

fn refusal(outcome: &RotateOutcome, now: i64) -> Failure {
    match outcome {
        RotateOutcome::Reused { rotated_at } => Failure::from(TokenFault::RefreshTokenReused)
            .detail(format!(
                "the family was last rotated {} seconds ago",
                now - rotated_at
            )),
        RotateOutcome::ForeignClient => TokenFault::RefreshTokenOfAnotherClient.into(),
        RotateOutcome::Expired { expired_at } => Failure::from(TokenFault::RefreshTokenExpired)
            .detail(format!("it expired {} seconds ago", now - expired_at)),
        RotateOutcome::Ended(what_ended) => {
            Failure::from(TokenFault::GrantEnded).detail(what_ended.to_string())
        }
        RotateOutcome::Unknown
        | RotateOutcome::Withheld
        | RotateOutcome::WrongKey
        | RotateOutcome::Rotated
        | RotateOutcome::Kept
        | RotateOutcome::Repeated { .. } => TokenFault::RefreshTokenUnknown.into(),
    }
}
