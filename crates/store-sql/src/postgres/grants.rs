//! The grant's acts, driven by the loop that every shared engine has
//! ([`countersign_store::acts::shared`]). A grant's statements are in [`grant_row`].

use async_trait::async_trait;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken};
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::shared::{delete_codes, issue_code};
use countersign_store::grants::{
    EndCause, EndGrant, EndGrantOutcome, GrantView, Grants, IssueCode, IssueOutcome, Redeem,
    RedeemOutcome, RotateOutcome, RotateRefreshToken, TokenState,
};
use countersign_store::{GrantId, SecretHash, StoreError};

use super::{Postgres, access_tokens, events, grant_row};
use crate::rows::{Cells, grant};

#[async_trait]
impl Grants for Postgres {
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        issue_code(self, act, now).await
    }

    async fn redeem(&self, act: &Redeem, now: i64) -> Result<RedeemOutcome, StoreError> {
        carry_out(self, act, Hint::Unread, now).await
    }

    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
        self.one("grant", grant_row::VIEW, &[&&id.as_bytes()[..]], |cells| {
            grant::read_view(cells)
        })
        .await
    }

    async fn rotate_refresh_token(
        &self,
        act: &RotateRefreshToken,
        now: i64,
    ) -> Result<RotateOutcome, StoreError> {
        let hint = match &act.hint {
            Some(grant) => Hint::Read(Some(grant.clone())),
            None => Hint::Unread,
        };
        carry_out(self, act, hint, now).await
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
        let act = EndGrant {
            grant: *id,
            client_id: client_id.map(str::to_owned),
            cause,
        };
        carry_out(self, &act, Hint::Unread, now).await
    }

    async fn deny_access_token(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        access_tokens::deny(self, jti, until, now).await
    }

    /// One grant after the other: a code that is issued meanwhile may remain.
    async fn delete_all_codes(&self, now: i64) -> Result<u64, StoreError> {
        let unused = self
            .all(
                "grant",
                "SELECT id FROM grants WHERE used_at IS NULL AND ended_at IS NULL",
                &[],
                |cells| cells.at("id").bytes().map(GrantId::from_bytes),
            )
            .await?;
        let deleted = delete_codes(self, unused, now).await?;
        events::append(self, &Event::new(EventKind::CodesDeleted, now)).await?;
        Ok(deleted)
    }
}
