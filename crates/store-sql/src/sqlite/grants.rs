//! The grant's acts, decided by [`countersign_store::grants`] within the act's savepoint; here is
//! what a decision reads and writes.

use async_trait::async_trait;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken};
use countersign_store::acts::{Act, Write};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::{
    EndCause, EndGrant, EndGrantOutcome, Grant, GrantView, Grants, IssueCode, IssueOutcome, Joined,
    Redeem, RedeemOutcome, RotateOutcome, RotateRefreshToken, TokenState, decide_delete_code,
    decide_issue,
};
use countersign_store::{GrantId, SecretHash, StoreError};
use rusqlite::Connection;

use super::{Sqlite, access_tokens, consents, events, grant_row, next_act, sessions};

#[async_trait]
impl Grants for Sqlite {
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| issue_code(connection, &act, now))
            .await
    }

    async fn redeem(&self, act: &Redeem, now: i64) -> Result<RedeemOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| carry_out(connection, &act, now))
            .await
    }

    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
        self.read(|connection| grant_row::view(connection, id))
    }

    async fn rotate_refresh_token(
        &self,
        act: &RotateRefreshToken,
        now: i64,
    ) -> Result<RotateOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| carry_out(connection, &act, now))
            .await
    }

    async fn check_access_token(
        &self,
        check: &CheckAccessToken,
        now: i64,
    ) -> Result<TokenState, StoreError> {
        self.read(|connection| access_tokens::check(connection, check, now))
    }

    async fn insert_access_token(
        &self,
        token: &NewAccessToken,
        _now: i64,
    ) -> Result<(), StoreError> {
        let token = token.clone();
        self.act(move |connection| access_tokens::insert(connection, Some(&token)))
            .await
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
        self.act(move |connection| carry_out(connection, &act, now))
            .await
    }

    async fn deny_access_token(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let jti = *jti;
        self.act(move |connection| access_tokens::deny(connection, &jti, until, now))
            .await
    }

    async fn delete_all_codes(&self, now: i64) -> Result<u64, StoreError> {
        self.act(move |connection| delete_all_codes(connection, now))
            .await
    }
}

fn carry_out<A: Act<Record = Grant>>(
    connection: &Connection,
    act: &A,
    now: i64,
) -> Result<A::Outcome, StoreError> {
    let (grant, what_ended) = match grant_row::view(connection, act.key())? {
        Some(GrantView { grant, what_ended }) => (Some(grant), what_ended),
        None => (None, None),
    };
    let (decided, outcome) = act.decide(grant, next_act(), now).under(what_ended);
    write(connection, decided)?;
    Ok(outcome)
}

fn issue_code(
    connection: &Connection,
    act: &IssueCode,
    now: i64,
) -> Result<IssueOutcome, StoreError> {
    let existing = grant_row::view(connection, &act.grant.id)?.map(|view| view.grant);
    if existing
        .as_ref()
        .is_some_and(|existing| !act.may_replace(existing))
    {
        return Ok(IssueOutcome::AlreadyUsed);
    }
    let session = sessions::join(connection, &act.joins, &act.grant.client_id, now)?;
    let joined = Joined {
        sid: session.sid,
        client_session_epoch: session.epoch,
        consent_epoch: consents::take_step(connection, &act.grant, &act.consent, now)?,
    };
    let (decided, outcome) = decide_issue(existing, act, &joined, next_act(), now).under(None);
    write(connection, decided)?;
    Ok(outcome)
}

fn delete_all_codes(connection: &Connection, now: i64) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for grant in grant_row::with_unused_code(connection)? {
        let (decided, ended) = decide_delete_code(Some(grant), next_act(), now).under(None);
        write(connection, decided)?;
        deleted += u64::from(ended);
    }
    events::append(connection, Event::new(EventKind::CodesDeleted, now))?;
    Ok(deleted)
}

pub(super) fn write(connection: &Connection, decided: Write<Grant>) -> Result<(), StoreError> {
    match decided {
        Write::Nothing => Ok(()),
        Write::AccessToken(token) => access_tokens::insert(connection, Some(&token)),
        Write::Record(change) => {
            match change.begins {
                true => grant_row::begin(connection, &change.record)?,
                false => grant_row::update(connection, &change.record)?,
            }
            access_tokens::insert(connection, change.access_token.as_ref())?;
            match change.event {
                Some(event) => events::append(connection, event),
                None => Ok(()),
            }
        }
    }
}
