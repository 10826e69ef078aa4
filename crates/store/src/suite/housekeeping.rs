//! Upkeep: what is collected, and above all what is not yet.

use super::access_tokens::{jwt, keep, opaque};
use super::world::{
    CODE_SECONDS, GRACE_SECONDS, GRANT_SECONDS, Grants, World, cookie, redeem, rotate, sealed,
    start, state, view,
};
use super::{Whole, grants_of};
use crate::COLLECT_AFTER_SECONDS;
use crate::access_tokens::CheckAccessToken;
use crate::events::OutboxLimits;
use crate::grants::{EndCause, IssueOutcome, RedeemOutcome, RotateOutcome, TokenState, WhatEnded};
use crate::sessions::SessionState;
use crate::users::{NewUser, User};

/// More than these tests write.
const KEPT: OutboxLimits = OutboxLimits {
    max_events: 1_000_000,
    max_age_seconds: i64::MAX,
};

/// Collects until nothing is left, a few at a time.
pub(super) async fn collect(store: &Whole, now: i64) -> u64 {
    let mut collected = 0;
    loop {
        match store.collect(&KEPT, 2, now).await.expect("returns") {
            0 => return collected,
            more => collected += more,
        }
    }
}

/// One second before anything whose end is `end` may go.
pub(super) fn too_early(end: i64) -> i64 {
    end + COLLECT_AFTER_SECONDS - 1
}

pub(super) fn late_enough(end: i64) -> i64 {
    end + COLLECT_AFTER_SECONDS + 1
}

pub async fn an_unused_code_is_collected_an_hour_after_its_end(store: Whole) {
    let (grants, world) = begin(&store).await;
    let id = world.issued(&grants).await;
    let end = world.now + CODE_SECONDS;
    collect(&store, too_early(end)).await;
    let outcome = redeem(&grants, &world.redeem(id), end).await;
    assert_eq!(outcome, RedeemOutcome::Expired { expired_at: end });
    assert!(collect(&store, late_enough(end)).await > 0);
    assert_eq!(store.grant(&id).await.expect("returns"), None);
}

pub async fn a_used_code_is_remembered_while_its_grant_lives(store: Whole) {
    let (grants, world) = begin(&store).await;
    let (id, ended) = (world.redeemed(&grants).await, world.redeemed(&grants).await);
    let done = store.end_grant(&ended, None, EndCause::Revoked, world.now);
    done.await.expect("returns");
    let end = world.now + GRANT_SECONDS;
    // Its browser session is long over by then: the grant must not seem to have ended by it.
    let offline = world.redeemed_offline(&grants).await;
    collect(&store, too_early(end)).await;
    let what_ended = WhatEnded::Grant(EndCause::Revoked);
    assert_eq!(view(&grants, &ended).await.what_ended, Some(what_ended));
    assert_eq!(view(&grants, &offline).await.what_ended, None);
    let replayed = RedeemOutcome::Replayed { used_at: world.now };
    let outcome = redeem(&grants, &world.redeem(id), end).await;
    assert_eq!(outcome, replayed);
    collect(&store, late_enough(end)).await;
    for id in [id, ended, offline] {
        assert_eq!(store.grant(&id).await.expect("returns"), None);
    }
}

/// A form that was rendered before the end may be posted after it: an id that was collected by then
/// would be issued again.
pub async fn a_record_is_kept_as_long_as_a_form_may_name_it(store: Whole) {
    let (grants, world) = begin(&store).await;
    let now = world.now;
    let form_until = now + 100 * CODE_SECONDS;
    for is_used in [false, true] {
        let mut act = world.issue();
        act.form_until = form_until;
        act.grant.expires_at = now + 2 * CODE_SECONDS;
        let id = world.carry_out_issue(&grants, &act).await;
        match is_used {
            true => world.carry_out_redeem(&grants, id).await,
            false => super::world::end(&grants, &id, now).await,
        }
        collect(&store, too_early(form_until)).await;
        let again = store.issue_code(&act, form_until).await.expect("returns");
        assert_eq!(again, IssueOutcome::AlreadyUsed, "used: {is_used}");
        collect(&store, late_enough(form_until)).await;
        assert_eq!(store.grant(&id).await.expect("returns"), None);
    }
}

pub async fn a_sealed_successor_goes_an_hour_after_its_grace(store: Whole) {
    let (grants, world) = begin(&store).await;
    let now = world.now;
    let id = world.redeemed(&grants).await;
    world.rotated(&grants, id, 0, now).await;
    let end = now + GRACE_SECONDS;
    let kept = async || {
        let family = view(&grants, &id).await.grant.refresh.expect("a family");
        let predecessor = family.predecessor.expect("it tells reuse for ever");
        predecessor.sealed_successor
    };
    collect(&store, too_early(end)).await;
    assert_eq!(kept().await, sealed(&id, 1));
    let act = world.rotate(id, 0, end - 1);
    let outcome = rotate(&grants, &act, end - 1).await;
    assert!(
        matches!(outcome, RotateOutcome::Repeated { .. }),
        "a replica far behind still gets it"
    );
    collect(&store, late_enough(end)).await;
    assert_eq!(kept().await, Vec::<u8>::new());
    // Even with a clock that does not move it is reuse then, not a repetition of nothing.
    let reused = RotateOutcome::Reused { rotated_at: now };
    assert_eq!(rotate(&grants, &act, end - 1).await, reused);
}

pub async fn an_access_token_is_collected_an_hour_after_its_end(store: Whole) {
    let (grants, world) = begin(&store).await;
    let id = world.redeemed(&grants).await;
    let hash = keep(&grants, id, world.now).await;
    let end = world.now + 600;
    let check = async || {
        let token = opaque(id, hash);
        let state = store.check_access_token(&token, end).await;
        state.expect("returns")
    };
    collect(&store, too_early(end)).await;
    assert_eq!(check().await, TokenState::Expired { expired_at: end });
    collect(&store, late_enough(end)).await;
    assert_eq!(check().await, TokenState::Unknown);
}

pub async fn a_denial_is_collected_an_hour_after_its_end(store: Whole) {
    let (grants, world) = begin(&store).await;
    let id = world.redeemed(&grants).await;
    let token = jwt(id);
    let CheckAccessToken::Jwt { jti, .. } = token else {
        panic!("a JWT");
    };
    let end = world.now + 700;
    let denied = store.deny_access_token(&jti, end, world.now).await;
    denied.expect("returns");
    let check = async || {
        let state = store.check_access_token(&token, world.now).await;
        state.expect("returns")
    };
    collect(&store, too_early(end)).await;
    assert_eq!(check().await, TokenState::Denied);
    collect(&store, late_enough(end)).await;
    assert!(matches!(check().await, TokenState::Active(_)));
}

pub async fn a_session_is_collected_an_hour_after_its_end(store: Whole) {
    let (grants, world) = begin(&store).await;
    world.issued(&grants).await;
    let (id, end) = (world.session.id, world.session.expires_at);
    let own = cookie(&id, 0);
    let read = async || state(&grants, &own, end).await;
    let client_session = async || {
        let found = store.client_session(&id, &world.client_id).await;
        found.expect("returns")
    };
    collect(&store, too_early(end)).await;
    assert_eq!(read().await, SessionState::Expired);
    assert!(client_session().await.is_some());
    collect(&store, late_enough(end)).await;
    assert_eq!(read().await, SessionState::Unknown);
    assert_eq!(client_session().await, None, "it goes with its session");
}

pub async fn the_outbox_keeps_its_newest_events_within_its_limits(store: Whole) {
    let now = start();
    for number in 0..64 {
        let epoch = super::world::epoch();
        let sub = format!("user-{number}");
        let new = NewUser {
            epoch,
            user: User {
                sub: sub.clone(),
                ..super::users::account(&sub, None).user
            },
            password_hash: None,
        };
        store
            .create_user(&new, now + number)
            .await
            .expect("returns");
    }
    let end = now + 63;
    let collect =
        async |limits: OutboxLimits, now| store.collect(&limits, 4, now).await.expect("returns");
    let within = OutboxLimits {
        max_events: 64,
        max_age_seconds: 64,
    };
    assert_eq!(collect(within, end).await, 0);
    let fewer = OutboxLimits {
        max_events: 32,
        ..within
    };
    assert_eq!(collect(fewer, end).await, 34, "30 are left of at most 32");
    let younger = OutboxLimits {
        max_age_seconds: 16,
        ..within
    };
    assert_eq!(
        collect(younger, end).await,
        14,
        "those of the last 16 seconds are left"
    );
    let left = store.claim_events(100, end + 60, end).await;
    let left: Vec<_> = left
        .expect("returns")
        .into_iter()
        .filter_map(|event| event.sub)
        .collect();
    let newest: Vec<_> = (48..64).map(|number| format!("user-{number}")).collect();
    assert_eq!(left, newest);
    let none = OutboxLimits {
        max_events: 0,
        ..within
    };
    assert_eq!(collect(none, end).await, 16);
}

pub async fn collecting_leaves_what_has_no_end(store: Whole) {
    let (grants, world) = begin(&store).await;
    world.issued(&grants).await;
    collect(&store, world.now + 100 * GRANT_SECONDS).await;
    let subject = store.subject(&world.sub).await.expect("returns");
    assert!(subject.is_some());
    let client = store.client(&world.client_id).await.expect("returns");
    assert!(client.is_some());
    let consent = store.consent(&world.sub, &world.client_id).await;
    assert!(consent.expect("returns").is_some());
}

async fn begin(store: &Whole) -> (Grants, World) {
    let grants = grants_of(store);
    let world = World::new(&grants).await;
    (grants, world)
}
