//! `grant_type=refresh_token` (RFC 6749 6, OIDC Core 12, RFC 9700 4.14).

use countersign_oauth::scope::Scope;
use countersign_store::grants::{
    GrantView, Otherwise, RotateOutcome, RotateRefreshToken, Successor,
};
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
    let scope = scope_within(provider, client, &view, &presented, requested)?.to_string();

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
        binding_key: None,
        access_token: planned.row.clone(),
        otherwise: Otherwise::Proceed,
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
        refused => return Err(refusal(&refused, now)),
    };

    let granted = Granted {
        grant: &view.grant,
        scope,
        refresh_token,
        nonce: None,
    };
    mint::tokens_of_grant(provider, client, planned, granted).await
}

/// The scope for the new access token: what was asked for, all of the grant's otherwise, as far as
/// the client may still have it, for its registration can have changed since (RFC 6749 3.3).
///
/// What cannot be answered is refused before the act, so that a mistake costs no refresh token; but
/// only to who holds a token that may still be answered, since anything else is for the act to judge.
fn scope_within(
    provider: &Provider,
    client: &AuthenticatedClient,
    view: &GrantView,
    presented: &Token,
    requested: Option<Scope>,
) -> Result<Scope, Failure> {
    let granted = Scope::parse(&view.grant.scope).map_err(|fault| {
        Failure::from(ServerFault::RecordCorrupt)
            .detail(format!("scope of grant {}: {fault}", view.grant.id))
    })?;
    let asked = requested.unwrap_or_else(|| granted.clone());
    let scope = client.grantable(&asked, &provider.settings);
    let fault = if !asked.is_subset_of(&granted) {
        TokenFault::ScopeTooWide
    } else if scope.is_empty() && !asked.is_empty() {
        TokenFault::ScopeTakenAway
    } else {
        return Ok(scope);
    };
    match may_be_answered(client, view, presented) {
        true => Err(fault.into()),
        false => Ok(scope),
    }
}

fn may_be_answered(client: &AuthenticatedClient, view: &GrantView, presented: &Token) -> bool {
    let hash = presented.hash();
    view.grant.client_id == client.client_id
        && view.dead.is_none()
        && view.grant.refresh.as_ref().is_some_and(|family| {
            let predecessor = family.predecessor.as_ref();
            family.current.matches(&hash) || predecessor.is_some_and(|p| p.hash.matches(&hash))
        })
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
        RotateOutcome::Ended(dead) => {
            Failure::from(TokenFault::GrantEnded).detail(dead.to_string())
        }
        RotateOutcome::Unknown
        | RotateOutcome::Withheld
        | RotateOutcome::WrongKey
        | RotateOutcome::Rotated
        | RotateOutcome::Kept
        | RotateOutcome::Repeated { .. } => TokenFault::RefreshTokenUnknown.into(),
    }
}
