//! A grant as its columns hold it: the same columns in both engines, read and written by name.

use countersign_store::grants::{
    Authorization, EndCause, Ended, FORMAT, Grant, GrantView, Origin, OriginDetails, Parents,
    Predecessor, RefreshFamily, SessionParents, Used, Voucher, WhatEnded,
};
use countersign_store::refresh_tokens::{KeyThumbprint, MacKey};
use countersign_store::{
    ActId, ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError,
};

use super::{Cells, to_json};

/// The columns that [`read`] reads, of a grant `g`.
macro_rules! grant_columns {
    () => {
        r#"g.id, g.format, g.written_by, g.client_id, g.sub, g.scope,
           g.user_epoch, g.client_epoch, g.consent_epoch,
           g.browser_session, g.browser_session_epoch, g.sid, g.client_session_epoch,
           g."authorization", g.refreshable,
           g.origin, g.voucher_hash, g.voucher_expires_at, g.used_at, g.used_by,
           g.refresh_mac_key, g.refresh_binding_key, g.refresh_current, g.refresh_idle_expires_at,
           g.refresh_rotated_at, g.refresh_predecessor, g.refresh_grace_until,
           g.refresh_sealed_successor,
           g.ended_at, g.ended_cause, g.ended_by, g.created_at, g.expires_at, g.keep_until"#
    };
}

pub(crate) use grant_columns;

/// A grant with the comparison of its parents.
pub(crate) fn read_view<'r>(cells: &mut impl Cells<'r>) -> Result<GrantView, StoreError> {
    let grant = read(cells)?;
    let what_ended = read_ended_parent(cells)?;
    let what_ended = grant
        .ended
        .map(|ended| WhatEnded::Grant(ended.cause))
        .or(what_ended);
    Ok(GrantView { grant, what_ended })
}

/// Which parent ended, if any; the first one counts.
pub(crate) fn read_ended_parent<'r>(
    cells: &mut impl Cells<'r>,
) -> Result<Option<WhatEnded>, StoreError> {
    for (lives, parent) in [
        ("client_lives", WhatEnded::Client),
        ("user_lives", WhatEnded::User),
        ("consent_lives", WhatEnded::Consent),
        ("browser_session_lives", WhatEnded::BrowserSession),
        ("client_session_lives", WhatEnded::ClientSession),
    ] {
        if !cells.at(lives).boolean()? {
            return Ok(Some(parent));
        }
    }
    Ok(None)
}

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<Grant, StoreError> {
    let id = GrantId::from_bytes(cells.at("id").bytes()?);
    cells.known_format(FORMAT)?;
    let grant = Grant {
        id,
        written_by: ActId::from_bytes(cells.at("written_by").bytes()?),
        client_id: cells.at("client_id").text()?.to_owned(),
        sub: cells.at("sub").text()?.to_owned(),
        scope: cells.at("scope").text()?.to_owned(),
        parents: Parents {
            user: Epoch::from_bytes(cells.at("user_epoch").bytes()?),
            client: Epoch::from_bytes(cells.at("client_epoch").bytes()?),
            consent: Epoch::from_bytes(cells.at("consent_epoch").bytes()?),
            session: read_session(cells)?,
        },
        authorization: read_authorization(cells)?,
        refreshable: cells.at("refreshable").boolean()?,
        origin: read_origin(cells)?,
        refresh: read_family(cells)?,
        ended: read_ended(cells)?,
        created_at: cells.at("created_at").integer()?,
        expires_at: cells.at("expires_at").integer()?,
        keep_until: cells.at("keep_until").integer()?,
    };
    let voucher = grant.origin.voucher();
    match &grant.refresh {
        Some(_) if voucher.is_some_and(|voucher| voucher.used.is_none()) => {
            Err(cells.corrupt("a refresh family, but the code was never used"))
        }
        Some(_) if !grant.refreshable => {
            Err(cells.corrupt("a refresh family, but the grant is not refreshable"))
        }
        _ => Ok(grant),
    }
}

fn read_session<'r>(cells: &mut impl Cells<'r>) -> Result<Option<SessionParents>, StoreError> {
    let browser_session = cells.at("browser_session").optional_bytes()?;
    let browser_session_epoch = cells.at("browser_session_epoch").optional_bytes()?;
    let sid = cells.at("sid").optional_bytes()?;
    let client_session_epoch = cells.at("client_session_epoch").optional_bytes()?;
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
    serde_json::from_str(cells.at("authorization").text()?)
        .map_err(|error| cells.corrupt(format!("authorization: {error}")))
}

fn read_origin<'r>(cells: &mut impl Cells<'r>) -> Result<Origin, StoreError> {
    let details: OriginDetails = serde_json::from_str(cells.at("origin").text()?)
        .map_err(|error| cells.corrupt(format!("origin: {error}")))?;
    let voucher = read_voucher(cells)?;
    details
        .with(voucher)
        .ok_or_else(|| cells.corrupt("its origin and its code do not fit"))
}

fn read_voucher<'r>(cells: &mut impl Cells<'r>) -> Result<Option<Voucher>, StoreError> {
    let hash = cells.at("voucher_hash").optional_bytes()?;
    let expires_at = cells.at("voucher_expires_at").optional_integer()?;
    let used_at = cells.at("used_at").optional_integer()?;
    let used_by = cells.at("used_by").optional_bytes()?;
    let used = match (used_at, used_by) {
        (None, None) => None,
        (Some(at), Some(by)) => Some(Used {
            at,
            by: ActId::from_bytes(by),
        }),
        _ => return Err(cells.corrupt("its code's use has a time or an act only")),
    };
    match (hash, expires_at) {
        (None, None) if used.is_none() => Ok(None),
        (Some(hash), Some(expires_at)) => Ok(Some(Voucher {
            hash: SecretHash::from_bytes(hash),
            expires_at,
            used,
        })),
        _ => Err(cells.corrupt("a part of its code is missing")),
    }
}

fn read_family<'r>(cells: &mut impl Cells<'r>) -> Result<Option<RefreshFamily>, StoreError> {
    let mac_key = cells.at("refresh_mac_key").optional_bytes()?;
    let binding_key = cells.at("refresh_binding_key").optional_bytes()?;
    let current = cells.at("refresh_current").optional_bytes()?;
    let idle_expires_at = cells.at("refresh_idle_expires_at").optional_integer()?;
    let rotated_at = cells.at("refresh_rotated_at").optional_integer()?;
    let predecessor = read_predecessor(cells)?;
    match (mac_key, current, rotated_at) {
        (None, None, None)
            if binding_key.is_none() && idle_expires_at.is_none() && predecessor.is_none() =>
        {
            Ok(None)
        }
        (Some(mac_key), Some(current), Some(rotated_at)) => Ok(Some(RefreshFamily {
            mac_key: MacKey::from_bytes(mac_key),
            binding_key: binding_key.map(KeyThumbprint::from_bytes),
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
    let hash = cells.at("refresh_predecessor").optional_bytes()?;
    let grace_until = cells.at("refresh_grace_until").optional_integer()?;
    let sealed_successor = cells.at("refresh_sealed_successor").optional_blob()?;
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
    let at = cells.at("ended_at").optional_integer()?;
    let cause = cells.at("ended_cause").optional_text()?;
    let by = cells.at("ended_by").optional_bytes()?;
    match (at, cause, by) {
        (None, None, None) => Ok(None),
        (Some(at), Some(cause), Some(by)) => match EndCause::parse(cause) {
            Some(cause) => Ok(Some(Ended {
                at,
                cause,
                by: ActId::from_bytes(by),
            })),
            None => Err(cells.corrupt("it ended for an unknown cause")),
        },
        _ => Err(cells.corrupt("a part of its end is missing")),
    }
}

/// What never changes of a grant, as its columns hold it.
pub(crate) struct Fixed<'a> {
    pub session: Option<&'a SessionParents>,
    pub authorization: String,
    pub origin: String,
    pub voucher: Option<&'a Voucher>,
}

impl Fixed<'_> {
    /// The columns of a grant that never change.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the authorization or the origin cannot be serialized.
    pub fn of(grant: &Grant) -> Result<Fixed<'_>, StoreError> {
        Ok(Fixed {
            session: grant.parents.session.as_ref(),
            authorization: to_json(&grant.authorization)?,
            origin: to_json(&OriginDetails::of(&grant.origin))?,
            voucher: grant.origin.voucher(),
        })
    }
}

/// What acts move in a grant, as its columns hold it.
pub(crate) struct Moving<'a> {
    pub written_by: &'a [u8],
    pub used_at: Option<i64>,
    pub used_by: Option<&'a [u8]>,
    pub mac_key: Option<&'a [u8]>,
    pub binding_key: Option<&'a [u8]>,
    pub current: Option<&'a [u8]>,
    pub idle_expires_at: Option<i64>,
    pub rotated_at: Option<i64>,
    pub predecessor: Option<&'a [u8]>,
    pub grace_until: Option<i64>,
    pub sealed_successor: Option<&'a [u8]>,
    pub ended_at: Option<i64>,
    pub ended_cause: Option<&'static str>,
    pub ended_by: Option<&'a [u8]>,
    pub keep_until: i64,
}

impl Moving<'_> {
    pub fn of(grant: &Grant) -> Moving<'_> {
        let used = grant
            .origin
            .voucher()
            .and_then(|voucher| voucher.used.as_ref());
        let family = grant.refresh.as_ref();
        let binding_key = family.and_then(|family| family.binding_key.as_ref());
        let predecessor = family.and_then(|family| family.predecessor.as_ref());
        let ended = grant.ended.as_ref();
        Moving {
            written_by: grant.written_by.as_bytes(),
            used_at: used.map(|used| used.at),
            used_by: used.map(|used| &used.by.as_bytes()[..]),
            mac_key: family.map(|family| &family.mac_key.expose()[..]),
            binding_key: binding_key.map(|key| &key.as_bytes()[..]),
            current: family.map(|family| &family.current.as_bytes()[..]),
            idle_expires_at: family.and_then(|family| family.idle_expires_at),
            rotated_at: family.map(|family| family.rotated_at),
            predecessor: predecessor.map(|predecessor| &predecessor.hash.as_bytes()[..]),
            grace_until: predecessor.map(|predecessor| predecessor.grace_until),
            sealed_successor: predecessor.map(|predecessor| &predecessor.sealed_successor[..]),
            ended_at: ended.map(|ended| ended.at),
            ended_cause: ended.map(|ended| ended.cause.as_str()),
            ended_by: ended.map(|ended| &ended.by.as_bytes()[..]),
            keep_until: grant.keep_until,
        }
    }
}
