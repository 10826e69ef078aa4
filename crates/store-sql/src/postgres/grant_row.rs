//! A grant's row: reading it, alone or with the comparison of its parents.

use crate::rows::grant::grant_columns;

/// Whether each parent of a grant `g` lives, for [`crate::rows::grant::read_ended_parent`].
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

/// The record alone: what an act decides on.
pub(super) const READ: &str = concat!(
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

/// The comparison alone: sent behind a commit, so that it sees what was ended before that.
pub(super) const PARENTS: &str = concat!(
    "SELECT g.id, ",
    parents_live!(),
    " ",
    from_grant_and_parents!()
);
