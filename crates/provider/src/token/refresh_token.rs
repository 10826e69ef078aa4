//! `grant_type=refresh_token` (RFC 6749 6, OIDC Core 12, RFC 9700 4.14).

use countersign_oauth::scope::Scope;
use countersign_store::grants::{GrantView, RotateOutcome, RotateRefreshToken, Successor};
use countersign_store::{GrantId, Token, TokenKind, refresh_tokens};

use super::fault::TokenFault;
use super::mint::{self, For, Granted};
use super::request::TokenRequest;
use super::response::TokenResponse;
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::{Failure, ServerFault};

pub(super) async fn refresh(
    provider: &Provider,
    client: &AuthenticatedClient,
    request: &TokenRequest,
) -> Result<TokenResponse, Failure> {
    let now = provider.now();
    let presented = request.parameters.require("refresh_token")?;
    let presented = Token::parse(TokenKind::RefreshToken, presented)
        .ok_or(TokenFault::RefreshTokenMalformed)?;
    let requested = request.scope()?;

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
    let scope = scope_within(&view, client, &presented, requested.as_ref())?;
    let scope = client.grantable(&scope, &provider.settings).to_string();

    let successor = client
        .metadata
        .rotates_refresh_tokens()
        .then(|| refresh_tokens::generate(id, mac_key, &*provider.random));
    let narrowed = (scope != view.grant.scope).then_some(scope.as_str());
    let planned = mint::plan(
        provider,
        client,
        &For::Grant {
            id,
            scope: narrowed,
        },
        now,
    );
    let act = RotateRefreshToken {
        grant: id,
        client_id: client.client_id.clone(),
        presented: presented.hash(),
        of_the_family: refresh_tokens::is_of_the_family(&presented, mac_key),
        successor: successor
            .as_ref()
            .map(|next| sealed(provider, &presented, next, now)),
        idle_expires_at: provider.settings.refresh_token_idle_expires_at(now),
        access_token: planned.row.clone(),
    };
    let refresh_token = match provider.store.rotate_refresh_token(&act, now).await? {
        RotateOutcome::Rotated => successor,
        RotateOutcome::Kept => Some(presented),
        RotateOutcome::Repeated { sealed_successor } => Some(
            refresh_tokens::open_successor(&presented, &sealed_successor).ok_or_else(|| {
                Failure::from(ServerFault::RecordCorrupt).detail(format!("successor of grant {id}"))
            })?,
        ),
        refused => return Err(refusal(&refused)),
    };

    let granted = Granted {
        grant: &view.grant,
        scope,
        refresh_token,
        nonce: None,
    };
    mint::tokens_of_grant(provider, client, planned, granted).await
}

/// The scope for the new access token, of which the client gets what it may still have: its
/// registration can have changed since the grant (RFC 6749 3.3). A scope that the grant does not
/// have is refused before the act, so that a mistake costs no refresh token; but only to who holds
/// a token that may still be answered, since anything else is for the act to judge.
fn scope_within(
    view: &GrantView,
    client: &AuthenticatedClient,
    presented: &Token,
    requested: Option<&Scope>,
) -> Result<Scope, Failure> {
    let granted = Scope::parse(&view.grant.scope).map_err(|fault| {
        Failure::from(ServerFault::RecordCorrupt)
            .detail(format!("scope of grant {}: {fault}", view.grant.id))
    })?;
    let Some(requested) = requested else {
        return Ok(granted);
    };
    let hash = presented.hash();
    let may_be_answered = view.grant.client_id == client.client_id
        && view.dead.is_none()
        && view.grant.refresh.as_ref().is_some_and(|family| {
            let predecessor = family.predecessor.as_ref();
            family.current.matches(&hash) || predecessor.is_some_and(|p| p.hash.matches(&hash))
        });
    if may_be_answered && !requested.is_subset_of(&granted) {
        return Err(TokenFault::ScopeTooWide.into());
    }
    Ok(requested.clone())
}

fn sealed(provider: &Provider, presented: &Token, next: &Token, now: i64) -> Successor {
    let grace = provider.settings.refresh_grace_seconds;
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

fn refusal(outcome: &RotateOutcome) -> Failure {
    match outcome {
        RotateOutcome::Reused { rotated_at } => Failure::from(TokenFault::RefreshTokenReused)
            .detail(format!("the family was last rotated at {rotated_at}")),
        RotateOutcome::ForeignClient => TokenFault::RefreshTokenOfAnotherClient.into(),
        RotateOutcome::Expired { expired_at } => {
            Failure::from(TokenFault::RefreshTokenExpired).detail(format!("at {expired_at}"))
        }
        RotateOutcome::Ended(dead) => {
            Failure::from(TokenFault::GrantEnded).detail(format!("{dead:?}"))
        }
        RotateOutcome::Unknown
        | RotateOutcome::Rotated
        | RotateOutcome::Kept
        | RotateOutcome::Repeated { .. } => TokenFault::RefreshTokenUnknown.into(),
    }
}
