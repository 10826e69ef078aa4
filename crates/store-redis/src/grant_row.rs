//! A grant's row: its fields, its states.

use countersign_store::grants::{
    Authorization, EndCause, Ended, FORMAT, Grant, Origin, OriginDetails, Parents, Predecessor,
    RefreshFamily, SessionParents, Used, Voucher,
};
use countersign_store::refresh_tokens::{KeyThumbprint, MacKey};
use countersign_store::{
    ActId, ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError,
};

use crate::fields::{Fields, Hash, NewFields, to_json};

/// The fields of a grant, except the sealed successor, which is kept beside it.
pub(crate) fn fields(grant: &Grant) -> Result<NewFields, StoreError> {
    let Parents {
        user,
        client,
        consent,
        session,
    } = &grant.parents;
    let mut fields = NewFields::default()
        .integer("format", FORMAT)
        .blob("written_by", grant.written_by.as_bytes())
        .text("client_id", &grant.client_id)
        .text("sub", &grant.sub)
        .text("scope", &grant.scope)
        .blob("user_epoch", user.as_bytes())
        .blob("client_epoch", client.as_bytes())
        .blob("consent_epoch", consent.as_bytes())
        .text("authorization", &to_json(&grant.authorization)?)
        .integer("refreshable", i64::from(grant.refreshable))
        .text("origin", &to_json(&OriginDetails::of(&grant.origin))?)
        .integer("created_at", grant.created_at)
        .integer("expires_at", grant.expires_at)
        .integer("keep_until", grant.keep_until);
    if let Some(session) = session {
        let (id, epoch) = (session.browser_session, session.browser_session_epoch);
        fields = fields
            .blob("browser_session", id.as_bytes())
            .blob("browser_session_epoch", epoch.as_bytes())
            .blob("sid", session.sid.as_bytes())
            .blob("sid_epoch", session.client_session_epoch.as_bytes());
    }
    if let Some(voucher) = grant.origin.voucher() {
        fields = fields
            .blob("voucher_hash", voucher.hash.as_bytes())
            .integer("voucher_expires_at", voucher.expires_at);
        if let Some(used) = &voucher.used {
            fields = fields
                .integer("used_at", used.at)
                .blob("used_by", used.by.as_bytes());
        }
    }
    if let Some(family) = &grant.refresh {
        fields = fields
            .blob("mac_key", family.mac_key.expose())
            .blob("current", family.current.as_bytes())
            .integer("rotated_at", family.rotated_at);
        if let Some(key) = &family.binding_key {
            fields = fields.blob("binding_key", key.as_bytes());
        }
        if let Some(idle_expires_at) = family.idle_expires_at {
            fields = fields.integer("idle_expires_at", idle_expires_at);
        }
        if let Some(predecessor) = &family.predecessor {
            fields = fields
                .blob("predecessor", predecessor.hash.as_bytes())
                .integer("grace_until", predecessor.grace_until);
        }
    }
    if let Some(ended) = &grant.ended {
        fields = fields
            .integer("ended_at", ended.at)
            .text("ended_cause", ended.cause.as_str())
            .blob("ended_by", ended.by.as_bytes());
    }
    Ok(fields)
}

/// Reads a row with the sealed successor beside it. `None` if there is no such grant.
pub(crate) fn read(
    id: &GrantId,
    fields: Hash,
    sealed_successor: Option<Vec<u8>>,
) -> Result<Option<Grant>, StoreError> {
    let Some(fields) = Fields::of("grant", id, fields) else {
        return Ok(None);
    };
    fields.check_format("format", FORMAT)?;
    let grant = Grant {
        id: *id,
        written_by: ActId::from_bytes(fields.bytes("written_by")?),
        client_id: fields.text("client_id")?.to_owned(),
        sub: fields.text("sub")?.to_owned(),
        scope: fields.text("scope")?.to_owned(),
        parents: Parents {
            user: Epoch::from_bytes(fields.bytes("user_epoch")?),
            client: Epoch::from_bytes(fields.bytes("client_epoch")?),
            consent: Epoch::from_bytes(fields.bytes("consent_epoch")?),
            session: session(&fields)?,
        },
        authorization: fields.json::<Authorization>("authorization")?,
        refreshable: match fields.text("refreshable")? {
            "1" => true,
            "0" => false,
            _ => return Err(fields.corrupt("refreshable is neither")),
        },
        origin: origin(&fields)?,
        refresh: family(&fields, sealed_successor)?,
        ended: ended(&fields)?,
        created_at: fields.integer("created_at")?,
        expires_at: fields.integer("expires_at")?,
        keep_until: fields.integer("keep_until")?,
    };
    let voucher = grant.origin.voucher();
    match &grant.refresh {
        Some(_) if voucher.is_some_and(|voucher| voucher.used.is_none()) => {
            Err(fields.corrupt("a refresh family, but the code was never used"))
        }
        Some(_) if !grant.refreshable => {
            Err(fields.corrupt("a refresh family, but the grant is not refreshable"))
        }
        _ => Ok(Some(grant)),
    }
}

fn origin(fields: &Fields) -> Result<Origin, StoreError> {
    let used = match (
        fields.optional_integer("used_at")?,
        fields.optional_bytes("used_by")?,
    ) {
        (None, None) => None,
        (Some(at), Some(by)) => Some(Used {
            at,
            by: ActId::from_bytes(by),
        }),
        _ => return Err(fields.corrupt("its code's use has a time or an act only")),
    };
    let voucher = match (
        fields.optional_bytes("voucher_hash")?,
        fields.optional_integer("voucher_expires_at")?,
    ) {
        (None, None) if used.is_none() => None,
        (Some(hash), Some(expires_at)) => Some(Voucher {
            hash: SecretHash::from_bytes(hash),
            expires_at,
            used,
        }),
        _ => return Err(fields.corrupt("a part of its code is missing")),
    };
    let details = fields.json::<OriginDetails>("origin")?;
    let origin = details.with(voucher);
    origin.ok_or_else(|| fields.corrupt("its origin and its code do not fit"))
}

fn session(fields: &Fields) -> Result<Option<SessionParents>, StoreError> {
    let parts = (
        fields.optional_bytes("browser_session")?,
        fields.optional_bytes("browser_session_epoch")?,
        fields.optional_bytes("sid")?,
        fields.optional_bytes("sid_epoch")?,
    );
    match parts {
        (None, None, None, None) => Ok(None),
        (Some(id), Some(id_epoch), Some(sid), Some(sid_epoch)) => Ok(Some(SessionParents {
            browser_session: SessionId::from_bytes(id),
            browser_session_epoch: Epoch::from_bytes(id_epoch),
            sid: ClientSessionId::from_bytes(sid),
            client_session_epoch: Epoch::from_bytes(sid_epoch),
        })),
        _ => Err(fields.corrupt("a part of its session is missing")),
    }
}

fn family(
    fields: &Fields,
    sealed_successor: Option<Vec<u8>>,
) -> Result<Option<RefreshFamily>, StoreError> {
    let parts = (
        fields.optional_bytes("mac_key")?,
        fields.optional_bytes("current")?,
        fields.optional_integer("rotated_at")?,
    );
    let predecessor = match (
        fields.optional_bytes("predecessor")?,
        fields.optional_integer("grace_until")?,
    ) {
        (None, None) => None,
        (Some(hash), Some(grace_until)) => Some(Predecessor {
            hash: SecretHash::from_bytes(hash),
            grace_until,
            sealed_successor: sealed_successor.unwrap_or_default(),
        }),
        _ => return Err(fields.corrupt("a part of its predecessor is missing")),
    };
    match parts {
        (None, None, None) if predecessor.is_none() => Ok(None),
        (Some(mac_key), Some(current), Some(rotated_at)) => Ok(Some(RefreshFamily {
            mac_key: MacKey::from_bytes(mac_key),
            binding_key: fields
                .optional_bytes("binding_key")?
                .map(KeyThumbprint::from_bytes),
            current: SecretHash::from_bytes(current),
            predecessor,
            idle_expires_at: fields.optional_integer("idle_expires_at")?,
            rotated_at,
        })),
        _ => Err(fields.corrupt("a part of its refresh family is missing")),
    }
}

fn ended(fields: &Fields) -> Result<Option<Ended>, StoreError> {
    let parts = (
        fields.optional_integer("ended_at")?,
        fields.optional_text("ended_cause")?,
        fields.optional_bytes("ended_by")?,
    );
    match parts {
        (None, None, None) => Ok(None),
        (Some(at), Some(cause), Some(by)) => match EndCause::parse(cause) {
            Some(cause) => Ok(Some(Ended {
                at,
                cause,
                by: ActId::from_bytes(by),
            })),
            None => Err(fields.corrupt("it ended for an unknown cause")),
        },
        _ => Err(fields.corrupt("a part of its end is missing")),
    }
}
