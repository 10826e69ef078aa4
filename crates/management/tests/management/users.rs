//! Making, changing and ending accounts.

use countersign_management::passwords::PasswordFault;
use countersign_management::users::claims::ClaimFault;
use countersign_management::users::names::NameFault;
use countersign_management::users::{AccountChanges, NewAccount, UserError};
use countersign_store::standing::Status;
use countersign_store::subjects::Subjects as _;
use countersign_store::users::{Replacement, Users as _};
use serde_json::{Value, json};

use crate::world::{NOW, World, object};

const PASSWORD: &str = "correct horse battery";

fn account(username: &str) -> NewAccount {
    NewAccount {
        username: username.to_owned(),
        ..NewAccount::default()
    }
}

#[tokio::test]
async fn an_account_is_found_by_each_of_its_names() {
    let world = World::new();
    let users = world.users();
    let alice = NewAccount {
        email: Some("alice@example.org".to_owned()),
        name: Some("Alice Adams".to_owned()),
        claims: object(json!({ "department": ["a"] })),
        ..account("Alice")
    };
    let made = users
        .create(alice, Some(PASSWORD), NOW)
        .await
        .expect("creates");
    assert_eq!(
        made.claims,
        object(json!({ "name": "Alice Adams", "department": ["a"] }))
    );
    assert_eq!((made.created_at, made.updated_at), (NOW, NOW));
    for name in ["alice", "ALICE", "alice@EXAMPLE.org", made.sub.as_str()] {
        assert_eq!(users.find(name).await.expect(name), made);
    }
    assert_eq!(users.list().await.expect("lists"), [made]);
    assert!(matches!(users.find("bob").await, Err(UserError::Unknown(name)) if name == "bob"));
}

#[tokio::test]
async fn a_name_belongs_to_one_account() {
    let world = World::new();
    let users = world.users();
    let alice = NewAccount {
        email: Some("alice@example.org".to_owned()),
        ..account("alice")
    };
    users.create(alice, None, NOW).await.expect("creates");
    let carol = NewAccount {
        email: Some("ALICE@example.org".to_owned()),
        ..account("carol")
    };
    for (other, taken) in [
        (account("ALICE"), "ALICE"),
        (account("alice@example.org"), "alice@example.org"),
        (carol, "ALICE@example.org"),
    ] {
        let made = users.create(other, None, NOW).await;
        assert!(matches!(made, Err(UserError::NameTaken(name)) if name == taken));
    }
}

#[tokio::test]
async fn what_an_account_can_not_have_is_refused_by_its_rule() {
    let world = World::new();
    let users = world.users();
    let refused = async |account: NewAccount, password: Option<&str>| {
        let made = users.create(account, password, NOW).await;
        made.expect_err("is refused")
    };
    let with = |claims: Value| NewAccount {
        name: Some("Bob".to_owned()),
        claims: object(claims),
        ..account("bob")
    };
    assert!(matches!(
        refused(account("bob\t"), None).await,
        UserError::Username(NameFault::WhiteSpace)
    ));
    let email = Some("bob".to_owned());
    assert!(matches!(
        refused(
            NewAccount {
                email,
                ..account("bob")
            },
            None
        )
        .await,
        UserError::Email(NameFault::NotAnAddress)
    ));
    assert!(matches!(
        refused(with(json!({ "sub": "somebody" })), None).await,
        UserError::Claim(ClaimFault::Reserved(claim)) if claim == "sub"
    ));
    for claims in [
        json!({ "email_verified": "yes" }),
        json!({ "address": "Vienna" }),
        json!({ "phone_number": 1 }),
        json!({ "email": 1 }),
    ] {
        assert!(matches!(
            refused(with(claims), None).await,
            UserError::Claim(ClaimFault::WrongType { .. })
        ));
    }
    assert!(matches!(
        refused(with(json!({ "name": "twice" })), None).await,
        UserError::GivenTwice("name")
    ));
    assert!(matches!(
        refused(account("bob"), Some("canary")).await,
        UserError::Password(PasswordFault::TooShort {
            characters: 6,
            minimum: 12
        })
    ));
    assert!(users.list().await.expect("lists").is_empty());
}

#[tokio::test]
async fn a_new_password_and_disabling_end_everything_of_the_user() {
    let world = World::new();
    let users = world.users();
    let made = users
        .create(account("alice"), Some(PASSWORD), NOW)
        .await
        .expect("creates");
    let epoch = async || {
        let subject = world.store.subject(&made.sub).await.expect("reads");
        subject.expect("is there").epoch
    };
    let first = epoch().await;
    users
        .set_password("alice", "another horse battery", NOW + 1)
        .await
        .expect("sets");
    let second = epoch().await;
    assert_ne!(first, second);
    let disabled = users.disable("alice", NOW + 2).await.expect("disables");
    assert_eq!(disabled.status, Status::Disabled);
    let third = epoch().await;
    assert_ne!(second, third);
    let enabled = users.enable("alice", NOW + 3).await.expect("enables");
    assert_eq!(enabled.status, Status::Active);
    assert_eq!(epoch().await, third, "what ended stays ended");
    users.delete(&enabled, NOW + 4).await.expect("deletes");
    assert!(world.store.user(&made.sub).await.expect("reads").is_none());
    assert!(matches!(
        users.disable("alice", NOW).await,
        Err(UserError::Unknown(_))
    ));
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::new();
    let users = world.users();
    let alice = NewAccount {
        email: Some("alice@example.org".to_owned()),
        claims: object(json!({ "nickname": "Ali", "groups": ["a"] })),
        ..account("alice")
    };
    let made = users.create(alice, None, NOW).await.expect("creates");
    let update = async |changes: AccountChanges| users.update("alice", changes, NOW + 5).await;
    let changed = update(AccountChanges {
        email_verified: Some(true),
        administrator: Some(true),
        claims: object(json!({ "groups": null, "website": "https://a.example" })),
        ..AccountChanges::default()
    })
    .await
    .expect("updates");
    let claims =
        json!({ "nickname": "Ali", "website": "https://a.example", "email_verified": true });
    assert_eq!(changed.claims, object(claims));
    assert!(changed.administrator);
    assert_eq!(
        (changed.sub, changed.username, changed.email),
        (made.sub, made.username, made.email)
    );
    assert_eq!((changed.created_at, changed.updated_at), (NOW, NOW + 5));
    let moved = update(AccountChanges {
        claims: object(json!({ "email": "alice@new.example" })),
        ..AccountChanges::default()
    })
    .await
    .expect("updates");
    assert_eq!(moved.email.as_deref(), Some("alice@new.example"));
    assert_eq!(
        moved.claims.get("email_verified"),
        None,
        "nothing was said of this one"
    );
    let without = update(AccountChanges {
        email: Some(Replacement::Remove),
        email_verified: Some(true),
        ..AccountChanges::default()
    });
    assert!(matches!(without.await, Err(UserError::NoEmail)));
    let twice = update(AccountChanges {
        email: Some(Replacement::Set("a@b.example".to_owned())),
        claims: object(json!({ "email": "a@b.example" })),
        ..AccountChanges::default()
    });
    assert!(matches!(twice.await, Err(UserError::GivenTwice("email"))));
}

#[tokio::test]
async fn a_password_is_none_of_the_names_that_everyone_knows() {
    let world = World::new();
    let users = world.users();
    let made = |password: &'static str| {
        let account = NewAccount {
            email: Some("zdzislawa@firm.example".to_owned()),
            ..account("kowalczyk")
        };
        users.create(account, Some(password), NOW)
    };
    for (password, fault) in [
        ("123456789012", PasswordFault::Common),
        ("passwordpassword", PasswordFault::Common),
        ("kowalczyk1984", PasswordFault::OwnNames),
        ("ZdzislawaKowalczyk", PasswordFault::OwnNames),
        ("id.widgets.example", PasswordFault::OwnNames),
        ("widgets2024!", PasswordFault::OwnNames),
        ("a line\nbreak in it", PasswordFault::ControlCharacter),
    ] {
        let refused = made(password).await;
        assert!(
            matches!(refused, Err(UserError::Password(found)) if found == fault),
            "{password}: {refused:?}"
        );
    }
    made("correct horse battery").await.expect("creates");
}
