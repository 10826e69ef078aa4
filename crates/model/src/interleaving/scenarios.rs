//! What the racers may do: each scenario begins in one situation and offers the requests that bear
//! on it, so that each can be walked through in full.
//!
//! Client 0 owns the grant that is raced for. Client 1 presents what isn't its own. Other grants
//! stand by: nothing may happen to them.

use std::sync::Arc;

use crate::acts::{Act, BrowserSessionId, ClientId, GrantId, Proof, Secret, Under, UserId};
use crate::interleaving::World;
use crate::interleaving::requests::Request;
use crate::interleaving::witness::Witness;
use crate::state::{Client, Lifetimes, Parent, Setup, State, apply};

/// One situation and what may happen in it.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub setup: Arc<Setup>,
    /// Carried out and answered before the race, at instant 0.
    pub prelude: Vec<Act>,
    /// How many requests begin in all.
    pub budget: u8,
    /// Where the clock stops; seconds.
    pub instants: Vec<i64>,
    /// Who presents the grant's secrets.
    pub clients: &'static [ClientId],
    pub sign_ins: Vec<Under>,
    /// Whether the interaction may be finished on the strength of a browser session that a sign-in
    /// has written.
    pub continues: bool,
    pub redeems: bool,
    pub refreshes: bool,
    pub checks: bool,
    pub denies: bool,
    /// Whether the grant's own refresh token may be revoked.
    pub ends_grant: bool,
    pub endings: Vec<Parent>,
    /// Names of what must happen somewhere in it, so that no property holds because nothing
    /// happens.
    pub shows: &'static [&'static str],
}

/// The grant that is raced for.
pub const SUBJECT: GrantId = GrantId(0);

/// The client that owns it.
pub const OWN: ClientId = ClientId(0);
const FOREIGN: ClientId = ClientId(1);
/// The only user.
pub const USER: UserId = UserId(0);
/// The only browser session.
pub const SESSION: BrowserSessionId = BrowserSessionId(0);
/// A grant under the browser session.
pub const ONLINE: Under = Under::BrowserSession(SESSION);
const OFFLINE: Under = Under::Consent(USER);

/// All scenarios.
pub fn scenarios() -> Vec<Scenario> {
    vec![
        redemption(),
        rotation(),
        rotation_off(),
        logout(),
        endings(),
        offline(),
        sign_in(),
    ]
}

/// A code is redeemed by several at once, rightly and wrongly, while the interaction is finished
/// again.
fn redemption() -> Scenario {
    Scenario {
        name: "redemption",
        prelude: [issued(SUBJECT, OWN, ONLINE), bystanders()].concat(),
        budget: 5,
        instants: vec![0, 10],
        clients: &[OWN, FOREIGN],
        sign_ins: vec![ONLINE],
        redeems: true,
        checks: true,
        shows: &[
            "a code is redeemed",
            "a code is replayed",
            "a used code comes with a wrong proof",
            "a code is burnt",
            "a code has expired",
            "a replaced code is unknown",
            "another client's code is refused",
            "a code is replaced",
            "a finished interaction is told so",
            "a token is active",
            "a token's grant has ended",
            "tokens are answered beside their ending",
        ],
        ..quiet()
    }
}

/// Refresh tokens of every age are presented by their client and by another, within the grace and
/// after it.
fn rotation() -> Scenario {
    Scenario {
        name: "rotation",
        prelude: [redeemed(SUBJECT, OWN, ONLINE), bystanders()].concat(),
        budget: 5,
        instants: vec![0, 10, 20],
        clients: &[OWN, FOREIGN],
        refreshes: true,
        shows: &[
            "a refresh token rotates",
            "a rotation is repeated",
            "two racers get the same successor",
            "a refresh token is reused",
            "a refresh token has expired",
            "another client's refresh token is refused",
            "a refresh meets its grant's end",
        ],
        ..quiet()
    }
}

/// A client whose refresh tokens stay, which revokes and is revoked.
fn rotation_off() -> Scenario {
    let setup = Setup {
        clients: vec![Client { rotates: false }; 2],
        ..Setup::clone(&quiet().setup)
    };
    Scenario {
        name: "rotation off",
        setup: Arc::new(setup),
        prelude: redeemed(SUBJECT, OWN, ONLINE),
        budget: 5,
        clients: &[OWN, FOREIGN],
        refreshes: true,
        checks: true,
        denies: true,
        ends_grant: true,
        endings: vec![Parent::User(USER)],
        shows: &[
            "a refresh token is kept",
            "a token is denied",
            "a refresh meets its grant's end",
            "a token is active",
        ],
        ..quiet()
    }
}

/// The user logs out or gets a new password while an online grant is refreshed, revoked, and its
/// tokens are checked.
fn logout() -> Scenario {
    Scenario {
        name: "logout",
        prelude: [redeemed(SUBJECT, OWN, ONLINE), bystanders()].concat(),
        budget: 4,
        instants: vec![0, 10],
        refreshes: true,
        checks: true,
        ends_grant: true,
        endings: vec![Parent::User(USER), Parent::BrowserSession(SESSION)],
        shows: REFRESHED_AND_ENDED,
        ..quiet()
    }
}

/// Anything above an online grant ends while it is refreshed and its tokens are checked.
fn endings() -> Scenario {
    Scenario {
        name: "endings",
        budget: 3,
        endings: vec![
            Parent::User(USER),
            Parent::BrowserSession(SESSION),
            Parent::Consent(USER, OWN),
            Parent::Client(OWN),
        ],
        ..logout()
    }
}

const REFRESHED_AND_ENDED: &[&str] = &[
    "a refresh token rotates",
    "a rotation is repeated",
    "two racers get the same successor",
    "a refresh meets its grant's end",
    "a token is active",
    "a token's grant has ended",
    "tokens are answered beside their ending",
];

/// An offline grant while the browser session and the user end.
fn offline() -> Scenario {
    Scenario {
        name: "offline",
        prelude: redeemed(SUBJECT, OWN, OFFLINE),
        budget: 6,
        refreshes: true,
        checks: true,
        endings: vec![Parent::User(USER), Parent::BrowserSession(SESSION)],
        shows: &[
            "an offline token outlives its browser session",
            "a token's grant has ended",
            "a refresh meets its grant's end",
        ],
        ..quiet()
    }
}

/// A sign-in from its password to its token, while the user and the session end.
fn sign_in() -> Scenario {
    Scenario {
        name: "sign-in",
        budget: 5,
        sign_ins: vec![ONLINE],
        continues: true,
        redeems: true,
        checks: true,
        endings: vec![Parent::User(USER), Parent::BrowserSession(SESSION)],
        shows: &[
            "a code is dead on arrival",
            "a code is redeemed",
            "a token is active",
            "a token's grant has ended",
            "a code is replaced",
            "tokens are answered beside their ending",
        ],
        ..quiet()
    }
}

/// Nothing happens.
fn quiet() -> Scenario {
    Scenario {
        name: "quiet",
        setup: Arc::new(Setup {
            users: 1,
            browser_sessions: vec![USER],
            clients: vec![Client { rotates: true }; 2],
            lifetimes: Lifetimes {
                code_seconds: 10,
                access_token_seconds: 20,
                grant_seconds: 30,
                refresh_idle_seconds: 20,
                grace_seconds: 10,
            },
        }),
        prelude: Vec::new(),
        budget: 0,
        instants: vec![0],
        clients: &[OWN],
        sign_ins: Vec::new(),
        continues: false,
        redeems: false,
        refreshes: false,
        checks: false,
        denies: false,
        ends_grant: false,
        endings: Vec::new(),
        shows: &[],
    }
}

/// An offline grant of the same user to the same client, and an online one to the other client.
fn bystanders() -> Vec<Act> {
    [
        redeemed(GrantId(1), OWN, OFFLINE),
        redeemed(GrantId(2), FOREIGN, ONLINE),
    ]
    .concat()
}

fn issued(grant: GrantId, client: ClientId, under: Under) -> Vec<Act> {
    let taken = State::new(quiet().setup).present_epochs(client, under);
    vec![Act::IssueCode {
        grant,
        client,
        under,
        taken,
    }]
}

fn redeemed(grant: GrantId, client: ClientId, under: Under) -> Vec<Act> {
    let mut acts = issued(grant, client, under);
    acts.push(Act::RedeemCode {
        grant,
        code: Secret::Issued(0),
        client,
        proof: Proof::Right,
    });
    acts
}

impl Scenario {
    /// The store and what is known of it when the race begins.
    pub(super) fn beginning(&self) -> (State, Witness) {
        let mut store = State::new(Arc::clone(&self.setup));
        let mut witness = Witness::default();
        for act in &self.prelude {
            let outcome = apply(&mut store, act, 0);
            witness.told(act, outcome);
        }
        (store, witness)
    }

    /// The requests that may begin now.
    pub(super) fn requests(&self, world: &World) -> Vec<Request> {
        let mut requests: Vec<Request> = self
            .sign_ins
            .iter()
            .map(|&under| Request::SignIn { under })
            .collect();
        requests.extend(
            world
                .browser_session
                .filter(|_| self.continues)
                .map(|_| Request::Continue),
        );
        requests.extend(self.endings.iter().map(|&parent| Request::End(parent)));
        for &client in self.clients {
            if self.redeems {
                requests.extend(
                    world
                        .witness
                        .codes
                        .iter()
                        .flat_map(|&code| redemptions(code, client)),
                );
            }
            if self.refreshes {
                let tokens = world.witness.refresh_tokens.iter();
                requests.extend(tokens.map(|&token| Request::Refresh { token, client }));
            }
            if self.ends_grant {
                requests.push(Request::EndGrant { client });
            }
        }
        let minted = world.store.access_tokens.get(&SUBJECT).map_or(0, Vec::len) as u32;
        if let Some(access_token) = minted.checked_sub(1) {
            requests.extend(self.checks.then_some(Request::Check { access_token }));
            requests.extend(self.denies.then_some(Request::Deny { access_token }));
        }
        requests
    }
}

/// Whose the code is is found before the proof is looked at, so another client's comes with the
/// right one only.
fn redemptions(code: u32, client: ClientId) -> impl Iterator<Item = Request> {
    let proofs: &[Proof] = if client == OWN {
        &[Proof::Right, Proof::Wrong]
    } else {
        &[Proof::Right]
    };
    proofs.iter().map(move |&proof| Request::Redeem {
        code,
        client,
        proof,
    })
}
