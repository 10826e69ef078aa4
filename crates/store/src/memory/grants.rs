use async_trait::async_trait;

use super::{Memory, State};
use crate::access_tokens::{
    ActiveToken, CheckAccessToken, Holder, NewAccessToken, NewHolder, TokenRow, TokenState,
};
use crate::consents::{self, Consent, ConsentStep};
use crate::events::{Event, EventKind};
use crate::grants::{
    Dead, EndCause, EndGrantOutcome, Ended, Grant, GrantView, Grants, IssueCode, IssueOutcome,
    RedeemCode, RedeemDecision, RedeemOutcome, RotateDecision, RotateOutcome, RotateRefreshToken,
    apply_redeem, apply_rotate, decide_redeem, decide_rotate,
};
use crate::sessions::ClientSession;
use crate::subjects::Status;
use crate::{GrantId, SecretHash, StoreError};

#[async_trait]
impl Grants for Memory {
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        Ok(self.state().issue_code(act, now))
    }

    async fn redeem_code(&self, act: &RedeemCode, now: i64) -> Result<RedeemOutcome, StoreError> {
        Ok(self.state().redeem_code(act, now))
    }

    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
        Ok(self.state().view(id))
    }

    async fn rotate_refresh_token(
        &self,
        act: &RotateRefreshToken,
        now: i64,
    ) -> Result<RotateOutcome, StoreError> {
        Ok(self.state().rotate_refresh_token(act, now))
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
        let mut state = self.state();
        let Some(grant) = state.grants.get(id) else {
            return Ok(EndGrantOutcome::Unknown);
        };
        if client_id.is_some_and(|client_id| client_id != grant.client_id) {
            return Ok(EndGrantOutcome::ForeignClient);
        }
        if grant.ended.is_some() {
            return Ok(EndGrantOutcome::AlreadyEnded);
        }
        state.end(id, cause, now);
        Ok(EndGrantOutcome::Ended)
    }

    async fn deny_access_token(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.denied_tokens.insert(*jti, until);
        state.emit(Event::new(EventKind::AccessTokenDenied, now));
        Ok(())
    }

    async fn delete_all_codes(&self, now: i64) -> Result<u64, StoreError> {
        let mut state = self.state();
        let unused: Vec<GrantId> = state
            .grants
            .values()
            .filter(|grant| grant.code.used_at.is_none() && grant.ended.is_none())
            .map(|grant| grant.id)
            .collect();
        for id in &unused {
            state.end(id, EndCause::DeletedByOperator, now);
        }
        state.emit(Event::new(EventKind::CodesDeleted, now));
        Ok(unused.len() as u64)
    }
}

impl State {
    fn issue_code(&mut self, act: &IssueCode, now: i64) -> IssueOutcome {
        let existing = self.grants.get(&act.grant.id);
        if existing.is_some_and(|grant| grant.code.used_at.is_some() || grant.ended.is_some()) {
            return IssueOutcome::AlreadyUsed;
        }
        let replaces = existing.is_some();
        let mut grant = act.grant.clone();
        let client_session = self.join_session(act, now);
        grant.authorization.sid = Some(client_session.sid);
        if let Some(session) = &mut grant.parents.session {
            session.sid = client_session.sid;
            session.client_session_epoch = client_session.epoch;
        }
        self.take_consent_step(&mut grant, &act.consent, now);
        self.emit(
            Event::new(EventKind::CodeIssued, now)
                .sub(&grant.sub)
                .client(&grant.client_id)
                .about(grant.id),
        );
        self.grants.insert(grant.id, grant);
        match replaces {
            true => IssueOutcome::Replaced {
                sid: client_session.sid,
            },
            false => IssueOutcome::Issued {
                sid: client_session.sid,
            },
        }
    }

    fn join_session(&mut self, act: &IssueCode, now: i64) -> ClientSession {
        let joins = &act.joins;
        let proposed = ClientSession {
            sid: joins.proposed_sid,
            epoch: joins.proposed_epoch,
            browser_session: joins.browser_session,
            client_id: act.grant.client_id.clone(),
            created_at: now,
        };
        let lives = self
            .sessions
            .get(&joins.browser_session)
            .is_some_and(|session| session.epoch == joins.browser_session_epoch);
        if !lives {
            return proposed; // dead on arrival: nothing to join
        }
        let key = (joins.browser_session, act.grant.client_id.clone());
        self.client_sessions.entry(key).or_insert(proposed).clone()
    }

    fn take_consent_step(&mut self, grant: &mut Grant, step: &ConsentStep, now: i64) {
        let ConsentStep::Record {
            scope,
            proposed_epoch,
        } = step
        else {
            return;
        };
        let key = (grant.sub.clone(), grant.client_id.clone());
        let consent = self.consents.entry(key).or_insert_with(|| Consent {
            sub: grant.sub.clone(),
            client_id: grant.client_id.clone(),
            epoch: *proposed_epoch,
            scope: String::new(),
            updated_at: now,
        });
        consent.scope = consents::union(&consent.scope, scope);
        consent.updated_at = now;
        grant.parents.consent = consent.epoch;
        let event = Event::new(EventKind::ConsentRecorded, now);
        self.emit(event.sub(&grant.sub).client(&grant.client_id));
    }

    fn redeem_code(&mut self, act: &RedeemCode, now: i64) -> RedeemOutcome {
        let Some(mut view) = self.view(&act.grant) else {
            return RedeemOutcome::Unknown;
        };
        match decide_redeem(&view, act, now) {
            RedeemDecision::Refuse(outcome) => outcome,
            RedeemDecision::End(cause, outcome) => {
                self.end(&act.grant, cause, now);
                outcome
            }
            RedeemDecision::Redeem => {
                apply_redeem(&mut view.grant, act, now);
                self.grants.insert(act.grant, view.grant.clone());
                self.keep_access_token(act.access_token.as_ref());
                self.emit_about(EventKind::CodeRedeemed, &view.grant, now);
                RedeemOutcome::Redeemed(Box::new(view.grant))
            }
        }
    }

    fn rotate_refresh_token(&mut self, act: &RotateRefreshToken, now: i64) -> RotateOutcome {
        let Some(mut view) = self.view(&act.grant) else {
            return RotateOutcome::Unknown;
        };
        match decide_rotate(&view, act, now) {
            RotateDecision::Refuse(outcome) => outcome,
            RotateDecision::End(cause, outcome) => {
                self.end(&act.grant, cause, now);
                outcome
            }
            RotateDecision::Repeat(sealed_successor) => {
                self.keep_access_token(act.access_token.as_ref());
                RotateOutcome::Repeated { sealed_successor }
            }
            RotateDecision::Rotate => {
                let outcome = apply_rotate(&mut view.grant, act, now);
                self.keep_access_token(act.access_token.as_ref());
                if outcome == RotateOutcome::Rotated {
                    self.emit_about(EventKind::RefreshTokenRotated, &view.grant, now);
                }
                self.grants.insert(act.grant, view.grant);
                outcome
            }
        }
    }

    fn check_access_token(&self, check: &CheckAccessToken, now: i64) -> TokenState {
        match check {
            CheckAccessToken::Opaque { grant, hash } => {
                self.with_row(hash, grant, now, |row| self.check_grant(grant, Some(row)))
            }
            CheckAccessToken::Jwt {
                grant,
                jti,
                must_be_kept,
            } => self.check_jwt(jti, *must_be_kept, || self.check_grant(grant, None)),
            CheckAccessToken::OpaqueOfClient { id, hash } => {
                self.with_row(hash, id, now, |row| match &row.holder {
                    NewHolder::Grant => TokenState::Unknown,
                    NewHolder::Client { client_id, epoch } => {
                        self.check_client(client_id, epoch, Some(row))
                    }
                })
            }
            CheckAccessToken::JwtOfClient {
                client_id,
                epoch,
                jti,
                must_be_kept,
            } => self.check_jwt(jti, *must_be_kept, || {
                self.check_client(client_id, epoch, None)
            }),
        }
    }

    fn with_row(
        &self,
        hash: &SecretHash,
        id: &GrantId,
        now: i64,
        then: impl FnOnce(&NewAccessToken) -> TokenState,
    ) -> TokenState {
        match self.access_tokens.get(hash) {
            Some(row) if row.id != *id => TokenState::Unknown,
            Some(row) if now >= row.expires_at => TokenState::Expired {
                expired_at: row.expires_at,
            },
            Some(row) => then(row),
            None => TokenState::Unknown,
        }
    }

    fn check_jwt(
        &self,
        jti: &SecretHash,
        must_be_kept: bool,
        then: impl FnOnce() -> TokenState,
    ) -> TokenState {
        if self.denied_tokens.contains_key(jti) {
            return TokenState::Denied;
        }
        if must_be_kept && !self.access_tokens.contains_key(jti) {
            return TokenState::Unknown;
        }
        then()
    }

    fn check_grant(&self, id: &GrantId, row: Option<&NewAccessToken>) -> TokenState {
        let Some(view) = self.view(id) else {
            return TokenState::Unknown;
        };
        if let Some(dead) = view.dead {
            return TokenState::Ended(dead);
        }
        let row = row.map(|row| TokenRow {
            scope: row
                .scope
                .clone()
                .unwrap_or_else(|| view.grant.scope.clone()),
            expires_at: row.expires_at,
        });
        TokenState::Active(Box::new(ActiveToken {
            holder: Holder::Grant(view.grant),
            row,
        }))
    }

    fn check_client(
        &self,
        client_id: &str,
        epoch: &crate::Epoch,
        row: Option<&NewAccessToken>,
    ) -> TokenState {
        let client = self.clients.get(client_id);
        if !client.is_some_and(|c| c.epoch == *epoch && c.status == Status::Active) {
            return TokenState::Ended(Dead::Client);
        }
        let row = row.map(|row| TokenRow {
            scope: row.scope.clone().unwrap_or_default(),
            expires_at: row.expires_at,
        });
        let holder = Holder::Client {
            client_id: client_id.to_owned(),
        };
        TokenState::Active(Box::new(ActiveToken { holder, row }))
    }

    fn keep_access_token(&mut self, token: Option<&NewAccessToken>) {
        if let Some(token) = token {
            self.access_tokens.insert(token.hash, token.clone());
        }
    }

    fn end(&mut self, id: &GrantId, cause: EndCause, now: i64) {
        if let Some(grant) = self.grants.get_mut(id) {
            grant.ended = Some(Ended { at: now, cause });
            let event = Event::new(EventKind::GrantEnded, now)
                .sub(&grant.sub)
                .client(&grant.client_id)
                .about(grant.id)
                .cause(cause.as_str());
            self.emit(event);
        }
    }

    fn emit_about(&mut self, kind: EventKind, grant: &Grant, now: i64) {
        let event = Event::new(kind, now)
            .sub(&grant.sub)
            .client(&grant.client_id)
            .about(grant.id);
        self.emit(event);
    }
}
