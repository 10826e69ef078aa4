//! What the acts on a device request decide.

use super::{
    Answer, AnswerOutcome, Answered, ApproveDeviceRequest, DenyDeviceRequest, DeviceRequest,
    NewDeviceRequest, PollDeviceRequest, PollOutcome, SLOW_DOWN_SECONDS,
};
use crate::acts::{Act, Decision};
use crate::events::{Event, EventKind};
use crate::grants::{Grant, Origin, Voucher, decide_approved_grant};
use crate::{ActId, Epoch, GrantId};

/// What [`super::DeviceRequests::create_device_request`] writes if neither the user code nor the
/// id is another request's.
pub fn decide_creation(
    is_taken: bool,
    new: &NewDeviceRequest,
    by: ActId,
    now: i64,
) -> Decision<DeviceRequest, bool> {
    if is_taken {
        return Decision::returns(false);
    }
    let request = DeviceRequest {
        id: new.id,
        client_id: new.client_id.clone(),
        client_epoch: new.client_epoch,
        resources: new.resources.clone(),
        scope: new.scope.clone(),
        device_code: new.device_code,
        user_code: new.user_code,
        requested_from: new.requested_from.clone(),
        answer: Answer::Pending,
        interval_seconds: new.interval_seconds,
        polled_at: None,
        created_at: now,
        expires_at: new.expires_at,
        keep_until: new.keep_until,
        written_by: by,
    };
    let event = about(EventKind::DeviceRequested, &request, now);
    Decision::returns(true).begins(request).tells(event)
}

/// What [`super::DeviceRequests::poll_device_request`] does, in this order:
///
/// 1. no such request, a wrong secret → `Unknown`
/// 2. another client → `ForeignClient`
/// 3. denied → `Denied`; approved → `Approved`, and redeeming the grant decides the rest
/// 4. everything of the client has ended since → `ClientEnded`
/// 5. expired → `Expired`
/// 6. sooner than the interval allows → `SlowDown`, with a longer interval from now on
/// 7. `Pending`
///
/// Only 6 and 7 change the record.
pub fn decide_poll(
    found: Option<DeviceRequest>,
    act: &PollDeviceRequest,
    by: ActId,
    now: i64,
) -> Decision<DeviceRequest, PollOutcome> {
    let found = found.filter(|request| request.device_code.matches(&act.presented));
    let Some(mut request) = found else {
        return Decision::returns(PollOutcome::Unknown);
    };
    if request.client_id != act.client_id {
        return Decision::returns(PollOutcome::ForeignClient);
    }
    match request.answer {
        Answer::Denied(_) => return Decision::returns(PollOutcome::Denied),
        Answer::Approved(_) => return Decision::returns(PollOutcome::Approved),
        Answer::Pending => {}
    }
    if request.client_epoch != act.client_epoch {
        return Decision::returns(PollOutcome::ClientEnded);
    }
    let expired_at = request.expires_at;
    if now >= expired_at {
        return Decision::returns(PollOutcome::Expired { expired_at });
    }
    let is_early = request
        .polled_at
        .is_some_and(|at| now < at.saturating_add(request.interval_seconds));
    let outcome = match is_early {
        true => {
            let interval_seconds = request.interval_seconds.saturating_add(SLOW_DOWN_SECONDS);
            request.interval_seconds = interval_seconds;
            PollOutcome::SlowDown { interval_seconds }
        }
        false => PollOutcome::Pending,
    };
    request.polled_at = Some(now);
    request.written_by = by;
    Decision::returns(outcome).moves(request)
}

/// What [`super::DeviceRequests::approve_device_request`] does to the request. Only if the outcome
/// is [`AnswerOutcome::Taken`] are the consent and the grant ([`decide_grant`]) written, in the
/// same act.
pub fn decide_approval(
    found: Option<DeviceRequest>,
    act: &ApproveDeviceRequest,
    by: ActId,
    now: i64,
) -> Decision<DeviceRequest, AnswerOutcome> {
    let found = found.filter(|request| {
        request.client_id == act.grant.client_id && request.client_epoch == act.grant.parents.client
    });
    decide_answer(found, &act.grant.sub, Answer::Approved, by, now)
}

/// What [`super::DeviceRequests::deny_device_request`] does.
pub fn decide_denial(
    found: Option<DeviceRequest>,
    act: &DenyDeviceRequest,
    by: ActId,
    now: i64,
) -> Decision<DeviceRequest, AnswerOutcome> {
    decide_answer(found, &act.sub, Answer::Denied, by, now)
}

/// A request is answered once; the same answer by the same user is repeated.
fn decide_answer(
    found: Option<DeviceRequest>,
    sub: &str,
    answer: fn(Answered) -> Answer,
    by: ActId,
    now: i64,
) -> Decision<DeviceRequest, AnswerOutcome> {
    let Some(mut request) = found else {
        return Decision::returns(AnswerOutcome::Unknown);
    };
    if let Answer::Approved(before) | Answer::Denied(before) = &request.answer {
        let is_repeated = before.sub == sub && answer(before.clone()) == request.answer;
        return Decision::returns(match is_repeated {
            true => AnswerOutcome::Repeated,
            false => AnswerOutcome::AnsweredBefore,
        });
    }
    let expired_at = request.expires_at;
    if now >= expired_at {
        return Decision::returns(AnswerOutcome::Expired { expired_at });
    }
    request.answer = answer(Answered {
        sub: sub.to_owned(),
        at: now,
        by,
    });
    request.written_by = by;
    let kind = match request.answer {
        Answer::Denied(_) => EventKind::DeviceRequestDenied,
        Answer::Approved(_) | Answer::Pending => EventKind::DeviceRequestApproved,
    };
    let event = about(kind, &request, now).sub(sub);
    Decision::returns(AnswerOutcome::Taken)
        .moves(request)
        .tells(event)
}

/// The grant of a request that was approved, under the consent that the act recorded. Its voucher
/// is the device code, and lives as long as the request would have.
pub fn decide_grant(
    request: &DeviceRequest,
    act: &ApproveDeviceRequest,
    consent: Epoch,
    by: ActId,
) -> Decision<Grant, ()> {
    let device_code = Voucher {
        hash: request.device_code,
        expires_at: request.expires_at,
        used: None,
    };
    let origin = Origin::Device { device_code };
    decide_approved_grant(act.grant.clone(), origin, consent, request.keep_until, by)
}

fn about(kind: EventKind, request: &DeviceRequest, now: i64) -> Event {
    let event = Event::new(kind, now).client(&request.client_id);
    event.about(request.id)
}

impl Act for PollDeviceRequest {
    type Record = DeviceRequest;
    type Outcome = PollOutcome;

    fn key(&self) -> &GrantId {
        &self.id
    }

    fn decide(
        &self,
        found: Option<DeviceRequest>,
        by: ActId,
        now: i64,
    ) -> Decision<DeviceRequest, PollOutcome> {
        decide_poll(found, self, by, now)
    }

    fn is_in(&self, record: &DeviceRequest, by: ActId) -> bool {
        record.written_by == by
    }
}

impl Act for DenyDeviceRequest {
    type Record = DeviceRequest;
    type Outcome = AnswerOutcome;

    fn key(&self) -> &GrantId {
        &self.id
    }

    fn decide(
        &self,
        found: Option<DeviceRequest>,
        by: ActId,
        now: i64,
    ) -> Decision<DeviceRequest, AnswerOutcome> {
        decide_denial(found, self, by, now)
    }

    fn is_in(&self, record: &DeviceRequest, by: ActId) -> bool {
        matches!(&record.answer, Answer::Denied(answered) if answered.by == by)
    }
}
