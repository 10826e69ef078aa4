//! The reference against what the specifications and the crate's tables say, act by act.

mod access_tokens;
mod codes;
mod cookies;
mod deletion;
mod endings;
mod refresh;
mod revocation;
mod standings;

use std::sync::Arc;

use countersign_model::acts::{
    Act, BrowserSessionId, CheckOutcome, ClientId, CookieOutcome, EndClientSessionOutcome,
    EndGrantOutcome, Epoch, GrantId, IssueOutcome, Outcome, Proof, RedeemOutcome, RenewOutcome,
    RotateOutcome, Secret, Under, UserId,
};
use countersign_model::state::{Client, Lifetimes, Setup, State, apply};

const GRANT: GrantId = GrantId(0);
/// Whose the grant is.
const OWN: ClientId = ClientId(0);
const FOREIGN: ClientId = ClientId(1);
/// A client whose refresh tokens don't rotate.
const STEADY: ClientId = ClientId(2);
const ONLINE: Under = Under::BrowserSession(BrowserSessionId(0));
const OFFLINE: Under = Under::Consent(UserId(0));

/// The reference, asked act by act.
struct Store(State);

const LIFETIMES: Lifetimes = Lifetimes {
    code_seconds: 60,
    access_token_seconds: 30,
    grant_seconds: 250,
    refresh_idle_seconds: 100,
    grace_seconds: 10,
};

impl Store {
    fn new() -> Self {
        Self::with(LIFETIMES)
    }

    fn with(lifetimes: Lifetimes) -> Self {
        Self(State::new(Arc::new(Setup {
            users: 2,
            browser_sessions: vec![UserId(0), UserId(1)],
            clients: vec![
                Client { rotates: true },
                Client { rotates: true },
                Client { rotates: false },
            ],
            lifetimes,
        })))
    }

    #[track_caller]
    fn expect(&mut self, act: Act, now: i64, expected: impl Into<Expected>) {
        assert_eq!(
            apply(&mut self.0, &act, now),
            expected.into().0,
            "{act:?} at {now}"
        );
    }

    #[track_caller]
    fn expect_unchanged(&mut self, act: Act, now: i64, expected: impl Into<Expected>) {
        let before = self.0.clone();
        self.expect(act, now, expected);
        assert_eq!(self.0, before, "{act:?} at {now}");
    }
}

fn issued() -> Store {
    let mut store = Store::new();
    store.expect(issue(OWN, ONLINE, &store), 0, IssueOutcome::Issued);
    store
}

fn redeemed() -> Store {
    let mut store = issued();
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        0,
        RedeemOutcome::Redeemed,
    );
    store
}

fn issue(client: ClientId, under: Under, store: &Store) -> Act {
    let taken = store.0.present_epochs(client, under);
    Act::IssueCode {
        grant: GRANT,
        client,
        under,
        taken,
    }
}

fn redeem(code: Secret, client: ClientId, proof: Proof) -> Act {
    Act::RedeemCode {
        grant: GRANT,
        code,
        client,
        proof,
    }
}

fn refresh(token: u32, client: ClientId) -> Act {
    Act::RotateRefreshToken {
        grant: GRANT,
        token: Secret::Issued(token),
        client,
        faulty: false,
    }
}

/// The user's first ending.
fn end_user(user: u8) -> Act {
    Act::EndUser {
        user: UserId(user),
        epoch: Epoch(1),
    }
}

/// The client's first ending.
fn end_client(client: ClientId) -> Act {
    Act::EndClient {
        client,
        epoch: Epoch(1),
    }
}

fn check(access_token: u32) -> Act {
    Act::CheckToken {
        grant: GRANT,
        access_token,
    }
}

/// Any act's outcome.
struct Expected(Outcome);

impl From<Outcome> for Expected {
    fn from(outcome: Outcome) -> Self {
        Self(outcome)
    }
}
impl From<IssueOutcome> for Expected {
    fn from(outcome: IssueOutcome) -> Self {
        Self(Outcome::IssueCode(outcome))
    }
}
impl From<RedeemOutcome> for Expected {
    fn from(outcome: RedeemOutcome) -> Self {
        Self(Outcome::RedeemCode(outcome))
    }
}
impl From<RotateOutcome> for Expected {
    fn from(outcome: RotateOutcome) -> Self {
        Self(Outcome::RotateRefreshToken(outcome))
    }
}
impl From<CheckOutcome> for Expected {
    fn from(outcome: CheckOutcome) -> Self {
        Self(Outcome::CheckToken(outcome))
    }
}
impl From<EndGrantOutcome> for Expected {
    fn from(outcome: EndGrantOutcome) -> Self {
        Self(Outcome::EndGrant(outcome))
    }
}
impl From<EndClientSessionOutcome> for Expected {
    fn from(outcome: EndClientSessionOutcome) -> Self {
        Self(Outcome::EndClientSession(outcome))
    }
}
impl From<CookieOutcome> for Expected {
    fn from(outcome: CookieOutcome) -> Self {
        Self(Outcome::PresentCookie(outcome))
    }
}
impl From<RenewOutcome> for Expected {
    fn from(outcome: RenewOutcome) -> Self {
        Self(Outcome::RenewSession(outcome))
    }
}
