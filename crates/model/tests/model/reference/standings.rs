//! Users and clients that are disabled and enabled.

use countersign_model::acts::Act::{
    DisableClient, DisableUser, EnableClient, EnableUser, EndClient, EndUser,
};
use countersign_model::acts::{
    Act, CheckOutcome, EnableOutcome, Epoch, IssueOutcome, Outcome, Proof, RedeemOutcome, Secret,
    UserId,
};

use super::{ONLINE, OWN, Store, check, issue, redeem, redeemed};

const USER: UserId = UserId(0);

/// An act of this epoch.
type ByEpoch = fn(u32) -> Act;

/// The ending, the disabling and the enabling of the grant's user, and of its client.
fn of_user_and_client() -> [[ByEpoch; 3]; 2] {
    [
        [
            |epoch| EndUser {
                user: USER,
                epoch: Epoch(epoch),
            },
            |epoch| DisableUser {
                user: USER,
                epoch: Epoch(epoch),
            },
            |epoch| EnableUser {
                user: USER,
                disabled_by: Epoch(epoch),
            },
        ],
        [
            |epoch| EndClient {
                client: OWN,
                epoch: Epoch(epoch),
            },
            |epoch| DisableClient {
                client: OWN,
                epoch: Epoch(epoch),
            },
            |epoch| EnableClient {
                client: OWN,
                disabled_by: Epoch(epoch),
            },
        ],
    ]
}

#[test]
fn what_is_issued_while_disabled_lives_once_enabled_and_what_ended_stays_ended() {
    for [_, disable, enable] in of_user_and_client() {
        let mut store = redeemed();
        store.expect(disable(1), 0, Outcome::Done);
        store.expect(check(0), 0, CheckOutcome::Ended);
        store.expect(enable(1), 0, Outcome::Enable(EnableOutcome::Enabled));
        store.expect_unchanged(enable(1), 0, Outcome::Enable(EnableOutcome::Enabled));
        store.expect(check(0), 0, CheckOutcome::Ended);

        let mut store = Store::new();
        store.expect(disable(1), 0, Outcome::Done);
        store.expect(issue(OWN, ONLINE, &store), 0, IssueOutcome::Issued);
        let code = redeem(Secret::Issued(0), OWN, Proof::Right);
        store.expect(code, 0, RedeemOutcome::Ended);
        store.expect(issue(OWN, ONLINE, &store), 0, IssueOutcome::AlreadyUsed);
    }
}

#[test]
fn an_ending_leaves_the_disabled_disabled() {
    for [end, disable, enable] in of_user_and_client() {
        let mut store = Store::new();
        store.expect(disable(1), 0, Outcome::Done);
        store.expect(end(2), 0, Outcome::Done);
        store.expect(issue(OWN, ONLINE, &store), 0, IssueOutcome::Issued);
        let code = redeem(Secret::Issued(0), OWN, Proof::Right);
        store.expect(code, 0, RedeemOutcome::Ended);
        // Another act came after the disabling that this one knows of.
        store.expect_unchanged(
            enable(1),
            0,
            Outcome::Enable(EnableOutcome::ChangedMeanwhile),
        );
    }
}

#[test]
fn an_act_that_is_carried_out_again_changes_nothing() {
    for [end, disable, enable] in of_user_and_client() {
        let mut store = Store::new();
        store.expect(end(1), 0, Outcome::Done);
        store.expect_unchanged(end(1), 0, Outcome::Done);
        store.expect(disable(2), 0, Outcome::Done);
        store.expect_unchanged(disable(2), 0, Outcome::Done);
        store.expect(enable(2), 0, Outcome::Enable(EnableOutcome::Enabled));
        // The disabling is sent again after it was undone.
        store.expect_unchanged(disable(2), 0, Outcome::Done);
    }
}
