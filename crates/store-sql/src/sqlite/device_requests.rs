//! Device requests, decided by [`countersign_store::device_requests`] within the act's savepoint.

use async_trait::async_trait;
use countersign_store::acts::{Act, Decision, Write};
use countersign_store::device_requests::{
    Answer, AnswerOutcome, Answered, ApproveDeviceRequest, DenyDeviceRequest, DeviceRequest,
    DeviceRequests, FORMAT, NewDeviceRequest, PollDeviceRequest, PollOutcome, decide_approval,
    decide_creation, decide_grant,
};
use countersign_store::{ActId, Epoch, GrantId, SecretHash, StoreError};
use rusqlite::{Connection, Params, params};

use super::statements::{exists, one, run};
use super::{Sqlite, consents, events, grants, next_act};
use crate::rows::{Cells, to_json};

#[async_trait]
impl DeviceRequests for Sqlite {
    async fn create_device_request(
        &self,
        request: &NewDeviceRequest,
        now: i64,
    ) -> Result<bool, StoreError> {
        let request = request.clone();
        self.act(move |connection| {
            let is_taken = exists(
                connection,
                "SELECT 1 FROM device_requests WHERE id = ?1 OR user_code = ?2",
                params![request.id.as_bytes(), request.user_code.as_bytes()],
            )?;
            let decision = decide_creation(is_taken, &request, next_act(), now);
            write(connection, decision)
        })
        .await
    }

    async fn device_request(&self, id: &GrantId) -> Result<Option<DeviceRequest>, StoreError> {
        self.read(|connection| find(connection, id))
    }

    async fn device_request_with_user_code(
        &self,
        user_code: &SecretHash,
    ) -> Result<Option<DeviceRequest>, StoreError> {
        self.read(|connection| {
            let column = "user_code";
            find_by(connection, column, params![user_code.as_bytes()])
        })
    }

    async fn poll_device_request(
        &self,
        act: &PollDeviceRequest,
        now: i64,
    ) -> Result<PollOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| carry_out(connection, &act, now))
            .await
    }

    async fn approve_device_request(
        &self,
        act: &ApproveDeviceRequest,
        now: i64,
    ) -> Result<AnswerOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| approve(connection, &act, now))
            .await
    }

    async fn deny_device_request(
        &self,
        act: &DenyDeviceRequest,
        now: i64,
    ) -> Result<AnswerOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| carry_out(connection, &act, now))
            .await
    }
}

fn approve(
    connection: &Connection,
    act: &ApproveDeviceRequest,
    now: i64,
) -> Result<AnswerOutcome, StoreError> {
    let by = next_act();
    let found = find(connection, &act.grant.id)?;
    let decision = decide_approval(found.clone(), act, by, now);
    let outcome = write(connection, decision)?;
    if outcome == AnswerOutcome::Taken
        && let Some(request) = found
    {
        let consent = consents::take_step(connection, &act.grant, &act.consent, now)?;
        let (decided, ()) = decide_grant(&request, act, consent, by).under(None);
        grants::write(connection, decided)?;
    }
    Ok(outcome)
}

fn carry_out<A: Act<Record = DeviceRequest>>(
    connection: &Connection,
    act: &A,
    now: i64,
) -> Result<A::Outcome, StoreError> {
    let found = find(connection, act.key())?;
    write(connection, act.decide(found, next_act(), now))
}

fn write<O>(
    connection: &Connection,
    decision: Decision<DeviceRequest, O>,
) -> Result<O, StoreError> {
    let (write, outcome) = decision.under(None);
    if let Write::Record(change) = write {
        match change.begins {
            true => insert(connection, &change.record)?,
            false => update(connection, &change.record)?,
        }
        events::tell(connection, change.event)?;
    }
    Ok(outcome)
}

fn insert(connection: &Connection, request: &DeviceRequest) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO device_requests (id, format, written_by, client_id, client_epoch, scope,
             resources, device_code, user_code, requested_from, answer, interval_seconds,
             created_at, expires_at, keep_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            request.id.as_bytes(),
            FORMAT,
            request.written_by.as_bytes(),
            request.client_id,
            request.client_epoch.as_bytes(),
            request.scope,
            to_json(&request.resources)?,
            request.device_code.as_bytes(),
            request.user_code.as_bytes(),
            to_json(&request.requested_from)?,
            PENDING,
            request.interval_seconds,
            request.created_at,
            request.expires_at,
            request.keep_until,
        ],
    )
    .map(drop)
}

/// Writes what the acts move.
fn update(connection: &Connection, request: &DeviceRequest) -> Result<(), StoreError> {
    let (answer, answered) = match &request.answer {
        Answer::Pending => (PENDING, None),
        Answer::Approved(answered) => (APPROVED, Some(answered)),
        Answer::Denied(answered) => (DENIED, Some(answered)),
    };
    run(
        connection,
        "UPDATE device_requests
         SET written_by = ?2, answer = ?3, answered_sub = ?4, answered_at = ?5, answered_by = ?6,
             interval_seconds = ?7, polled_at = ?8
         WHERE id = ?1",
        params![
            request.id.as_bytes(),
            request.written_by.as_bytes(),
            answer,
            answered.map(|answered| &answered.sub),
            answered.map(|answered| answered.at),
            answered.map(|answered| answered.by.as_bytes()),
            request.interval_seconds,
            request.polled_at,
        ],
    )
    .map(drop)
}

fn find(connection: &Connection, id: &GrantId) -> Result<Option<DeviceRequest>, StoreError> {
    find_by(connection, "id", params![id.as_bytes()])
}

fn find_by(
    connection: &Connection,
    column: &str,
    value: impl Params,
) -> Result<Option<DeviceRequest>, StoreError> {
    one(
        connection,
        "device request",
        &format!(
            "SELECT id, format, written_by, client_id, client_epoch, scope, resources, device_code, user_code,
                    requested_from, answer, answered_sub, answered_at, answered_by,
                    interval_seconds, polled_at, created_at, expires_at, keep_until
             FROM device_requests WHERE {column} = ?1"
        ),
        value,
        |cells| read(cells),
    )
}

fn read<'r>(cells: &mut impl Cells<'r>) -> Result<DeviceRequest, StoreError> {
    let id = GrantId::from_bytes(cells.at("id").bytes()?);
    cells.known_format(FORMAT)?;
    let written_by = ActId::from_bytes(cells.at("written_by").bytes()?);
    Ok(DeviceRequest {
        id,
        written_by,
        client_id: cells.at("client_id").text()?.to_owned(),
        client_epoch: Epoch::from_bytes(cells.at("client_epoch").bytes()?),
        scope: cells.at("scope").text()?.to_owned(),
        resources: serde_json::from_str(cells.at("resources").text()?)
            .map_err(|error| cells.corrupt(error))?,
        device_code: SecretHash::from_bytes(cells.at("device_code").bytes()?),
        user_code: SecretHash::from_bytes(cells.at("user_code").bytes()?),
        requested_from: serde_json::from_str(cells.at("requested_from").text()?)
            .map_err(|error| cells.corrupt(error))?,
        answer: read_answer(cells)?,
        interval_seconds: cells.at("interval_seconds").integer()?,
        polled_at: cells.at("polled_at").optional_integer()?,
        created_at: cells.at("created_at").integer()?,
        expires_at: cells.at("expires_at").integer()?,
        keep_until: cells.at("keep_until").integer()?,
    })
}

fn read_answer<'r>(cells: &mut impl Cells<'r>) -> Result<Answer, StoreError> {
    let answer = cells.at("answer").text()?.to_owned();
    let sub = cells.at("answered_sub").optional_text()?;
    let at = cells.at("answered_at").optional_integer()?;
    let by = cells.at("answered_by").optional_bytes()?;
    let answered = match (sub, at, by) {
        (Some(sub), Some(at), Some(by)) => Some(Answered {
            sub: sub.to_owned(),
            at,
            by: ActId::from_bytes(by),
        }),
        (None, None, None) => None,
        _ => return Err(cells.corrupt("its answer is incomplete")),
    };
    match (answer.as_str(), answered) {
        (PENDING, None) => Ok(Answer::Pending),
        (APPROVED, Some(answered)) => Ok(Answer::Approved(answered)),
        (DENIED, Some(answered)) => Ok(Answer::Denied(answered)),
        _ => Err(cells.corrupt("its answer matches no state")),
    }
}

const PENDING: &str = "pending";
const APPROVED: &str = "approved";
const DENIED: &str = "denied";
