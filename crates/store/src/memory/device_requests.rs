//! Device requests, decided under the one mutex by [`crate::device_requests`].

use async_trait::async_trait;

use super::{Memory, State, next_act};
use crate::acts::{Act, Decision, Write};
use crate::device_requests::{
    AnswerOutcome, ApproveDeviceRequest, DenyDeviceRequest, DeviceRequest, DeviceRequests,
    NewDeviceRequest, PollDeviceRequest, PollOutcome, decide_approval, decide_creation,
    decide_grant,
};
use crate::{GrantId, SecretHash, StoreError};

#[async_trait]
impl DeviceRequests for Memory {
    async fn create_device_request(
        &self,
        request: &NewDeviceRequest,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let is_taken = state.device_requests.contains_key(&request.id)
            || state.device_request_with(&request.user_code).is_some();
        let decision = decide_creation(is_taken, request, next_act(), now);
        Ok(state.write_device_request(decision))
    }

    async fn device_request(&self, id: &GrantId) -> Result<Option<DeviceRequest>, StoreError> {
        Ok(self.state().device_requests.get(id).cloned())
    }

    async fn device_request_with_user_code(
        &self,
        user_code: &SecretHash,
    ) -> Result<Option<DeviceRequest>, StoreError> {
        Ok(self.state().device_request_with(user_code).cloned())
    }

    async fn poll_device_request(
        &self,
        act: &PollDeviceRequest,
        now: i64,
    ) -> Result<PollOutcome, StoreError> {
        Ok(self.state().carry_out_on_request(act, now))
    }

    async fn approve_device_request(
        &self,
        act: &ApproveDeviceRequest,
        now: i64,
    ) -> Result<AnswerOutcome, StoreError> {
        let mut state = self.state();
        let by = next_act();
        let found = state.device_requests.get(&act.grant.id).cloned();
        let outcome = state.write_device_request(decide_approval(found.clone(), act, by, now));
        if outcome == AnswerOutcome::Taken
            && let Some(request) = found
        {
            let consent = state.take_consent_step(&act.grant, &act.consent, now);
            let (write, ()) = decide_grant(&request, act, consent, by).under(None);
            state.write(write);
        }
        Ok(outcome)
    }

    async fn deny_device_request(
        &self,
        act: &DenyDeviceRequest,
        now: i64,
    ) -> Result<AnswerOutcome, StoreError> {
        Ok(self.state().carry_out_on_request(act, now))
    }
}

impl State {
    fn device_request_with(&self, user_code: &SecretHash) -> Option<&DeviceRequest> {
        let mut requests = self.device_requests.values();
        requests.find(|request| request.user_code == *user_code)
    }

    fn carry_out_on_request<A: Act<Record = DeviceRequest>>(
        &mut self,
        act: &A,
        now: i64,
    ) -> A::Outcome {
        let found = self.device_requests.get(act.key()).cloned();
        self.write_device_request(act.decide(found, next_act(), now))
    }

    fn write_device_request<O>(&mut self, decision: Decision<DeviceRequest, O>) -> O {
        let (write, outcome) = decision.under(None);
        if let Write::Record(change) = write {
            self.device_requests.insert(change.record.id, change.record);
            self.tell(change.event);
        }
        outcome
    }
}
