//! The link that creates the first administrator: it works once, for one person, until there is
//! one.

use std::sync::Arc;

use super::Whole;
use super::races::{RACERS, count, race};
use super::users::{account, create};
use super::world::{guess, start};
use crate::setup::{SetupLinkState, SetupOutcome};
use crate::users::{CreateUserOutcome, NewUser, User};

fn administrator(username: &str) -> NewUser {
    account(username, None) // the act makes them the administrator, whatever they were
}

pub async fn a_setup_link_is_good_strictly_before_its_end(store: Whole) {
    let now = start();
    let link = guess();
    let state = async |at| store.setup_link(&link, at).await.expect("returns");
    assert_eq!(state(now).await, SetupLinkState::Unknown);
    let put = store.put_setup_link(&link, now + 60, now).await;
    assert!(put.expect("returns"));
    assert_eq!(state(now + 59).await, SetupLinkState::Valid);
    assert_eq!(state(now + 60).await, SetupLinkState::Expired);
    let other = store.setup_link(&guess(), now).await.expect("returns");
    assert_eq!(other, SetupLinkState::Unknown);
    let new = administrator("root");
    let made = store.create_administrator(&link, &new, now + 60).await;
    let refused = SetupOutcome::Refused(SetupLinkState::Expired);
    assert_eq!(made.expect("returns"), refused);
    let made = store.create_administrator(&guess(), &new, now).await;
    let refused = SetupOutcome::Refused(SetupLinkState::Unknown);
    assert_eq!(made.expect("returns"), refused);
    let found = store.user_named("root").await.expect("returns");
    assert_eq!(found, None);
}

pub async fn a_new_setup_link_voids_the_one_before(store: Whole) {
    let now = start();
    let (first, second) = (guess(), guess());
    for link in [&first, &second] {
        let put = store.put_setup_link(link, now + 60, now).await;
        assert!(put.expect("returns"));
    }
    let state = store.setup_link(&first, now).await.expect("returns");
    assert_eq!(state, SetupLinkState::Unknown);
    let state = store.setup_link(&second, now).await.expect("returns");
    assert_eq!(state, SetupLinkState::Valid);
}

pub async fn no_link_is_good_once_there_is_an_administrator(store: Whole) {
    let now = start();
    let link = guess();
    let put = store.put_setup_link(&link, now + 60, now).await;
    assert!(put.expect("returns"));
    let new = administrator("root");
    let made = store.create_administrator(&link, &new, now).await;
    assert_eq!(made.expect("returns"), SetupOutcome::Created);
    let found = store.user(&new.user.sub).await.expect("returns");
    let made_administrator = User {
        administrator: true,
        ..new.user
    };
    assert_eq!(found, Some(made_administrator));
    let put = store.put_setup_link(&guess(), now + 60, now).await;
    assert!(!put.expect("returns"));
    for link in [link, guess()] {
        let state = store.setup_link(&link, now).await.expect("returns");
        assert_eq!(state, SetupLinkState::AdministratorExists);
        let eve = administrator("eve");
        let made = store.create_administrator(&link, &eve, now).await;
        let refused = SetupOutcome::Refused(SetupLinkState::AdministratorExists);
        assert_eq!(made.expect("returns"), refused);
    }
}

pub async fn a_refused_account_leaves_the_link_good(store: Whole) {
    let now = start();
    let link = guess();
    let put = store.put_setup_link(&link, now + 60, now).await;
    assert!(put.expect("returns"));
    let taken = account("alice", Some("alice@example.org"));
    assert_eq!(create(&store, &taken).await, CreateUserOutcome::Created);
    let make = async |new: NewUser| {
        let made = store.create_administrator(&link, &new, now).await;
        made.expect("returns")
    };
    let outcome = make(administrator("ALICE")).await;
    assert_eq!(outcome, SetupOutcome::UsernameTaken);
    let mut new = administrator("root");
    new.user.email = Some("alice@example.org".to_owned());
    assert_eq!(make(new).await, SetupOutcome::EmailTaken);
    let mut new = administrator("root");
    new.user.sub = taken.user.sub;
    assert_eq!(make(new).await, SetupOutcome::SubjectTaken);
    assert_eq!(make(administrator("root")).await, SetupOutcome::Created);
}

pub async fn of_64_who_open_the_setup_link_one_is_the_administrator(store: Whole) {
    let now = start();
    let link = guess();
    let put = store.put_setup_link(&link, now + 60, now).await;
    assert!(put.expect("returns"));
    let outcomes = race(|number| {
        let store = Arc::clone(&store);
        let new = administrator(&format!("root-{number}"));
        async move {
            let made = store.create_administrator(&link, &new, now).await;
            made.expect("returns")
        }
    })
    .await;
    let made = count(&outcomes, |outcome| *outcome == SetupOutcome::Created);
    let refused = SetupOutcome::Refused(SetupLinkState::AdministratorExists);
    let losers = count(&outcomes, |outcome| *outcome == refused);
    assert_eq!((made, losers), (1, RACERS - 1), "{outcomes:?}");
    let users = store.list_users("", 100).await.expect("returns");
    assert_eq!(users.len(), 1);
}

pub async fn of_64_accounts_of_one_name_one_is_made(store: Whole) {
    let outcomes = race(|number| {
        let store = Arc::clone(&store);
        // By username, by email, in other letters.
        let (username, email) = match number % 3 {
            0 => ("alice@example.org".to_owned(), None),
            1 => ("Alice@Example.org".to_owned(), None),
            _ => (format!("user-{number}"), Some("ALICE@example.org")),
        };
        let new = account(&username, email);
        async move { create(&store, &new).await }
    })
    .await;
    let made = count(&outcomes, |o| *o == CreateUserOutcome::Created);
    let refused = count(&outcomes, |o| {
        matches!(
            o,
            CreateUserOutcome::UsernameTaken | CreateUserOutcome::EmailTaken
        )
    });
    assert_eq!((made, refused), (1, RACERS - 1), "{outcomes:?}");
    let users = store.list_users("", 100).await.expect("returns");
    assert_eq!(users.len(), 1);
}
