//! The reference: one pure state, and one function that carries out an act on it.
//!
//! A backend is right when it returns for every history what [`apply`] returns. The tables of what
//! is found first are in the crate's documentation. [`mod@acts`] has the acts on a grant,
//! [`mod@cookies`] those on a browser session's secret, and [`mod@parents`] the records above a
//! grant.

mod acts;
mod cookies;
mod parents;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::acts::{Act, BrowserSessionId, ClientId, Epoch, GrantId, Outcome};
use crate::grant::Grant;
pub use crate::setup::{Client, Lifetimes, Setup};
pub use parents::{PARENTS, Parent, parents};

/// Carries out `act` at the instant `now` (seconds) and says what it returns.
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
            faulty,
        } => Outcome::RotateRefreshToken(match faulty {
            false => state.rotate(grant, token, client, now),
            true => state.withhold(grant, token, client, now),
        }),
        Act::CheckToken {
            grant,
            access_token,
        } => Outcome::CheckToken(state.check(grant, access_token, now)),
        Act::EndGrant { grant, client } => Outcome::EndGrant(state.end_grant(grant, client)),
        Act::DenyAccessToken {
            grant,
            access_token,
        } => state.deny(grant, access_token),
        Act::PresentCookie {
            browser_session,
            secret,
        } => Outcome::PresentCookie(state.present_cookie(browser_session, secret)),
        Act::RenewSession {
            browser_session,
            user,
            user_epoch,
            secret,
        } => Outcome::RenewSession(state.renew(browser_session, user, user_epoch, secret)),
        Act::EndBrowserSession { browser_session } => {
            state.end_browser_session(browser_session);
            Outcome::Done
        }
        Act::EndClientSession {
            browser_session,
            client,
        } => Outcome::EndClientSession(state.end_client_session(browser_session, client)),
        Act::WithdrawConsent { user, client } => state.replace(Parent::Consent(user, client)),
        Act::EndUser { user, epoch } => state.end(Parent::User(user), epoch),
        Act::DisableUser { user, epoch } => state.disable(Parent::User(user), epoch),
        Act::EnableUser { user, disabled_by } => state.enable(Parent::User(user), disabled_by),
        Act::EndClient { client, epoch } => state.end(Parent::Client(client), epoch),
        Act::DisableClient { client, epoch } => state.disable(Parent::Client(client), epoch),
        Act::EnableClient {
            client,
            disabled_by,
        } => state.enable(Parent::Client(client), disabled_by),
        Act::DeleteAllCodes => state.delete_all_codes(),
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
    /// Users and clients that may do nothing at all.
    pub disabled: BTreeSet<Parent>,
    /// The number of each browser session's present secret, where it isn't 0.
    pub cookies: BTreeMap<BrowserSessionId, u32>,
    /// The client sessions that a grant has joined and no ending has ended.
    pub client_sessions: BTreeSet<(BrowserSessionId, ClientId)>,
    /// When each access token that was returned expires, in their order; seconds. A store keeps no
    /// such list: a JWT carries its own `exp`.
    pub access_tokens: BTreeMap<GrantId, Vec<i64>>,
    /// Access tokens on the denylist.
    pub denied: BTreeSet<(GrantId, u32)>,
}

impl State {
    pub fn new(setup: Arc<Setup>) -> Self {
        Self {
            setup,
            grants: BTreeMap::new(),
            epochs: BTreeMap::new(),
            disabled: BTreeSet::new(),
            cookies: BTreeMap::new(),
            client_sessions: BTreeSet::new(),
            access_tokens: BTreeMap::new(),
            denied: BTreeSet::new(),
        }
    }

    /// Whether nothing has ended the grant.
    pub fn is_live(&self, grant: &Grant) -> bool {
        !grant.ended && self.parents_live(grant)
    }

    /// Counts an access token that is being returned.
    pub fn mint_access_token(&mut self, grant: GrantId, now: i64) {
        let expires_at = now + self.setup.lifetimes.access_token_seconds;
        self.access_tokens
            .entry(grant)
            .or_default()
            .push(expires_at);
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self {
            setup: _,
            grants,
            epochs,
            disabled,
            cookies,
            client_sessions,
            access_tokens,
            denied,
        } = self;
        (grants, epochs, disabled, cookies, client_sessions).hash(hasher);
        (access_tokens, denied).hash(hasher);
    }
}
