//! Refresh tokens: rotation, the grace, reuse, lifetimes (RFC 6749, section 6; RFC 9700,
//! section 4.14.2).

use countersign_model::acts::Act::RotateRefreshToken;
use countersign_model::acts::{
    CheckOutcome, IssueOutcome, Proof, RedeemOutcome, RotateOutcome, Secret,
};
use countersign_model::state::Lifetimes;

use super::{
    FOREIGN, GRANT, LIFETIMES, ONLINE, OWN, STEADY, Store, check, issue, issued, redeem, redeemed,
    refresh,
};

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
    // RFC 9700, section 4.14.2.
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
    // A replica whose clock is a second behind.
    store.expect(refresh(0, OWN), -1, RotateOutcome::Reused);
}

#[test]
fn a_made_up_refresh_token_changes_nothing() {
    let made_up = RotateRefreshToken {
        grant: GRANT,
        token: Secret::MadeUp,
        client: OWN,
        faulty: false,
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
    // 250 seconds after the issue, though used a second ago.
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
fn without_rotation_a_refresh_token_stays_and_its_idle_lifetime_starts_again() {
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
fn a_fault_beside_a_good_token_costs_nothing_and_hides_no_reuse() {
    let faulty = |token: u32, client| RotateRefreshToken {
        grant: GRANT,
        token: Secret::Issued(token),
        client,
        faulty: true,
    };
    let mut store = redeemed();
    store.expect_unchanged(faulty(0, OWN), 0, RotateOutcome::Withheld);
    store.expect_unchanged(faulty(0, FOREIGN), 0, RotateOutcome::ForeignClient);
    store.expect_unchanged(faulty(0, OWN), 100, RotateOutcome::Expired);
    store.expect(refresh(0, OWN), 0, RotateOutcome::Rotated { successor: 1 });
    store.expect_unchanged(faulty(0, OWN), 9, RotateOutcome::Withheld);
    store.expect_unchanged(faulty(1, OWN), 9, RotateOutcome::Withheld);
    store.expect(faulty(0, OWN), 10, RotateOutcome::Reused);
    store.expect(refresh(1, OWN), 10, RotateOutcome::Ended);
}
