//! Refresh tokens: rotation, the grace, reuse, lifetimes (RFC 6749, section 6, RFC 9700, section
//! 4.14.2).

use super::world::{
    GRACE_SECONDS, GRANT_SECONDS, Grants, IDLE_SECONDS, MAC_KEY, World, end, guess, name, redeem,
    refresh_token, rotate, sealed, unknown_grant, view,
};
use crate::GrantId;
use crate::grants::{EndCause, Otherwise, RedeemOutcome, RotateOutcome, WhatEnded};
use crate::refresh_tokens::{KeyThumbprint, MacKey};

pub async fn a_rotation_is_repeated_strictly_before_the_end_of_its_grace(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    world.rotated(&store, id, 0, now).await;
    let family = view(&store, &id).await.grant.refresh.expect("a family");
    assert_eq!(family.current, refresh_token(&id, 1));
    assert_eq!(family.mac_key, MacKey::from_bytes(MAC_KEY));
    assert_eq!(family.rotated_at, now);
    assert_eq!(family.idle_expires_at, Some(now + IDLE_SECONDS));
    let predecessor = family.predecessor.expect("a predecessor");
    assert_eq!(predecessor.hash, refresh_token(&id, 0));
    assert_eq!(predecessor.grace_until, now + GRACE_SECONDS);

    let repeated = RotateOutcome::Repeated {
        sealed_successor: sealed(&id, 1),
    };
    // A retry brings a successor of its own, which must not be taken; a replica's clock may be
    // behind.
    let before = view(&store, &id).await;
    for at in [now, now + GRACE_SECONDS - 1, now - 1] {
        let mut retry = world.rotate(id, 0, at);
        retry.successor = retry.successor.map(|mut successor| {
            successor.hash = guess();
            successor.sealed = b"another".to_vec();
            successor
        });
        assert_eq!(rotate(&store, &retry, at).await, repeated, "at {at}");
    }
    assert_eq!(view(&store, &id).await, before, "idle lifetime included");

    let at = now + GRACE_SECONDS;
    let reused = RotateOutcome::Reused { rotated_at: now };
    assert_eq!(
        rotate(&store, &world.rotate(id, 0, at), at).await,
        reused,
        "the grace is over"
    );
    let what_ended = WhatEnded::Grant(EndCause::RefreshTokenReused);
    let outcome = rotate(&store, &world.rotate(id, 1, at), at).await;
    assert_eq!(outcome, RotateOutcome::Ended(what_ended));
    assert_eq!(view(&store, &id).await.what_ended, Some(what_ended));
}

pub async fn a_used_successor_ends_the_grace(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    for n in 0..3 {
        world.rotated(&store, id, n, now + 1).await;
    }
    // RFC 9700, section 4.14.2: the predecessor's successor was used, so someone else has a token
    // of the family.
    let reused = RotateOutcome::Reused {
        rotated_at: now + 1,
    };
    let outcome = rotate(&store, &world.rotate(id, 1, now + 1), now + 1).await;
    assert_eq!(outcome, reused);
    let ended = RotateOutcome::Ended(WhatEnded::Grant(EndCause::RefreshTokenReused));
    for n in 0..4 {
        let outcome = rotate(&store, &world.rotate(id, n, now + 1), now + 1).await;
        assert_eq!(outcome, ended, "token {n}");
    }
}

pub async fn without_a_sealed_successor_there_is_no_grace(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    for retried_at in [now, now - 1] {
        let id = world.redeemed(&store).await;
        let mut act = world.rotate(id, 0, now);
        if let Some(successor) = &mut act.successor {
            successor.sealed.clear();
            successor.grace_until = now;
        }
        assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Rotated);
        let retry = rotate(&store, &act, retried_at).await;
        assert_eq!(retry, RotateOutcome::Reused { rotated_at: now });
    }
}

pub async fn a_guess_is_unknown_and_changes_nothing(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let unknown = world.rotate(unknown_grant(), 0, now);
    assert_eq!(rotate(&store, &unknown, now).await, RotateOutcome::Unknown);
    let unused = world.issued(&store).await;
    let outcome = rotate(&store, &world.rotate(unused, 0, now), now).await;
    assert_eq!(
        outcome,
        RotateOutcome::Unknown,
        "no code was redeemed, so there is no family"
    );
    let id = world.redeemed(&store).await;
    let before = view(&store, &id).await;
    let mut act = world.rotate(id, 0, now);
    act.presented = guess();
    act.of_the_family = false;
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Unknown);
    act.client_id = name("mallory");
    let late = now + GRANT_SECONDS;
    assert_eq!(rotate(&store, &act, late).await, RotateOutcome::Unknown);
    assert_eq!(view(&store, &id).await, before);
    end(&store, &id, now).await;
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Unknown);
}

pub async fn another_clients_refresh_changes_nothing(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let mallory = World::new(&store).await.client_id;
    let id = world.redeemed(&store).await;
    world.rotated(&store, id, 0, now).await;
    world.rotated(&store, id, 1, now).await;
    let before = view(&store, &id).await;
    // RFC 6749, section 6: the refresh token is bound to the client to which it was issued. An
    // ancestor, the predecessor, the current one; in the grace and after it, and too old.
    for n in 0..3 {
        for at in [now, now + GRACE_SECONDS, now + GRANT_SECONDS] {
            let mut act = world.rotate(id, n, at);
            act.client_id.clone_from(&mallory);
            let outcome = rotate(&store, &act, at).await;
            assert_eq!(outcome, RotateOutcome::ForeignClient, "token {n} at {at}");
        }
    }
    assert_eq!(view(&store, &id).await, before);
    end(&store, &id, now).await;
    let mut act = world.rotate(id, 2, now);
    act.client_id = mallory;
    let outcome = rotate(&store, &act, now).await;
    assert_eq!(outcome, RotateOutcome::ForeignClient);
}

pub async fn refresh_tokens_grow_idle_and_old(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let before = view(&store, &id).await;
    let idle = now + IDLE_SECONDS;
    let expired = RotateOutcome::Expired { expired_at: idle };
    let outcome = rotate(&store, &world.rotate(id, 0, idle), idle).await;
    assert_eq!(outcome, expired, "refused from that second on");
    assert_eq!(view(&store, &id).await, before);
    world.rotated(&store, id, 0, idle - 1).await;
    let family = view(&store, &id).await.grant.refresh.expect("a family");
    let renewed = idle - 1 + IDLE_SECONDS;
    assert_eq!(family.idle_expires_at, Some(renewed));

    // Without an idle limit the grant's own end stays.
    let id = world.redeemed(&store).await;
    let mut act = world.rotate(id, 0, now);
    act.idle_expires_at = None;
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Rotated);
    let end = now + GRANT_SECONDS;
    let expired = RotateOutcome::Expired { expired_at: end };
    let outcome = rotate(&store, &world.rotate(id, 1, end), end).await;
    assert_eq!(outcome, expired);
    world.rotated(&store, id, 1, end - 1).await;
}

pub async fn reuse_is_found_before_age(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    world.rotated(&store, id, 0, now).await;
    // By then the successor has grown idle, and the grant old.
    let end = now + GRANT_SECONDS;
    let expired = RotateOutcome::Expired {
        expired_at: now + IDLE_SECONDS,
    };
    let outcome = rotate(&store, &world.rotate(id, 1, end), end).await;
    assert_eq!(outcome, expired);
    let outcome = rotate(&store, &world.rotate(id, 0, end), end).await;
    assert_eq!(outcome, RotateOutcome::Reused { rotated_at: now });
}

pub async fn a_retry_within_the_grace_is_no_longer_good_than_the_grant(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let mut act = world.issue();
    let expired_at = now + GRACE_SECONDS / 2;
    act.grant.expires_at = expired_at;
    let id = world.carry_out_issue(&store, &act).await;
    world.carry_out_redeem(&store, id).await;
    world.rotated(&store, id, 0, now).await;
    let outcome = rotate(&store, &world.rotate(id, 0, expired_at), expired_at).await;
    assert_eq!(outcome, RotateOutcome::Expired { expired_at });
    assert_eq!(view(&store, &id).await.grant.ended, None);
}

pub async fn without_rotation_a_token_stays_and_its_idle_lifetime_starts_again(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let before = view(&store, &id).await;
    for at in [now, now + 100] {
        let mut act = world.rotate(id, 0, at);
        act.successor = None;
        assert_eq!(rotate(&store, &act, at).await, RotateOutcome::Kept);
    }
    let mut expected = before.grant.refresh.expect("a family");
    expected.idle_expires_at = Some(now + 100 + IDLE_SECONDS);
    let family = view(&store, &id).await.grant.refresh;
    assert_eq!(family, Some(expected));
}

pub async fn an_ended_grant_refreshes_nothing(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    world.rotated(&store, id, 0, now).await;
    end(&store, &id, now).await;
    let before = view(&store, &id).await;
    let ended = RotateOutcome::Ended(WhatEnded::Grant(EndCause::Revoked));
    for n in 0..2 {
        for at in [now, now + GRACE_SECONDS, now + GRANT_SECONDS] {
            let outcome = rotate(&store, &world.rotate(id, n, at), at).await;
            assert_eq!(outcome, ended, "token {n} at {at}");
        }
    }
    assert_eq!(view(&store, &id).await, before);
}

/// RFC 9449, section 5: a public client's refresh token is bound to the key that it proved.
pub async fn a_bound_family_takes_no_other_key(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = bound(&store, &world).await;
    let before = view(&store, &id).await;
    let family = before.grant.refresh.as_ref().expect("a family");
    assert_eq!(family.binding_key, Some(KEY));
    for key in [None, Some(OTHER_KEY)] {
        let mut act = world.rotate(id, 0, now);
        act.binding_key = key;
        assert_eq!(rotate(&store, &act, now).await, RotateOutcome::WrongKey);
    }
    assert_eq!(view(&store, &id).await, before);
    let mut act = world.rotate(id, 0, now);
    act.binding_key = Some(KEY);
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Rotated);
    let repeated = RotateOutcome::Repeated {
        sealed_successor: sealed(&id, 1),
    };
    assert_eq!(rotate(&store, &act, now).await, repeated);
    // A family that is not bound takes a token from a client that proves a key.
    let id = world.redeemed(&store).await;
    act = world.rotate(id, 0, now);
    act.binding_key = Some(KEY);
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Rotated);
}

/// Within the grace period, only the same key gets the successor; anyone who presents a used token
/// with another key has copied it.
pub async fn a_repetition_with_another_key_is_reuse(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    for key in [None, Some(OTHER_KEY)] {
        let id = bound(&store, &world).await;
        let mut act = world.rotate(id, 0, now);
        act.binding_key = Some(KEY);
        assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Rotated);
        act.binding_key = key;
        let reused = RotateOutcome::Reused { rotated_at: now };
        assert_eq!(rotate(&store, &act, now).await, reused);
        let what_ended = WhatEnded::Grant(EndCause::RefreshTokenReused);
        assert_eq!(view(&store, &id).await.what_ended, Some(what_ended));
    }
}

/// A further fault of the request costs no token, and an ancestor is reuse whatever else is wrong.
pub async fn a_held_back_fault_costs_no_token_and_hides_no_reuse(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let refusing = |id, n, at| {
        let mut act = world.rotate(id, n, at);
        act.otherwise = Otherwise::Refuse;
        act
    };
    let before = view(&store, &id).await;
    let outcome = rotate(&store, &refusing(id, 0, now), now).await;
    assert_eq!(outcome, RotateOutcome::Withheld, "it would have rotated");
    assert_eq!(view(&store, &id).await, before);
    world.rotated(&store, id, 0, now).await;
    let before = view(&store, &id).await;
    let outcome = rotate(&store, &refusing(id, 0, now), now).await;
    assert_eq!(
        outcome,
        RotateOutcome::Withheld,
        "it would have been repeated"
    );
    assert_eq!(view(&store, &id).await, before);

    // What is wrong with the token itself comes first.
    let mut guessed = refusing(id, 1, now);
    guessed.presented = guess();
    guessed.of_the_family = false;
    assert_eq!(rotate(&store, &guessed, now).await, RotateOutcome::Unknown);
    let mut foreign = refusing(id, 1, now);
    foreign.client_id = name("mallory");
    assert_eq!(
        rotate(&store, &foreign, now).await,
        RotateOutcome::ForeignClient
    );
    let late = now + GRANT_SECONDS;
    let expired = RotateOutcome::Expired {
        expired_at: now + IDLE_SECONDS,
    };
    assert_eq!(rotate(&store, &refusing(id, 1, late), late).await, expired);
    let at = now + GRACE_SECONDS;
    let reused = RotateOutcome::Reused { rotated_at: now };
    assert_eq!(rotate(&store, &refusing(id, 0, at), at).await, reused);
    let ended = RotateOutcome::Ended(WhatEnded::Grant(EndCause::RefreshTokenReused));
    assert_eq!(rotate(&store, &refusing(id, 1, at), at).await, ended);

    // And so does what has ended above it.
    let id = world.redeemed_offline(&store).await;
    let withdrawn = store.withdraw_consent(&world.sub, &world.client_id, now);
    withdrawn.await.expect("withdrawn");
    let outcome = rotate(&store, &refusing(id, 0, now), now).await;
    assert_eq!(outcome, RotateOutcome::Ended(WhatEnded::Consent));
}

/// What was read before the act can only narrow it: a stale read neither revives nor grants.
pub async fn what_the_caller_had_read_changes_no_outcome(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let read = view(&store, &id).await.grant;
    let mut act = world.rotate(id, 0, now);
    act.hint = Some(read.clone());
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Rotated);
    // The same read again, which is stale by now.
    act.successor = world.rotate(id, 1, now).successor;
    let repeated = RotateOutcome::Repeated {
        sealed_successor: sealed(&id, 1),
    };
    assert_eq!(rotate(&store, &act, now).await, repeated);
    let read = view(&store, &id).await.grant;
    end(&store, &id, now).await;
    act.hint = Some(read);
    let ended = RotateOutcome::Ended(WhatEnded::Grant(EndCause::Revoked));
    assert_eq!(rotate(&store, &act, now).await, ended, "no repetition");
    act.presented = refresh_token(&id, 1);
    assert_eq!(rotate(&store, &act, now).await, ended, "no rotation");
}

const KEY: KeyThumbprint = KeyThumbprint::from_bytes([1; 32]);
const OTHER_KEY: KeyThumbprint = KeyThumbprint::from_bytes([2; 32]);

/// A redeemed grant whose refresh tokens are bound to [`KEY`].
async fn bound(store: &Grants, world: &World) -> GrantId {
    let id = world.issued(store).await;
    let mut act = world.redeem(id);
    act.refresh.binding_key = Some(KEY);
    let outcome = redeem(store, &act, world.now).await;
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
    id
}
