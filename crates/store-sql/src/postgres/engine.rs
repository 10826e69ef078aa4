//! What the loop of every shared engine ([`countersign_store::acts::shared`]) needs from
//! PostgreSQL, once for all records. Only how a record is laid out differs ([`Layout`]).

use std::time::Duration;

use async_trait::async_trait;
use countersign_jose::random::Random;
use countersign_store::access_tokens::NewAccessToken;
use countersign_store::acts::shared::{Engine, Fate};
use countersign_store::acts::{Change, Record};
use countersign_store::ended::WhatEnded;
use countersign_store::{ActId, StoreError};

use super::{Postgres, access_tokens};

/// A record's statements. Each method is one round trip and fails as [`Engine`] says.
#[async_trait]
pub(super) trait Layout: Record {
    async fn read(store: &Postgres, key: &Self::Key) -> Result<Option<Self>, StoreError>;

    /// Sends the one statement that writes `change` ([`super::commit`]).
    async fn commit(
        store: &Postgres,
        before: Option<ActId>,
        change: &Change<Self>,
    ) -> Result<Fate, StoreError>;

    /// What has ended above the record. The default is for records of which no act asks it.
    async fn parents(_store: &Postgres, _key: &Self::Key) -> Result<Option<WhatEnded>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl<R: Layout> Engine<R> for Postgres {
    async fn read(&self, key: &R::Key) -> Result<Option<R>, StoreError> {
        R::read(self, key).await
    }

    async fn commit(&self, before: Option<ActId>, change: &Change<R>) -> Result<Fate, StoreError> {
        R::commit(self, before, change).await
    }

    async fn insert(&self, token: &NewAccessToken) -> Result<(), StoreError> {
        access_tokens::insert(self, token).await
    }

    async fn parents(&self, key: &R::Key) -> Result<Option<WhatEnded>, StoreError> {
        R::parents(self, key).await
    }

    fn random(&self) -> &dyn Random {
        &*self.random
    }

    fn act_deadline(&self) -> Duration {
        self.act_deadline
    }
}
