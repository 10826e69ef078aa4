//! Changing an account: what is named changes, what is not stays, and names stay unique.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Whole;
use super::races::{RACERS, count, race};
use super::users::{account, create};
use super::world::guess;
use crate::setup::SetupLinkState;
use crate::users::{
    CreateUserOutcome, EMAIL_VERIFIED, EmailVerified, NewUser, Replacement, UpdateUser,
    UpdateUserOutcome, User,
};

async fn made(store: &Whole, username: &str, email: Option<&str>) -> NewUser {
    let new = account(username, email);
    assert_eq!(create(store, &new).await, CreateUserOutcome::Created);
    new
}

fn of(sub: &str) -> UpdateUser {
    UpdateUser {
        sub: sub.to_owned(),
        ..UpdateUser::default()
    }
}

async fn update(store: &Whole, act: &UpdateUser, now: i64) -> UpdateUserOutcome {
    store.update_user(act, now).await.expect("returns")
}

async fn read(store: &Whole, sub: &str) -> User {
    let found = store.user(sub).await.expect("returns");
    found.expect("it is there")
}

async fn sub_named(store: &Whole, name: &str) -> Option<String> {
    let found = store.user_named(name).await.expect("returns");
    found.map(|user| user.sub)
}

pub async fn an_update_changes_the_fields_that_it_names(store: Whole) {
    let new = made(&store, "alice", Some("alice@example.org")).await;
    let (sub, later) = (new.user.sub.as_str(), new.user.created_at + 9);
    let act = UpdateUser {
        username: Some("Alicia".to_owned()),
        email: Some(Replacement::Set("alicia@example.org".to_owned())),
        email_verified: Some(EmailVerified {
            email: "alicia@example.org".to_owned(),
            is_verified: true,
        }),
        administrator: Some(true),
        claims: vec![
            ("level".to_owned(), Replacement::Remove),
            ("nickname".to_owned(), Replacement::Set(json!(["Al", 1]))),
        ],
        ..of(sub)
    };
    let mut expected = User {
        username: "Alicia".to_owned(),
        email: Some("alicia@example.org".to_owned()),
        administrator: true,
        updated_at: later,
        ..new.user.clone()
    };
    expected.claims.remove("level");
    expected
        .claims
        .insert("nickname".to_owned(), json!(["Al", 1]));
    let outcome = update(&store, &act, later).await;
    assert_eq!(outcome, UpdateUserOutcome::Updated(expected.clone()));
    assert_eq!(read(&store, sub).await, expected);
    for (name, owner) in [
        ("alicia", Some(sub)),
        ("alicia@example.org", Some(sub)),
        ("alice", None),
        ("alice@example.org", None),
    ] {
        assert_eq!(sub_named(&store, name).await.as_deref(), owner, "{name}");
    }
    made(&store, "alice", Some("alice@example.org")).await;
    let act = UpdateUser {
        email: Some(Replacement::Remove),
        ..of(sub)
    };
    update(&store, &act, later).await;
    let user = read(&store, sub).await;
    assert_eq!((user.email, user.claims.get(EMAIL_VERIFIED)), (None, None));
    assert_eq!(sub_named(&store, "alicia@example.org").await, None);
    let outcome = update(&store, &of("no-one"), later).await;
    assert_eq!(outcome, UpdateUserOutcome::Unknown);
}

pub async fn another_address_is_not_verified_and_a_late_verification_is_refused(store: Whole) {
    let new = made(&store, "alice", Some("alice@example.org")).await;
    let (sub, now) = (new.user.sub.as_str(), new.user.created_at);
    let act = UpdateUser {
        email: Some(Replacement::Set("alice@elsewhere.example".to_owned())),
        ..of(sub)
    };
    update(&store, &act, now).await;
    assert_eq!(read(&store, sub).await.claims.get(EMAIL_VERIFIED), None);
    let late = UpdateUser {
        email_verified: Some(EmailVerified {
            email: "alice@example.org".to_owned(),
            is_verified: true,
        }),
        ..of(sub)
    };
    let outcome = update(&store, &late, now).await;
    assert_eq!(outcome, UpdateUserOutcome::EmailIsAnother);
    assert_eq!(read(&store, sub).await.claims.get(EMAIL_VERIFIED), None);
}

pub async fn an_update_takes_no_name_of_another_account(store: Whole) {
    let alice = made(&store, "alice", Some("alice@example.org")).await;
    let mut bob = account("bob", Some("bob@example.org"));
    bob.user.sub = format!("Bobs-{}", bob.user.sub);
    assert_eq!(create(&store, &bob).await, CreateUserOutcome::Created);
    let (sub, now) = (alice.user.sub.as_str(), alice.user.created_at);
    let too_long = "x".repeat(400);
    let bobs_sub = bob.user.sub.to_lowercase();
    let taken = [
        "BOB",
        "bob@example.org",
        &bob.user.sub,
        &bobs_sub,
        "",
        &too_long,
    ];
    for name in taken {
        let by_username = UpdateUser {
            username: Some(name.to_owned()),
            administrator: Some(true),
            ..of(sub)
        };
        let outcome = update(&store, &by_username, now).await;
        assert_eq!(outcome, UpdateUserOutcome::UsernameTaken, "{name:?}");
        let by_email = UpdateUser {
            email: Some(Replacement::Set(name.to_owned())),
            administrator: Some(true),
            ..of(sub)
        };
        let outcome = update(&store, &by_email, now).await;
        assert_eq!(outcome, UpdateUserOutcome::EmailTaken, "{name:?}");
        assert_eq!(read(&store, sub).await, alice.user, "nothing changed");
    }
    // Its own names and its own sub are its own.
    for own in ["ALICE", "alice@example.org", sub] {
        let act = UpdateUser {
            username: Some(own.to_owned()),
            ..of(sub)
        };
        let outcome = update(&store, &act, now).await;
        assert!(matches!(outcome, UpdateUserOutcome::Updated(_)), "{own}");
    }
}

pub async fn no_name_is_another_accounts_sub(store: Whole) {
    let mut alice = account("alice", None);
    alice.user.sub = format!("Alices-{}", alice.user.sub);
    assert_eq!(create(&store, &alice).await, CreateUserOutcome::Created);
    let folded = alice.user.sub.to_uppercase();
    for name in [alice.user.sub.as_str(), &folded] {
        let outcome = create(&store, &account(name, None)).await;
        assert_eq!(outcome, CreateUserOutcome::UsernameTaken);
        let outcome = create(&store, &account("bob", Some(name))).await;
        assert_eq!(outcome, CreateUserOutcome::EmailTaken);
    }
    let mut bob = account("bob", None);
    bob.user.sub = "alice".to_owned();
    let outcome = create(&store, &bob).await;
    assert_eq!(outcome, CreateUserOutcome::SubjectTaken, "it is a name");
}

pub async fn a_new_administrator_voids_the_setup_link_for_good(store: Whole) {
    let new = made(&store, "alice", None).await;
    let (sub, now) = (new.user.sub.as_str(), new.user.created_at);
    let link = guess();
    let put = store.put_setup_link(&link, now + 60, now).await;
    assert!(put.expect("returns"));
    for administrator in [true, false] {
        let act = UpdateUser {
            administrator: Some(administrator),
            ..of(sub)
        };
        update(&store, &act, now).await;
    }
    let state = store.setup_link(&link, now).await.expect("returns");
    assert_eq!(state, SetupLinkState::Unknown);
}

pub async fn of_64_updates_of_different_claims_none_is_lost(store: Whole) {
    let new = made(&store, "alice", None).await;
    let sub = new.user.sub.clone();
    let outcomes = race(|number| {
        let (store, mut act) = (Arc::clone(&store), of(&sub));
        let value = Replacement::Set(json!(number));
        act.claims = vec![(format!("claim-{number}"), value)];
        async move { update(&store, &act, new.user.created_at).await }
    })
    .await;
    let updated = |outcome: &UpdateUserOutcome| matches!(outcome, UpdateUserOutcome::Updated(_));
    assert_eq!(count(&outcomes, updated), RACERS);
    let user = read(&store, &sub).await;
    for number in 0..RACERS {
        let claim = user.claims.get(&format!("claim-{number}"));
        assert_eq!(claim.and_then(Value::as_u64), Some(number as u64));
    }
}

pub async fn of_64_accounts_that_want_one_name_one_gets_it(store: Whole) {
    let mut accounts = Vec::new();
    for number in 0..RACERS {
        accounts.push(made(&store, &format!("user-{number}"), None).await.user);
    }
    let now = accounts[0].created_at;
    let outcomes = race(|number| {
        let (store, mut act) = (Arc::clone(&store), of(&accounts[number].sub));
        match number % 2 {
            0 => act.username = Some("Wanted@example.org".to_owned()),
            _ => act.email = Some(Replacement::Set("wanted@EXAMPLE.org".to_owned())),
        }
        async move { update(&store, &act, now).await }
    })
    .await;
    let updated = |outcome: &UpdateUserOutcome| matches!(outcome, UpdateUserOutcome::Updated(_));
    assert_eq!(count(&outcomes, updated), 1);
    let winner = outcomes.iter().position(updated).expect("one of them");
    let owner = sub_named(&store, "wanted@example.org").await;
    assert_eq!(owner.as_ref(), Some(&accounts[winner].sub));
}
