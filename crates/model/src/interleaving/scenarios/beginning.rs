//! Where a scenario begins: what is there, and what the witness knows of it.

use std::sync::Arc;

use super::{Engine, FOREIGN, OFFLINE, ONLINE, OWN, SUBJECT, Scenario, USER};
use crate::acts::{Act, ClientId, GrantId, Proof, Secret, Under};
use crate::interleaving::World;
use crate::interleaving::engine::Marks;
use crate::interleaving::passwords::OLD;
use crate::interleaving::witness::Witness;
use crate::state::{Client, Lifetimes, Setup, State, apply};

/// How much a grant allows at first.
const ALL: u8 = 1;

impl Scenario {
    /// The moment at which the race begins.
    pub(in crate::interleaving) fn beginning(&self) -> World {
        let mut store = State::new(Arc::clone(&self.setup));
        let mut witness = Witness::default();
        for act in &self.prelude {
            let outcome = apply(&mut store, act, 0);
            witness.told(act, outcome, &store);
        }
        World {
            store,
            marks: Marks::default(),
            adrift: Vec::new(),
            cuts: self.cuts,
            last_act: 0,
            password: OLD,
            scope: ALL,
            browser_session: None,
            instant: 0,
            racers: Vec::new(),
            budget: self.budget,
            witness,
        }
    }
}

/// Nothing happens.
pub(super) fn quiet() -> Scenario {
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
        engine: Engine::InProcess,
        prelude: Vec::new(),
        budget: 0,
        cuts: 0,
        instants: vec![0],
        form_seconds: 60,
        collect_after_seconds: 60,
        clients: &[OWN],
        offers: Vec::new(),
        shows: &[],
    }
}

/// The scenario's grant with its unused code.
pub(super) fn issued_online() -> Vec<Act> {
    issued(SUBJECT, OWN, ONLINE)
}

/// The scenario's grant with its first refresh token.
pub(super) fn redeemed_online() -> Vec<Act> {
    redeemed(SUBJECT, OWN, ONLINE)
}

/// The same under the user's consent.
pub(super) fn redeemed_offline() -> Vec<Act> {
    redeemed(SUBJECT, OWN, OFFLINE)
}

/// An offline grant of the same user to the same client, and an online one to the other client.
pub(super) fn bystanders() -> Vec<Act> {
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
