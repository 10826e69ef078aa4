//! Browser sessions and client sessions as their columns hold them.

use countersign_store::sessions::{BrowserSession, ClientSession, SessionState};
use countersign_store::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};

use super::Cells;

/// What a session is worth to who presents `secret`, given whether its user lives.
pub(crate) fn state(
    found: Option<(BrowserSession, bool)>,
    secret: &SecretHash,
    now: i64,
) -> SessionState {
    match found {
        Some((session, _)) if !session.secret.matches(secret) => SessionState::Unknown,
        Some((session, _)) if now >= session.expires_at => SessionState::Expired,
        Some((_, false)) => SessionState::Ended,
        Some((session, true)) => SessionState::Live(Box::new(session)),
        None => SessionState::Unknown,
    }
}

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<BrowserSession, StoreError> {
    Ok(BrowserSession {
        id: SessionId::from_bytes(cells.bytes()?),
        secret: SecretHash::from_bytes(cells.bytes()?),
        epoch: Epoch::from_bytes(cells.bytes()?),
        sub: cells.text()?.to_owned(),
        user_epoch: Epoch::from_bytes(cells.bytes()?),
        auth_time: cells.integer()?,
        amr: serde_json::from_str(cells.text()?)
            .map_err(|error| cells.corrupt(format!("amr: {error}")))?,
        acr: cells.optional_text()?.map(str::to_owned),
        proved_in: cells.optional_bytes()?.map(GrantId::from_bytes),
        created_at: cells.integer()?,
        expires_at: cells.integer()?,
    })
}

pub(crate) fn read_client_session<'r>(
    cells: &mut impl Cells<'r>,
) -> Result<ClientSession, StoreError> {
    Ok(ClientSession {
        browser_session: SessionId::from_bytes(cells.bytes()?),
        client_id: cells.text()?.to_owned(),
        sid: ClientSessionId::from_bytes(cells.bytes()?),
        epoch: Epoch::from_bytes(cells.bytes()?),
        created_at: cells.integer()?,
    })
}
