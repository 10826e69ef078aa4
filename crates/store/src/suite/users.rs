//! Accounts: unique names, credentials, passwords, deletion (RFC 9068, section 5, for the `sub`).

use serde_json::json;

use super::world::{World, change_user, cookie, epoch, name, start, state, view};
use super::{Whole, grants_of};
use crate::grants::WhatEnded;
use crate::sessions::SessionState;
use crate::standing::{StandingChange, Status};
use crate::users::{CreateUserOutcome, NewUser, User};

pub(super) fn account(username: &str, email: Option<&str>) -> NewUser {
    let now = start();
    let claims = json!({
        "name": "Zoë \"Z\" Ångström",
        "address": {"locality": "Zürich"},
        "email_verified": true,
        "level": 3,
    });
    NewUser {
        user: User {
            sub: name("sub"),
            username: username.to_owned(),
            email: email.map(str::to_owned),
            administrator: false,
            status: Status::Active,
            claims: claims.as_object().cloned().unwrap_or_default(),
            created_at: now,
            updated_at: now,
        },
        epoch: epoch(),
        password_hash: Some("$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA".to_owned()),
    }
}

pub(super) async fn create(store: &Whole, user: &NewUser) -> CreateUserOutcome {
    let outcome = store.create_user(user, user.user.created_at).await;
    outcome.expect("returns")
}

pub async fn an_account_reads_back_as_it_was_written(store: Whole) {
    let mut without_password = account("bob", None);
    without_password.password_hash = None;
    for new in [
        account("Alice", Some("Alice@Example.org")),
        without_password,
    ] {
        assert_eq!(create(&store, &new).await, CreateUserOutcome::Created);
        let sub = new.user.sub.as_str();
        let found = store.user(sub).await.expect("returns");
        assert_eq!(found.as_ref(), Some(&new.user));
        let normal = crate::names::normalise(&new.user.username);
        let normal = normal.expect("a name");
        let named = store.user_named(&normal).await.expect("returns");
        assert_eq!(named, found);
        let named = store.sub_named(&normal).await.expect("returns");
        assert_eq!(named.as_deref(), Some(sub));
        let credential = store.credential(sub).await.expect("returns");
        let credential = credential.expect("it is there");
        assert_eq!(credential.sub, sub);
        assert_eq!(credential.password_hash, new.password_hash);
        let subject = store.subject(sub).await.expect("returns");
        let subject = subject.expect("it is there");
        assert_eq!((subject.epoch, subject.status), (new.epoch, Status::Active));
    }
    let named = store.user_named("alice@example.org").await;
    assert_eq!(
        named.expect("returns").map(|user| user.username),
        Some("Alice".to_owned()),
        "an email address is a name as well"
    );
    for unknown in ["carol", "Alice", ""] {
        let found = store.user_named(unknown).await.expect("returns");
        assert_eq!(found, None, "{unknown:?} is no normalised name here");
        let found = store.sub_named(unknown).await.expect("returns");
        assert_eq!(found, None);
        let found = store.credential(unknown).await.expect("returns");
        assert!(found.is_none());
    }
    assert_eq!(store.user("nobody").await.expect("returns"), None);
}

/// What keeps the time of a sign-in the same for all: the sets in use, whoever wrote the hash.
pub async fn the_parameters_of_stored_hashes_are_listed_once_each(store: Whole) {
    let listed = async || {
        let mut listed = store.password_parameters().await.expect("returns");
        listed.sort();
        listed
    };
    assert_eq!(listed().await, Vec::<String>::new());
    let phc = |parameters: &str, salt: &str| format!("{parameters}${salt}$aGFzaA");
    let (old, new) = (
        "$argon2id$v=19$m=65536,t=3,p=1",
        "$argon2id$v=19$m=64,t=1,p=1",
    );
    let mut subs = Vec::new();
    for (username, password_hash) in [
        ("alice", Some(phc(old, "c2FsdA"))),
        ("bob", Some(phc(old, "c2FsdDI"))),
        ("carol", Some(phc(new, "c2FsdA"))),
        ("dave", None),
    ] {
        let mut account = account(username, None);
        account.password_hash = password_hash;
        assert_eq!(create(&store, &account).await, CreateUserOutcome::Created);
        subs.push(account.user.sub);
    }
    assert_eq!(listed().await, [new, old]);

    let (alice, bob) = (&subs[0], &subs[1]);
    let (was, is) = (phc(old, "c2FsdA"), phc(new, "eA"));
    let upgraded = store.upgrade_password_hash(alice, &was, &is, 1).await;
    assert!(upgraded.expect("returns"));
    assert_eq!(listed().await, [new, old], "bob's is still an old one");
    let set = store.set_password(bob, &phc(new, "eQ"), 2).await;
    assert!(set.expect("returns"));
    assert_eq!(listed().await, [new]);
    let dave = store.set_password(&subs[3], &phc(old, "eg"), 3).await;
    assert!(dave.expect("returns"));
    assert_eq!(listed().await, [new, old]);
    assert!(store.delete_user(&subs[3], 4).await.expect("returns"));
    assert_eq!(listed().await, [new]);
}

pub async fn no_username_is_anothers_email(store: Whole) {
    let first = account("Alice", Some("alice@example.org"));
    assert_eq!(create(&store, &first).await, CreateUserOutcome::Created);
    let taken = [
        ("ALICE", None, CreateUserOutcome::UsernameTaken),
        ("Ａｌｉｃｅ", None, CreateUserOutcome::UsernameTaken),
        ("Alice@example.org", None, CreateUserOutcome::UsernameTaken),
        (
            "bob",
            Some("ALICE@EXAMPLE.ORG"),
            CreateUserOutcome::EmailTaken,
        ),
        ("bob", Some("alice"), CreateUserOutcome::EmailTaken),
    ];
    for (username, email, expected) in taken {
        let outcome = create(&store, &account(username, email)).await;
        assert_eq!(outcome, expected, "{username} {email:?}");
    }
    let bob = account("bob", Some("bob@example.org"));
    assert_eq!(
        create(&store, &bob).await,
        CreateUserOutcome::Created,
        "what was refused claimed nothing"
    );
    // One account may have the same for both.
    let own = account("carol@example.org", Some("Carol@Example.org"));
    assert_eq!(create(&store, &own).await, CreateUserOutcome::Created);
}

pub async fn a_name_that_no_account_can_have_is_refused(store: Whole) {
    for username in ["", "   ", "a\u{0}b", &"x".repeat(400)] {
        let outcome = create(&store, &account(username, None)).await;
        assert_eq!(outcome, CreateUserOutcome::UsernameTaken, "{username:?}");
    }
}

pub async fn a_sub_is_never_used_twice(store: Whole) {
    let world = World::new(&grants_of(&store)).await;
    for taken in [&world.sub, &world.client_id] {
        let mut new = account("alice", Some("alice@example.org"));
        new.user.sub.clone_from(taken);
        let outcome = create(&store, &new).await;
        assert_eq!(outcome, CreateUserOutcome::SubjectTaken);
        let found = store.user_named("alice").await.expect("returns");
        assert_eq!(found, None, "its names were not claimed either");
    }
    let new = account("alice", Some("alice@example.org"));
    assert_eq!(create(&store, &new).await, CreateUserOutcome::Created);
    let sub = new.user.sub.clone();
    let deleted = store.delete_subject(&sub, world.now).await;
    assert!(deleted.expect("returns"));
    let deleted = store.delete_user(&sub, world.now).await;
    assert!(deleted.expect("returns"));
    let mut again = account("alice", Some("alice@example.org"));
    again.user.sub = sub;
    let outcome = create(&store, &again).await;
    assert_eq!(outcome, CreateUserOutcome::SubjectTaken);
    again.user.sub = name("sub");
    assert_eq!(
        create(&store, &again).await,
        CreateUserOutcome::Created,
        "the names are free again"
    );
}

pub async fn a_new_password_and_the_ending_after_it_end_everything_of_the_user(store: Whole) {
    let new = account("alice", None);
    assert_eq!(create(&store, &new).await, CreateUserOutcome::Created);
    let grants = grants_of(&store);
    let (sub, now) = (new.user.sub.as_str(), new.user.created_at);
    let session = super::world::session(sub, new.epoch, now);
    let started = store.start_session(&session, None, now).await;
    started.expect("returns");
    let mut world = World::new(&grants).await;
    world.sub = sub.to_owned();
    world.user_epoch = new.epoch;
    world.session = session.clone();
    let offline = world.redeemed_offline(&grants).await;
    let done = store.set_password(sub, "$argon2id$new", now + 1).await;
    assert!(done.expect("returns"));
    let subject = store.subject(sub).await.expect("returns");
    let kept = subject.map(|subject| subject.epoch);
    assert_eq!(
        kept,
        Some(new.epoch),
        "the epoch is the grant store's to write"
    );
    change_user(
        &grants,
        sub,
        StandingChange::End { epoch: epoch() },
        now + 1,
    )
    .await;
    let what_ended = view(&grants, &offline).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::User));
    let own = cookie(&session.id, 0);
    assert_eq!(state(&grants, &own, now).await, SessionState::Ended);
    let credential = store.credential(sub).await.expect("returns");
    let credential = credential.expect("it is there");
    let password_hash = credential.password_hash.as_deref();
    assert_eq!(password_hash, Some("$argon2id$new"));
    let found = store.user(sub).await.expect("returns");
    assert_eq!(found.map(|user| user.updated_at), Some(now + 1));
    let done = store.set_password("nobody", "x", now).await;
    assert!(!done.expect("returns"));
}

pub async fn a_better_hash_replaces_the_one_that_was_verified_only(store: Whole) {
    let new = account("alice", None);
    assert_eq!(create(&store, &new).await, CreateUserOutcome::Created);
    let (sub, now) = (new.user.sub.as_str(), new.user.created_at);
    let old = new.password_hash.clone().unwrap_or_default();
    let upgrade = async |old: &str, better: &str| {
        let done = store.upgrade_password_hash(sub, old, better, now).await;
        done.expect("returns")
    };
    assert!(upgrade(&old, "better").await);
    assert!(!upgrade(&old, "worse").await, "it was changed meanwhile");
    let credential = store.credential(sub).await.expect("returns");
    let credential = credential.expect("it is there");
    assert_eq!(credential.password_hash.as_deref(), Some("better"));
    let done = store.upgrade_password_hash("nobody", "x", "y", now).await;
    assert!(!done.expect("returns"));
}

pub async fn an_account_has_the_status_of_its_subject(store: Whole) {
    let new = account("alice", None);
    assert_eq!(create(&store, &new).await, CreateUserOutcome::Created);
    let grants = grants_of(&store);
    let (sub, now) = (new.user.sub.as_str(), new.user.created_at);
    let expect = async |status| {
        let found = store.user(sub).await.expect("returns");
        assert_eq!(found.map(|user| user.status), Some(status));
        let found = store.user_named("alice").await.expect("returns");
        assert_eq!(found.map(|user| user.status), Some(status));
        let listed = store.list_users("", 9).await.expect("returns");
        let listed: Vec<Status> = listed.iter().map(|user| user.status).collect();
        assert_eq!(listed, [status]);
    };
    expect(Status::Active).await;
    let disabled_by = epoch();
    let disable = StandingChange::Disable { epoch: disabled_by };
    change_user(&grants, sub, disable, now).await;
    expect(Status::Disabled).await;
    let enable = StandingChange::Enable { disabled_by };
    change_user(&grants, sub, enable, now).await;
    expect(Status::Active).await;
    // Between the two steps of a deletion.
    assert!(store.delete_subject(sub, now).await.expect("returns"));
    expect(Status::Disabled).await;
}

pub async fn a_deleted_user_is_gone_with_all_that_hung_below(store: Whole) {
    let new = account("alice", None);
    assert_eq!(create(&store, &new).await, CreateUserOutcome::Created);
    let grants = grants_of(&store);
    let mut world = World::new(&grants).await;
    let now = world.now;
    world.sub.clone_from(&new.user.sub);
    world.user_epoch = new.epoch;
    let offline = world.redeemed_offline(&grants).await;
    let deleted = store.delete_subject(&world.sub, now).await;
    assert!(deleted.expect("returns"));
    let delete = || store.delete_user(&world.sub, now);
    assert!(delete().await.expect("returns"));
    assert!(!delete().await.expect("returns"));
    assert_eq!(store.user(&world.sub).await.expect("returns"), None);
    let subject = store.subject(&world.sub).await.expect("returns");
    assert_eq!(subject, None);
    let named = store.sub_named("alice").await.expect("returns");
    assert_eq!(named, None);
    let credential = store.credential(&world.sub).await.expect("returns");
    assert!(credential.is_none());
    let what_ended = view(&grants, &offline).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::User));
}

pub async fn users_are_listed_by_sub_in_pages(store: Whole) {
    let mut expected = Vec::new();
    for number in 0..5 {
        let new = account(&format!("user-{number}"), None);
        assert_eq!(create(&store, &new).await, CreateUserOutcome::Created);
        expected.push(new.user.sub);
    }
    expected.sort();
    let mut listed = Vec::new();
    let mut after = String::new();
    loop {
        let page = store.list_users(&after, 2).await.expect("returns");
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        after.clone_from(&last.sub);
        listed.extend(page.into_iter().map(|user| user.sub));
    }
    assert_eq!(listed, expected);
}
