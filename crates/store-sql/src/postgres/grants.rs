//! The grant's acts, driven by the loop that every shared engine has
//! ([`countersign_store::acts::shared`]); here are a grant's statements.

use std::time::Duration;

use async_trait::async_trait;
use countersign_jose::random::Random;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken};
use countersign_store::acts::Change;
use countersign_store::acts::shared::{Engine, Fate, Hint, carry_out};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::shared::{JoinParents, delete_codes, issue_code};
use countersign_store::grants::{
    EndCause, EndGrant, EndGrantOutcome, Grant, GrantView, Grants, IssueCode, IssueOutcome, Joined,
    Redeem, RedeemOutcome, RotateOutcome, RotateRefreshToken, TokenState, WhatEnded,
};
use countersign_store::{ActId, GrantId, SecretHash, StoreError};

use super::statements::{all, failed};
use super::{Postgres, access_tokens, commit, consents, events, grant_row, sessions};
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

    /// A grant at a time: a code that is issued meanwhile may be spared.
    async fn delete_all_codes(&self, now: i64) -> Result<u64, StoreError> {
        let unused = all(
            &self.connection().await?,
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

#[async_trait]
impl Engine<Grant> for Postgres {
    async fn read(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        self.one("grant", grant_row::READ, &[&&id.as_bytes()[..]], |cells| {
            grant::read(cells)
        })
        .await
    }

    async fn commit(
        &self,
        before: Option<ActId>,
        change: &Change<Grant>,
    ) -> Result<Fate, StoreError> {
        commit::commit(self, before, change).await
    }

    async fn insert(&self, token: &NewAccessToken) -> Result<(), StoreError> {
        access_tokens::insert(self, token).await
    }

    async fn parents(&self, id: &GrantId) -> Result<Option<WhatEnded>, StoreError> {
        let bytes = &id.as_bytes()[..];
        self.one("grant", grant_row::PARENTS, &[&bytes], |cells| {
            grant::read_ended_parent(cells)
        })
        .await?
        .ok_or_else(|| StoreError::corrupt("grant", id, "it went while an act was about it"))
    }

    fn random(&self) -> &dyn Random {
        &*self.random
    }

    fn act_deadline(&self) -> Duration {
        self.act_deadline
    }
}

#[async_trait]
impl JoinParents for Postgres {
    async fn join_parents(&self, act: &IssueCode, now: i64) -> Result<Joined, StoreError> {
        let mut client = self.connection().await?;
        let transaction = self.begin(&mut client).await?;
        let client_id = &act.grant.client_id;
        let (sid, client_session_epoch) =
            sessions::join(&transaction, &act.joins, client_id, now).await?;
        let consent_epoch = consents::take_step(&transaction, act, now).await?;
        transaction.commit().await.map_err(failed)?;
        Ok(Joined {
            sid,
            client_session_epoch,
            consent_epoch,
        })
    }
}
