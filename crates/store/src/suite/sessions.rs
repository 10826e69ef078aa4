//! Browser sessions and the client sessions beneath them (OIDC Session Management, Back-Channel
//! Logout 2.1).

use countersign_jose::random;

use super::world::{
    Grants, World, change_user, code, endings, epoch, guess, nobodys_grant, session, view,
};
use crate::SessionId;
use crate::grants::{Dead, IssueOutcome};
use crate::sessions::{BrowserSession, RenewOutcome, RenewSession, SessionState};
use crate::standing::StandingChange;

fn renewal(world: &World) -> RenewSession {
    RenewSession {
        id: world.session.id,
        presented: world.secret,
        secret: guess(),
        user_epoch: world.user_epoch,
        auth_time: world.now + 5,
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        acr: Some("2".to_owned()),
        proved_in: Some(nobodys_grant()),
        expires_at: world.now + 100_000,
    }
}

fn live(session: &BrowserSession) -> SessionState {
    SessionState::Live(Box::new(session.clone()))
}

pub async fn a_cookie_is_good_by_its_secret_strictly_before_its_end(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.session.id;
    let read = async |secret, at| store.session(&id, &secret, at).await.expect("answers");
    assert_eq!(read(world.secret, now).await, live(&world.session));
    let end = world.session.expires_at;
    assert_eq!(read(world.secret, end - 1).await, live(&world.session));
    assert_eq!(read(world.secret, end).await, SessionState::Expired);
    assert_eq!(read(guess(), now).await, SessionState::Unknown);
    assert_eq!(read(guess(), end).await, SessionState::Unknown);
    let nobodys = SessionId::from_bytes(random::bytes());
    let state = store.session(&nobodys, &world.secret, now).await;
    assert_eq!(state.expect("answers"), SessionState::Unknown);
}

pub async fn a_session_ends_with_its_user(store: Grants) {
    for ending in endings() {
        let world = World::new(&store).await;
        let now = world.now;
        change_user(&store, &world.sub, ending, now).await;
        let (id, secret) = (world.session.id, world.secret);
        let state = store.session(&id, &secret, now).await.expect("answers");
        assert_eq!(state, SessionState::Ended);
    }
}

pub async fn a_renewed_session_is_the_same_with_a_new_secret(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let online = world.redeemed(&store).await;
    let act = renewal(&world);
    let renew = async |act: &RenewSession| store.renew_session(act, now).await.expect("answers");
    let mut guessed = act.clone();
    guessed.presented = guess();
    assert_eq!(renew(&guessed).await, RenewOutcome::Unknown);
    assert_eq!(renew(&act).await, RenewOutcome::Renewed);
    assert_eq!(renew(&act).await, RenewOutcome::Unknown, "the old secret");
    let id = act.id;
    let read = async |secret| store.session(&id, &secret, now).await.expect("answers");
    assert_eq!(read(world.secret).await, SessionState::Unknown);
    let renewed = BrowserSession {
        secret: act.secret,
        auth_time: act.auth_time,
        amr: act.amr.clone(),
        acr: act.acr.clone(),
        proved_in: act.proved_in,
        expires_at: act.expires_at,
        ..world.session.clone()
    };
    assert_eq!(read(act.secret).await, live(&renewed));
    assert_eq!(view(&store, &online).await.dead, None);
}

pub async fn a_session_that_ended_with_its_user_is_not_renewed(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    // The password is another one: whoever has it signs in to a new session.
    let mut act = renewal(&world);
    act.user_epoch = epoch();
    let ending = StandingChange::End {
        epoch: act.user_epoch,
    };
    change_user(&store, &world.sub, ending, now).await;
    let outcome = store.renew_session(&act, now).await.expect("answers");
    assert_eq!(outcome, RenewOutcome::Unknown);
    let (id, secret) = (world.session.id, world.secret);
    let state = store.session(&id, &secret, now).await;
    assert_eq!(state.expect("answers"), SessionState::Ended);
}

pub async fn an_expired_session_is_not_renewed(store: Grants) {
    let world = World::new(&store).await;
    let act = renewal(&world);
    let end = world.session.expires_at;
    let outcome = store.renew_session(&act, end).await.expect("answers");
    assert_eq!(outcome, RenewOutcome::Unknown);
    let outcome = store.renew_session(&act, end - 1).await.expect("answers");
    assert_eq!(outcome, RenewOutcome::Renewed);
}

pub async fn an_ended_session_is_not_renewed(store: Grants) {
    let world = World::new(&store).await;
    let ended = store.end_session(&world.session.id, world.now).await;
    assert_eq!(ended.expect("answers"), []);
    let outcome = store.renew_session(&renewal(&world), world.now).await;
    assert_eq!(outcome.expect("answers"), RenewOutcome::Unknown);
    let (id, secret) = (world.session.id, world.secret);
    let state = store.session(&id, &secret, world.now).await;
    assert_eq!(state.expect("answers"), SessionState::Unknown);
}

pub async fn a_new_session_ends_the_one_that_it_replaces(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let online = world.redeemed(&store).await;
    let other = session(&world.sub, world.user_epoch, guess(), now);
    let old = world.session.id;
    let started = store.start_session(&other, Some(&old), now).await;
    started.expect("answers");
    let state = store.session(&other.id, &other.secret, now).await;
    assert_eq!(state.expect("answers"), live(&other));
    let state = store.session(&old, &world.secret, now).await;
    assert_eq!(state.expect("answers"), SessionState::Unknown);
    let dead = view(&store, &online).await.dead;
    assert_eq!(dead, Some(Dead::BrowserSession));
    let gone = store.client_session(&old, &world.client_id).await;
    assert_eq!(gone.expect("answers"), None);
}

pub async fn a_session_reads_back_as_it_was_written(store: Grants) {
    let world = World::new(&store).await;
    let mut whole = session(&world.sub, world.user_epoch, guess(), world.now);
    whole.amr = vec!["pwd".to_owned(), "a \"b\", é".to_owned()];
    whole.acr = Some(String::new());
    whole.proved_in = Some(nobodys_grant());
    let mut bare = session(&world.sub, world.user_epoch, guess(), world.now);
    bare.amr.clear();
    for written in [whole, bare] {
        let started = store.start_session(&written, None, world.now).await;
        started.expect("answers");
        let (id, secret) = (written.id, written.secret);
        let state = store.session(&id, &secret, world.now).await;
        assert_eq!(state.expect("answers"), live(&written));
    }
}

pub async fn a_client_has_one_client_session_under_a_browser_session(store: Grants) {
    let world = World::new(&store).await;
    let first = world.issue();
    let sid = first.joins.proposed_sid;
    for act in [&first, &world.issue(), &world.issue_offline()] {
        let outcome = store.issue_code(act, world.now).await.expect("answers");
        assert_eq!(outcome, IssueOutcome::Issued { sid });
        let found = view(&store, &act.grant.id).await;
        assert_eq!(found.dead, None);
        assert_eq!(found.grant.authorization.sid, Some(sid));
        if let Some(session) = found.grant.parents.session {
            let epoch = first.joins.proposed_epoch;
            assert_eq!((session.sid, session.client_session_epoch), (sid, epoch));
        }
    }
    let found = store.client_session(&world.session.id, &world.client_id);
    let found = found.await.expect("answers").expect("it is there");
    assert_eq!((found.sid, found.epoch), (sid, first.joins.proposed_epoch));
    assert_eq!(found.client_id, world.client_id);
    assert_eq!(found.browser_session, world.session.id);
    assert_eq!(found.created_at, world.now);
    let other = World::new(&store).await;
    let none = store.client_session(&world.session.id, &other.client_id);
    assert_eq!(none.await.expect("answers"), None);
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
        expected.push(found.expect("answers").expect("it is there"));
    }
    let mut ended = store.end_session(&session, now).await.expect("answers");
    ended.sort_by_key(|ended| ended.sid);
    expected.sort_by_key(|expected| expected.sid);
    assert_eq!(ended, expected);
    assert_eq!(store.end_session(&session, now).await.expect("answers"), []);
    let gone = store.client_session(&session, &world.client_id).await;
    assert_eq!(gone.expect("answers"), None);
    let dead = view(&store, &second.grant.id).await.dead;
    assert_eq!(dead, Some(Dead::BrowserSession));
}

pub async fn an_ended_client_session_begins_anew_with_another_sid(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let old = world.redeemed(&store).await;
    let session = world.session.id;
    let end = || store.end_client_session(&session, &world.client_id, now);
    assert!(end().await.expect("answers"));
    assert!(!end().await.expect("answers"));
    let gone = store.client_session(&session, &world.client_id).await;
    assert_eq!(gone.expect("answers"), None);
    let state = store.session(&session, &world.secret, now).await;
    assert_eq!(state.expect("answers"), live(&world.session));
    let act = world.issue();
    let sid = act.joins.proposed_sid;
    let outcome = store.issue_code(&act, now).await.expect("answers");
    assert_eq!(outcome, IssueOutcome::Issued { sid });
    assert_eq!(view(&store, &act.grant.id).await.dead, None);
    let dead = view(&store, &old).await.dead;
    assert_eq!(dead, Some(Dead::ClientSession));
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
    let outcome = store.issue_code(&act, world.now).await.expect("answers");
    assert_eq!(outcome, IssueOutcome::Issued { sid });
    let dead = view(&store, &act.grant.id).await.dead;
    assert_eq!(dead, Some(Dead::BrowserSession));
    let none = store.client_session(&world.session.id, &world.client_id);
    assert_eq!(none.await.expect("answers"), None);

    let ended = store.end_session(&world.session.id, world.now).await;
    assert_eq!(ended.expect("answers"), []);
    let mut act = world.issue();
    act.code.hash = code(&act.grant.id, 0);
    let sid = act.joins.proposed_sid;
    let outcome = store.issue_code(&act, world.now).await.expect("answers");
    assert_eq!(outcome, IssueOutcome::Issued { sid });
    let dead = view(&store, &act.grant.id).await.dead;
    assert_eq!(dead, Some(Dead::BrowserSession));
    let none = store.client_session(&world.session.id, &world.client_id);
    assert_eq!(none.await.expect("answers"), None);
}
