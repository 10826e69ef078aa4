//! Redeeming a code: one statement, with the parents compared right behind it.

use countersign_store::StoreError;
use countersign_store::grants::{Dead, GrantView, RedeemCode, RedeemOutcome, apply_redeem};
use futures_util::future::try_join;

use super::super::Postgres;
use super::super::access_tokens::{self, Columns};
use super::super::grant_row::{PARENTS, grant_columns};
use super::super::statements::{Params, PostgresCells, failed};
use crate::rows::{Cells, grant};

/// [`countersign_store::grants::decide_redeem`], up to the parents.
///
/// $1 grant, $2 code, $3 client, $4 redirect_uri, $5 code_challenge, $6 now, $7 the grant as text,
/// $8 to $10 the family, $11 to $16 the access token.
const REDEEM: &str = concat!(
    "WITH locked AS MATERIALIZED (
         SELECT g.*,
                coalesce(g.redirect_uri = $4, false) AS redirect_uri_matches,
                g.code_challenge IS NOT DISTINCT FROM $5 AS challenge_matches
         FROM grants AS g WHERE g.id = $1 FOR UPDATE
     ), decided AS MATERIALIZED (
         SELECT locked.*,
                CASE
                    WHEN code_hash <> $2 THEN 'unknown'
                    WHEN client_id <> $3 THEN 'foreign_client'
                    WHEN ended_at IS NOT NULL THEN 'ended'
                    WHEN code_used_at IS NOT NULL AND redirect_uri_matches AND challenge_matches
                        THEN 'replayed'
                    WHEN code_used_at IS NOT NULL THEN 'used_with_wrong_proof'
                    WHEN $6 >= least(code_expires_at, expires_at) THEN 'expired'
                    WHEN NOT (redirect_uri_matches AND challenge_matches) THEN 'burnt'
                    ELSE 'redeemed'
                END AS decision
         FROM locked
     ), used AS (
         UPDATE grants AS g
         SET code_used_at = $6,
             refresh_mac_key = CASE WHEN d.refreshable THEN $8::bytea END,
             refresh_current = CASE WHEN d.refreshable THEN $9::bytea END,
             refresh_idle_expires_at = CASE WHEN d.refreshable THEN $10::bigint END,
             refresh_rotated_at = CASE WHEN d.refreshable THEN $6 END
         FROM decided AS d WHERE g.id = d.id AND d.decision = 'redeemed'
     ), ended AS (
         UPDATE grants AS g
         SET ended_at = $6,
             ended_cause = CASE d.decision WHEN 'burnt' THEN 'code_burnt' ELSE 'code_replayed' END
         FROM decided AS d WHERE g.id = d.id AND d.decision IN ('burnt', 'replayed')
     ), minted AS (
         INSERT INTO access_tokens (hash, id, client_id, client_epoch, scope, expires_at)
         SELECT $11::bytea, $12::bytea, $13::text, $14::bytea, $15::text, $16::bigint
         FROM decided WHERE decision = 'redeemed' AND $11::bytea IS NOT NULL
         ON CONFLICT (hash) DO NOTHING
     ), told AS (
         INSERT INTO events (kind, at, sub, client_id, about, cause)
         SELECT CASE decision WHEN 'redeemed' THEN 'code_redeemed' ELSE 'grant_ended' END,
                $6, sub, client_id, $7,
                CASE decision WHEN 'burnt' THEN 'code_burnt' WHEN 'replayed' THEN 'code_replayed' END
         FROM decided WHERE decision IN ('redeemed', 'burnt', 'replayed')
     )
     SELECT ",
    grant_columns!(),
    ", g.decision, g.redirect_uri_matches FROM decided AS g"
);

pub(super) async fn redeem_code(
    store: &Postgres,
    act: &RedeemCode,
    now: i64,
) -> Result<RedeemOutcome, StoreError> {
    let client = store.connection().await?;
    let redeem = client.prepare_cached(REDEEM).await.map_err(failed)?;
    let parents = client.prepare_cached(PARENTS).await.map_err(failed)?;
    let grant = &act.grant.as_bytes()[..];
    // No text of PostgreSQL's holds a NUL, so a value with one matches nothing.
    let redirect_uri = act
        .redirect_uri
        .as_deref()
        .filter(|uri| !uri.contains('\0'));
    let token = Columns::of(act.access_token.as_ref());
    let params: Params<'_> = &[
        &grant,
        &&act.code.as_bytes()[..],
        &act.client_id,
        &redirect_uri,
        &act.code_challenge,
        &now,
        &act.grant.to_string(),
        &&act.refresh.mac_key.expose()[..],
        &&act.refresh.first.as_bytes()[..],
        &act.refresh.idle_expires_at,
        &token.hash,
        &token.id,
        &token.client_id,
        &token.client_epoch,
        &token.scope,
        &token.expires_at,
    ];
    // Polled in this order, so sent in this order, and each commits before the next begins.
    let (decided, parents) = try_join(
        client.query_opt(&redeem, params),
        client.query_opt(&parents, &[&grant]),
    )
    .await
    .map_err(failed)?;
    let Some(decided) = decided else {
        return Ok(RedeemOutcome::Unknown);
    };
    let cells = &mut PostgresCells::new("grant", &decided);
    let before = grant::read(cells)?;
    let decision = cells.text()?;
    let redirect_uri_matches = cells.boolean()?;
    Ok(match (decision, before.ended, before.code.used_at) {
        ("unknown", ..) => RedeemOutcome::Unknown,
        ("foreign_client", ..) => RedeemOutcome::ForeignClient,
        ("ended", Some(ended), _) => RedeemOutcome::Ended(Dead::Grant(ended.cause)),
        ("replayed", _, Some(used_at)) => RedeemOutcome::Replayed { used_at },
        ("used_with_wrong_proof", ..) => RedeemOutcome::UsedWithWrongProof,
        ("expired", ..) => RedeemOutcome::Expired {
            expired_at: before.code.expires_at.min(before.expires_at),
        },
        ("burnt", ..) => RedeemOutcome::Burnt {
            redirect_uri_matches,
        },
        ("redeemed", ..) => {
            let Some(parents) = &parents else {
                return Ok(RedeemOutcome::Unknown);
            };
            let dead = grant::read_dead(&mut PostgresCells::new("grant", parents))?;
            let view = GrantView {
                grant: before,
                dead,
            };
            let (_, outcome) = apply_redeem(view, act, now);
            if matches!(outcome, RedeemOutcome::Ended(_)) {
                access_tokens::take_back(store, act.access_token.as_ref()).await?;
            }
            outcome
        }
        (decision, ..) => return Err(cells.corrupt(format!("it was decided {decision}"))),
    })
}
