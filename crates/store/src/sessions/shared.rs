//! The acts on sessions that are more than one step in an engine that others share.

use async_trait::async_trait;

use super::acts::{End, Join, Start};
use super::{BrowserSession, ClientSession, JoinSession, SessionTree};
use crate::acts::shared::{Engine, Hint, carry_out};
use crate::{ClientSessionId, SessionId, StoreError};

/// An engine that keeps sessions for more than one process.
#[async_trait]
pub trait SessionEngine: Engine<SessionTree> {
    /// Writes what leads from a `sid` to its browser session, before anything carries the `sid`.
    /// Does nothing where the record's own commit writes that.
    ///
    /// # Errors
    /// As [`Engine`] says.
    async fn index(
        &self,
        _sid: &ClientSessionId,
        _session: &BrowserSession,
    ) -> Result<(), StoreError> {
        Ok(())
    }
}

/// [`super::Sessions::start_session`]: two records. The old session ends first, so that whatever
/// stops this midway leaves a browser that has to sign in again.
///
/// # Errors
/// As [`super::Sessions`] says.
pub async fn start_session<E: Engine<SessionTree>>(
    engine: &E,
    session: &BrowserSession,
    replaces: Option<&SessionId>,
    now: i64,
) -> Result<(), StoreError> {
    if let Some(old) = replaces {
        carry_out(engine, &End(*old), Hint::Unread, now).await?;
    }
    carry_out(engine, &Start(session), Hint::Unread, now).await
}

/// Gets or makes the client session of (browser session, client).
///
/// # Errors
/// As [`super::Sessions`] says.
pub async fn join_session<E: SessionEngine>(
    engine: &E,
    joins: &JoinSession,
    client_id: &str,
    now: i64,
) -> Result<ClientSession, StoreError> {
    let tree = engine.read(&joins.browser_session).await?;
    if let Some(tree) = &tree {
        engine.index(&joins.proposed_sid, &tree.session).await?;
    }
    carry_out(engine, &Join { joins, client_id }, Hint::Read(tree), now).await
}
