//! Codes: issued, replaced, redeemed, replayed, invalidated (RFC 6749, section 4.1; RFC 7636).

use countersign_model::acts::{
    CheckOutcome, IssueOutcome, Proof, RedeemOutcome, RotateOutcome, Secret,
};

use super::{FOREIGN, ONLINE, OWN, check, issue, issued, redeem, redeemed, refresh};

#[test]
fn a_code_is_redeemed_once_and_its_replay_ends_the_grant() {
    // RFC 6749, section 4.1.2: "MUST NOT be used more than once"; if it is, the tokens SHOULD be
    // revoked.
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
fn whoever_presents_another_clients_code_changes_nothing() {
    // RFC 6749, section 4.1.3: the code was issued to the authenticated client.
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
    // RFC 7636, section 4.6; RFC 6749, section 4.1.3.
    let mut store = issued();
    store.expect(
        redeem(Secret::Issued(0), OWN, Proof::Wrong),
        0,
        RedeemOutcome::Invalidated,
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
fn finishing_an_authorization_again_replaces_the_code_while_it_is_unused() {
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
