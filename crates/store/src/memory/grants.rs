//! The grant's acts, decided under the one mutex by [`crate::grants`].

use async_trait::async_trait;

use super::{Memory, State, next_act};
use crate::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder};
use crate::acts::{Act, Write};
use crate::events::{Event, EventKind};
use crate::grants::{
    EndCause, EndGrant, EndGrantOutcome, Grant, GrantView, Grants, IssueCode, IssueOutcome, Joined,
    Redeem, RedeemOutcome, RotateOutcome, RotateRefreshToken, TokenState, decide_check_of_client,
    decide_check_of_grant, decide_delete_code, decide_issue,
};
use crate::subjects::Status;
use crate::{Epoch, GrantId, SecretHash, StoreError};

#[async_trait]
impl Grants for Memory {
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        Ok(self.state().issue_code(act, now))
    }

    async fn redeem(&self, act: &Redeem, now: i64) -> Result<RedeemOutcome, StoreError> {
        Ok(self.state().carry_out(act, now))
    }

    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
        Ok(self.state().view(id))
    }

    async fn rotate_refresh_token(
        &self,
        act: &RotateRefreshToken,
        now: i64,
    ) -> Result<RotateOutcome, StoreError> {
        Ok(self.state().carry_out(act, now))
    }

    async fn check_access_token(
        &self,
        check: &CheckAccessToken,
        now: i64,
    ) -> Result<TokenState, StoreError> {
        Ok(self.state().check_access_token(check, now))
    }

    async fn insert_access_token(
        &self,
        token: &NewAccessToken,
        _now: i64,
    ) -> Result<(), StoreError> {
        self.state().access_tokens.insert(token.hash, token.clone());
        Ok(())
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
        Ok(self.state().carry_out(&act, now))
    }

    async fn deny_access_token(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let denied_until = state.denied_tokens.entry(*jti).or_insert(until);
        *denied_until = until.max(*denied_until);
        state.emit(Event::new(EventKind::AccessTokenDenied, now));
        Ok(())
    }

    async fn delete_all_codes(&self, now: i64) -> Result<u64, StoreError> {
        let mut state = self.state();
        let unused = state
            .grants
            .values()
            .filter(|grant| grant.has_unused_code());
        let unused: Vec<Grant> = unused.cloned().collect();
        let mut deleted = 0;
        for grant in unused {
            let (write, ended) = decide_delete_code(Some(grant), next_act(), now).under(None);
            state.write(write);
            deleted += u64::from(ended);
        }
        state.emit(Event::new(EventKind::CodesDeleted, now));
        Ok(deleted)
    }
}

impl State {
    fn carry_out<A: Act<Record = Grant>>(&mut self, act: &A, now: i64) -> A::Outcome {
        let (grant, what_ended) = match self.view(act.key()) {
            Some(GrantView { grant, what_ended }) => (Some(grant), what_ended),
            None => (None, None),
        };
        let (write, outcome) = act.decide(grant, next_act(), now).under(what_ended);
        self.write(write);
        outcome
    }

    pub(super) fn write(&mut self, write: Write<Grant>) {
        match write {
            Write::Nothing => {}
            Write::AccessToken(token) => self.keep_access_token(Some(token)),
            Write::Record(change) => {
                self.grants.insert(change.record.id, change.record);
                self.keep_access_token(change.access_token);
                if let Some(event) = change.event {
                    self.emit(event);
                }
            }
        }
    }

    fn issue_code(&mut self, act: &IssueCode, now: i64) -> IssueOutcome {
        let existing = self.grants.get(&act.grant.id).cloned();
        if existing
            .as_ref()
            .is_some_and(|existing| !act.may_replace(existing))
        {
            return IssueOutcome::AlreadyUsed;
        }
        let client_session = self.join_session(&act.joins, &act.grant.client_id, now);
        let joined = Joined {
            sid: client_session.sid,
            client_session_epoch: client_session.epoch,
            consent_epoch: self.take_consent_step(&act.grant, &act.consent, now),
        };
        let decision = decide_issue(existing, act, &joined, next_act(), now);
        let (write, outcome) = decision.under(None);
        self.write(write);
        outcome
    }

    fn check_access_token(&self, check: &CheckAccessToken, now: i64) -> TokenState {
        match check {
            CheckAccessToken::Opaque { grant, hash } => {
                let Some(row) = self.row(hash, grant, |holder| *holder == NewHolder::Grant) else {
                    return TokenState::Unknown;
                };
                decide_check_of_grant(self.view(grant), Some(row), self.is_denied(hash), now)
            }
            CheckAccessToken::Jwt {
                grant,
                jti,
                must_be_kept,
            } => {
                if *must_be_kept && !self.access_tokens.contains_key(jti) {
                    return TokenState::Unknown;
                }
                decide_check_of_grant(self.view(grant), None, self.is_denied(jti), now)
            }
            CheckAccessToken::OpaqueOfClient { id, hash } => {
                let row = self.row(hash, id, |holder| *holder != NewHolder::Grant);
                let Some((row, NewHolder::Client { client_id, epoch })) =
                    row.map(|row| (row, &row.holder))
                else {
                    return TokenState::Unknown;
                };
                let lives = self.client_lives(client_id, epoch);
                decide_check_of_client(client_id, lives, Some(row), self.is_denied(hash), now)
            }
            CheckAccessToken::JwtOfClient {
                client_id,
                epoch,
                jti,
                must_be_kept,
            } => {
                if *must_be_kept && !self.access_tokens.contains_key(jti) {
                    return TokenState::Unknown;
                }
                let lives = self.client_lives(client_id, epoch);
                decide_check_of_client(client_id, lives, None, self.is_denied(jti), now)
            }
        }
    }

    /// An opaque token's row, if it is this id's and its holder is of the right kind.
    fn row(
        &self,
        hash: &SecretHash,
        id: &GrantId,
        holder: impl FnOnce(&NewHolder) -> bool,
    ) -> Option<&NewAccessToken> {
        let row = self.access_tokens.get(hash)?;
        (row.id == *id && holder(&row.holder)).then_some(row)
    }

    fn is_denied(&self, hash: &SecretHash) -> bool {
        self.denied_tokens.contains_key(hash)
    }

    fn client_lives(&self, client_id: &str, epoch: &Epoch) -> bool {
        let client = self.clients.get(client_id);
        client.is_some_and(|client| client.epoch == *epoch && client.status == Status::Active)
    }

    fn keep_access_token(&mut self, token: Option<NewAccessToken>) {
        if let Some(token) = token {
            self.access_tokens.insert(token.hash, token);
        }
    }
}
