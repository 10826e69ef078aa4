//! A person's answer to a device's request (RFC 8628, section 3.3). Allowing it is one act, which
//! writes the consent and the grant.

use countersign_oauth::grant_type::GrantType;
use countersign_store::Epoch;
use countersign_store::consents::ConsentStep;
use countersign_store::device_requests::{AnswerOutcome, ApproveDeviceRequest, DenyDeviceRequest};
use countersign_store::grants::{Authorization, NewGrant, Parents};
use countersign_store::sessions::BrowserSession;

use super::fault::DeviceFault;
use super::proven::ProvenDeviceRequest;
use crate::error::Failure;
use crate::{Provider, offered};

/// Approves the request for the session's user. The grant belongs to the user's consent and not to
/// the session: it is for another device.
///
/// # Errors
/// Returns a [`DeviceFault`] if the request was answered before, expired or ended; or a server
/// fault if the store fails.
pub async fn approve(
    provider: &Provider,
    proven: &ProvenDeviceRequest,
    session: &BrowserSession,
) -> Result<(), Failure> {
    let now = provider.now();
    let act = approval(provider, proven, session, now);
    let outcome = provider.store.approve_device_request(&act, now).await?;
    if outcome == AnswerOutcome::Taken {
        let (id, sub, scope) = (act.grant.id, &act.grant.sub, &act.grant.scope);
        tracing::info!(
            act = "device_approval",
            sub,
            grant = %id,
            scope,
            "a user approved a device's request"
        );
    }
    taken(outcome)
}

/// Denies the request.
///
/// # Errors
/// Returns a [`DeviceFault`] if the request was answered before or expired; or a server fault if
/// the store fails.
pub async fn deny(
    provider: &Provider,
    proven: &ProvenDeviceRequest,
    sub: &str,
) -> Result<(), Failure> {
    let act = DenyDeviceRequest {
        id: proven.request().id,
        sub: sub.to_owned(),
    };
    let now = provider.now();
    let outcome = provider.store.deny_device_request(&act, now).await?;
    if outcome == AnswerOutcome::Taken {
        let id = act.id;
        tracing::info!(act = "device_denial", sub, grant = %id, "a user denied a device's request");
    }
    taken(outcome)
}

fn taken(outcome: AnswerOutcome) -> Result<(), Failure> {
    match outcome {
        AnswerOutcome::Taken | AnswerOutcome::Repeated => Ok(()),
        AnswerOutcome::AnsweredBefore => Err(DeviceFault::RequestAnswered.into()),
        AnswerOutcome::Expired { .. } => Err(DeviceFault::RequestExpired.into()),
        AnswerOutcome::Unknown => Err(DeviceFault::RequestUnknown.into()),
    }
}

fn approval(
    provider: &Provider,
    proven: &ProvenDeviceRequest,
    session: &BrowserSession,
    now: i64,
) -> ApproveDeviceRequest {
    let (request, client) = (proven.request(), proven.client());
    let scope = proven.scope().to_string();
    let proposed_epoch = Epoch::generate(&*provider.random);
    let refreshable = offered::may_use(
        &provider.settings,
        &client.metadata,
        GrantType::RefreshToken,
    );
    let tokens = &provider.settings.tokens;
    let grant = NewGrant {
        id: request.id,
        client_id: client.client_id.clone(),
        sub: session.sub.clone(),
        scope: scope.clone(),
        parents: Parents {
            user: session.user_epoch,
            client: client.epoch,
            consent: proposed_epoch,
            session: None,
        },
        authorization: Authorization {
            nonce: None,
            auth_time: session.auth_time,
            acr: session.acr.clone(),
            amr: session.amr.clone(),
            sid: None,
            resources: request.resources.clone(),
            claims: None,
        },
        refreshable,
        created_at: now,
        expires_at: match refreshable {
            true => now + tokens.refresh_token_lifetime_seconds,
            false => request.expires_at + tokens.access_token_lifetime_seconds,
        },
    };
    let consent = ConsentStep::Record {
        scope,
        given_to: client.consent_binding().to_owned(),
        proposed_epoch,
    };
    ApproveDeviceRequest { grant, consent }
}
