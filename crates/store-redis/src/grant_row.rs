//! A grant's row: its fields, its states.

use std::collections::HashMap;

use countersign_store::grants::{
    Authorization, Code, EndCause, Ended, Grant, Parents, Predecessor, RefreshFamily,
    SessionParents,
};
use countersign_store::refresh_tokens::MacKey;
use countersign_store::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};

use crate::fields::{Fields, NewFields, to_json};
use crate::garbage_after;

/// A new grant, whose code is unused.
pub(crate) fn fields(grant: &Grant) -> Result<NewFields, StoreError> {
    let Parents {
        user,
        client,
        consent,
        session,
    } = &grant.parents;
    let mut fields = NewFields::default()
        .text("client_id", &grant.client_id)
        .text("sub", &grant.sub)
        .text("scope", &grant.scope)
        .blob("user_epoch", user.as_bytes())
        .blob("client_epoch", client.as_bytes())
        .blob("consent_epoch", consent.as_bytes())
        .text("authorization", &to_json(&grant.authorization)?)
        .integer("refreshable", i64::from(grant.refreshable))
        .blob("code_hash", grant.code.hash.as_bytes())
        .text("redirect_uri", &grant.code.redirect_uri)
        .optional_text("code_challenge", grant.code.code_challenge.as_deref())
        .integer("code_expires_at", grant.code.expires_at)
        .integer("created_at", grant.created_at)
        .integer("expires_at", grant.expires_at)
        // When the whole row is garbage, in milliseconds; while its code is unused it goes earlier.
        .integer("collect_at", garbage_after(grant.expires_at));
    if let Some(session) = session {
        let (id, epoch) = (session.browser_session, session.browser_session_epoch);
        fields = fields
            .blob("browser_session", id.as_bytes())
            .blob("browser_session_epoch", epoch.as_bytes())
            .blob("sid", session.sid.as_bytes())
            .blob("sid_epoch", session.client_session_epoch.as_bytes());
    }
    Ok(fields)
}

/// Reads a row with the sealed successor that lies beside it. `None` where there is no such grant.
pub(crate) fn read(
    id: &GrantId,
    fields: HashMap<String, Vec<u8>>,
    sealed_successor: Option<Vec<u8>>,
) -> Result<Option<Grant>, StoreError> {
    let Some(fields) = Fields::of("grant", id, fields) else {
        return Ok(None);
    };
    let grant = Grant {
        id: *id,
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
        code: Code {
            hash: SecretHash::from_bytes(fields.bytes("code_hash")?),
            redirect_uri: fields.text("redirect_uri")?.to_owned(),
            code_challenge: fields.optional_text("code_challenge")?.map(str::to_owned),
            expires_at: fields.integer("code_expires_at")?,
            used_at: fields.optional_integer("code_used_at")?,
        },
        refresh: family(&fields, sealed_successor)?,
        ended: ended(&fields)?,
        created_at: fields.integer("created_at")?,
        expires_at: fields.integer("expires_at")?,
    };
    match &grant.refresh {
        Some(_) if grant.code.used_at.is_none() => {
            Err(fields.corrupt("a refresh family, but the code was never used"))
        }
        Some(_) if !grant.refreshable => {
            Err(fields.corrupt("a refresh family, but the grant is not refreshable"))
        }
        _ => Ok(Some(grant)),
    }
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
    );
    match parts {
        (None, None) => Ok(None),
        (Some(at), Some(cause)) => match EndCause::parse(cause) {
            Some(cause) => Ok(Some(Ended { at, cause })),
            None => Err(fields.corrupt("it ended for an unknown cause")),
        },
        _ => Err(fields.corrupt("its end has a time or a cause only")),
    }
}
