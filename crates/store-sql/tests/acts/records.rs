//! SQLite's other records: what is told, what is collected, what is given once.

use countersign_store::clients::{ClientEpochs, ClientSecret, Clients};
use countersign_store::events::{EventKind, Events};
use countersign_store::grants::{Grants, RedeemOutcome, RotateOutcome};
use countersign_store::instance::{Instance, Instances};
use countersign_store::keys::{Keys, SigningKeyRecord};
use countersign_store::sessions::Sessions;
use countersign_store::setup::{Setup, SetupLinkState, SetupOutcome};
use countersign_store::subjects::{Status, Subjects};
use countersign_store::throttle::{Attempt, Limit, Throttle};
use countersign_store::users::{CreateUserOutcome, NewUser, User, Users};
use countersign_store::{COLLECT_AFTER_SECONDS, Housekeeping, Store};
use countersign_store_sql::Sqlite;

use crate::fixtures::{Folder, GRACE_SECONDS, NOW, client, epoch, hash, open, world};

fn user(sub: &str, username: &str, email: Option<&str>) -> NewUser {
    let mut claims = serde_json::Map::new();
    claims.insert("name".to_owned(), "Alice".into());
    NewUser {
        user: User {
            sub: sub.to_owned(),
            username: username.to_owned(),
            email: email.map(str::to_owned),
            administrator: false,
            status: Status::Active,
            claims,
            created_at: NOW,
            updated_at: NOW,
        },
        epoch: epoch(),
        password_hash: Some("$argon2id$1".to_owned()),
    }
}

#[test]
fn sqlite_is_a_whole_store() {
    fn whole(_: &dyn Store) {}
    let folder = Folder::new();
    whole(&open(&folder.database()));
}

#[tokio::test]
async fn acts_tell_what_they_changed_and_nothing_else() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let world = world(&store).await;
    let act = world.issue();
    let id = act.grant.id;
    store.issue_code(&act, NOW).await.expect("answers");
    let mut guess = world.redeem(id);
    guess.code = hash("a guess");
    store.redeem_code(&guess, NOW).await.expect("answers");
    store
        .redeem_code(&world.redeem(id), NOW)
        .await
        .expect("answers");
    store
        .rotate_refresh_token(&world.rotate(id, 0, NOW), NOW)
        .await
        .expect("answers");
    store
        .rotate_refresh_token(&world.rotate(id, 0, NOW), NOW)
        .await
        .expect("a retry");
    store
        .redeem_code(&world.redeem(id), NOW)
        .await
        .expect("a replay");
    let limit = Limit {
        attempts: 1,
        window_seconds: 60,
    };
    store
        .count_attempt(&[1; 32], limit, NOW)
        .await
        .expect("answers");

    let told = store
        .claim_events(100, NOW + 60, NOW)
        .await
        .expect("answers");
    let kinds: Vec<EventKind> = told.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::ClientCreated,
            EventKind::SessionStarted,
            EventKind::ConsentRecorded,
            EventKind::CodeIssued,
            EventKind::CodeRedeemed,
            EventKind::RefreshTokenRotated,
            EventKind::GrantEnded,
        ]
    );
    let ended = told.last().expect("events");
    assert_eq!(ended.about.as_deref(), Some(id.to_string().as_str()));
    assert_eq!(ended.cause.as_deref(), Some("code_replayed"));
    assert_eq!(ended.sub.as_deref(), Some(world.sub.as_str()));

    let claim = async |now| {
        store
            .claim_events(100, now + 60, now)
            .await
            .expect("answers")
    };
    assert_eq!(claim(NOW).await, [], "a claim is one claimant's");
    let ids: Vec<i64> = told.iter().skip(1).map(|event| event.id).collect();
    store.finish_events(&ids, NOW).await.expect("answers");
    let again = claim(NOW + 60).await;
    assert_eq!(
        again.len(),
        1,
        "a claim that ran out is free, what was delivered is not"
    );
    assert_eq!(again[0].kind, EventKind::ClientCreated);
}

#[tokio::test]
async fn upkeep_takes_nothing_before_its_hour_and_everything_after() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let world = world(&store).await;
    let unused = world.issue();
    let used = world.issue();
    let id = used.grant.id;
    for act in [&unused, &used] {
        store.issue_code(act, NOW).await.expect("answers");
    }
    let redeemed = store
        .redeem_code(&world.redeem(id), NOW)
        .await
        .expect("answers");
    assert!(matches!(redeemed, RedeemOutcome::Redeemed(_)));
    let rotated = store
        .rotate_refresh_token(&world.rotate(id, 0, NOW), NOW)
        .await;
    assert_eq!(rotated.expect("answers"), RotateOutcome::Rotated);
    let collect = async |now| store.collect(now, 0, 100).await.expect("answers");

    let code_ends = NOW + 60;
    assert_eq!(collect(code_ends + COLLECT_AFTER_SECONDS - 1).await, 0);
    let view = store.grant(&id).await.expect("answers").expect("is there");
    let sealed = view.grant.refresh.and_then(|family| family.predecessor);
    assert_eq!(
        sealed.map(|p| p.sealed_successor),
        Some(Vec::new()),
        "the grace is long over"
    );
    assert_eq!(
        collect(code_ends + COLLECT_AFTER_SECONDS).await,
        1,
        "the code that nobody used"
    );
    assert!(
        store
            .grant(&unused.grant.id)
            .await
            .expect("answers")
            .is_none()
    );

    let after = NOW + GRACE_SECONDS + COLLECT_AFTER_SECONDS + 60;
    let reuse = store
        .rotate_refresh_token(&world.rotate(id, 0, after), after)
        .await;
    assert_eq!(
        reuse.expect("answers"),
        RotateOutcome::Reused { rotated_at: NOW }
    );
    assert!(
        collect(used.grant.expires_at + COLLECT_AFTER_SECONDS - 1).await >= 1,
        "the session"
    );
    assert!(
        store.grant(&id).await.expect("answers").is_some(),
        "remembered while it lives"
    );
    assert_eq!(
        collect(used.grant.expires_at + COLLECT_AFTER_SECONDS).await,
        1
    );
    assert!(store.grant(&id).await.expect("answers").is_none());
    let client_session = store
        .client_session(&world.session.id, &world.client_id)
        .await;
    assert_eq!(client_session.expect("answers"), None);

    let all = store.claim_events(1, NOW, NOW).await.expect("answers");
    store
        .finish_events(&[all[0].id], NOW)
        .await
        .expect("answers");
    assert_eq!(collect(NOW).await, 1, "a delivered event");
    assert!(
        store
            .collect(NOW, NOW + 1_000_000, 2)
            .await
            .expect("answers")
            >= 2,
        "old ones"
    );
}

#[tokio::test]
async fn accounts_are_found_by_every_name_and_end_with_a_new_password() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let create = async |user: &NewUser| store.create_user(user, NOW).await.expect("answers");
    let alice = user("a1", "Alice", Some("alice@example.org"));
    assert_eq!(create(&alice).await, CreateUserOutcome::Created);
    let twin = user("a2", "ALICE", None);
    assert_eq!(create(&twin).await, CreateUserOutcome::UsernameTaken);
    let twin = user("a2", "bob", Some("Alice"));
    assert_eq!(create(&twin).await, CreateUserOutcome::EmailTaken);
    assert_eq!(
        create(&user("a1", "bob", None)).await,
        CreateUserOutcome::SubjectTaken
    );
    let bob = user("b1", "bob@example.org", Some("bob@example.org"));
    assert_eq!(
        create(&bob).await,
        CreateUserOutcome::Created,
        "both names may be one's own"
    );

    for name in ["alice", "alice@example.org"] {
        let credential = store
            .credential(name)
            .await
            .expect("answers")
            .expect("is there");
        assert_eq!(
            (credential.sub.as_str(), credential.epoch),
            ("a1", alice.epoch)
        );
        let found = store
            .user_named(name)
            .await
            .expect("answers")
            .expect("is there");
        assert_eq!(found, alice.user);
    }
    let listed = store.list_users("a1", 10).await.expect("answers");
    assert_eq!(listed, [bob.user]);

    let ended = epoch();
    assert!(
        store
            .set_password("a1", "$argon2id$2", ended, NOW)
            .await
            .expect("answers")
    );
    let credential = store
        .credential("alice")
        .await
        .expect("answers")
        .expect("is there");
    assert_eq!(credential.password_hash.as_deref(), Some("$argon2id$2"));
    assert_eq!(credential.epoch, ended);
    let upgrade = async |old: &str| {
        store
            .upgrade_password_hash("a1", old, "$argon2id$3", NOW)
            .await
            .expect("answers")
    };
    assert!(!upgrade("$argon2id$1").await);
    assert!(upgrade("$argon2id$2").await);

    assert!(
        store
            .end_subject("a1", epoch(), Status::Disabled, NOW)
            .await
            .expect("answers")
    );
    let status = async || {
        store
            .user("a1")
            .await
            .expect("answers")
            .map(|user| user.status)
    };
    assert_eq!(status().await, Some(Status::Disabled));
    assert!(store.enable_user("a1", NOW).await.expect("answers"));
    assert_eq!(status().await, Some(Status::Active));
    assert!(store.delete_user("a1", NOW).await.expect("answers"));
    assert!(!store.delete_user("a1", NOW).await.expect("answers"));
    assert!(store.credential("alice").await.expect("answers").is_none());
    assert!(store.subject("a1").await.expect("answers").is_none());
    let reborn = user("a1", "alice", None);
    assert_eq!(
        create(&reborn).await,
        CreateUserOutcome::SubjectTaken,
        "a sub is never reused"
    );
    let another = user("a3", "alice", None);
    assert_eq!(
        create(&another).await,
        CreateUserOutcome::Created,
        "a name is"
    );
}

#[tokio::test]
async fn a_setup_link_makes_one_administrator() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let link = hash("link");
    assert!(
        store
            .put_setup_link(&hash("earlier"), NOW + 900, NOW)
            .await
            .expect("answers")
    );
    assert!(
        store
            .put_setup_link(&link, NOW + 900, NOW)
            .await
            .expect("answers")
    );
    let state = async |link, now| store.setup_link(&link, now).await.expect("answers");
    assert_eq!(state(hash("earlier"), NOW).await, SetupLinkState::Unknown);
    assert_eq!(state(link, NOW + 900).await, SetupLinkState::Expired);
    assert_eq!(state(link, NOW + 899).await, SetupLinkState::Valid);
    let create = async |sub: &str| {
        let user = user(sub, sub, None);
        store
            .create_administrator(&link, &user, NOW)
            .await
            .expect("answers")
    };
    store
        .create_user(&user("taken", "taken", None), NOW)
        .await
        .expect("answers");
    assert_eq!(create("taken").await, SetupOutcome::UsernameTaken);
    assert_eq!(
        create("first").await,
        SetupOutcome::Created,
        "a taken name did not use it up"
    );
    let exists = SetupOutcome::Refused(SetupLinkState::AdministratorExists);
    assert_eq!(create("second").await, exists);
    assert!(
        !store
            .put_setup_link(&link, NOW + 900, NOW)
            .await
            .expect("answers")
    );
    let first = store
        .user("first")
        .await
        .expect("answers")
        .expect("is there");
    assert!(first.administrator);
}

#[tokio::test]
async fn clients_change_their_revision_with_everything() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let mut made = client("app");
    made.secret = ClientSecret::Hashed(hash("secret"));
    assert!(store.create_client(&made).await.expect("answers"));
    let read = async || {
        store
            .client("app")
            .await
            .expect("answers")
            .expect("is there")
    };
    let mut revisions = vec![read().await.revision];
    assert_eq!(read().await.secret, made.secret);
    let sealed = ClientSecret::Sealed(vec![1, 2, 3]);
    assert!(
        store
            .update_client("app", "{\"a\":1}", Some(&sealed), NOW + 1)
            .await
            .expect("answers")
    );
    assert_eq!(
        (read().await.secret, read().await.metadata.as_str()),
        (sealed.clone(), "{\"a\":1}")
    );
    revisions.push(read().await.revision);
    assert!(
        store
            .update_client("app", "{}", None, NOW + 2)
            .await
            .expect("answers")
    );
    assert_eq!(read().await.secret, sealed);
    revisions.push(read().await.revision);
    let ended = epoch();
    assert!(
        store
            .end_client("app", ended, Status::Disabled, NOW + 3)
            .await
            .expect("answers")
    );
    let standing = store
        .client_standing("app")
        .await
        .expect("answers")
        .expect("is there");
    assert_eq!((standing.epoch, standing.status), (ended, Status::Disabled));
    revisions.push(standing.revision);
    assert!(store.enable_client("app", NOW + 4).await.expect("answers"));
    revisions.push(read().await.revision);
    assert!(revisions.is_sorted_by(|a, b| a < b), "{revisions:?}");
    assert!(
        store
            .create_client(&client("zebra"))
            .await
            .expect("answers")
    );
    let listed = store.list_clients("app", 5).await.expect("answers");
    assert_eq!(listed.len(), 1);
    assert!(store.delete_client("app", NOW).await.expect("answers"));
    assert!(!store.delete_client("app", NOW).await.expect("answers"));
    assert!(
        !store.create_client(&made).await.expect("answers"),
        "an id is never given again"
    );
    assert!(
        !store
            .update_client("app", "{}", None, NOW)
            .await
            .expect("answers")
    );
}

#[tokio::test]
async fn keys_retire_before_they_go() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let key = |kid: &str, alg: &str| SigningKeyRecord {
        kid: kid.to_owned(),
        alg: alg.to_owned(),
        sealed: vec![9; 40],
        created_at: NOW,
        retired_at: None,
    };
    let first = async |kid: &str, alg: &str| {
        store
            .add_first_signing_key(&key(kid, alg), NOW)
            .await
            .expect("answers")
    };
    assert!(first("r1", "RS256").await);
    assert!(
        !first("r2", "RS256").await,
        "two that start together end with one"
    );
    assert!(first("e1", "ES256").await);
    assert!(
        store
            .add_signing_key(&key("r3", "RS256"), true, NOW + 5)
            .await
            .expect("answers")
    );
    assert!(
        !store
            .add_signing_key(&key("r3", "RS256"), true, NOW + 6)
            .await
            .expect("answers")
    );
    let keys = store.signing_keys().await.expect("answers");
    let retired: Vec<_> = keys
        .iter()
        .map(|key| (key.kid.as_str(), key.retired_at))
        .collect();
    assert_eq!(retired, [("r1", Some(NOW + 5)), ("e1", None), ("r3", None)]);
    assert!(
        !store.delete_signing_key("r3", NOW).await.expect("answers"),
        "it still signs"
    );
    assert!(store.delete_signing_key("r1", NOW).await.expect("answers"));
    assert_eq!(store.signing_keys().await.expect("answers").len(), 2);
}

#[tokio::test]
async fn attempts_and_the_instance_survive_a_restart() {
    let folder = Folder::new();
    let limit = Limit {
        attempts: 2,
        window_seconds: 60,
    };
    let count = async |store: &Sqlite| store.count_attempt(&[5; 32], limit, NOW).await;
    let proposed = |id: &str| Instance {
        id: id.to_owned(),
        issuer: "https://issuer.example".to_owned(),
        key_check: vec![1, 2],
        created_at: NOW,
    };
    let store = open(&folder.database());
    assert_eq!(store.instance().await.expect("answers"), None);
    assert_eq!(
        store
            .adopt_instance(&proposed("one"))
            .await
            .expect("answers"),
        proposed("one")
    );
    assert_eq!(count(&store).await.expect("answers"), Attempt::Allowed);
    store.close();
    let store = open(&folder.database());
    assert_eq!(
        store
            .adopt_instance(&proposed("two"))
            .await
            .expect("answers"),
        proposed("one")
    );
    assert_eq!(count(&store).await.expect("answers"), Attempt::Allowed);
    let refused = Attempt::Refused {
        retry_after_seconds: 30,
    };
    assert_eq!(count(&store).await.expect("answers"), refused);
    store.forget_attempts(&[5; 32], NOW).await.expect("answers");
    assert_eq!(count(&store).await.expect("answers"), Attempt::Allowed);
    store.ready().await.expect("it takes writes");
    assert_eq!(store.clock_milliseconds().await.expect("answers"), None);
}
