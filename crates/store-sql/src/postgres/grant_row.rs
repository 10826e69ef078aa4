//! A grant's row: its columns, and the comparison of its parents.

use countersign_store::grants::GrantView;
use countersign_store::{GrantId, StoreError};

use super::Postgres;
use crate::rows::grant;

/// A grant's columns in the order in which [`grant::read`] takes them.
macro_rules! grant_columns {
    () => {
        r#"g.id, g.client_id, g.sub, g.scope,
           g.user_epoch, g.client_epoch, g.consent_epoch,
           g.browser_session, g.browser_session_epoch, g.sid, g.client_session_epoch,
           g."authorization", g.refreshable,
           g.code_hash, g.redirect_uri, g.code_challenge, g.code_expires_at, g.code_used_at,
           g.refresh_mac_key, g.refresh_current, g.refresh_idle_expires_at,
           g.refresh_rotated_at, g.refresh_predecessor, g.refresh_grace_until,
           g.refresh_sealed_successor,
           g.ended_at, g.ended_cause, g.created_at, g.expires_at"#
    };
}

/// Whether each parent of a grant `g` lives, in the order in which [`grant::read_dead`] takes them.
macro_rules! parents_live {
    () => {
        "coalesce(c.epoch = g.client_epoch AND c.status = 'active', false),
         coalesce(s.epoch = g.user_epoch AND s.status = 'active', false),
         coalesce(k.epoch = g.consent_epoch, false),
         g.browser_session IS NULL OR coalesce(b.epoch = g.browser_session_epoch, false),
         g.browser_session IS NULL
             OR coalesce(cs.sid = g.sid AND cs.epoch = g.client_session_epoch, false)"
    };
}

/// A grant beside its parents; one that is missing has ended.
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

pub(super) use grant_columns;

pub(super) const VIEW: &str = concat!(
    "SELECT ",
    grant_columns!(),
    ", ",
    parents_live!(),
    " ",
    from_grant_and_parents!()
);

/// Sent behind an act's statement, so that it sees what was ended before the act was committed.
pub(super) const PARENTS: &str =
    concat!("SELECT ", parents_live!(), " ", from_grant_and_parents!());

/// Reads a grant, and in the same statement compares every epoch that it carries.
pub(super) async fn view(store: &Postgres, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
    let id = &id.as_bytes()[..];
    store
        .one("grant", VIEW, &[&id], |cells| grant::read_view(cells))
        .await
}
