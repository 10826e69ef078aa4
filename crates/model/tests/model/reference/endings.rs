//! What an ending ends and what it leaves.

use countersign_model::acts::Act::{
    CheckToken, EndBrowserSession, EndClientSession, EndGrant, IssueCode, RedeemCode,
    WithdrawConsent,
};
use countersign_model::acts::{
    Act, BrowserSessionId, CheckOutcome, EndClientSessionOutcome, GrantId, IssueOutcome, Outcome,
    Proof, RedeemOutcome, RotateOutcome, Secret, UserId,
};
use countersign_model::state::apply;

use super::{
    FOREIGN, OFFLINE, ONLINE, OWN, Store, check, end_client, end_user, issue, redeem, redeemed,
    refresh,
};

#[test]
fn what_took_its_epochs_before_an_ending_is_invalid_from_the_start() {
    let endings = [
        end_user(0),
        EndBrowserSession {
            browser_session: BrowserSessionId(0),
        },
        WithdrawConsent {
            user: UserId(0),
            client: OWN,
        },
        end_client(OWN),
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
        // The act on the row came first and is not undone.
        store.expect(
            redeem(Secret::Issued(0), OWN, Proof::Right),
            0,
            RedeemOutcome::Replayed,
        );
    }
}

#[test]
fn each_ending_ends_what_hangs_under_it_and_nothing_else() {
    // (ending, an online grant of user 0 to client 0 lives on, an offline one does). OpenID Connect
    // Back-Channel Logout 1.0, section 2.7 for the second row.
    let rows = [
        (end_user(0), false, false),
        (
            EndBrowserSession {
                browser_session: BrowserSessionId(0),
            },
            false,
            true,
        ),
        (
            EndClientSession {
                browser_session: BrowserSessionId(0),
                client: OWN,
            },
            false,
            true,
        ),
        (
            EndClientSession {
                browser_session: BrowserSessionId(0),
                client: FOREIGN,
            },
            true,
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
        (end_client(OWN), false, false),
        (end_user(1), true, true),
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
        (end_client(FOREIGN), true, true),
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
fn a_client_session_ends_once_and_the_next_grant_begins_another() {
    let end = EndClientSession {
        browser_session: BrowserSessionId(0),
        client: OWN,
    };
    let mut store = Store::new();
    store.expect_unchanged(end, 0, EndClientSessionOutcome::Unknown);
    let mut store = redeemed();
    store.expect(end, 0, EndClientSessionOutcome::Ended);
    store.expect_unchanged(end, 0, EndClientSessionOutcome::Unknown);
    store.expect(refresh(0, OWN), 0, RotateOutcome::Ended);
    let Act::IssueCode {
        client,
        under,
        taken,
        ..
    } = issue(OWN, ONLINE, &store)
    else {
        panic!("not an issue")
    };
    let grant = GrantId(1);
    let again = IssueCode {
        grant,
        client,
        under,
        taken,
    };
    store.expect(again, 0, IssueOutcome::Issued);
    let code = RedeemCode {
        grant,
        code: Secret::Issued(0),
        client,
        proof: Proof::Right,
    };
    store.expect(code, 0, RedeemOutcome::Redeemed);
    store.expect(check(0), 0, CheckOutcome::Ended);
    store.expect(end, 0, EndClientSessionOutcome::Ended);
    // A logout ends the client sessions too.
    let logout = EndBrowserSession {
        browser_session: BrowserSessionId(0),
    };
    let mut store = redeemed();
    store.expect(logout, 0, Outcome::Done);
    store.expect_unchanged(end, 0, EndClientSessionOutcome::Unknown);
}

#[test]
fn what_is_granted_after_an_ending_is_alive() {
    let mut store = redeemed();
    store.expect(end_user(0), 0, Outcome::Done);
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
