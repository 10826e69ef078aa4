//! Access tokens that have a row, the denylist of those that have none, and whether one is
//! accepted.

use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder};
use countersign_store::grants::{
    GrantView, TokenState, decide_check_of_client, decide_check_of_grant,
};
use countersign_store::{SecretHash, StoreError};
use futures_util::future::try_join;
use tokio_postgres::Row;

use super::Postgres;
use super::grant_row::VIEW;
use super::statements::{Params, PostgresCells, failed};
use crate::rows::{Cells, access_token, grant};

/// A new token's row, or seven NULLs if an act writes none.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) hash: Option<&'a [u8]>,
    pub(super) id: Option<&'a [u8]>,
    pub(super) client_id: Option<&'a str>,
    pub(super) client_epoch: Option<&'a [u8]>,
    pub(super) scope: Option<&'a str>,
    pub(super) audience: Option<String>,
    pub(super) expires_at: Option<i64>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(token: Option<&'a NewAccessToken>) -> Columns<'a> {
        let Some(token) = token else {
            return Columns::default();
        };
        let (client_id, client_epoch) = match &token.holder {
            NewHolder::Grant => (None, None),
            NewHolder::Client { client_id, epoch } => {
                (Some(client_id.as_str()), Some(&epoch.as_bytes()[..]))
            }
        };
        Columns {
            hash: Some(&token.hash.as_bytes()[..]),
            id: Some(&token.id.as_bytes()[..]),
            client_id,
            client_epoch,
            scope: token.scope.as_deref(),
            audience: token.audience_text(),
            expires_at: Some(token.expires_at),
        }
    }
}

pub(super) async fn insert(store: &Postgres, token: &NewAccessToken) -> Result<(), StoreError> {
    let row = Columns::of(Some(token));
    store
        .run(
            "INSERT INTO access_tokens (hash, id, client_id, client_epoch, scope, audience,
                                        expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (hash) DO NOTHING",
            &[
                &row.hash,
                &row.id,
                &row.client_id,
                &row.client_epoch,
                &row.scope,
                &row.audience,
                &row.expires_at,
            ],
        )
        .await
        .map(drop)
}

pub(super) async fn deny(
    store: &Postgres,
    jti: &SecretHash,
    until: i64,
    now: i64,
) -> Result<(), StoreError> {
    store
        .run(
            "WITH denied AS (
                 INSERT INTO denied_tokens AS d (jti_hash, denied_until) VALUES ($1, $2)
                 ON CONFLICT (jti_hash)
                 DO UPDATE SET denied_until = greatest(d.denied_until, excluded.denied_until)
             )
             INSERT INTO events (kind, at) VALUES ('access_token_denied', $3)",
            &[&&jti.as_bytes()[..], &until, &now],
        )
        .await
        .map(drop)
}

/// An opaque token's row, whether the token was denied, and whether its client (if it is a client's
/// own) is live.
const TOKEN: &str = "
    SELECT t.id, t.client_id, t.client_epoch, t.scope, t.audience, t.expires_at,
           EXISTS (SELECT FROM denied_tokens AS d WHERE d.jti_hash = t.hash) AS is_denied,
           EXISTS (SELECT FROM clients AS c WHERE c.client_id = t.client_id
                   AND c.epoch = t.client_epoch AND c.status = 'active') AS client_lives
    FROM access_tokens AS t WHERE t.hash = $1 AND t.id = $2";

/// Whether a JWT was denied, and whether it was kept.
const JWT: &str = "
    SELECT EXISTS (SELECT FROM denied_tokens WHERE jti_hash = $1) AS is_denied,
           EXISTS (SELECT FROM access_tokens WHERE hash = $1) AS is_kept";

/// The same, and whether its client is live.
const JWT_OF_CLIENT: &str = "
    SELECT EXISTS (SELECT FROM denied_tokens WHERE jti_hash = $1) AS is_denied,
           EXISTS (SELECT FROM access_tokens WHERE hash = $1) AS is_kept,
           EXISTS (SELECT FROM clients
                   WHERE client_id = $2 AND epoch = $3 AND status = 'active') AS client_lives";

pub(super) async fn check(
    store: &Postgres,
    check: &CheckAccessToken,
    now: i64,
) -> Result<TokenState, StoreError> {
    match check {
        CheckAccessToken::Opaque { grant, hash } => {
            let (hash_bytes, id) = (&hash.as_bytes()[..], &grant.as_bytes()[..]);
            let (token, view) = beside_the_grant(store, TOKEN, &[&hash_bytes, &id], id).await?;
            let Some(token) = &token else {
                return Ok(TokenState::Unknown);
            };
            let cells = &mut PostgresCells::new("access token", token);
            let row = access_token::read(cells, hash)?;
            let denied = cells.at("is_denied").boolean()?;
            if row.holder != NewHolder::Grant {
                return Ok(TokenState::Unknown);
            }
            Ok(decide_check_of_grant(view, Some(&row), denied, now))
        }
        CheckAccessToken::Jwt {
            grant,
            jti,
            must_be_kept,
        } => {
            let (jti, id) = (&jti.as_bytes()[..], &grant.as_bytes()[..]);
            let (token, view) = beside_the_grant(store, JWT, &[&jti], id).await?;
            let Some(token) = &token else {
                return Ok(TokenState::Unknown);
            };
            let cells = &mut PostgresCells::new("access token", token);
            let denied = cells.at("is_denied").boolean()?;
            let kept = cells.at("is_kept").boolean()?;
            if *must_be_kept && !kept {
                return Ok(TokenState::Unknown);
            }
            Ok(decide_check_of_grant(view, None, denied, now))
        }
        CheckAccessToken::OpaqueOfClient { id, hash } => {
            let params: Params<'_> = &[&&hash.as_bytes()[..], &&id.as_bytes()[..]];
            let found = store
                .one("access token", TOKEN, params, |cells| {
                    Ok((
                        access_token::read(cells, hash)?,
                        cells.at("is_denied").boolean()?,
                        cells.at("client_lives").boolean()?,
                    ))
                })
                .await?;
            let Some((row, denied, lives)) = found else {
                return Ok(TokenState::Unknown);
            };
            Ok(match &row.holder {
                NewHolder::Grant => TokenState::Unknown,
                NewHolder::Client { client_id, .. } => {
                    decide_check_of_client(client_id, lives, Some(&row), denied, now)
                }
            })
        }
        CheckAccessToken::JwtOfClient {
            client_id,
            epoch,
            jti,
            must_be_kept,
        } => {
            let params: Params<'_> = &[&&jti.as_bytes()[..], client_id, &&epoch.as_bytes()[..]];
            let found = store
                .one("access token", JWT_OF_CLIENT, params, |cells| {
                    Ok((
                        cells.at("is_denied").boolean()?,
                        cells.at("is_kept").boolean()?,
                        cells.at("client_lives").boolean()?,
                    ))
                })
                .await?;
            Ok(match found {
                Some((_, false, _)) if *must_be_kept => TokenState::Unknown,
                Some((denied, _, lives)) => {
                    decide_check_of_client(client_id, lives, None, denied, now)
                }
                None => TokenState::Unknown,
            })
        }
    }
}

/// Two reads in one round trip. They need no common snapshot: an ending that was acknowledged
/// before the check began is seen by each of them.
async fn beside_the_grant(
    store: &Postgres,
    sql: &str,
    params: Params<'_>,
    id: &[u8],
) -> Result<(Option<Row>, Option<GrantView>), StoreError> {
    let client = store.connection().await?;
    let token = client.prepare_cached(sql).await.map_err(failed)?;
    let view = client.prepare_cached(VIEW).await.map_err(failed)?;
    let (token, view) = try_join(
        client.query_opt(&token, params),
        client.query_opt(&view, &[&id]),
    )
    .await
    .map_err(failed)?;
    let view = view
        .map(|row| grant::read_view(&mut PostgresCells::new("grant", &row)))
        .transpose()?;
    Ok((token, view))
}
