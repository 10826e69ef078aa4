//! What a check of an access token returns.

use countersign_model::acts::Act::DenyAccessToken;
use countersign_model::acts::{
    CheckOutcome, IssueOutcome, Outcome, Proof, RedeemOutcome, RotateOutcome, Secret,
};
use countersign_model::state::Lifetimes;

use super::{
    GRANT, LIFETIMES, ONLINE, OWN, Store, check, end_user, issue, redeem, redeemed, refresh,
};

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
    store.expect(end_user(0), 11, Outcome::Done);
    store.expect(check(1), 11, CheckOutcome::Ended);
    store.expect(check(1), 40, CheckOutcome::Expired);
    store.expect(check(2), 11, CheckOutcome::Ended);
}

#[test]
fn a_grant_has_one_end_for_its_code_and_all_of_its_tokens() {
    let short = Lifetimes {
        grant_seconds: 20,
        ..LIFETIMES
    };
    let code = redeem(Secret::Issued(0), OWN, Proof::Right);
    let mut store = Store::with(short);
    store.expect(issue(OWN, ONLINE, &store), 0, IssueOutcome::Issued);
    store.expect_unchanged(code, 20, RedeemOutcome::Expired);
    store.expect(code, 19, RedeemOutcome::Redeemed);
    store.expect(check(0), 19, CheckOutcome::Active);
    store.expect_unchanged(check(0), 20, CheckOutcome::Expired);
    store.expect_unchanged(refresh(0, OWN), 20, RotateOutcome::Expired);
    // Finishing the authorization again starts over.
    let mut store = Store::with(short);
    store.expect(issue(OWN, ONLINE, &store), 0, IssueOutcome::Issued);
    store.expect(issue(OWN, ONLINE, &store), 15, IssueOutcome::Replaced);
    let code = redeem(Secret::Issued(1), OWN, Proof::Right);
    store.expect(code, 34, RedeemOutcome::Redeemed);
    store.expect_unchanged(check(0), 35, CheckOutcome::Expired);
}
