//! The deletion of all codes.

use countersign_model::acts::Act::DeleteAllCodes;
use countersign_model::acts::{CheckOutcome, IssueOutcome, Outcome, Proof, RedeemOutcome, Secret};

use super::{ONLINE, OWN, check, issue, issued, redeem, redeemed};

#[test]
fn deleting_all_codes_ends_each_grant_with_an_unused_code() {
    let mut store = issued();
    store.expect(DeleteAllCodes, 70, Outcome::CodesDeleted(1));
    let code = redeem(Secret::Issued(0), OWN, Proof::Right);
    store.expect_unchanged(code, 0, RedeemOutcome::Ended);
    store.expect_unchanged(issue(OWN, ONLINE, &store), 0, IssueOutcome::AlreadyUsed);
    store.expect_unchanged(DeleteAllCodes, 0, Outcome::CodesDeleted(0));
}

#[test]
fn deleting_all_codes_leaves_a_grant_whose_code_was_used() {
    let mut store = redeemed();
    store.expect_unchanged(DeleteAllCodes, 0, Outcome::CodesDeleted(0));
    store.expect(check(0), 0, CheckOutcome::Active);
}
