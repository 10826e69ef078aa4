//! A grant's row: reading it, alone or with the comparison of its parents, and writing it with its
//! access token.

use async_trait::async_trait;
use countersign_store::acts::Change;
use countersign_store::acts::shared::Fate;
use countersign_store::ended::WhatEnded;
use countersign_store::grants::{FORMAT, Grant};
use countersign_store::{ActId, GrantId, StoreError};

use super::Postgres;
use super::access_tokens::Columns as TokenColumns;
use super::commit::{ReadParents, commit, send};
use super::engine::Layout;
use super::events::Columns as EventColumns;
use super::statements::{Params, PostgresCells};
use crate::rows::grant::{self, Fixed, Moving, grant_columns, read_ended_parent};

/// Whether each parent of a grant `g` is live, for [`crate::rows::grant::read_ended_parent`].
macro_rules! parents_live {
    () => {
        "coalesce(c.epoch = g.client_epoch AND c.status = 'active', false) AS client_lives,
         coalesce(s.epoch = g.user_epoch AND s.status = 'active', false) AS user_lives,
         coalesce(k.epoch = g.consent_epoch, false) AS consent_lives,
         g.browser_session IS NULL
             OR coalesce(b.epoch = g.browser_session_epoch, false) AS browser_session_lives,
         g.browser_session IS NULL
             OR coalesce(cs.sid = g.sid AND cs.epoch = g.client_session_epoch, false)
             AS client_session_lives"
    };
}

/// A grant with its parents; a parent that is missing has ended.
macro_rules! from_grant_and_parents {
    () => {
        "FROM grants AS g
         LEFT JOIN clients AS c ON c.client_id = g.client_id
         LEFT JOIN subjects AS s ON s.sub = g.sub
         LEFT JOIN consents AS k ON k.sub = g.sub AND k.client_id = g.client_id
         LEFT JOIN browser_sessions AS b ON b.id = g.browser_session
         LEFT JOIN client_sessions AS cs
                ON cs.browser_session = g.browser_session AND cs.client_id = g.client_id
         WHERE g.id = $1"
    };
}

/// The record alone: what an act decides on.
const READ: &str = concat!(
    "SELECT ",
    grant_columns!(),
    " FROM grants AS g WHERE g.id = $1"
);

/// The record, and in the same statement the comparison of every epoch that it carries.
pub(super) const VIEW: &str = concat!(
    "SELECT ",
    grant_columns!(),
    ", ",
    parents_live!(),
    " ",
    from_grant_and_parents!()
);

/// The comparison alone: sent right after a commit, so that it sees what had ended before it.
const PARENTS: &str = concat!(
    "SELECT g.id, ",
    parents_live!(),
    " ",
    from_grant_and_parents!()
);

/// Writes the access token's row, $7 to $13, NULL if there is none.
macro_rules! with_token {
    ($moved:expr) => {
        commit!(
            $moved,
            ", minted AS (
                 INSERT INTO access_tokens (hash, id, client_id, client_epoch, scope, audience,
                                            expires_at)
                 SELECT $7::bytea, $8::bytea, $9::text, $10::bytea, $11::text, $12::text,
                        $13::bigint
                 FROM moved WHERE $7::bytea IS NOT NULL
                 ON CONFLICT (hash) DO NOTHING
             )"
        )
    };
}

/// Writes what acts change in an existing grant.
const MOVE: &str = with_token!(
    "UPDATE grants AS g
     SET written_by = $15, used_at = $16, used_by = $17,
         refresh_mac_key = $18, refresh_binding_key = $19, refresh_current = $20,
         refresh_idle_expires_at = $21, refresh_rotated_at = $22, refresh_predecessor = $23,
         refresh_grace_until = $24, refresh_sealed_successor = $25,
         ended_at = $26, ended_cause = $27, ended_by = $28, keep_until = $29
     WHERE g.id = $14 AND g.written_by = $30
     RETURNING g.id"
);

/// Writes a grant that is new.
const BEGIN: &str = with_token!(
    r#"INSERT INTO grants AS g (
           id, format, written_by, client_id, sub, scope, user_epoch, client_epoch, consent_epoch,
           browser_session, browser_session_epoch, sid, client_session_epoch,
           "authorization", refreshable,
           origin, voucher_hash, voucher_expires_at, created_at, expires_at, keep_until)
       VALUES ($14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
               $31, $32, $33, $34)
       ON CONFLICT (id) DO NOTHING
       RETURNING g.id"#
);

/// Writes a new grant in place of one that was not used.
const REPLACE: &str = with_token!(
    r#"UPDATE grants AS g
       SET format = $15, written_by = $16, client_id = $17, sub = $18, scope = $19,
           user_epoch = $20, client_epoch = $21, consent_epoch = $22, browser_session = $23,
           browser_session_epoch = $24, sid = $25, client_session_epoch = $26,
           "authorization" = $27, refreshable = $28, origin = $29, voucher_hash = $30,
           voucher_expires_at = $31, created_at = $32, expires_at = $33, keep_until = $34,
           used_at = NULL, used_by = NULL,
           refresh_mac_key = NULL, refresh_binding_key = NULL, refresh_current = NULL,
           refresh_idle_expires_at = NULL, refresh_rotated_at = NULL, refresh_predecessor = NULL,
           refresh_grace_until = NULL, refresh_sealed_successor = NULL,
           ended_at = NULL, ended_cause = NULL, ended_by = NULL
       WHERE g.id = $14 AND g.written_by = $35
       RETURNING g.id"#
);

#[async_trait]
impl Layout for Grant {
    async fn read(store: &Postgres, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        let params: Params<'_> = &[&&id.as_bytes()[..]];
        store
            .one("grant", READ, params, |cells| grant::read(cells))
            .await
    }

    async fn commit(
        store: &Postgres,
        before: Option<ActId>,
        change: &Change<Grant>,
    ) -> Result<Fate, StoreError> {
        let grant = &change.record;
        let id = &grant.id.as_bytes()[..];
        let before = before.as_ref().map(|before| &before.as_bytes()[..]);
        let version: Params<'_> = &[&before];
        let token = TokenColumns::of(change.access_token.as_ref());
        let event = EventColumns::of(change.event.as_ref());
        let beside: Params<'_> = &[
            &event.kind,
            &event.at,
            &event.sub,
            &event.client_id,
            &event.about,
            &event.cause,
            &token.hash,
            &token.id,
            &token.client_id,
            &token.client_epoch,
            &token.scope,
            &token.audience,
            &token.expires_at,
            &id,
        ];
        let parents = ReadParents {
            sql: PARENTS,
            params: &[&id],
            what_ended: |row| read_ended_parent(&mut PostgresCells::new("grant", row)),
        };
        match change.begins {
            true => {
                let fixed = Fixed::of(grant)?;
                let session = fixed.session;
                let own: Params<'_> = &[
                    &FORMAT,
                    &&grant.written_by.as_bytes()[..],
                    &grant.client_id,
                    &grant.sub,
                    &grant.scope,
                    &&grant.parents.user.as_bytes()[..],
                    &&grant.parents.client.as_bytes()[..],
                    &&grant.parents.consent.as_bytes()[..],
                    &session.map(|session| &session.browser_session.as_bytes()[..]),
                    &session.map(|session| &session.browser_session_epoch.as_bytes()[..]),
                    &session.map(|session| &session.sid.as_bytes()[..]),
                    &session.map(|session| &session.client_session_epoch.as_bytes()[..]),
                    &fixed.authorization,
                    &grant.refreshable,
                    &fixed.origin,
                    &fixed.voucher.map(|voucher| &voucher.hash.as_bytes()[..]),
                    &fixed.voucher.map(|voucher| voucher.expires_at),
                    &grant.created_at,
                    &grant.expires_at,
                    &grant.keep_until,
                ];
                match before {
                    None => send(store, BEGIN, &[beside, own].concat(), Some(parents)).await,
                    Some(_) => {
                        let params = [beside, own, version].concat();
                        send(store, REPLACE, &params, Some(parents)).await
                    }
                }
            }
            false => {
                let moving = Moving::of(grant);
                let own: Params<'_> = &[
                    &moving.written_by,
                    &moving.used_at,
                    &moving.used_by,
                    &moving.mac_key,
                    &moving.binding_key,
                    &moving.current,
                    &moving.idle_expires_at,
                    &moving.rotated_at,
                    &moving.predecessor,
                    &moving.grace_until,
                    &moving.sealed_successor,
                    &moving.ended_at,
                    &moving.ended_cause,
                    &moving.ended_by,
                    &moving.keep_until,
                ];
                let params = [beside, own, version].concat();
                send(store, MOVE, &params, Some(parents)).await
            }
        }
    }

    async fn parents(store: &Postgres, id: &GrantId) -> Result<Option<WhatEnded>, StoreError> {
        let params: Params<'_> = &[&&id.as_bytes()[..]];
        store
            .one("grant", PARENTS, params, |cells| read_ended_parent(cells))
            .await?
            .ok_or_else(|| StoreError::corrupt("grant", id, "it went while an act was about it"))
    }
}
