//! Presenting a refresh token: one statement, with the parents compared right behind it.

use countersign_store::StoreError;
use countersign_store::grants::{Dead, EndCause, RotateOutcome, RotateRefreshToken};
use futures_util::future::try_join;

use super::super::Postgres;
use super::super::access_tokens::{self, Columns};
use super::super::grant_row::PARENTS;
use super::super::statements::{Params, PostgresCells, failed};
use crate::rows::{Cells, grant};

/// [`countersign_store::grants::decide_rotate`], up to the parents.
///
/// $1 grant, $2 presented, $3 of the family, $4 client, $5 now, $6 the grant as text, $7 to $9 the
/// successor (hash, sealed, grace), $10 the idle limit, $11 to $16 the access token.
const ROTATE: &str = "
     WITH locked AS MATERIALIZED (
         SELECT g.*,
                g.refresh_current = $2 AS is_current,
                coalesce(g.refresh_predecessor = $2, false) AS is_predecessor,
                coalesce(g.refresh_predecessor = $2 AND $5 < g.refresh_grace_until
                         AND octet_length(g.refresh_sealed_successor) > 0, false) AS in_grace,
                least(g.expires_at, g.refresh_idle_expires_at) AS expired_at
         FROM grants AS g WHERE g.id = $1 FOR UPDATE
     ), decided AS MATERIALIZED (
         SELECT locked.*,
                CASE
                    WHEN refresh_mac_key IS NULL THEN 'unknown'
                    WHEN NOT (is_current OR is_predecessor OR $3::boolean) THEN 'unknown'
                    WHEN client_id <> $4 THEN 'foreign_client'
                    WHEN ended_at IS NOT NULL THEN 'ended'
                    WHEN NOT (is_current OR in_grace) THEN 'reused'
                    WHEN $5 >= expired_at THEN 'expired'
                    WHEN NOT is_current THEN 'repeated'
                    WHEN $7::bytea IS NULL THEN 'kept'
                    ELSE 'rotated'
                END AS decision
         FROM locked
     ), rotated AS (
         UPDATE grants AS g
         SET refresh_current = $7, refresh_predecessor = d.refresh_current,
             refresh_grace_until = $9::bigint, refresh_sealed_successor = $8::bytea,
             refresh_idle_expires_at = $10::bigint, refresh_rotated_at = $5
         FROM decided AS d WHERE g.id = d.id AND d.decision = 'rotated'
     ), kept AS (
         UPDATE grants AS g SET refresh_idle_expires_at = $10
         FROM decided AS d WHERE g.id = d.id AND d.decision = 'kept'
     ), ended AS (
         UPDATE grants AS g SET ended_at = $5, ended_cause = 'refresh_token_reused'
         FROM decided AS d WHERE g.id = d.id AND d.decision = 'reused'
     ), minted AS (
         INSERT INTO access_tokens (hash, id, client_id, client_epoch, scope, expires_at)
         SELECT $11::bytea, $12::bytea, $13::text, $14::bytea, $15::text, $16::bigint
         FROM decided
         WHERE decision IN ('rotated', 'kept', 'repeated') AND $11::bytea IS NOT NULL
         ON CONFLICT (hash) DO NOTHING
     ), told AS (
         INSERT INTO events (kind, at, sub, client_id, about, cause)
         SELECT CASE decision WHEN 'rotated' THEN 'refresh_token_rotated' ELSE 'grant_ended' END,
                $5, sub, client_id, $6,
                CASE decision WHEN 'reused' THEN 'refresh_token_reused' END
         FROM decided WHERE decision IN ('rotated', 'reused')
     )
     SELECT id, decision, expired_at, refresh_rotated_at, refresh_sealed_successor, ended_cause
     FROM decided";

pub(super) async fn rotate_refresh_token(
    store: &Postgres,
    act: &RotateRefreshToken,
    now: i64,
) -> Result<RotateOutcome, StoreError> {
    let client = store.connection().await?;
    let rotate = client.prepare_cached(ROTATE).await.map_err(failed)?;
    let parents = client.prepare_cached(PARENTS).await.map_err(failed)?;
    let grant = &act.grant.as_bytes()[..];
    let successor = act.successor.as_ref();
    let token = Columns::of(act.access_token.as_ref());
    let params: Params<'_> = &[
        &grant,
        &&act.presented.as_bytes()[..],
        &act.of_the_family,
        &act.client_id,
        &now,
        &act.grant.to_string(),
        &successor.map(|successor| &successor.hash.as_bytes()[..]),
        &successor.map(|successor| &successor.sealed[..]),
        &successor.map(|successor| successor.grace_until),
        &act.idle_expires_at,
        &token.hash,
        &token.id,
        &token.client_id,
        &token.client_epoch,
        &token.scope,
        &token.expires_at,
    ];
    // Polled in this order, so sent in this order, and each commits before the next begins.
    let (decided, parents) = try_join(
        client.query_opt(&rotate, params),
        client.query_opt(&parents, &[&grant]),
    )
    .await
    .map_err(failed)?;
    let Some(decided) = decided else {
        return Ok(RotateOutcome::Unknown);
    };
    let cells = &mut PostgresCells::new("grant", &decided);
    let outcome = read_outcome(cells)?;
    let answers = matches!(
        outcome,
        RotateOutcome::Rotated | RotateOutcome::Kept | RotateOutcome::Repeated { .. }
    );
    if !answers {
        return Ok(outcome);
    }
    let Some(parents) = &parents else {
        return Ok(RotateOutcome::Unknown);
    };
    Ok(
        match grant::read_dead(&mut PostgresCells::new("grant", parents))? {
            Some(dead) => {
                access_tokens::take_back(store, act.access_token.as_ref()).await?;
                RotateOutcome::Ended(dead)
            }
            None => outcome,
        },
    )
}

fn read_outcome<'r>(cells: &mut impl Cells<'r>) -> Result<RotateOutcome, StoreError> {
    let _id: [u8; 16] = cells.bytes()?;
    let decision = cells.text()?;
    let expired_at = cells.integer()?;
    let rotated_at = cells.optional_integer()?;
    let sealed_successor = cells.optional_blob()?;
    let ended = cells.optional_text()?.and_then(EndCause::parse);
    Ok(match (decision, rotated_at, ended) {
        ("unknown", ..) => RotateOutcome::Unknown,
        ("foreign_client", ..) => RotateOutcome::ForeignClient,
        ("ended", _, Some(cause)) => RotateOutcome::Ended(Dead::Grant(cause)),
        ("expired", ..) => RotateOutcome::Expired { expired_at },
        ("kept", ..) => RotateOutcome::Kept,
        ("rotated", ..) => RotateOutcome::Rotated,
        ("repeated", ..) => RotateOutcome::Repeated {
            sealed_successor: sealed_successor.unwrap_or_default().to_vec(),
        },
        ("reused", Some(rotated_at), _) => RotateOutcome::Reused { rotated_at },
        (decision, ..) => return Err(cells.corrupt(format!("it was decided {decision}"))),
    })
}
