//! Codes: issued and redeemed.

use countersign_jose::random::SystemRandom;
use countersign_model::acts::{
    ClientId, GrantId as Small, IssueOutcome, ParentEpochs, Proof, RedeemOutcome, Secret, Under,
};
use countersign_model::history::Made;
use countersign_model::state::Parent;

use super::Replay;
use crate::consents::ConsentStep;
use crate::grants::{self, IssueCode, NewRefreshFamily, Redeem, SessionParents};
use crate::suite::world::{CHALLENGE, REDIRECT_URI, World, guess, new_code, proof as proof_of};
use crate::{Token, refresh_tokens};

impl Replay<'_> {
    pub(super) async fn issue(
        &mut self,
        grant: Small,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
        now: i64,
        made: Made,
    ) -> IssueOutcome {
        let mut act = self.issue_act(grant, client, under, taken, now);
        let outcome = self.store.issue_code(&act, now).await.expect("returns");
        if made.code.is_some() {
            self.secrets(grant).codes.push(new_code(&mut act).hash);
        }
        match outcome {
            grants::IssueOutcome::Issued { .. } => IssueOutcome::Issued,
            grants::IssueOutcome::Replaced { .. } => IssueOutcome::Replaced,
            grants::IssueOutcome::AlreadyUsed => IssueOutcome::AlreadyUsed,
        }
    }

    fn issue_act(
        &mut self,
        grant: Small,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
        now: i64,
    ) -> IssueCode {
        let user = self.history.setup.user_of(under);
        let consent = Parent::Consent(user, client);
        let client_id = self.clients[usize::from(client.0)].clone();
        let mut world = World::stranger(&client_id, now);
        world.sub.clone_from(&self.subs[usize::from(user.0)]);
        world.user_epoch = self.epoch(Parent::User(user), taken.user);
        world.client_epoch = self.epoch(Parent::Client(client), taken.client);
        match under {
            Under::Consent(_) => world.session = self.offline[usize::from(user.0)].clone(),
            Under::BrowserSession(id) => {
                let taken = taken.browser_session.unwrap_or_default();
                world.session.id = self.sessions[usize::from(id.0)];
                world.session.epoch = self.epoch(Parent::BrowserSession(id), taken);
            }
        }
        let mut act = world.issue();
        if let Under::Consent(_) = under {
            act.grant.parents.session = None;
        }
        debug_assert!(
            act.grant
                .parents
                .session
                .as_ref()
                .is_none_or(|session: &SessionParents| session.browser_session == world.session.id)
        );
        let taken_consent = self.epoch(consent, taken.consent);
        act.grant.parents.consent = taken_consent;
        // The one read before a withdrawal is named; the present one is (or was) given.
        let present = self.endings.get(&consent).copied().unwrap_or_default();
        act.consent = match taken.consent.0 == present {
            false => ConsentStep::Rest,
            true => ConsentStep::Record {
                scope: act.grant.scope.clone(),
                given_to: String::new(),
                proposed_epoch: taken_consent,
            },
        };
        let lifetimes = &self.history.setup.lifetimes;
        act.grant.id = self.secrets(grant).id;
        new_code(&mut act).hash = guess();
        new_code(&mut act).expires_at = now + lifetimes.code_seconds;
        act.grant.expires_at = now + lifetimes.grant_seconds;
        act
    }

    pub(super) fn redemption(
        &mut self,
        grant: Small,
        code: Secret,
        client: ClientId,
        proof: Proof,
        number: usize,
        now: i64,
    ) -> (Redeem, Token) {
        let secrets = self.secrets(grant);
        let presented = match code {
            Secret::Issued(number) => secrets.codes.get(number as usize).copied(),
            Secret::MadeUp => None,
        };
        let first = refresh_tokens::generate(secrets.id, &secrets.mac_key, &SystemRandom);
        let mut act = Redeem {
            grant: secrets.id,
            presented: presented.unwrap_or_else(guess),
            client_id: String::new(),
            proof: proof_of(Some(REDIRECT_URI), Some(CHALLENGE)),
            refresh: NewRefreshFamily {
                mac_key: secrets.mac_key.clone(),
                first: first.hash(),
                idle_expires_at: None,
                binding_key: None,
            },
            access_token: None,
        };
        act.client_id
            .clone_from(&self.clients[usize::from(client.0)]);
        act.refresh.idle_expires_at = Some(now + self.history.setup.lifetimes.refresh_idle_seconds);
        act.access_token = self.new_access_token(act.grant, now);
        if proof == Proof::Wrong {
            match number % 2 {
                0 => act.proof = proof_of(Some(REDIRECT_URI), Some(&CHALLENGE.to_lowercase())),
                _ => act.proof = proof_of(None, Some(CHALLENGE)),
            }
        }
        (act, first)
    }

    pub(super) async fn redeem(
        &mut self,
        grant: Small,
        (act, first): (Redeem, Token),
        now: i64,
        made: Made,
    ) -> RedeemOutcome {
        let outcome = self.store.redeem(&act, now).await.expect("returns");
        self.remember(grant, made, first, act.access_token.as_ref(), now);
        match outcome {
            grants::RedeemOutcome::Redeemed(_) => RedeemOutcome::Redeemed,
            grants::RedeemOutcome::Unknown => RedeemOutcome::Unknown,
            grants::RedeemOutcome::ForeignClient => RedeemOutcome::ForeignClient,
            grants::RedeemOutcome::Invalidated { .. } => RedeemOutcome::Invalidated,
            grants::RedeemOutcome::Expired { .. } => RedeemOutcome::Expired,
            grants::RedeemOutcome::Replayed { .. } => RedeemOutcome::Replayed,
            grants::RedeemOutcome::UsedWithWrongProof => RedeemOutcome::UsedWithWrongProof,
            grants::RedeemOutcome::Ended(_) => RedeemOutcome::Ended,
        }
    }
}
