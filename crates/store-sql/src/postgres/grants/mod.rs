//! Grants: issue, redeem, rotate, end. The decisions of [`countersign_store::grants`] stand here
//! in SQL, each a CASE in the same order.

mod issue;
mod redeem;
mod rotate;

use async_trait::async_trait;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, TokenState};
use countersign_store::grants::{
    EndCause, EndGrantOutcome, GrantView, Grants, IssueCode, IssueOutcome, RedeemCode,
    RedeemOutcome, RotateOutcome, RotateRefreshToken,
};
use countersign_store::{GrantId, SecretHash, StoreError};

use super::{Postgres, access_tokens, grant_row};
use crate::rows::Cells;

#[async_trait]
impl Grants for Postgres {
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        issue::issue_code(self, act, now).await
    }

    async fn redeem_code(&self, act: &RedeemCode, now: i64) -> Result<RedeemOutcome, StoreError> {
        redeem::redeem_code(self, act, now).await
    }

    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
        grant_row::view(self, id).await
    }

    async fn rotate_refresh_token(
        &self,
        act: &RotateRefreshToken,
        now: i64,
    ) -> Result<RotateOutcome, StoreError> {
        rotate::rotate_refresh_token(self, act, now).await
    }

    async fn check_access_token(
        &self,
        check: &CheckAccessToken,
        now: i64,
    ) -> Result<TokenState, StoreError> {
        access_tokens::check(self, check, now).await
    }

    async fn insert_access_token(
        &self,
        token: &NewAccessToken,
        _now: i64,
    ) -> Result<(), StoreError> {
        access_tokens::insert(self, token).await
    }

    async fn end_grant(
        &self,
        id: &GrantId,
        client_id: Option<&str>,
        cause: EndCause,
        now: i64,
    ) -> Result<EndGrantOutcome, StoreError> {
        let about = id.to_string();
        let id = &id.as_bytes()[..];
        let decision = self
            .one(
                "grant",
                "WITH locked AS MATERIALIZED (
                     SELECT g.id, g.client_id, g.sub,
                            CASE
                                WHEN g.client_id <> $2 THEN 'foreign_client'
                                WHEN g.ended_at IS NOT NULL THEN 'already_ended'
                                ELSE 'ended'
                            END AS decision
                     FROM grants AS g WHERE g.id = $1 FOR UPDATE
                 ), changed AS (
                     UPDATE grants AS g SET ended_at = $3, ended_cause = $4
                     FROM locked WHERE g.id = locked.id AND locked.decision = 'ended'
                 ), told AS (
                     INSERT INTO events (kind, at, sub, client_id, about, cause)
                     SELECT 'grant_ended', $3, sub, client_id, $5, $4
                     FROM locked WHERE decision = 'ended'
                 )
                 SELECT decision FROM locked",
                &[&id, &client_id, &now, &cause.as_str(), &about],
                |cells| cells.text().map(str::to_owned),
            )
            .await?;
        Ok(match decision.as_deref() {
            None => EndGrantOutcome::Unknown,
            Some("foreign_client") => EndGrantOutcome::ForeignClient,
            Some("already_ended") => EndGrantOutcome::AlreadyEnded,
            Some(_) => EndGrantOutcome::Ended,
        })
    }

    async fn deny_access_token(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        access_tokens::deny(self, jti, until, now).await
    }

    async fn delete_all_codes(&self, now: i64) -> Result<u64, StoreError> {
        let ended = self
            .one(
                "grant",
                "WITH ended AS (
                     UPDATE grants SET ended_at = $1, ended_cause = $2
                     WHERE code_used_at IS NULL AND ended_at IS NULL
                     RETURNING id, client_id, sub
                 ), told AS (
                     INSERT INTO events (kind, at, sub, client_id, about, cause)
                     SELECT 'grant_ended', $1, sub, client_id,
                            rtrim(translate(encode(id, 'base64'), '+/', '-_'), '='), $2
                     FROM ended
                     UNION ALL SELECT 'codes_deleted', $1, NULL, NULL, NULL, NULL
                 )
                 SELECT count(*) FROM ended",
                &[&now, &EndCause::DeletedByOperator.as_str()],
                |cells| cells.integer(),
            )
            .await?;
        Ok(ended
            .and_then(|ended| u64::try_from(ended).ok())
            .unwrap_or(0))
    }
}
