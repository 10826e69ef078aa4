//! A grant's parents: read in one go, each from its own partition, and compared with what the grant
//! took from them. One that is missing has ended.

use countersign_store::grants::{Dead, Grant, GrantView};
use countersign_store::subjects::Status;
use countersign_store::{Epoch, StoreError};

use crate::Redis;
use crate::sessions::ClientSessionField;

/// Epoch and status as `HMGET` gives them.
type Standing = (Option<Vec<u8>>, Option<String>);

impl Redis {
    /// What of the grant has ended, the grant itself first.
    pub(crate) async fn view(&self, grant: Grant) -> Result<GrantView, StoreError> {
        let dead = match grant.ended {
            Some(ended) => Some(Dead::Grant(ended.cause)),
            None => self.dead_parent(&grant).await?,
        };
        Ok(GrantView { grant, dead })
    }

    pub(crate) async fn dead_parent(&self, grant: &Grant) -> Result<Option<Dead>, StoreError> {
        let (client_id, sub) = (grant.client_id.as_str(), grant.sub.as_str());
        let parents = &grant.parents;
        let mut reads = redis::pipe();
        reads
            .hmget(self.keys.client(client_id), &["epoch", "status"])
            .hmget(self.keys.subject(sub), &["epoch", "status"])
            .hget(self.keys.consents(sub), format!("epoch:{client_id}"));
        let (client, user, consent, browser_session, client_session) = match &parents.session {
            None => {
                let found: (Standing, Standing, Option<Vec<u8>>) = self.read(&reads).await?;
                (found.0, found.1, found.2, None, None)
            }
            Some(session) => {
                let key = self.keys.session(&session.browser_session);
                reads
                    .hget(&key, "epoch")
                    .hget(&key, ClientSessionField::name(client_id));
                self.read(&reads).await?
            }
        };
        if !lives(&client, &parents.client) {
            return Ok(Some(Dead::Client));
        }
        if !lives(&user, &parents.user) {
            return Ok(Some(Dead::User));
        }
        if !is(&consent, &parents.consent) {
            return Ok(Some(Dead::Consent));
        }
        let Some(session) = &parents.session else {
            return Ok(None);
        };
        let browser_session: Option<Vec<u8>> = browser_session;
        if !is(&browser_session, &session.browser_session_epoch) {
            return Ok(Some(Dead::BrowserSession));
        }
        let client_session: Option<String> = client_session;
        let standing = client_session.as_deref().and_then(ClientSessionField::read);
        let same = standing.is_some_and(|standing| {
            standing.sid == session.sid && standing.epoch == session.client_session_epoch
        });
        Ok((!same).then_some(Dead::ClientSession))
    }

    pub(crate) async fn client_lives(
        &self,
        client_id: &str,
        epoch: &Epoch,
    ) -> Result<bool, StoreError> {
        let mut reads = redis::pipe();
        reads.hmget(self.keys.client(client_id), &["epoch", "status"]);
        let (standing,): (Standing,) = self.read(&reads).await?;
        Ok(lives(&standing, epoch))
    }

    pub(crate) async fn user_lives(&self, sub: &str, epoch: &Epoch) -> Result<bool, StoreError> {
        let mut reads = redis::pipe();
        reads.hmget(self.keys.subject(sub), &["epoch", "status"]);
        let (standing,): (Standing,) = self.read(&reads).await?;
        Ok(lives(&standing, epoch))
    }
}

fn lives((epoch, status): &Standing, taken: &Epoch) -> bool {
    is(epoch, taken) && status.as_deref() == Some(Status::Active.as_str())
}

fn is(epoch: &Option<Vec<u8>>, taken: &Epoch) -> bool {
    epoch.as_deref() == Some(taken.as_bytes().as_slice())
}
