//! Some acts end many sessions at once and name none of them: every epoch below a user, a consent
//! or a whole backup. A sweep finds those sessions and ends each by itself. That changes nothing of
//! what is accepted; but the ending of a session is an event, and leads to its applications.
//!
//! What a sweep has ended it does not find again, so one that was interrupted starts from the
//! beginning.

use std::collections::BTreeSet;

use countersign_store::logout::{ClientSessionsOf, ListedClientSession};
use countersign_store::{ClientSessionId, SessionId, StoreError};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::BATCH;
use crate::Provider;

#[derive(Debug)]
pub(super) enum Sweep {
    /// The sessions that a user's epoch has ended.
    User(String),
    /// The sessions of a user at a client, whose grants ended with the consent.
    Consent {
        sub: String,
        client_id: String,
        withdrawn_at: i64,
    },
    /// Every session under an epoch that is no longer its user's.
    Everyone,
}

/// Ends the sessions, then marks the event as delivered.
pub(super) async fn carry_out(
    provider: &Provider,
    sweep: &Sweep,
    event: i64,
) -> Result<(), StoreError> {
    let of = match sweep {
        Sweep::User(sub) | Sweep::Consent { sub, .. } => ClientSessionsOf::User(sub),
        Sweep::Everyone => ClientSessionsOf::Everyone,
    };
    let mut after = None;
    loop {
        let store = &provider.store;
        let page = store.client_sessions(of, after.as_ref(), BATCH).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.session.sid);
        let ended = match sweep {
            Sweep::User(_) | Sweep::Everyone => end_sessions(provider, &page).await?,
            Sweep::Consent {
                client_id,
                withdrawn_at,
                ..
            } => end_client_sessions(provider, &page, client_id, *withdrawn_at).await?,
        };
        if ended {
            provider.wake.ended();
        }
    }
    provider.store.finish_events(&[event], provider.now()).await
}

/// Returns whether there were any.
async fn end_sessions(
    provider: &Provider,
    page: &[ListedClientSession],
) -> Result<bool, StoreError> {
    let ids: BTreeSet<SessionId> = page
        .iter()
        .filter(|one| one.user_ended && !one.browser_session_ended)
        .map(|one| one.session.browser_session)
        .collect();
    let any = !ids.is_empty();
    stream::iter(ids)
        .map(|id| async move { provider.store.end_session(&id, provider.now()).await })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await?;
    Ok(any)
}

/// The client sessions are ended and not only told of: the next sign-in there has another `sid`, so
/// a late logout token does not end it.
async fn end_client_sessions(
    provider: &Provider,
    page: &[ListedClientSession],
    client_id: &str,
    withdrawn_at: i64,
) -> Result<bool, StoreError> {
    let sids: Vec<ClientSessionId> = page
        .iter()
        .filter(|one| one.session.client_id == client_id && one.session.ended.is_none())
        .filter(|one| one.session.created_at <= withdrawn_at)
        .map(|one| one.session.sid)
        .collect();
    let any = !sids.is_empty();
    stream::iter(sids)
        .map(|sid| async move {
            let now = provider.now();
            provider.store.end_client_session(&sid, now).await
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await?;
    Ok(any)
}

/// How many acts of one sweep wait for the store at once. A writer that commits in groups takes
/// them together, and sign-ins among them.
const AT_ONCE: usize = 32;
