//! The reference against what the specifications and the crate's tables say, act by act.

use std::sync::Arc;

use countersign_model::acts::Act::{
    CheckToken, DenyAccessToken, EndBrowserSession, EndClient, EndGrant, EndUser, IssueCode,
    RedeemCode, RotateRefreshToken, WithdrawConsent,
};
use countersign_model::acts::{
    Act, BrowserSessionId, CheckOutcome, ClientId, EndGrantOutcome, GrantId, IssueOutcome, Outcome,
    ParentEpochs, Proof, RedeemOutcome, RotateOutcome, Secret, Under, UserId,
};
use countersign_model::state::{Client, Lifetimes, Setup, State, apply};

const GRANT: GrantId = GrantId(0);
const OWN: ClientId = ClientId(0);
const FOREIGN: ClientId = ClientId(1);
const STEADY: ClientId = ClientId(2);
const ONLINE: Under = Under::BrowserSession(BrowserSessionId(0));
const OFFLINE: Under = Under::Consent(UserId(0));

#[test]
fn a_code_is_redeemed_once_and_its_replay_ends_the_grant() {
    // RFC 6749 4.1.2: "MUST NOT be used more than once"; if it is, the tokens SHOULD be revoked.
    let mut store = issued();
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        0,
        RedeemOutcome::Redeemed,
    );
    store.expect(check(0), 0, CheckOutcome::Active);
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        0,
        RedeemOutcome::Replayed,
    );
    store.expect(check(0), 0, CheckOutcome::Ended);
    store.expect(refresh(0, OWN), 0, RotateOutcome::Ended);
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        0,
        RedeemOutcome::Ended,
    );
}

#[test]
fn a_replay_is_found_however_old_the_code() {
    let mut store = redeemed();
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        1_000,
        RedeemOutcome::Replayed,
    );
}

#[test]
fn who_presents_somebody_elses_code_changes_nothing() {
    // RFC 6749 4.1.3: the code was issued to the authenticated client.
    let mut store = issued();
    for proof in [Proof::Right, Proof::Wrong] {
        store.expect_unchanged(
            redeem(Secret::Issued(0), FOREIGN, proof),
            0,
            RedeemOutcome::ForeignClient,
        );
        store.expect_unchanged(
            redeem(Secret::MadeUp, OWN, proof),
            0,
            RedeemOutcome::Unknown,
        );
        store.expect_unchanged(
            redeem(Secret::MadeUp, FOREIGN, proof),
            0,
            RedeemOutcome::Unknown,
        );
    }
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        0,
        RedeemOutcome::Redeemed,
    );
    store.expect_unchanged(
        redeem(Secret::Issued(0), FOREIGN, Proof::Right),
        0,
        RedeemOutcome::ForeignClient,
    );
}

#[test]
fn a_wrong_proof_burns_an_unused_code_and_leaves_a_used_one_alone() {
    // RFC 7636 4.6, RFC 6749 4.1.3.
    let mut store = issued();
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Wrong),
        0,
        RedeemOutcome::Burnt,
    );
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        0,
        RedeemOutcome::Ended,
    );
    store.expect_unchanged(issue(OWN, ONLINE, &store), 0, IssueOutcome::AlreadyUsed);

    let mut store = redeemed();
    store.expect_unchanged(
        redeem(Secret::Issued(0), OWN, Proof::Wrong),
        0,
        RedeemOutcome::UsedWithWrongProof,
    );
    store.expect(check(0), 0, CheckOutcome::Active);
}

#[test]
fn a_code_is_good_before_its_end_only_and_expiry_hides_a_wrong_proof() {
    let mut store = issued();
    store.expect_unchanged(
        redeem(Secret::Issued(0), OWN, Proof::Wrong),
        60,
        RedeemOutcome::Expired,
    );
    store.expect_unchanged(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        60,
        RedeemOutcome::Expired,
    );
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        59,
        RedeemOutcome::Redeemed,
    );
}

#[test]
fn finishing_an_interaction_again_replaces_the_code_while_it_is_unused() {
    let mut store = issued();
    store.expect(issue(OWN, ONLINE, &store), 70, IssueOutcome::Replaced);
    store.expect_unchanged(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        70,
        RedeemOutcome::Unknown,
    );
    store.expect_unchanged(
        issue(FOREIGN, ONLINE, &store),
        70,
        IssueOutcome::AlreadyUsed,
    );
    store.expect(
        redeem(Secret::Issued(1), OWN, Proof::Right),
        70,
        RedeemOutcome::Redeemed,
    );
    store.expect_unchanged(issue(OWN, ONLINE, &store), 70, IssueOutcome::AlreadyUsed);
}

#[test]
fn what_took_its_epochs_before_an_ending_is_dead_on_arrival() {
    let endings = [
        EndUser { user: UserId(0) },
        EndBrowserSession {
            browser_session: BrowserSessionId(0),
        },
        WithdrawConsent {
            user: UserId(0),
            client: OWN,
        },
        EndClient { client: OWN },
    ];
    for ending in endings {
        let mut store = Store::new();
        let before = issue(OWN, ONLINE, &store);
        store.expect(ending, 0, Outcome::Done);
        store.expect(before, 0, IssueOutcome::Issued);
        store.expect(
            redeem(Secret::Issued(0), OWN, Proof::Right),
            0,
            RedeemOutcome::Ended,
        );
        // The act on the row came first and stands.
        store.expect(
            redeem(Secret::Issued(0), OWN, Proof::Right),
            0,
            RedeemOutcome::Replayed,
        );
    }
}

#[test]
fn each_ending_ends_what_hangs_under_it_and_nothing_else() {
    // (ending, an online grant of user 0 to client 0 lives on, an offline one does). OpenID Connect Back-Channel Logout 1.0, 2.7 for the second row.
    let rows = [
        (EndUser { user: UserId(0) }, false, false),
        (
            EndBrowserSession {
                browser_session: BrowserSessionId(0),
            },
            false,
            true,
        ),
        (
            WithdrawConsent {
                user: UserId(0),
                client: OWN,
            },
            false,
            false,
        ),
        (EndClient { client: OWN }, false, false),
        (EndUser { user: UserId(1) }, true, true),
        (
            EndBrowserSession {
                browser_session: BrowserSessionId(1),
            },
            true,
            true,
        ),
        (
            WithdrawConsent {
                user: UserId(0),
                client: FOREIGN,
            },
            true,
            true,
        ),
        (
            WithdrawConsent {
                user: UserId(1),
                client: OWN,
            },
            true,
            true,
        ),
        (EndClient { client: FOREIGN }, true, true),
        (
            EndGrant {
                grant: GrantId(7),
                client: OWN,
            },
            true,
            true,
        ),
    ];
    for (ending, online_lives, offline_lives) in rows {
        for (under, lives) in [(ONLINE, online_lives), (OFFLINE, offline_lives)] {
            let mut store = Store::new();
            store.expect(issue(OWN, under, &store), 0, IssueOutcome::Issued);
            store.expect(
                redeem(Secret::Issued(0), OWN, Proof::Right),
                0,
                RedeemOutcome::Redeemed,
            );
            apply(&mut store.0, &ending, 0);
            store.expect(
                check(0),
                0,
                if lives {
                    CheckOutcome::Active
                } else {
                    CheckOutcome::Ended
                },
            );
            let refreshed = if lives {
                RotateOutcome::Rotated { successor: 1 }
            } else {
                RotateOutcome::Ended
            };
            store.expect(refresh(0, OWN), 0, refreshed);
        }
    }
}

#[test]
fn a_rotation_is_repeated_within_the_grace_while_its_successor_is_unused() {
    let mut store = redeemed();
    store.expect(refresh(0, OWN), 5, RotateOutcome::Rotated { successor: 1 });
    store.expect(
        refresh(0, OWN),
        14,
        RotateOutcome::Repeated { successor: 1 },
    );
    store.expect(refresh(0, OWN), 5, RotateOutcome::Repeated { successor: 1 });
    // A replica whose clock is a second behind.
    store.expect(refresh(0, OWN), 4, RotateOutcome::Repeated { successor: 1 });
    store.expect_unchanged(refresh(0, FOREIGN), 6, RotateOutcome::ForeignClient);
    store.expect(refresh(0, OWN), 15, RotateOutcome::Reused);
    store.expect(refresh(1, OWN), 15, RotateOutcome::Ended);
    store.expect(check(0), 15, CheckOutcome::Ended);
}

#[test]
fn a_used_successor_makes_its_predecessor_a_reused_token_at_once() {
    // RFC 9700 4.14.2.
    let mut store = redeemed();
    store.expect(refresh(0, OWN), 0, RotateOutcome::Rotated { successor: 1 });
    store.expect(refresh(1, OWN), 0, RotateOutcome::Rotated { successor: 2 });
    store.expect_unchanged(refresh(0, FOREIGN), 0, RotateOutcome::ForeignClient);
    store.expect(refresh(0, OWN), 0, RotateOutcome::Reused);
    store.expect(refresh(2, OWN), 0, RotateOutcome::Ended);
}

#[test]
fn a_grace_of_zero_is_off() {
    let mut store = Store::with(Lifetimes {
        grace_seconds: 0,
        ..LIFETIMES
    });
    store.expect(issue(OWN, ONLINE, &store), 0, IssueOutcome::Issued);
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Right),
        0,
        RedeemOutcome::Redeemed,
    );
    store.expect(refresh(0, OWN), 0, RotateOutcome::Rotated { successor: 1 });
    store.expect(refresh(0, OWN), 0, RotateOutcome::Reused);
}

#[test]
fn a_made_up_refresh_token_changes_nothing() {
    let made_up = RotateRefreshToken {
        grant: GRANT,
        token: Secret::MadeUp,
        client: OWN,
    };
    issued().expect_unchanged(made_up, 0, RotateOutcome::Unknown);
    issued().expect_unchanged(refresh(0, OWN), 0, RotateOutcome::Unknown);
    redeemed().expect_unchanged(made_up, 0, RotateOutcome::Unknown);
    redeemed().expect_unchanged(refresh(1, OWN), 0, RotateOutcome::Unknown);
}

#[test]
fn refresh_tokens_grow_too_old_idle_and_at_all() {
    let mut store = redeemed();
    store.expect_unchanged(refresh(0, OWN), 100, RotateOutcome::Expired);
    store.expect(refresh(0, OWN), 99, RotateOutcome::Rotated { successor: 1 });
    store.expect(
        refresh(1, OWN),
        198,
        RotateOutcome::Rotated { successor: 2 },
    );
    store.expect(
        refresh(2, OWN),
        249,
        RotateOutcome::Rotated { successor: 3 },
    );
    // 250 seconds after the redemption, though used a second ago.
    store.expect_unchanged(refresh(3, OWN), 250, RotateOutcome::Expired);
    store.expect_unchanged(refresh(2, OWN), 250, RotateOutcome::Expired);
    // A reuse is found however old the family: its access tokens may be younger.
    store.expect(refresh(1, OWN), 250, RotateOutcome::Reused);
}

#[test]
fn a_repeat_leaves_the_idle_lifetime_alone() {
    let mut store = redeemed();
    store.expect(refresh(0, OWN), 0, RotateOutcome::Rotated { successor: 1 });
    store.expect(refresh(0, OWN), 9, RotateOutcome::Repeated { successor: 1 });
    store.expect_unchanged(refresh(1, OWN), 100, RotateOutcome::Expired);
}

#[test]
fn without_rotation_a_refresh_token_stays_and_its_idle_lifetime_begins_anew() {
    let mut store = Store::new();
    store.expect(issue(STEADY, ONLINE, &store), 0, IssueOutcome::Issued);
    store.expect(
        redeem(Secret::Issued(0), STEADY, Proof::Right),
        0,
        RedeemOutcome::Redeemed,
    );
    for now in [0, 99, 198] {
        store.expect(refresh(0, STEADY), now, RotateOutcome::Kept);
    }
    store.expect_unchanged(refresh(0, STEADY), 250, RotateOutcome::Expired);
}

#[test]
fn an_access_token_expires_is_denied_or_ends_in_this_order() {
    let mut store = redeemed();
    store.expect(refresh(0, OWN), 10, RotateOutcome::Rotated { successor: 1 });
    store.expect(check(0), 29, CheckOutcome::Active);
    store.expect(check(0), 30, CheckOutcome::Expired);
    store.expect(check(1), 39, CheckOutcome::Active);
    store.expect(
        DenyAccessToken {
            grant: GRANT,
            access_token: 1,
        },
        11,
        Outcome::Done,
    );
    store.expect(check(1), 11, CheckOutcome::Denied);
    store.expect(check(0), 11, CheckOutcome::Active);
    store.expect(EndUser { user: UserId(0) }, 11, Outcome::Done);
    store.expect(check(1), 11, CheckOutcome::Ended);
    store.expect(check(1), 40, CheckOutcome::Expired);
    store.expect(check(2), 11, CheckOutcome::Ended);
}

#[test]
fn revoking_a_refresh_token_ends_its_grant_for_its_own_client_only() {
    // RFC 7009 2.1: the token was issued to the client that asks.
    let mut store = redeemed();
    store.expect_unchanged(
        EndGrant {
            grant: GRANT,
            client: FOREIGN,
        },
        0,
        EndGrantOutcome::ForeignClient,
    );
    store.expect_unchanged(
        EndGrant {
            grant: GrantId(9),
            client: OWN,
        },
        0,
        EndGrantOutcome::Unknown,
    );
    store.expect(
        EndGrant {
            grant: GRANT,
            client: OWN,
        },
        0,
        EndGrantOutcome::Ended,
    );
    store.expect_unchanged(
        EndGrant {
            grant: GRANT,
            client: OWN,
        },
        0,
        EndGrantOutcome::Ended,
    );
    store.expect(check(0), 0, CheckOutcome::Ended);
    store.expect(refresh(0, OWN), 0, RotateOutcome::Ended);
}

#[test]
fn what_is_granted_after_an_ending_is_alive() {
    let mut store = redeemed();
    store.expect(EndUser { user: UserId(0) }, 0, Outcome::Done);
    store.expect(
        WithdrawConsent {
            user: UserId(0),
            client: OWN,
        },
        0,
        Outcome::Done,
    );
    let Act::IssueCode {
        client,
        under,
        taken,
        ..
    } = issue(OWN, OFFLINE, &store)
    else {
        panic!("not an issue")
    };
    let grant = GrantId(1);
    store.expect(
        IssueCode {
            grant,
            client,
            under,
            taken,
        },
        0,
        IssueOutcome::Issued,
    );
    store.expect(
        RedeemCode {
            grant,
            code: Secret::Issued(0),
            client,
            proof: Proof::Right,
        },
        0,
        RedeemOutcome::Redeemed,
    );
    store.expect(
        CheckToken {
            grant,
            access_token: 0,
        },
        0,
        CheckOutcome::Active,
    );
    store.expect(check(0), 0, CheckOutcome::Ended);
}

struct Store(State);

const LIFETIMES: Lifetimes = Lifetimes {
    code_seconds: 60,
    access_token_seconds: 30,
    refresh_absolute_seconds: 250,
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
    let taken: ParentEpochs = store.0.present_epochs(client, under);
    IssueCode {
        grant: GRANT,
        client,
        under,
        taken,
    }
}

fn redeem(code: Secret, client: ClientId, proof: Proof) -> Act {
    RedeemCode {
        grant: GRANT,
        code,
        client,
        proof,
    }
}

fn refresh(token: u32, client: ClientId) -> Act {
    RotateRefreshToken {
        grant: GRANT,
        token: Secret::Issued(token),
        client,
    }
}

fn check(access_token: u32) -> Act {
    CheckToken {
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
