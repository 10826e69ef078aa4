//! A browser session's cookie: its secrets are a family.

use countersign_model::acts::Act::{EndBrowserSession, PresentCookie, RenewSession};
use countersign_model::acts::{
    Act, BrowserSessionId, CheckOutcome, CookieOutcome, Epoch, Outcome, RenewOutcome, Secret,
    UserId,
};

use super::{Store, check, end_user, redeemed};

const SESSION: BrowserSessionId = BrowserSessionId(0);

fn present(secret: Secret) -> Act {
    PresentCookie {
        browser_session: SESSION,
        secret,
    }
}

fn renew(user: u8, user_epoch: u32, secret: u32) -> Act {
    RenewSession {
        browser_session: SESSION,
        user: UserId(user),
        user_epoch: Epoch(user_epoch),
        secret,
    }
}

#[test]
fn an_earlier_secret_signs_no_one_in_and_names_its_session() {
    let mut store = redeemed();
    store.expect_unchanged(present(Secret::Issued(0)), 0, CookieOutcome::Live);
    store.expect(renew(0, 0, 1), 0, RenewOutcome::Renewed);
    // Its response was lost: the same act again, and then another click.
    store.expect_unchanged(renew(0, 0, 1), 0, RenewOutcome::Renewed);
    store.expect(renew(0, 0, 2), 0, RenewOutcome::Renewed);
    for earlier in [0, 1] {
        store.expect_unchanged(
            present(Secret::Issued(earlier)),
            0,
            CookieOutcome::Superseded,
        );
    }
    store.expect_unchanged(present(Secret::Issued(2)), 0, CookieOutcome::Live);
    store.expect_unchanged(present(Secret::Issued(3)), 0, CookieOutcome::Unknown);
    store.expect_unchanged(present(Secret::MadeUp), 0, CookieOutcome::Unknown);
    store.expect(check(0), 0, CheckOutcome::Active);
}

#[test]
fn what_ended_is_not_renewed() {
    let logout = EndBrowserSession {
        browser_session: SESSION,
    };
    let mut store = redeemed();
    store.expect(logout, 0, Outcome::Done);
    store.expect_unchanged(renew(0, 0, 1), 0, RenewOutcome::Unknown);
    store.expect_unchanged(present(Secret::Issued(0)), 0, CookieOutcome::Ended);

    let mut store = redeemed();
    store.expect(end_user(0), 0, Outcome::Done);
    store.expect_unchanged(renew(0, 1, 1), 0, RenewOutcome::Unknown);
    store.expect(renew(0, 0, 1), 0, RenewOutcome::Unknown);
    store.expect_unchanged(present(Secret::Issued(0)), 0, CookieOutcome::Ended);
}

#[test]
fn another_users_proof_renews_nothing() {
    let mut store = Store::new();
    store.expect_unchanged(renew(1, 0, 1), 0, RenewOutcome::Unknown);
    store.expect_unchanged(present(Secret::Issued(0)), 0, CookieOutcome::Live);
}
