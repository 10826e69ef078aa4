//! Codes: issued, replaced, redeemed once, ever (RFC 6749, sections 4.1.2 and 4.1.3; RFC 7636,
//! section 4.6).

use super::world::{
    CHALLENGE, CODE_SECONDS, Grants, REDIRECT_URI, World, code, code_of, end, guess, name,
    new_code, proof, redeem, refresh_token, unknown_grant, view,
};
use crate::grants::{
    EndCause, Grant, IssueCode, IssueOutcome, NewGrant, Origin, RedeemOutcome, Voucher, WhatEnded,
};

pub async fn a_code_is_redeemed_once_and_its_replay_ends_the_grant(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.issued(&store).await;
    let act = world.redeem(id);
    let RedeemOutcome::Redeemed(grant) = redeem(&store, &act, now + 1).await else {
        panic!("everything was right");
    };
    let used = grant.origin.voucher().and_then(|code| code.used);
    assert_eq!(used.map(|used| used.at), Some(now + 1));
    let family = grant.refresh.as_ref().expect("the grant is refreshable");
    assert_eq!(family.current, refresh_token(&id, 0));
    assert_eq!(family.mac_key, act.refresh.mac_key);
    assert_eq!(family.predecessor, None);
    assert_eq!(family.idle_expires_at, act.refresh.idle_expires_at);
    assert_eq!(family.rotated_at, now + 1);
    assert_eq!(view(&store, &id).await.grant, *grant);

    // RFC 6749, section 4.1.2: a code that is used more than once MUST be denied, and what was
    // issued for it SHOULD be revoked.
    let replayed = RedeemOutcome::Replayed { used_at: now + 1 };
    assert_eq!(redeem(&store, &act, now + 2).await, replayed);
    let what_ended = WhatEnded::Grant(EndCause::CodeReplayed);
    assert_eq!(view(&store, &id).await.what_ended, Some(what_ended));
    let ended = view(&store, &id).await.grant.ended.expect("it ended");
    assert_eq!((ended.at, ended.cause), (now + 2, EndCause::CodeReplayed));
    assert_eq!(
        redeem(&store, &act, now + 3).await,
        RedeemOutcome::Ended(what_ended)
    );
}

pub async fn a_replay_is_found_however_old_the_code(store: Grants) {
    let world = World::new(&store).await;
    let id = world.redeemed(&store).await;
    let replayed = RedeemOutcome::Replayed { used_at: world.now };
    let later = world.now + 10 * CODE_SECONDS;
    assert_eq!(redeem(&store, &world.redeem(id), later).await, replayed);
}

pub async fn a_wrong_secret_is_unknown_and_changes_nothing(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let unknown = world.redeem(unknown_grant());
    assert_eq!(redeem(&store, &unknown, now).await, RedeemOutcome::Unknown);
    let id = world.issued(&store).await;
    let before = view(&store, &id).await;
    let mut act = world.redeem(id);
    act.presented = guess();
    assert_eq!(redeem(&store, &act, now).await, RedeemOutcome::Unknown);
    // Found before anything else that is wrong.
    act.client_id = name("mallory");
    act.proof = proof(Some(REDIRECT_URI), None);
    let late = now + CODE_SECONDS;
    assert_eq!(redeem(&store, &act, late).await, RedeemOutcome::Unknown);
    assert_eq!(view(&store, &id).await, before);
    end(&store, &id, now).await;
    assert_eq!(redeem(&store, &act, now).await, RedeemOutcome::Unknown);
}

pub async fn another_clients_redemption_changes_nothing(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.issued(&store).await;
    let before = view(&store, &id).await;
    let mut act = world.redeem(id);
    act.client_id = World::new(&store).await.client_id;
    // RFC 6749, section 4.1.3: the code MUST have been issued to the authenticated client.
    for challenge in [Some(CHALLENGE), None] {
        act.proof = proof(Some(REDIRECT_URI), challenge);
        for at in [now, now + CODE_SECONDS] {
            assert_eq!(redeem(&store, &act, at).await, RedeemOutcome::ForeignClient);
        }
    }
    assert_eq!(view(&store, &id).await, before);
    world.carry_out_redeem(&store, id).await;
    act.proof = proof(Some(REDIRECT_URI), Some(CHALLENGE));
    assert_eq!(
        redeem(&store, &act, now).await,
        RedeemOutcome::ForeignClient
    );
    assert_eq!(
        view(&store, &id).await.what_ended,
        None,
        "no replay of its own"
    );
}

pub async fn a_wrong_verifier_burns_an_unused_code(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    // RFC 7636, section 4.6: if the values are not equal, invalid_grant. Base64url has two cases.
    for challenge in [None, Some(CHALLENGE.to_lowercase().as_str()), Some("")] {
        let id = world.issued(&store).await;
        let mut wrong = world.redeem(id);
        wrong.proof = proof(Some(REDIRECT_URI), challenge);
        let invalidated = RedeemOutcome::Invalidated {
            redirect_uri_matches: true,
        };
        assert_eq!(redeem(&store, &wrong, now).await, invalidated);
        let ended = RedeemOutcome::Ended(WhatEnded::Grant(EndCause::CodeInvalidated));
        assert_eq!(redeem(&store, &world.redeem(id), now).await, ended);
        let found = view(&store, &id).await;
        assert_eq!((code_of(&found).used, &found.grant.refresh), (None, &None));
    }
}

pub async fn a_wrong_redirect_uri_burns_an_unused_code(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    // RFC 6749, section 4.1.3: if it was included in the authorization request, the values MUST be
    // identical.
    for uri in [
        None,
        Some("https://app.example/callback/"),
        Some("https://APP.example/callback"),
        Some(""),
    ] {
        let mut wrong = world.redeem(world.issued(&store).await);
        wrong.proof = proof(uri, Some(CHALLENGE));
        let invalidated = RedeemOutcome::Invalidated {
            redirect_uri_matches: false,
        };
        assert_eq!(redeem(&store, &wrong, now).await, invalidated, "{uri:?}");
    }
}

pub async fn a_code_without_a_challenge_takes_no_verifier(store: Grants) {
    let world = World::new(&store).await;
    let mut act = world.issue();
    new_code(&mut act).request.code_challenge = None;
    let id = world.carry_out_issue(&store, &act).await;
    let mut with = world.redeem(id);
    let invalidated = RedeemOutcome::Invalidated {
        redirect_uri_matches: true,
    };
    // RFC 9700, section 2.1.1: a code_verifier without a code_challenge in the request is a
    // downgrade.
    assert_eq!(redeem(&store, &with, world.now).await, invalidated);

    act = world.issue();
    new_code(&mut act).request.code_challenge = None;
    with = world.redeem(world.carry_out_issue(&store, &act).await);
    with.proof = proof(Some(REDIRECT_URI), None);
    let outcome = redeem(&store, &with, world.now).await;
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
}

pub async fn a_wrong_proof_to_a_used_code_changes_nothing(store: Grants) {
    let world = World::new(&store).await;
    let id = world.redeemed(&store).await;
    let before = view(&store, &id).await;
    let mut wrong = world.redeem(id);
    wrong.proof = proof(Some(REDIRECT_URI), None);
    let refused = RedeemOutcome::UsedWithWrongProof;
    assert_eq!(redeem(&store, &wrong, world.now).await, refused);
    wrong = world.redeem(id);
    wrong.proof = proof(None, Some(CHALLENGE));
    let late = world.now + CODE_SECONDS;
    assert_eq!(redeem(&store, &wrong, late).await, refused);
    assert_eq!(view(&store, &id).await, before);
}

pub async fn a_code_is_good_strictly_before_its_end(store: Grants) {
    let world = World::new(&store).await;
    let id = world.issued(&store).await;
    let before = view(&store, &id).await;
    let expired_at = world.now + CODE_SECONDS;
    let expired = RedeemOutcome::Expired { expired_at };
    let act = world.redeem(id);
    assert_eq!(redeem(&store, &act, expired_at).await, expired);
    let mut wrong = act.clone();
    wrong.proof = proof(Some(REDIRECT_URI), None);
    assert_eq!(redeem(&store, &wrong, expired_at + 1).await, expired);
    assert_eq!(view(&store, &id).await, before, "nothing is invalidated");
    let outcome = redeem(&store, &act, expired_at - 1).await;
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
}

pub async fn a_code_is_no_longer_good_than_its_grant(store: Grants) {
    let world = World::new(&store).await;
    let mut act = world.issue();
    let expired_at = world.now + CODE_SECONDS / 2;
    act.grant.expires_at = expired_at;
    let id = world.carry_out_issue(&store, &act).await;
    let expired = RedeemOutcome::Expired { expired_at };
    let act = world.redeem(id);
    assert_eq!(redeem(&store, &act, expired_at).await, expired);
}

pub async fn a_grant_without_refresh_begins_no_family(store: Grants) {
    let world = World::new(&store).await;
    let mut act = world.issue();
    act.grant.refreshable = false;
    let id = world.carry_out_issue(&store, &act).await;
    let RedeemOutcome::Redeemed(grant) = redeem(&store, &world.redeem(id), world.now).await else {
        panic!("everything was right");
    };
    assert_eq!(grant.refresh, None);
    assert!(!grant.refreshable);
    assert_eq!(view(&store, &id).await.grant, *grant);
}

pub async fn a_grant_reads_back_as_it_was_written(store: Grants) {
    let world = World::new(&store).await;
    assert_eq!(store.grant(&unknown_grant()).await.expect("returns"), None);
    for mut act in [world.issue(), world.issue_offline()] {
        act.grant.scope = "openid a:b/c?d=é&f".to_owned();
        let id = world.carry_out_issue(&store, &act).await;
        let found = view(&store, &id).await;
        assert_eq!(found.what_ended, None);
        // The first grant made the client session and the consent, the second joined them.
        let consent = store.consent(&world.sub, &world.client_id).await;
        act.grant.parents.consent = consent.expect("returns").expect("recorded").epoch;
        let joined = store.client_session(&world.session.id, &world.client_id);
        let joined = joined.await.expect("returns").expect("there");
        act.grant.authorization.sid = Some(joined.sid);
        assert_eq!(parts_of(&found.grant), act.grant);
        assert_eq!(
            found.grant.keep_until,
            (world.now + CODE_SECONDS).max(act.form_until)
        );
        assert_eq!(found.grant.origin, origin_of(&act));
    }
    let mut plain = world.issue_offline();
    plain.grant.authorization = crate::grants::Authorization::default();
    new_code(&mut plain).request.code_challenge = None;
    let id = world.carry_out_issue(&store, &plain).await;
    let found = view(&store, &id).await.grant;
    assert_eq!(found.authorization.nonce, None);
    assert_eq!(found.origin, origin_of(&plain));
}

/// What an approval has written of a grant.
fn parts_of(grant: &Grant) -> NewGrant {
    let grant = grant.clone();
    NewGrant {
        id: grant.id,
        client_id: grant.client_id,
        sub: grant.sub,
        scope: grant.scope,
        parents: grant.parents,
        authorization: grant.authorization,
        refreshable: grant.refreshable,
        created_at: grant.created_at,
        expires_at: grant.expires_at,
    }
}

fn origin_of(act: &IssueCode) -> Origin {
    let code = act.code.clone().expect("a code");
    Origin::Code {
        code: Voucher {
            hash: code.hash,
            expires_at: code.expires_at,
            used: None,
        },
        request: code.request,
    }
}

pub async fn finishing_an_authorization_again_replaces_its_unused_code(store: Grants) {
    let world = World::new(&store).await;
    let mut act = world.issue();
    let id = world.carry_out_issue(&store, &act).await;
    let sid = view(&store, &id).await.grant.authorization.sid;
    new_code(&mut act).hash = code(&id, 1);
    // However old the first one is.
    let later = world.now + 2 * CODE_SECONDS;
    new_code(&mut act).expires_at = later + CODE_SECONDS;
    act.grant.expires_at = later + 1_000;
    let outcome = store.issue_code(&act, later).await.expect("returns");
    let IssueOutcome::Replaced { sid: again } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(Some(again), sid, "the client session is joined again");
    let first = redeem(&store, &world.redeem(id), later).await;
    assert_eq!(first, RedeemOutcome::Unknown, "the first code is void");
    assert_eq!(view(&store, &id).await.grant.expires_at, later + 1_000);
    let mut second = world.redeem(id);
    second.presented = code(&id, 1);
    let outcome = redeem(&store, &second, later).await;
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
}

pub async fn a_used_or_ended_authorization_is_done(store: Grants) {
    let world = World::new(&store).await;
    for ends in [false, true] {
        let mut act = world.issue();
        let id = world.carry_out_issue(&store, &act).await;
        match ends {
            false => world.carry_out_redeem(&store, id).await,
            true => end(&store, &id, world.now).await,
        }
        let before = view(&store, &id).await;
        new_code(&mut act).hash = code(&id, 1);
        let outcome = store.issue_code(&act, world.now).await.expect("returns");
        assert_eq!(outcome, IssueOutcome::AlreadyUsed);
        assert_eq!(view(&store, &id).await, before);
    }
}

pub async fn no_client_replaces_another_clients_code(store: Grants) {
    let world = World::new(&store).await;
    let id = world.issued(&store).await;
    let before = view(&store, &id).await;
    let mallory = World::new(&store).await;
    let mut act = mallory.issue();
    act.grant.id = id;
    let outcome = store.issue_code(&act, world.now).await.expect("returns");
    assert_eq!(outcome, IssueOutcome::AlreadyUsed);
    assert_eq!(view(&store, &id).await, before);
    let consent = store.consent(&mallory.sub, &mallory.client_id).await;
    assert_eq!(consent.expect("returns"), None, "nothing changed");
}

pub async fn deleting_all_codes_ends_grants_with_an_unused_code(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let (unused, another) = (world.issued(&store).await, world.issued(&store).await);
    let used = world.redeemed(&store).await;
    let ended = world.issued(&store).await;
    end(&store, &ended, now).await;
    assert_eq!(store.delete_all_codes(now).await.expect("returns"), 2);
    assert_eq!(store.delete_all_codes(now).await.expect("returns"), 0);
    let what_ended = WhatEnded::Grant(EndCause::DeletedByOperator);
    for id in [unused, another] {
        let outcome = redeem(&store, &world.redeem(id), now).await;
        assert_eq!(outcome, RedeemOutcome::Ended(what_ended));
    }
    assert_eq!(view(&store, &used).await.what_ended, None);
    let revoked = WhatEnded::Grant(EndCause::Revoked);
    assert_eq!(view(&store, &ended).await.what_ended, Some(revoked));
}
