//! Issuing a code: the client session, the consent and the grant in one transaction, locked in
//! this order by everybody.

use countersign_store::StoreError;
use countersign_store::grants::{Grant, IssueCode, IssueOutcome};
use deadpool_postgres::Transaction;

use super::super::statements::{failed, one, run};
use super::super::{Postgres, consents, sessions};
use crate::rows::{Cells, to_json};

pub(super) async fn issue_code(
    store: &Postgres,
    act: &IssueCode,
    now: i64,
) -> Result<IssueOutcome, StoreError> {
    let mut client = store.connection().await?;
    let transaction = client.transaction().await.map_err(failed)?;
    let mut grant = act.grant.clone();
    let (sid, epoch) = sessions::join(&transaction, &act.joins, &grant.client_id, now).await?;
    grant.authorization.sid = Some(sid);
    if let Some(session) = &mut grant.parents.session {
        session.sid = sid;
        session.client_session_epoch = epoch;
    }
    consents::take_step(&transaction, &mut grant, &act.consent, now).await?;
    let outcome = match upsert(&transaction, &grant).await? {
        // Rolls back the session and the consent as well: nothing changed.
        None => return Ok(IssueOutcome::AlreadyUsed),
        Some(true) => IssueOutcome::Replaced { sid },
        Some(false) => IssueOutcome::Issued { sid },
    };
    run(
        &transaction,
        "INSERT INTO events (kind, at, sub, client_id, about)
         VALUES ('code_issued', $1, $2, $3, $4)",
        &[&now, &grant.sub, &grant.client_id, &grant.id.to_string()],
    )
    .await?;
    transaction.commit().await.map_err(failed)?;
    Ok(outcome)
}

/// Writes the grant, over one that [`Grant::may_be_replaced_by`] allows to. Whether there was one;
/// `None` where it was not allowed, and nothing was written.
async fn upsert(transaction: &Transaction<'_>, grant: &Grant) -> Result<Option<bool>, StoreError> {
    let session = grant.parents.session.as_ref();
    one(
        transaction,
        "grant",
        // A row that this statement inserted has no xmax; one that it locked to replace it has.
        r#"INSERT INTO grants AS g (
               id, client_id, sub, scope, user_epoch, client_epoch, consent_epoch,
               browser_session, browser_session_epoch, sid, client_session_epoch,
               "authorization", refreshable,
               code_hash, redirect_uri, code_challenge, code_expires_at, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                   $19)
           ON CONFLICT (id) DO UPDATE
           SET sub = excluded.sub, scope = excluded.scope,
               user_epoch = excluded.user_epoch, client_epoch = excluded.client_epoch,
               consent_epoch = excluded.consent_epoch,
               browser_session = excluded.browser_session,
               browser_session_epoch = excluded.browser_session_epoch,
               sid = excluded.sid, client_session_epoch = excluded.client_session_epoch,
               "authorization" = excluded."authorization", refreshable = excluded.refreshable,
               code_hash = excluded.code_hash, redirect_uri = excluded.redirect_uri,
               code_challenge = excluded.code_challenge,
               code_expires_at = excluded.code_expires_at,
               created_at = excluded.created_at, expires_at = excluded.expires_at
           WHERE g.code_used_at IS NULL AND g.ended_at IS NULL
             AND g.client_id = excluded.client_id
           RETURNING xmax <> 0 AS replaced"#,
        &[
            &&grant.id.as_bytes()[..],
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
            &to_json(&grant.authorization)?,
            &grant.refreshable,
            &&grant.code.hash.as_bytes()[..],
            &grant.code.redirect_uri,
            &grant.code.code_challenge,
            &grant.code.expires_at,
            &grant.created_at,
            &grant.expires_at,
        ],
        |cells| cells.boolean(),
    )
    .await
}
