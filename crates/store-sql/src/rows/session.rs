//! Browser sessions and client sessions as their columns hold them.

use countersign_store::secret_family::MacKey;
use countersign_store::sessions::{BrowserSession, ClientSession, FORMAT, SessionEnd};
use countersign_store::{
    ActId, ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError,
};

use super::Cells;

/// The columns that [`read`] reads, of a browser session `b`.
macro_rules! session_columns {
    () => {
        "b.id, b.format, b.mac_key, b.secret_hash, b.epoch, b.sub, b.user_epoch, b.auth_time,
         b.amr, b.acr, b.proved_in, b.created_at, b.expires_at, b.ended_at, b.ended_by"
    };
}

pub(crate) use session_columns;

/// What [`read_client_session`] reads.
pub(crate) const CLIENT_SESSION_COLUMNS: &str =
    "sid, format, epoch, browser_session, client_id, created_at, ended_at, ended_by";

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<BrowserSession, StoreError> {
    cells.known_format(FORMAT)?;
    Ok(BrowserSession {
        id: SessionId::from_bytes(cells.at("id").bytes()?),
        mac_key: MacKey::from_bytes(cells.at("mac_key").bytes()?),
        secret: SecretHash::from_bytes(cells.at("secret_hash").bytes()?),
        epoch: Epoch::from_bytes(cells.at("epoch").bytes()?),
        sub: cells.at("sub").text()?.to_owned(),
        user_epoch: Epoch::from_bytes(cells.at("user_epoch").bytes()?),
        auth_time: cells.at("auth_time").integer()?,
        amr: serde_json::from_str(cells.at("amr").text()?)
            .map_err(|error| cells.corrupt(format!("amr: {error}")))?,
        acr: cells.at("acr").optional_text()?.map(str::to_owned),
        proved_in: cells
            .at("proved_in")
            .optional_bytes()?
            .map(GrantId::from_bytes),
        created_at: cells.at("created_at").integer()?,
        expires_at: cells.at("expires_at").integer()?,
        ended: read_end(cells)?,
    })
}

pub(crate) fn read_client_session<'r>(
    cells: &mut impl Cells<'r>,
) -> Result<ClientSession, StoreError> {
    cells.known_format(FORMAT)?;
    Ok(ClientSession {
        sid: ClientSessionId::from_bytes(cells.at("sid").bytes()?),
        epoch: Epoch::from_bytes(cells.at("epoch").bytes()?),
        browser_session: SessionId::from_bytes(cells.at("browser_session").bytes()?),
        client_id: cells.at("client_id").text()?.to_owned(),
        created_at: cells.at("created_at").integer()?,
        ended: read_end(cells)?,
    })
}

fn read_end<'r>(cells: &mut impl Cells<'r>) -> Result<Option<SessionEnd>, StoreError> {
    let at = cells.at("ended_at").optional_integer()?;
    let by = cells
        .at("ended_by")
        .optional_bytes()?
        .map(ActId::from_bytes);
    match (at, by) {
        (None, None) => Ok(None),
        (Some(at), Some(by)) => Ok(Some(SessionEnd { at, by })),
        _ => Err(cells.corrupt("ended_at and ended_by are not both there")),
    }
}
