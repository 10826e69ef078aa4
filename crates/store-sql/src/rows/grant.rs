//! A grant's states as its columns hold them.

use countersign_store::grants::{
    Authorization, Code, Dead, EndCause, Ended, Grant, GrantView, Parents, Predecessor,
    RefreshFamily, SessionParents,
};
use countersign_store::refresh_tokens::MacKey;
use countersign_store::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};

use super::Cells;

/// A grant's columns, then whether its client, its user, its consent, its browser session and its
/// client session live.
pub(crate) fn read_view<'r>(cells: &mut impl Cells<'r>) -> Result<GrantView, StoreError> {
    let grant = read(cells)?;
    let dead = read_dead(cells)?;
    let dead = grant.ended.map(|ended| Dead::Grant(ended.cause)).or(dead);
    Ok(GrantView { grant, dead })
}

/// Which parent ended, if any; the first one counts.
pub(crate) fn read_dead<'r>(cells: &mut impl Cells<'r>) -> Result<Option<Dead>, StoreError> {
    let mut dead = None;
    for parent in [
        Dead::Client,
        Dead::User,
        Dead::Consent,
        Dead::BrowserSession,
        Dead::ClientSession,
    ] {
        if !cells.boolean()? {
            dead = dead.or(Some(parent));
        }
    }
    Ok(dead)
}

/// A grant's columns, in the order of both engines' statements.
pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: GrantId::from_bytes(cells.bytes()?),
        client_id: cells.text()?.to_owned(),
        sub: cells.text()?.to_owned(),
        scope: cells.text()?.to_owned(),
        parents: Parents {
            user: Epoch::from_bytes(cells.bytes()?),
            client: Epoch::from_bytes(cells.bytes()?),
            consent: Epoch::from_bytes(cells.bytes()?),
            session: read_session(cells)?,
        },
        authorization: read_authorization(cells)?,
        refreshable: cells.boolean()?,
        code: Code {
            hash: SecretHash::from_bytes(cells.bytes()?),
            redirect_uri: cells.text()?.to_owned(),
            code_challenge: cells.optional_text()?.map(str::to_owned),
            expires_at: cells.integer()?,
            used_at: cells.optional_integer()?,
        },
        refresh: read_family(cells)?,
        ended: read_ended(cells)?,
        created_at: cells.integer()?,
        expires_at: cells.integer()?,
    })
    .and_then(|grant: Grant| match &grant.refresh {
        Some(_) if grant.code.used_at.is_none() => {
            Err(cells.corrupt("a refresh family, but the code was never used"))
        }
        Some(_) if !grant.refreshable => {
            Err(cells.corrupt("a refresh family, but the grant is not refreshable"))
        }
        _ => Ok(grant),
    })
}

fn read_session<'r>(cells: &mut impl Cells<'r>) -> Result<Option<SessionParents>, StoreError> {
    let browser_session = cells.optional_bytes()?;
    let browser_session_epoch = cells.optional_bytes()?;
    let sid = cells.optional_bytes()?;
    let client_session_epoch = cells.optional_bytes()?;
    match (
        browser_session,
        browser_session_epoch,
        sid,
        client_session_epoch,
    ) {
        (None, None, None, None) => Ok(None),
        (Some(browser_session), Some(browser_session_epoch), Some(sid), Some(epoch)) => {
            Ok(Some(SessionParents {
                browser_session: SessionId::from_bytes(browser_session),
                browser_session_epoch: Epoch::from_bytes(browser_session_epoch),
                sid: ClientSessionId::from_bytes(sid),
                client_session_epoch: Epoch::from_bytes(epoch),
            }))
        }
        _ => Err(cells.corrupt("a part of its session is missing")),
    }
}

fn read_authorization<'r>(cells: &mut impl Cells<'r>) -> Result<Authorization, StoreError> {
    serde_json::from_str(cells.text()?)
        .map_err(|error| cells.corrupt(format!("authorization: {error}")))
}

fn read_family<'r>(cells: &mut impl Cells<'r>) -> Result<Option<RefreshFamily>, StoreError> {
    let mac_key = cells.optional_bytes()?;
    let current = cells.optional_bytes()?;
    let idle_expires_at = cells.optional_integer()?;
    let rotated_at = cells.optional_integer()?;
    let predecessor = read_predecessor(cells)?;
    match (mac_key, current, rotated_at) {
        (None, None, None) if idle_expires_at.is_none() && predecessor.is_none() => Ok(None),
        (Some(mac_key), Some(current), Some(rotated_at)) => Ok(Some(RefreshFamily {
            mac_key: MacKey::from_bytes(mac_key),
            current: SecretHash::from_bytes(current),
            predecessor,
            idle_expires_at,
            rotated_at,
        })),
        _ => Err(cells.corrupt("a part of its refresh family is missing")),
    }
}

/// Upkeep takes the sealed successor away long after the grace; the rest tells reuse.
fn read_predecessor<'r>(cells: &mut impl Cells<'r>) -> Result<Option<Predecessor>, StoreError> {
    let hash = cells.optional_bytes()?;
    let grace_until = cells.optional_integer()?;
    let sealed_successor = cells.optional_blob()?;
    match (hash, grace_until, sealed_successor) {
        (None, None, None) => Ok(None),
        (Some(hash), Some(grace_until), sealed) => Ok(Some(Predecessor {
            hash: SecretHash::from_bytes(hash),
            grace_until,
            sealed_successor: sealed.unwrap_or_default().to_vec(),
        })),
        _ => Err(cells.corrupt("a part of its refresh token's predecessor is missing")),
    }
}

fn read_ended<'r>(cells: &mut impl Cells<'r>) -> Result<Option<Ended>, StoreError> {
    match (cells.optional_integer()?, cells.optional_text()?) {
        (None, None) => Ok(None),
        (Some(at), Some(cause)) => match EndCause::parse(cause) {
            Some(cause) => Ok(Some(Ended { at, cause })),
            None => Err(cells.corrupt("it ended for an unknown cause")),
        },
        _ => Err(cells.corrupt("its end has a time or a cause only")),
    }
}
