//! Browser sessions and the client sessions below them (OIDC Session Management 1.0; OIDC
//! Back-Channel Logout 1.0, section 2.1).

use countersign_jose::random::{self, SystemRandom};

use super::world::{
    Grants, World, change_user, code, cookie, endings, epoch, new_code, session, state,
    unknown_grant, view,
};
use crate::grants::{IssueOutcome, WhatEnded};
use crate::sessions::{BrowserSession, RenewOutcome, RenewSession, SessionState};
use crate::{SessionId, Token, TokenKind};

/// The user proves once more who they are; brings cookie `n`.
pub(super) fn renewal(world: &World, n: u64) -> RenewSession {
    RenewSession {
        id: world.session.id,
        sub: world.sub.clone(),
        secret: cookie(&world.session.id, n).hash(),
        user_epoch: world.user_epoch,
        auth_time: world.now + 5,
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        acr: Some("2".to_owned()),
        proved_in: Some(unknown_grant()),
        expires_at: world.now + 100_000,
    }
}

fn live(session: &BrowserSession) -> SessionState {
    SessionState::Live(Box::new(session.clone()))
}

fn renewed(world: &World, act: &RenewSession) -> BrowserSession {
    BrowserSession {
        secret: act.secret,
        auth_time: act.auth_time,
        amr: act.amr.clone(),
        acr: act.acr.clone(),
        proved_in: act.proved_in,
        expires_at: act.expires_at,
        ..world.session.clone()
    }
}

pub async fn a_cookie_is_good_by_its_secret_strictly_before_its_end(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.session.id;
    let own = cookie(&id, 0);
    assert_eq!(state(&store, &own, now).await, live(&world.session));
    let end = world.session.expires_at;
    assert_eq!(state(&store, &own, end - 1).await, live(&world.session));
    assert_eq!(state(&store, &own, end).await, SessionState::Expired);
    let kind = TokenKind::BrowserSession;
    let guessed = Token::generate(kind, *id.as_bytes(), &SystemRandom);
    for at in [now, end] {
        assert_eq!(state(&store, &guessed, at).await, SessionState::Unknown);
    }
    let unknown = cookie(&SessionId::from_bytes(random::bytes()), 0);
    assert_eq!(state(&store, &unknown, now).await, SessionState::Unknown);
}

pub async fn a_session_ends_with_its_user(store: Grants) {
    for ending in endings() {
        let world = World::new(&store).await;
        let now = world.now;
        change_user(&store, &world.sub, ending, now).await;
        let own = cookie(&world.session.id, 0);
        assert_eq!(state(&store, &own, now).await, SessionState::Ended);
    }
    let world = World::new(&store).await;
    let deleted = store.delete_subject(&world.sub, world.now).await;
    assert!(deleted.expect("returns"));
    let own = cookie(&world.session.id, 0);
    assert_eq!(state(&store, &own, world.now).await, SessionState::Ended);
}

pub async fn a_renewed_session_is_the_same_with_a_new_secret(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let (id, online) = (world.session.id, world.redeemed(&store).await);
    let act = renewal(&world, 1);
    let expected = renewed(&world, &act);
    // A caller that lost the response asks again: it is the same act.
    for _ in 0..2 {
        let outcome = store.renew_session(&act, now).await.expect("returns");
        assert_eq!(outcome, RenewOutcome::Renewed(Box::new(expected.clone())));
    }
    assert_eq!(state(&store, &cookie(&id, 1), now).await, live(&expected));
    assert_eq!(view(&store, &online).await.what_ended, None);
}

pub async fn an_earlier_cookie_signs_no_one_in_and_names_its_session(store: Grants) {
    let world = World::new(&store).await;
    let (id, now) = (world.session.id, world.now);
    // The responses to the first and the second are lost; the third click renews the same session.
    let mut expected = world.session.clone();
    for n in 1..4 {
        let act = renewal(&world, n);
        expected = renewed(&world, &act);
        let outcome = store.renew_session(&act, now).await.expect("returns");
        assert_eq!(outcome, RenewOutcome::Renewed(Box::new(expected.clone())));
    }
    let superseded = SessionState::Superseded(Box::new(expected.clone()));
    for n in 0..3 {
        let earlier = cookie(&id, n);
        assert_eq!(state(&store, &earlier, now).await, superseded, "cookie {n}");
    }
    assert_eq!(state(&store, &cookie(&id, 3), now).await, live(&expected));
    let end = expected.expires_at;
    assert_eq!(
        state(&store, &cookie(&id, 0), end).await,
        SessionState::Expired
    );
    store.end_session(&id, now).await.expect("returns");
    for n in 0..4 {
        let cookie = cookie(&id, n);
        assert_eq!(state(&store, &cookie, now).await, SessionState::Ended);
    }
}

pub async fn a_session_is_renewed_by_its_own_user_under_the_epoch_of_the_proof(store: Grants) {
    let world = World::new(&store).await;
    let other = World::new(&store).await;
    let (id, now) = (world.session.id, world.now);
    let mut foreign = renewal(&world, 1);
    foreign.sub.clone_from(&other.sub);
    foreign.user_epoch = other.user_epoch;
    let mut stale = renewal(&world, 1);
    stale.user_epoch = epoch();
    let mut nobodys = renewal(&world, 1);
    nobodys.id = SessionId::from_bytes(random::bytes());
    for act in [foreign, stale, nobodys] {
        let outcome = store.renew_session(&act, now).await.expect("returns");
        assert_eq!(outcome, RenewOutcome::Unknown, "{act:?}");
    }
    let own = cookie(&id, 0);
    assert_eq!(state(&store, &own, now).await, live(&world.session));
}

pub async fn a_session_that_ended_with_its_user_is_not_renewed(store: Grants) {
    for ending in endings() {
        let world = World::new(&store).await;
        let now = world.now;
        let mut act = renewal(&world, 1);
        change_user(&store, &world.sub, ending, now).await;
        // By a proof from before, and by one from after it: that one is for a new session.
        let subject = store.subject(&world.sub).await.expect("returns");
        for user_epoch in [world.user_epoch, subject.expect("it is there").epoch] {
            act.user_epoch = user_epoch;
            let outcome = store.renew_session(&act, now).await.expect("returns");
            assert_eq!(outcome, RenewOutcome::Unknown);
        }
        for n in 0..2 {
            let cookie = cookie(&world.session.id, n);
            assert_eq!(state(&store, &cookie, now).await, SessionState::Ended);
        }
    }
}

pub async fn an_expired_session_is_not_renewed(store: Grants) {
    let world = World::new(&store).await;
    let act = renewal(&world, 1);
    let end = world.session.expires_at;
    let outcome = store.renew_session(&act, end).await.expect("returns");
    assert_eq!(outcome, RenewOutcome::Unknown);
    let outcome = store.renew_session(&act, end - 1).await.expect("returns");
    assert!(matches!(outcome, RenewOutcome::Renewed(_)), "{outcome:?}");
}

pub async fn an_ended_session_is_not_renewed(store: Grants) {
    let world = World::new(&store).await;
    let (id, now) = (world.session.id, world.now);
    let ended = store.end_session(&id, now).await;
    assert_eq!(ended.expect("returns"), []);
    // The second would find its own secret there.
    for n in [1, 0] {
        let outcome = store.renew_session(&renewal(&world, n), now).await;
        assert_eq!(outcome.expect("returns"), RenewOutcome::Unknown);
    }
    assert_eq!(
        state(&store, &cookie(&id, 0), now).await,
        SessionState::Ended
    );
}

pub async fn a_new_session_ends_the_one_that_it_replaces(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let online = world.redeemed(&store).await;
    let other = session(&world.sub, world.user_epoch, now);
    let old = world.session.id;
    // The second time it is the same act.
    for _ in 0..2 {
        let started = store.start_session(&other, Some(&old), now).await;
        started.expect("returns");
        let own = cookie(&other.id, 0);
        assert_eq!(state(&store, &own, now).await, live(&other));
        assert_eq!(
            state(&store, &cookie(&old, 0), now).await,
            SessionState::Ended
        );
    }
    let what_ended = view(&store, &online).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::BrowserSession));
}

pub async fn a_start_that_is_repeated_brings_no_ended_session_back(store: Grants) {
    let world = World::new(&store).await;
    let (id, now) = (world.session.id, world.now);
    store.end_session(&id, now).await.expect("returns");
    let started = store.start_session(&world.session, None, now).await;
    started.expect("returns");
    assert_eq!(
        state(&store, &cookie(&id, 0), now).await,
        SessionState::Ended
    );
}

pub async fn a_session_reads_back_as_it_was_written(store: Grants) {
    let world = World::new(&store).await;
    let mut whole = session(&world.sub, world.user_epoch, world.now);
    whole.amr = vec!["pwd".to_owned(), "a \"b\", é".to_owned()];
    whole.acr = Some(String::new());
    whole.proved_in = Some(unknown_grant());
    let mut bare = session(&world.sub, world.user_epoch, world.now);
    bare.amr.clear();
    for written in [whole, bare] {
        let started = store.start_session(&written, None, world.now).await;
        started.expect("returns");
        let found = store.session(&written.id).await.expect("returns");
        let found = found.expect("it is there");
        assert_eq!((found.session, found.user_lives), (written, true));
    }
}

pub async fn a_client_has_one_client_session_under_a_browser_session(store: Grants) {
    let world = World::new(&store).await;
    let first = world.issue();
    let sid = first.joins.proposed_sid;
    for act in [&first, &world.issue(), &world.issue_offline()] {
        let outcome = store.issue_code(act, world.now).await.expect("returns");
        assert_eq!(outcome, IssueOutcome::Issued { sid });
        let found = view(&store, &act.grant.id).await;
        assert_eq!(found.what_ended, None);
        assert_eq!(found.grant.authorization.sid, Some(sid));
        if let Some(session) = found.grant.parents.session {
            let epoch = first.joins.proposed_epoch;
            assert_eq!((session.sid, session.client_session_epoch), (sid, epoch));
        }
    }
    let found = store.client_session(&world.session.id, &world.client_id);
    let found = found.await.expect("returns").expect("it is there");
    assert_eq!((found.sid, found.epoch), (sid, first.joins.proposed_epoch));
    assert_eq!(found.client_id, world.client_id);
    assert_eq!(found.browser_session, world.session.id);
    assert_eq!(found.created_at, world.now);
    assert_eq!(found.ended, None);
    let other = World::new(&store).await;
    let none = store.client_session(&world.session.id, &other.client_id);
    assert_eq!(none.await.expect("returns"), None);
}

/// OIDC Back-Channel Logout 1.0, section 2.1: a client knows the session by its `sid`.
pub async fn a_sid_finds_the_session_that_it_names(store: Grants) {
    let world = World::new(&store).await;
    let (id, now) = (world.session.id, world.now);
    let named = async |sid| {
        let found = store.client_session_named(&sid).await.expect("returns");
        found.map(|found| (found.browser_session, found.client_id))
    };
    let first = world.issue();
    let sid = first.joins.proposed_sid;
    assert_eq!(named(sid).await, None);
    world.carry_out_issue(&store, &first).await;
    let expected = Some((id, world.client_id.clone()));
    assert_eq!(named(sid).await, expected);
    // A proposal that joined another names nothing.
    let second = world.issue();
    world.carry_out_issue(&store, &second).await;
    assert_eq!(named(second.joins.proposed_sid).await, None);
    // It is the same session, however often its secret changes.
    for n in 1..4 {
        let outcome = store.renew_session(&renewal(&world, n), now).await;
        outcome.expect("returns");
        world.carry_out_issue(&store, &world.issue()).await;
        assert_eq!(named(sid).await, expected);
    }
    // A sign-out says which sessions of its clients have ended.
    store.end_session(&id, now).await.expect("returns");
    assert_eq!(named(sid).await, expected);
}

pub async fn ending_a_session_names_its_client_sessions_once(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let other = World::new(&store).await;
    let mut second = world.issue();
    second.grant.client_id.clone_from(&other.client_id);
    second.grant.parents.client = other.client_epoch;
    world.issued(&store).await;
    world.carry_out_issue(&store, &second).await;
    let session = world.session.id;
    let mut expected = Vec::new();
    for client_id in [&world.client_id, &other.client_id] {
        let found = store.client_session(&session, client_id).await;
        expected.push(found.expect("returns").expect("it is there"));
    }
    let mut ended = store.end_session(&session, now).await.expect("returns");
    ended.sort_by_key(|ended| ended.sid);
    expected.sort_by_key(|expected| expected.sid);
    assert_eq!(ended, expected);
    assert_eq!(store.end_session(&session, now).await.expect("returns"), []);
    let what_ended = view(&store, &second.grant.id).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::BrowserSession));
}

pub async fn an_ended_client_session_is_replaced_by_one_with_another_sid(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let old = world.redeemed(&store).await;
    let neighbour = World::new(&store).await;
    let mut beside = world.issue();
    beside.grant.client_id.clone_from(&neighbour.client_id);
    beside.grant.parents.client = neighbour.client_epoch;
    world.carry_out_issue(&store, &beside).await;
    let session = world.session.id;
    let found = store.client_session(&session, &world.client_id).await;
    let old_sid = found.expect("returns").expect("it is there").sid;
    let end = async |sid| {
        let ended = store.end_client_session(&sid, now).await;
        ended.expect("returns")
    };
    assert!(end(old_sid).await);
    assert!(!end(old_sid).await);
    assert!(!end(world.issue().joins.proposed_sid).await, "nobody's");
    let own = cookie(&session, 0);
    assert_eq!(state(&store, &own, now).await, live(&world.session));
    let act = world.issue();
    let sid = act.joins.proposed_sid;
    let outcome = store.issue_code(&act, now).await.expect("returns");
    assert_eq!(outcome, IssueOutcome::Issued { sid });
    assert_eq!(view(&store, &act.grant.id).await.what_ended, None);
    let what_ended = view(&store, &old).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::ClientSession));
    // One that comes late, with the old sid, does not end the new one.
    assert!(!end(old_sid).await);
    for id in [act.grant.id, beside.grant.id] {
        assert_eq!(view(&store, &id).await.what_ended, None);
    }
    // A sign-out tells of those that are left.
    let told = store.end_session(&session, now).await.expect("returns");
    let mut told: Vec<_> = told.into_iter().map(|ended| ended.sid).collect();
    let mut expected = [sid, beside.joins.proposed_sid];
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

pub async fn nothing_joins_an_ended_or_another_epochs_session(store: Grants) {
    let world = World::new(&store).await;
    let mut act = world.issue();
    // As if the session had been ended and its id come back.
    act.joins.browser_session_epoch = epoch();
    if let Some(session) = &mut act.grant.parents.session {
        session.browser_session_epoch = act.joins.browser_session_epoch;
    }
    let sid = act.joins.proposed_sid;
    let outcome = store.issue_code(&act, world.now).await.expect("returns");
    assert_eq!(outcome, IssueOutcome::Issued { sid });
    let what_ended = view(&store, &act.grant.id).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::BrowserSession));
    let none = store.client_session(&world.session.id, &world.client_id);
    assert_eq!(none.await.expect("returns"), None);

    let ended = store.end_session(&world.session.id, world.now).await;
    assert_eq!(ended.expect("returns"), []);
    let mut act = world.issue();
    new_code(&mut act).hash = code(&act.grant.id, 0);
    let sid = act.joins.proposed_sid;
    let outcome = store.issue_code(&act, world.now).await.expect("returns");
    assert_eq!(outcome, IssueOutcome::Issued { sid });
    let what_ended = view(&store, &act.grant.id).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::BrowserSession));
    let none = store.client_session(&world.session.id, &world.client_id);
    assert_eq!(none.await.expect("returns"), None);
}
