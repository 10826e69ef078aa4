//! What the racers may do: each scenario begins in one situation and offers the requests that bear
//! on it, so that each can be walked through in full.
//!
//! Client 0 owns the grant that is raced for. Client 1 presents what isn't its own. Other grants
//! are there as well: nothing may happen to them.

mod beginning;
mod codes;
mod endings;
mod refresh_tokens;
mod shared_engine;
mod sign_ins;

use std::sync::Arc;

use crate::acts::{Act, BrowserSessionId, ClientId, GrantId, Proof, Under, UserId};
use crate::interleaving::World;
use crate::interleaving::passwords::{NEW, OLD};
use crate::interleaving::requests::{Request, USER_RECORD};
use crate::interleaving::sign_in::Consent;
use crate::state::{Parent, Setup};

/// One situation and what may happen in it.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub setup: Arc<Setup>,
    pub engine: Engine,
    /// Carried out and returned before the race, at instant 0.
    pub prelude: Vec<Act>,
    /// How many requests begin in all.
    pub budget: u8,
    /// How many responses of the store may be lost.
    pub cuts: u8,
    /// Where the clock stops; seconds.
    pub instants: Vec<i64>,
    /// How long the form of an authorization may be sent, from instant 0; seconds.
    pub form_seconds: i64,
    /// How long a record is kept past its last acceptable instant; seconds. No request takes as
    /// long as this.
    pub collect_after_seconds: i64,
    /// Who presents the grant's secrets.
    pub clients: &'static [ClientId],
    pub offers: Vec<Offer>,
    /// Names of what must happen somewhere in it, so that no property holds because nothing
    /// happens.
    pub shows: &'static [&'static str],
}

/// How acts on the record are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Each in one step.
    InProcess,
    /// By compare-and-set.
    Shared,
}

/// A kind of request that may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    SignIn(Under, Consent),
    /// The authorization may be finished on the strength of a browser session that a sign-in has
    /// written.
    Continue,
    Redeem,
    Refresh,
    /// A refresh with another fault beside.
    FaultyRefresh,
    Check,
    Deny,
    /// The grant's own refresh token is revoked.
    EndGrant,
    End(Parent),
    DeleteCodes,
    Upkeep,
    Collect,
    Narrow,
    ChangePassword,
    Disable,
}

/// The grant that is raced for.
pub const SUBJECT: GrantId = GrantId(0);
/// The client that owns it.
pub const OWN: ClientId = ClientId(0);
/// Another client.
pub const FOREIGN: ClientId = ClientId(1);
/// The only user.
pub const USER: UserId = UserId(0);
/// The only browser session.
pub const SESSION: BrowserSessionId = BrowserSessionId(0);
/// A grant under the browser session.
pub const ONLINE: Under = Under::BrowserSession(SESSION);
const OFFLINE: Under = Under::Consent(USER);

/// All scenarios.
pub fn scenarios() -> Vec<Scenario> {
    [
        codes::scenarios(),
        refresh_tokens::scenarios(),
        endings::scenarios(),
        sign_ins::scenarios(),
        shared_engine::scenarios(),
    ]
    .concat()
}

impl Scenario {
    /// Whether requests of this kind may begin.
    pub fn offers(&self, offer: Offer) -> bool {
        self.offers.contains(&offer)
    }

    /// Whether something in it may end the parent.
    pub fn may_end(&self, parent: Parent) -> bool {
        let ends_the_user = self.offers(Offer::ChangePassword) || self.offers(Offer::Disable);
        self.offers(Offer::End(parent)) || (parent == USER_RECORD && ends_the_user)
    }

    pub(super) fn now(&self, world: &World) -> i64 {
        self.instants.get(world.instant).copied().unwrap_or(0)
    }

    /// The requests that may begin now.
    pub(super) fn requests(&self, world: &World) -> Vec<Request> {
        self.offers
            .iter()
            .flat_map(|&offer| self.requests_of(offer, world))
            .collect()
    }

    fn requests_of(&self, offer: Offer, world: &World) -> Vec<Request> {
        let witness = &world.witness;
        let form_is_open = self.now(world) < self.form_seconds;
        let of_each = |requests: fn(u32, ClientId) -> Vec<Request>, secrets: Vec<u32>| {
            let clients = self.clients.iter();
            let pairs = clients.flat_map(|&client| secrets.iter().map(move |&n| (n, client)));
            pairs.flat_map(|(n, client)| requests(n, client)).collect()
        };
        let last_access_token = || {
            let minted = world.store.access_tokens.get(&SUBJECT).map_or(0, Vec::len);
            (minted as u32).checked_sub(1)
        };
        match offer {
            Offer::SignIn(under, consent) if form_is_open => [OLD, NEW]
                .into_iter()
                .filter(|&password| password <= world.password)
                .map(|password| Request::SignIn {
                    under,
                    consent,
                    password,
                })
                .collect(),
            Offer::Continue if form_is_open && world.browser_session.is_some() => {
                vec![Request::Continue]
            }
            Offer::SignIn(..) | Offer::Continue => Vec::new(),
            Offer::Redeem => of_each(redemptions, witness.codes.iter().copied().collect()),
            Offer::Refresh => of_each(refresh, witness.refresh_tokens.iter().copied().collect()),
            Offer::FaultyRefresh => of_each(
                faulty_refresh,
                witness.refresh_tokens.iter().copied().collect(),
            ),
            Offer::Check => last_access_token()
                .map(|access_token| Request::Check { access_token })
                .into_iter()
                .collect(),
            Offer::Deny => last_access_token()
                .map(|access_token| Request::Deny { access_token })
                .into_iter()
                .collect(),
            Offer::EndGrant => of_each(|_, client| vec![Request::EndGrant { client }], vec![0]),
            Offer::End(parent) => vec![Request::End(parent)],
            Offer::DeleteCodes => vec![Request::DeleteCodes {
                known: witness.codes.last().map_or(0, |code| code + 1),
            }],
            Offer::Upkeep => vec![Request::Upkeep],
            Offer::Collect => {
                let since = self.now(world) - self.collect_after_seconds;
                let is_settled = world.racers.iter().all(|racer| racer.now > since);
                is_settled.then_some(Request::Collect).into_iter().collect()
            }
            Offer::Narrow => vec![Request::Narrow],
            Offer::ChangePassword => vec![Request::ChangePassword],
            Offer::Disable => vec![Request::Disable],
        }
    }
}

/// The code's owner is checked before the proof, so another client's code comes only with the right
/// proof.
fn redemptions(code: u32, client: ClientId) -> Vec<Request> {
    let proofs: &[Proof] = if client == OWN {
        &[Proof::Right, Proof::Wrong]
    } else {
        &[Proof::Right]
    };
    let presented = proofs.iter().map(|&proof| Request::Redeem {
        code,
        client,
        proof,
    });
    presented.collect()
}

fn refresh(token: u32, client: ClientId) -> Vec<Request> {
    vec![Request::Refresh {
        token,
        client,
        faulty: false,
    }]
}

fn faulty_refresh(token: u32, client: ClientId) -> Vec<Request> {
    vec![Request::Refresh {
        token,
        client,
        faulty: true,
    }]
}
