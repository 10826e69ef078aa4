//! Grants: issue, redeem, rotate, end. What is decided stands at
//! [`countersign_store::grants::decide_redeem`] and [`countersign_store::grants::decide_rotate`];
//! here is what a decision reads and writes, all of it within the act's savepoint.

use async_trait::async_trait;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, TokenState};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::{
    EndCause, EndGrantOutcome, Grant, GrantView, Grants, IssueCode, IssueOutcome, RedeemCode,
    RedeemDecision, RedeemOutcome, RotateDecision, RotateOutcome, RotateRefreshToken, apply_redeem,
    apply_rotate, decide_redeem, decide_rotate,
};
use countersign_store::{GrantId, SecretHash, StoreError};
use rusqlite::{Connection, params};

use super::statements::run;
use super::{Sqlite, access_tokens, consents, events, grant_row, sessions};
use crate::rows::Cells;

#[async_trait]
impl Grants for Sqlite {
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| issue_code(connection, &act, now))
            .await
    }

    async fn redeem_code(&self, act: &RedeemCode, now: i64) -> Result<RedeemOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| redeem_code(connection, &act, now))
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
        self.act(move |connection| rotate_refresh_token(connection, &act, now))
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
        let id = *id;
        let client_id = client_id.map(str::to_owned);
        self.act(move |connection| end_grant(connection, &id, client_id.as_deref(), cause, now))
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

fn issue_code(
    connection: &Connection,
    act: &IssueCode,
    now: i64,
) -> Result<IssueOutcome, StoreError> {
    let existing = grant_row::view(connection, &act.grant.id)?.map(|view| view.grant);
    if let Some(existing) = &existing {
        if !existing.may_be_replaced_by(act) {
            return Ok(IssueOutcome::AlreadyUsed);
        }
        run(
            connection,
            "DELETE FROM grants WHERE id = ?1",
            params![existing.id.as_bytes()],
        )?;
    }
    let mut grant = act.grant.clone();
    let joined = sessions::join(connection, &act.joins, &grant.client_id, now)?;
    grant.authorization.sid = Some(joined.sid);
    if let Some(session) = &mut grant.parents.session {
        session.sid = joined.sid;
        session.client_session_epoch = joined.epoch;
    }
    consents::take_step(connection, &mut grant, &act.consent, now)?;
    grant_row::insert(connection, &grant)?;
    events::append(connection, about(EventKind::CodeIssued, &grant, now))?;
    Ok(match existing {
        Some(_) => IssueOutcome::Replaced { sid: joined.sid },
        None => IssueOutcome::Issued { sid: joined.sid },
    })
}

fn redeem_code(
    connection: &Connection,
    act: &RedeemCode,
    now: i64,
) -> Result<RedeemOutcome, StoreError> {
    let Some(view) = grant_row::view(connection, &act.grant)? else {
        return Ok(RedeemOutcome::Unknown);
    };
    match decide_redeem(&view, act, now) {
        RedeemDecision::Refuse(outcome) => Ok(outcome),
        RedeemDecision::End(cause, outcome) => {
            end(connection, &view.grant, cause, now)?;
            Ok(outcome)
        }
        RedeemDecision::Redeem => {
            let (grant, outcome) = apply_redeem(view, act, now);
            grant_row::update(connection, &grant)?;
            if matches!(outcome, RedeemOutcome::Redeemed(_)) {
                access_tokens::insert(connection, act.access_token.as_ref())?;
            }
            events::append(connection, about(EventKind::CodeRedeemed, &grant, now))?;
            Ok(outcome)
        }
    }
}

fn rotate_refresh_token(
    connection: &Connection,
    act: &RotateRefreshToken,
    now: i64,
) -> Result<RotateOutcome, StoreError> {
    let Some(view) = grant_row::view(connection, &act.grant)? else {
        return Ok(RotateOutcome::Unknown);
    };
    match decide_rotate(&view, act, now) {
        RotateDecision::Refuse(outcome) => Ok(outcome),
        RotateDecision::End(cause, outcome) => {
            end(connection, &view.grant, cause, now)?;
            Ok(outcome)
        }
        RotateDecision::Repeat(sealed_successor) => {
            access_tokens::insert(connection, act.access_token.as_ref())?;
            Ok(RotateOutcome::Repeated { sealed_successor })
        }
        RotateDecision::Rotate => {
            let (grant, outcome) = apply_rotate(view, act, now);
            grant_row::update(connection, &grant)?;
            if !matches!(outcome, RotateOutcome::Ended(_)) {
                access_tokens::insert(connection, act.access_token.as_ref())?;
            }
            if act.successor.is_some() {
                events::append(
                    connection,
                    about(EventKind::RefreshTokenRotated, &grant, now),
                )?;
            }
            Ok(outcome)
        }
    }
}

fn end_grant(
    connection: &Connection,
    id: &GrantId,
    client_id: Option<&str>,
    cause: EndCause,
    now: i64,
) -> Result<EndGrantOutcome, StoreError> {
    let Some(view) = grant_row::view(connection, id)? else {
        return Ok(EndGrantOutcome::Unknown);
    };
    if client_id.is_some_and(|client_id| client_id != view.grant.client_id) {
        return Ok(EndGrantOutcome::ForeignClient);
    }
    if view.grant.ended.is_some() {
        return Ok(EndGrantOutcome::AlreadyEnded);
    }
    end(connection, &view.grant, cause, now)?;
    Ok(EndGrantOutcome::Ended)
}

fn delete_all_codes(connection: &Connection, now: i64) -> Result<u64, StoreError> {
    let cause = EndCause::DeletedByOperator.as_str();
    // Identifiers in events are text; base64url is not SQL's, so the rows pass through here.
    let unused = super::statements::all(
        connection,
        "grant",
        "UPDATE grants SET ended_at = ?1, ended_cause = ?2
         WHERE code_used_at IS NULL AND ended_at IS NULL
         RETURNING id, client_id, sub",
        params![now, cause],
        |cells| {
            let id = GrantId::from_bytes(cells.bytes()?);
            let event = Event::new(EventKind::GrantEnded, now).client(cells.text()?);
            Ok(event.sub(cells.text()?).about(id).cause(cause))
        },
    )?;
    let ended = unused.len() as u64;
    for event in unused {
        events::append(connection, event)?;
    }
    events::append(connection, Event::new(EventKind::CodesDeleted, now))?;
    Ok(ended)
}

fn end(
    connection: &Connection,
    grant: &Grant,
    cause: EndCause,
    now: i64,
) -> Result<(), StoreError> {
    run(
        connection,
        "UPDATE grants SET ended_at = ?2, ended_cause = ?3 WHERE id = ?1",
        params![grant.id.as_bytes(), now, cause.as_str()],
    )?;
    events::append(
        connection,
        about(EventKind::GrantEnded, grant, now).cause(cause.as_str()),
    )
}

fn about(kind: EventKind, grant: &Grant, now: i64) -> Event {
    Event::new(kind, now)
        .sub(&grant.sub)
        .client(&grant.client_id)
        .about(grant.id)
}
