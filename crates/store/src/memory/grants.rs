//! The grant's acts, in Rust under the one mutex: the rules of [`crate::grants`] and nothing else.

use async_trait::async_trait;

use super::{Memory, State};
use crate::access_tokens::{
    CheckAccessToken, NewAccessToken, NewHolder, TokenState, decide_of_client, decide_of_grant,
};
use crate::consents::{self, Consent, ConsentStep};
use crate::events::{Event, EventKind};
use crate::grants::{
    EndCause, EndGrantOutcome, Ended, Grant, GrantView, Grants, IssueCode, IssueOutcome,
    RedeemCode, RedeemDecision, RedeemOutcome, RotateDecision, RotateOutcome, RotateRefreshToken,
    apply_redeem, apply_rotate, decide_redeem, decide_rotate,
};
use crate::sessions::ClientSession;
use crate::subjects::Status;
use crate::{Epoch, GrantId, SecretHash, StoreError};

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
        let denied_until = state.denied_tokens.entry(*jti).or_insert(until);
        *denied_until = until.max(*denied_until);
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
        if existing.is_some_and(|grant| !grant.may_be_replaced_by(act)) {
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
        let Some(view) = self.view(&act.grant) else {
            return RedeemOutcome::Unknown;
        };
        match decide_redeem(&view, act, now) {
            RedeemDecision::Refuse(outcome) => outcome,
            RedeemDecision::End(cause, outcome) => {
                self.end(&act.grant, cause, now);
                outcome
            }
            RedeemDecision::Redeem => {
                let (grant, outcome) = apply_redeem(view, act, now);
                if matches!(outcome, RedeemOutcome::Redeemed(_)) {
                    self.keep_access_token(act.access_token.as_ref());
                }
                self.emit_about(EventKind::CodeRedeemed, &grant, now);
                self.grants.insert(act.grant, grant);
                outcome
            }
        }
    }

    fn rotate_refresh_token(&mut self, act: &RotateRefreshToken, now: i64) -> RotateOutcome {
        let Some(view) = self.view(&act.grant) else {
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
                let (grant, outcome) = apply_rotate(view, act, now);
                if !matches!(outcome, RotateOutcome::Ended(_)) {
                    self.keep_access_token(act.access_token.as_ref());
                }
                if act.successor.is_some() {
                    self.emit_about(EventKind::RefreshTokenRotated, &grant, now);
                }
                self.grants.insert(act.grant, grant);
                outcome
            }
        }
    }

    fn check_access_token(&self, check: &CheckAccessToken, now: i64) -> TokenState {
        match check {
            CheckAccessToken::Opaque { grant, hash } => {
                let Some(row) = self.row(hash, grant, |holder| *holder == NewHolder::Grant) else {
                    return TokenState::Unknown;
                };
                decide_of_grant(self.view(grant), Some(row), self.is_denied(hash), now)
            }
            CheckAccessToken::Jwt {
                grant,
                jti,
                must_be_kept,
            } => {
                if *must_be_kept && !self.access_tokens.contains_key(jti) {
                    return TokenState::Unknown;
                }
                decide_of_grant(self.view(grant), None, self.is_denied(jti), now)
            }
            CheckAccessToken::OpaqueOfClient { id, hash } => {
                let row = self.row(hash, id, |holder| *holder != NewHolder::Grant);
                let Some((row, NewHolder::Client { client_id, epoch })) =
                    row.map(|row| (row, &row.holder))
                else {
                    return TokenState::Unknown;
                };
                let lives = self.client_lives(client_id, epoch);
                decide_of_client(client_id, lives, Some(row), self.is_denied(hash), now)
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
                decide_of_client(client_id, lives, None, self.is_denied(jti), now)
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
