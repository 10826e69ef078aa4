//! The acts on a grant: what its row makes of them, and the parents' part in it.

use std::sync::Arc;

use crate::acts::{
    CheckOutcome, ClientId, EndGrantOutcome, Epoch, GrantId, IssueOutcome, Outcome, ParentEpochs,
    Proof, RedeemOutcome, RotateOutcome, Secret, Under,
};
use crate::grant::Grant;
use crate::state::{Parent, State};

impl State {
    /// Writes the grant or replaces its unused code.
    pub fn issue(
        &mut self,
        id: GrantId,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
        now: i64,
    ) -> IssueOutcome {
        let fresh = self.fresh_grant(client, under, taken, now);
        let mut row = self.grants.remove(&id);
        let outcome = Grant::replace(&mut row, fresh);
        self.grants.extend(row.map(|row| (id, row)));
        if outcome != IssueOutcome::AlreadyUsed {
            self.join_client_session(client, under, taken);
        }
        outcome
    }

    /// What a code is issued with now.
    pub fn fresh_grant(
        &self,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
        now: i64,
    ) -> Grant {
        let joined = match under {
            Under::BrowserSession(session) => self.epoch(Parent::ClientSession(session, client)),
            Under::Consent(_) => Epoch::default(),
        };
        let user = self.setup.user_of(under);
        let lifetimes = &self.setup.lifetimes;
        Grant::issue(client, user, under, taken, joined, now, lifetimes)
    }

    /// The client session is there from now on, unless its browser session has ended: then the
    /// grant is invalid from the start and there is nothing to join.
    fn join_client_session(&mut self, client: ClientId, under: Under, taken: ParentEpochs) {
        if let (Under::BrowserSession(session), Some(epoch)) = (under, taken.browser_session)
            && self.epoch(Parent::BrowserSession(session)) == epoch
        {
            self.client_sessions.insert((session, client));
        }
    }

    pub(super) fn redeem(
        &mut self,
        id: GrantId,
        code: Secret,
        client: ClientId,
        proof: Proof,
        now: i64,
    ) -> RedeemOutcome {
        let setup = Arc::clone(&self.setup);
        let Some(grant) = self.grants.get_mut(&id) else {
            return RedeemOutcome::Unknown;
        };
        let outcome = grant.redeem(code, client, proof, now, &setup.lifetimes);
        if outcome != RedeemOutcome::Redeemed {
            return outcome;
        }
        if !self.has_live_parents(id) {
            return RedeemOutcome::Ended;
        }
        self.mint_access_token(id, now);
        outcome
    }

    pub(super) fn rotate(
        &mut self,
        id: GrantId,
        token: Secret,
        client: ClientId,
        now: i64,
    ) -> RotateOutcome {
        let setup = Arc::clone(&self.setup);
        let rotates = self.setup.rotates(client);
        let Some(grant) = self.grants.get_mut(&id) else {
            return RotateOutcome::Unknown;
        };
        let outcome = grant.rotate(token, client, rotates, now, &setup.lifetimes);
        if !matches!(
            outcome,
            RotateOutcome::Rotated { .. } | RotateOutcome::Repeated { .. } | RotateOutcome::Kept
        ) {
            return outcome;
        }
        if !self.has_live_parents(id) {
            return RotateOutcome::Ended;
        }
        self.mint_access_token(id, now);
        outcome
    }

    /// Presents a refresh token beside another fault: whatever it would give is held back.
    pub(super) fn withhold(
        &mut self,
        id: GrantId,
        token: Secret,
        client: ClientId,
        now: i64,
    ) -> RotateOutcome {
        let before = self.clone();
        let outcome = self.rotate(id, token, client, now);
        let has_ended = |state: &Self| state.grants.get(&id).is_some_and(|grant| grant.ended);
        if has_ended(self) {
            return outcome;
        }
        *self = before;
        match outcome {
            RotateOutcome::Rotated { .. }
            | RotateOutcome::Repeated { .. }
            | RotateOutcome::Kept => RotateOutcome::Withheld,
            refused => refused,
        }
    }

    pub(super) fn check(&self, id: GrantId, access_token: u32, now: i64) -> CheckOutcome {
        let expires_at = self
            .access_tokens
            .get(&id)
            .and_then(|tokens| tokens.get(access_token as usize));
        let (Some(&expires_at), Some(grant)) = (expires_at, self.grants.get(&id)) else {
            // No one can present a token that was never signed; a grant that is missing has ended.
            return CheckOutcome::Ended;
        };
        if now >= expires_at || now >= grant.expires_at {
            CheckOutcome::Expired
        } else if !self.is_live(grant) {
            CheckOutcome::Ended
        } else if self.denied.contains(&(id, access_token)) {
            CheckOutcome::Denied
        } else {
            CheckOutcome::Active
        }
    }

    /// Puts an access token on the denylist. One that was never made has no `jti` to put there.
    pub fn deny(&mut self, id: GrantId, access_token: u32) -> Outcome {
        if self
            .access_tokens
            .get(&id)
            .is_some_and(|tokens| (access_token as usize) < tokens.len())
        {
            self.denied.insert((id, access_token));
        }
        Outcome::Done
    }

    /// Marks the grant's row.
    pub fn end_grant(&mut self, id: GrantId, client: ClientId) -> EndGrantOutcome {
        let Some(grant) = self.grants.get_mut(&id) else {
            return EndGrantOutcome::Unknown;
        };
        grant.end(client)
    }

    /// Ends each grant with an unused code, and says how many there were.
    pub(super) fn delete_all_codes(&mut self) -> Outcome {
        let mut deleted = 0;
        for grant in self
            .grants
            .values_mut()
            .filter(|grant| grant.code_is_unused())
        {
            grant.ended = true;
            deleted += 1;
        }
        Outcome::CodesDeleted(deleted)
    }

    fn has_live_parents(&self, id: GrantId) -> bool {
        self.grants
            .get(&id)
            .is_some_and(|grant| self.parents_live(grant))
    }
}
