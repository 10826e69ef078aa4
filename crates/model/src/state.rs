//! The reference: one pure state, and one function that carries out an act on it.
//!
//! A backend is right when it answers every history as [`apply`] does. The table of what is found
//! before what stands in the crate's documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::acts::{
    Act, BrowserSessionId, CheckOutcome, ClientId, EndGrantOutcome, Epoch, GrantId, IssueOutcome,
    Outcome, ParentEpochs, Proof, RedeemOutcome, RotateOutcome, Secret, Under, UserId,
};
use crate::grant::Grant;
pub use crate::setup::{Client, Lifetimes, Setup};

/// Carries out `act` at the instant `now` (seconds) and says what it answered.
///
/// Ids of users, browser sessions and clients must be those of the setup; a grant is made by
/// [`Act::IssueCode`].
pub fn apply(state: &mut State, act: &Act, now: i64) -> Outcome {
    match *act {
        Act::IssueCode {
            grant,
            client,
            under,
            taken,
        } => Outcome::IssueCode(state.issue(grant, client, under, taken, now)),
        Act::RedeemCode {
            grant,
            code,
            client,
            proof,
        } => Outcome::RedeemCode(state.redeem(grant, code, client, proof, now)),
        Act::RotateRefreshToken {
            grant,
            token,
            client,
        } => Outcome::RotateRefreshToken(state.rotate(grant, token, client, now)),
        Act::CheckToken {
            grant,
            access_token,
        } => Outcome::CheckToken(state.check(grant, access_token, now)),
        Act::EndGrant { grant, client } => Outcome::EndGrant(state.end_grant(grant, client)),
        Act::DenyAccessToken {
            grant,
            access_token,
        } => state.deny(grant, access_token),
        Act::EndBrowserSession { browser_session } => {
            state.replace(Parent::BrowserSession(browser_session))
        }
        Act::EndUser { user } => state.replace(Parent::User(user)),
        Act::WithdrawConsent { user, client } => state.replace(Parent::Consent(user, client)),
        Act::EndClient { client } => state.replace(Parent::Client(client)),
    }
}

/// Everything that the acts decide by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Never changes, so it takes no part in the hash.
    pub setup: Arc<Setup>,
    pub grants: BTreeMap<GrantId, Grant>,
    /// Epochs that an ending has replaced; all others are still [`Epoch`]`(0)`.
    pub epochs: BTreeMap<Parent, Epoch>,
    /// When each access token that was answered expires, in their order; seconds. A store keeps no
    /// such list: a JWT carries its own `exp`.
    pub access_tokens: BTreeMap<GrantId, Vec<i64>>,
    /// Access tokens on the denylist.
    pub denied: BTreeSet<(GrantId, u32)>,
}

/// A record whose epoch grants carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parent {
    User(UserId),
    BrowserSession(BrowserSessionId),
    Consent(UserId, ClientId),
    Client(ClientId),
}

impl State {
    pub fn new(setup: Arc<Setup>) -> Self {
        Self {
            setup,
            grants: BTreeMap::new(),
            epochs: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            denied: BTreeSet::new(),
        }
    }

    /// The present epoch of a parent.
    pub fn epoch(&self, parent: Parent) -> Epoch {
        self.epochs.get(&parent).copied().unwrap_or_default()
    }

    /// The epochs that a credential verified now would hand down.
    pub fn present_epochs(&self, client: ClientId, under: Under) -> ParentEpochs {
        let user = self.setup.user_of(under);
        ParentEpochs {
            user: self.epoch(Parent::User(user)),
            browser_session: match under {
                Under::BrowserSession(id) => Some(self.epoch(Parent::BrowserSession(id))),
                Under::Consent(_) => None,
            },
            consent: self.epoch(Parent::Consent(user, client)),
            client: self.epoch(Parent::Client(client)),
        }
    }

    /// Whether the epochs that the grant took are still its parents' own.
    pub fn parents_live(&self, grant: &Grant) -> bool {
        parents(grant)
            .into_iter()
            .flatten()
            .all(|(parent, taken)| self.epoch(parent) == taken)
    }

    /// Whether nothing has ended the grant.
    pub fn is_live(&self, grant: &Grant) -> bool {
        !grant.ended && self.parents_live(grant)
    }

    /// Counts an access token that is being answered.
    pub fn mint_access_token(&mut self, grant: GrantId, now: i64) {
        let expires_at = now + self.setup.lifetimes.access_token_seconds;
        self.access_tokens
            .entry(grant)
            .or_default()
            .push(expires_at);
    }

    /// Gives the parent a new epoch.
    pub fn replace(&mut self, parent: Parent) -> Outcome {
        self.epochs.entry(parent).or_default().0 += 1;
        Outcome::Done
    }

    /// Writes the grant or replaces its unused code.
    pub fn issue(
        &mut self,
        id: GrantId,
        client: ClientId,
        under: Under,
        taken: ParentEpochs,
        now: i64,
    ) -> IssueOutcome {
        let fresh = Grant::issue(
            client,
            self.setup.user_of(under),
            under,
            taken,
            now,
            &self.setup.lifetimes,
        );
        let Some(grant) = self.grants.get_mut(&id) else {
            self.grants.insert(id, fresh);
            return IssueOutcome::Issued;
        };
        // The id is sealed into one client's interaction: another client's use of it would be a
        // fault of ours, and must not move a grant.
        if !grant.code_is_unused() || grant.client != client {
            return IssueOutcome::AlreadyUsed;
        }
        *grant = Grant {
            code: grant.code + 1,
            ..fresh
        };
        IssueOutcome::Replaced
    }

    fn redeem(
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
        if !self.accepts(id) {
            return RedeemOutcome::Ended;
        }
        self.mint_access_token(id, now);
        outcome
    }

    fn rotate(&mut self, id: GrantId, token: Secret, client: ClientId, now: i64) -> RotateOutcome {
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
        if !self.accepts(id) {
            return RotateOutcome::Ended;
        }
        self.mint_access_token(id, now);
        outcome
    }

    fn check(&self, id: GrantId, access_token: u32, now: i64) -> CheckOutcome {
        let expires_at = self
            .access_tokens
            .get(&id)
            .and_then(|tokens| tokens.get(access_token as usize));
        let (Some(&expires_at), Some(grant)) = (expires_at, self.grants.get(&id)) else {
            // Nobody can present a token that was never signed; a grant that is missing has ended.
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

    /// Puts an access token on the denylist. One that was never made has no `jti` that could stand
    /// there.
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
        if grant.client != client {
            return EndGrantOutcome::ForeignClient;
        }
        grant.ended = true;
        EndGrantOutcome::Ended
    }

    fn accepts(&self, id: GrantId) -> bool {
        self.grants
            .get(&id)
            .is_some_and(|grant| self.parents_live(grant))
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self {
            setup: _,
            grants,
            epochs,
            access_tokens,
            denied,
        } = self;
        (grants, epochs, access_tokens, denied).hash(hasher);
    }
}

/// The grant's parents, each with the epoch that was taken from it. An offline grant has one fewer.
pub fn parents(grant: &Grant) -> [Option<(Parent, Epoch)>; 4] {
    let session = grant
        .browser_session
        .map(Parent::BrowserSession)
        .zip(grant.taken.browser_session);
    [
        Some((Parent::User(grant.user), grant.taken.user)),
        session,
        Some((
            Parent::Consent(grant.user, grant.client),
            grant.taken.consent,
        )),
        Some((Parent::Client(grant.client), grant.taken.client)),
    ]
}
