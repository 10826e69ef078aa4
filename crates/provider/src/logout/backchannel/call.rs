//! One call: a logout token, sent to an application (Back-Channel Logout, sections 2.4 to 2.8).

use std::time::Duration;

use countersign_fetch::Request;
use countersign_jose::{base64url, digest};
use countersign_oauth::logout_token::{LOGOUT_TOKEN_TYP, LogoutTokenClaims};
use countersign_store::ClientSessionId;
use countersign_store::logout::{LogoutCall, LogoutCallOutcome};
use http::StatusCode;
use url::Url;

use super::fault::BackchannelFault;
use crate::Provider;
use crate::clients::Client;
use crate::error::{Failure, ServerFault};

/// What became of a call.
pub(super) enum Made {
    /// The application took it or refused it for good, or there is no one to call any more.
    Finished,
    /// It could not be reached, or says that it is overloaded: another call would fare no better.
    Unreached(LogoutCallOutcome),
    /// It failed at this call.
    Failed(LogoutCallOutcome),
}

/// Makes a call.
pub(super) async fn make(provider: &Provider, call: &LogoutCall) -> Made {
    let (client_id, attempt) = (call.client_id.as_str(), call.attempts.saturating_add(1));
    let sub = call.sub.as_str();
    let (client, uri) = match receiver(provider, call).await {
        Ok(Some(receiver)) => receiver,
        Ok(None) => {
            tracing::info!(client_id, "no logout call: the application takes none now");
            return Made::Finished;
        }
        Err(failure) => return failed(provider, call, Why::Failure(&failure)),
    };
    let token = match logout_token(provider, &client, call).await {
        Ok(token) => token,
        Err(failure) => return failed(provider, call, Why::Failure(&failure)),
    };
    let request = Request::post_form(uri, [("logout_token", token)]);
    let limit = provider.settings.logout.backchannel_timeout_seconds;
    let limit = Duration::from_secs(limit.unsigned_abs());
    let response = match tokio::time::timeout(limit, provider.outbound.send(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return failed(provider, call, Why::Unreached(&error.to_string())),
        Err(_) => return failed(provider, call, Why::Unreached("it took too long")),
    };
    let status = response.status.as_u16();
    match response.status {
        // Section 2.8: "the RP MUST respond with HTTP 200 OK"; but 204 is to be taken as well.
        StatusCode::OK | StatusCode::NO_CONTENT => {
            let act = "backchannel_logout";
            tracing::info!(
                act,
                client_id,
                sub,
                attempt,
                status,
                "an application was told"
            );
            Made::Finished
        }
        StatusCode::BAD_REQUEST => {
            let cause = BackchannelFault::Refused.entry().name;
            let said = "an application refused a logout token";
            tracing::warn!(cause, client_id, sub, attempt, status, "{said}");
            Made::Finished
        }
        // Redirects among them, which are not followed: a token is sent to the registered address.
        _ => failed(provider, call, Why::Status(status)),
    }
}

/// Whom to call, as registered now.
async fn receiver(
    provider: &Provider,
    call: &LogoutCall,
) -> Result<Option<(Client, Url)>, Failure> {
    let store = &*provider.store;
    let Some(client) = provider.clients.find(store, &call.client_id).await? else {
        return Ok(None);
    };
    let uri = client.metadata.backchannel_logout_uri.as_deref();
    let Some(uri) = uri.map(Url::parse) else {
        return Ok(None);
    };
    match uri {
        Ok(uri) => Ok(Some((client, uri))),
        Err(error) => Err(Failure::from(ServerFault::RecordCorrupt).detail(error.to_string())),
    }
}

/// A token of now, signed as the client's ID tokens are (Back-Channel Logout, section 2.4).
async fn logout_token(
    provider: &Provider,
    client: &Client,
    call: &LogoutCall,
) -> Result<String, Failure> {
    let (sid, jti) = (call.sid.to_string(), jti(&call.sid));
    let issuer = provider.issuer.as_str();
    let sub = provider.subjects.at(client, &call.sub);
    let who = (&*sub, sid.as_str());
    let claims = LogoutTokenClaims::new(issuer, &client.client_id, who, &jti, provider.now());
    let signing_failed = |why: String| Failure::from(ServerFault::SigningFailed).detail(why);
    let json = serde_json::to_vec(&claims).map_err(|error| signing_failed(error.to_string()))?;
    let ring = provider.keys.ring().await?;
    let key = ring.signing(client.id_token_alg)?;
    key.sign_jwt(LOGOUT_TOKEN_TYP, &json)
        .map_err(|error| signing_failed(error.to_string()))
}

/// The same in every repetition, also where the record of the first call is gone: a client session
/// ends once.
fn jti(sid: &ClientSessionId) -> String {
    let mut text = b"logout token".to_vec();
    text.extend_from_slice(sid.as_bytes());
    base64url::encode(&digest::sha256(&text)[..16])
}

#[derive(Clone, Copy)]
enum Why<'a> {
    Status(u16),
    Unreached(&'a str),
    Failure(&'a Failure),
}

/// Logs the failure, and says when the call is repeated, if it is.
fn failed(provider: &Provider, call: &LogoutCall, why: Why<'_>) -> Made {
    let settings = &provider.settings.logout;
    let (client_id, sub) = (call.client_id.as_str(), call.sub.as_str());
    let attempt = call.attempts.saturating_add(1);
    let (status, detail) = match why {
        Why::Status(status) => (Some(status), None),
        Why::Unreached(why) => (None, Some(why.to_owned())),
        Why::Failure(failure) => (None, Some(failure.to_string())),
    };
    let detail = detail.as_deref();
    let due_at = again_at(provider, attempt);
    let too_old = call
        .ended_at
        .saturating_add(settings.backchannel_max_age_seconds);
    let outcome = if attempt >= settings.backchannel_max_attempts || due_at >= too_old {
        let cause = BackchannelFault::GivenUp.entry().name;
        let said = "an application was not told of a logout";
        tracing::error!(cause, client_id, sub, attempt, status, detail, "{said}");
        LogoutCallOutcome::Finished
    } else {
        let cause = BackchannelFault::Failed.entry().name;
        let in_seconds = due_at - provider.now();
        let said = "a logout call failed and is repeated";
        tracing::warn!(
            cause, client_id, sub, attempt, status, detail, in_seconds, "{said}"
        );
        LogoutCallOutcome::Again {
            attempts: attempt,
            due_at,
        }
    };
    match why {
        Why::Unreached(_) | Why::Status(429 | 502 | 503 | 504) => Made::Unreached(outcome),
        Why::Status(_) | Why::Failure(_) => Made::Failed(outcome),
    }
}

/// When a call that failed so many times is repeated: after twice the time of the last pause, up to
/// a limit, and up to a quarter more, so that those who failed together don't return together.
pub(super) fn again_at(provider: &Provider, attempts: u32) -> i64 {
    let settings = &provider.settings.logout;
    let doublings = attempts.saturating_sub(1).min(32);
    let pause = settings
        .backchannel_retry_initial_seconds
        .saturating_mul(1 << doublings)
        .min(settings.backchannel_retry_max_seconds);
    let [random] = provider.random.bytes::<1>();
    let more = pause.saturating_mul(i64::from(random)) / (4 * 256);
    provider.now().saturating_add(pause).saturating_add(more)
}
