//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628, sections 3.4 and 3.5): a
//! device polls until its user has answered, and redeems its device code once.
//!
//! Every poll is counted by the request's record. Where that says that the request was approved, or
//! is gone, the grant decides: it remembers a used device code for as long as it lives.

use countersign_oauth::grant_type::GrantType;
use countersign_store::device_requests::{PollDeviceRequest, PollOutcome};
use countersign_store::grants::{Grant, NewRefreshFamily, Proof, Redeem, RedeemOutcome};
use countersign_store::refresh_tokens::MacKey;
use countersign_store::{GrantId, Token, TokenKind, refresh_tokens};

use super::fault::TokenFault;
use super::mint::{self, For, Granted};
use super::request::TokenRequest;
use super::response::TokenResponse;
use super::target::target;
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::Failure;

pub(super) async fn redeem(
    provider: &Provider,
    client: &AuthenticatedClient,
    request: &TokenRequest,
) -> Result<TokenResponse, Failure> {
    let now = provider.now();
    let presented = request.parameters.require("device_code")?;
    let device_code =
        Token::parse(TokenKind::DeviceCode, presented).ok_or(TokenFault::DeviceCodeMalformed)?;
    let id = GrantId::from_bytes(device_code.id);
    let poll = PollDeviceRequest {
        id,
        presented: device_code.hash(),
        client_id: client.client_id.clone(),
        client_epoch: client.epoch,
    };
    approved(provider.store.poll_device_request(&poll, now).await?, now)?;

    let mac_key = MacKey::generate(&*provider.random);
    let refresh = refresh_tokens::generate(id, &mac_key, &*provider.random);
    let target = target(provider, client, request, &id).await?;
    let whose = For::Grant {
        id,
        scope: target.scope.as_deref(),
        resources: &target.resources,
        id_token: true,
    };
    let planned = mint::plan(provider, client, &whose, now).await?;
    let act = Redeem {
        grant: id,
        presented: device_code.hash(),
        client_id: client.client_id.clone(),
        proof: Proof::DeviceCode,
        refresh: NewRefreshFamily {
            mac_key,
            first: refresh.hash(),
            idle_expires_at: provider.settings.tokens.refresh_token_idle_expires_at(now),
            binding_key: None,
        },
        access_token: planned.row.clone(),
    };
    let grant = redeemed(provider.store.redeem(&act, now).await?, now)?;
    target.is_granted_by(provider, &grant)?;

    let granted = Granted {
        grant_type: GrantType::DeviceCode,
        grant: &grant,
        scope: target.scope.unwrap_or_else(|| grant.scope.clone()),
        refresh_token: grant.refresh.is_some().then_some(refresh),
        nonce: None,
    };
    mint::tokens_of_grant(provider, client, &planned, granted).await
}

/// Whether the grant may be looked at.
fn approved(outcome: PollOutcome, now: i64) -> Result<(), Failure> {
    Err(match outcome {
        // The grant outlives the request.
        PollOutcome::Approved | PollOutcome::Unknown => return Ok(()),
        PollOutcome::Pending => TokenFault::DeviceCodePending.into(),
        PollOutcome::SlowDown { interval_seconds } => Failure::from(TokenFault::DeviceCodeTooSoon)
            .detail(format!("the interval is {interval_seconds} seconds now")),
        PollOutcome::Denied => TokenFault::DeviceCodeDenied.into(),
        PollOutcome::Expired { expired_at } => expired(expired_at, now),
        PollOutcome::ForeignClient => TokenFault::DeviceCodeOfAnotherClient.into(),
        PollOutcome::ClientEnded => Failure::from(TokenFault::GrantEnded)
            .detail("everything of the client was ended since the device asked"),
    })
}

fn redeemed(outcome: RedeemOutcome, now: i64) -> Result<Grant, Failure> {
    Err(match outcome {
        RedeemOutcome::Redeemed(grant) => return Ok(*grant),
        RedeemOutcome::ForeignClient => TokenFault::DeviceCodeOfAnotherClient.into(),
        RedeemOutcome::Expired { expired_at } => expired(expired_at, now),
        RedeemOutcome::Replayed { used_at } => Failure::from(TokenFault::DeviceCodeReplayed)
            .detail(format!("it was redeemed {} seconds ago", now - used_at)),
        RedeemOutcome::Ended(what_ended) => {
            Failure::from(TokenFault::GrantEnded).detail(what_ended.to_string())
        }
        // The last two are about proofs that a device code does not have.
        RedeemOutcome::Unknown
        | RedeemOutcome::Invalidated { .. }
        | RedeemOutcome::UsedWithWrongProof => TokenFault::DeviceCodeUnknown.into(),
    })
}

fn expired(expired_at: i64, now: i64) -> Failure {
    Failure::from(TokenFault::DeviceCodeExpired)
        .detail(format!("it expired {} seconds ago", now - expired_at))
}
