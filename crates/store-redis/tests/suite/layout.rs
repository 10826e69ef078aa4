//! What others may rely on in a Redis: where things lie, when they go, what the outbox tells.

use std::collections::HashMap;

use countersign_jose::random;
use countersign_store::clients::{Client, ClientEpochs, ClientSecrets};
use countersign_store::events::OutboxLimits;
use countersign_store::secret_family::MacKey;
use countersign_store::sessions::{BrowserSession, Sessions};
use countersign_store::standing::{StandingChange, StandingOutcome, Status};
use countersign_store::subjects::Subjects;
use countersign_store::{COLLECT_AFTER_SECONDS, Epoch, SecretHash, SessionId, StoreError};
use countersign_store_redis::{Options, Redis, keys};

use crate::Prefix;

const NOW: i64 = 4_000_000_000;

impl Prefix {
    fn connection(&self) -> redis::Connection {
        let client = redis::Client::open(self.server.as_str()).expect("a URL");
        client.get_connection().expect("the server responds")
    }
}

fn session(sub: &str) -> BrowserSession {
    BrowserSession {
        id: SessionId::from_bytes(random::bytes()),
        mac_key: MacKey::from_bytes([7; 32]),
        secret: SecretHash::of(b"secret"),
        epoch: Epoch::from_bytes(random::bytes()),
        sub: sub.to_owned(),
        user_epoch: Epoch::from_bytes(random::bytes()),
        auth_time: NOW,
        amr: Vec::new(),
        acr: None,
        proved_in: None,
        created_at: NOW,
        expires_at: NOW + 100,
        ended: None,
    }
}

#[tokio::test]
async fn a_record_goes_an_hour_after_its_end_and_one_without_end_stays() {
    let Some(prefix) = Prefix::new() else { return };
    let store = prefix.open().await;
    let session = session("alice");
    store
        .start_session(&session, None, NOW)
        .await
        .expect("returns");
    let epoch = Epoch::from_bytes(random::bytes());
    let created = store.create_subject("alice", epoch, NOW).await;
    assert!(created.expect("returns"));
    let mut connection = prefix.connection();
    let partition = keys::partition(session.id.as_bytes());
    let key = format!("{{{}:{partition}}}session:{}", prefix.name, session.id);
    let goes: i64 = redis::cmd("PEXPIRETIME")
        .arg(key)
        .query(&mut connection)
        .expect("returns");
    assert_eq!(goes, (NOW + 100 + COLLECT_AFTER_SECONDS) * 1000);
    let partition = keys::partition(b"alice");
    let key = format!("{{{}:{partition}}}principal:alice", prefix.name);
    let goes: i64 = redis::cmd("PEXPIRETIME")
        .arg(key)
        .query(&mut connection)
        .expect("returns");
    assert_eq!(goes, -1);
}

#[tokio::test]
async fn a_record_of_a_newer_format_is_named_and_left_alone() {
    let Some(prefix) = Prefix::new() else { return };
    let store = prefix.open().await;
    let session = session("alice");
    let started = store.start_session(&session, None, NOW).await;
    started.expect("returns");
    let epoch = Epoch::from_bytes(random::bytes());
    let created = store.create_subject("alice", epoch, NOW).await;
    assert!(created.expect("returns"));
    let mut connection = prefix.connection();
    let partitions = [
        (
            keys::partition(session.id.as_bytes()),
            format!("session:{}", session.id),
        ),
        (keys::partition(b"alice"), "principal:alice".to_owned()),
    ];
    for (partition, name) in partitions {
        let key = format!("{{{}:{partition}}}{name}", prefix.name);
        let set = redis::cmd("HSET")
            .arg(key)
            .arg("format")
            .arg(2)
            .exec(&mut connection);
        set.expect("the server does it");
    }
    let newer = |error: Option<StoreError>| {
        matches!(
            error,
            Some(StoreError::NewerRecord {
                found: 2,
                known: 1,
                ..
            })
        )
    };
    assert!(newer(store.session(&session.id).await.err()));
    assert!(newer(store.end_session(&session.id, NOW).await.err()));
    assert!(newer(store.subject("alice").await.err()));
    assert!(newer(store.delete_subject("alice", NOW).await.err()));
}

#[tokio::test]
async fn the_outbox_is_bounded_by_number_and_by_age() {
    let Some(prefix) = Prefix::new() else { return };
    let store = prefix.open().await;
    let session = session("alice");
    for number in 0..64 {
        let mut session = session.clone();
        session.id = SessionId::from_bytes(random::bytes());
        let started = store.start_session(&session, None, NOW + number).await;
        started.expect("returns");
    }
    let bound = |max_events, max_age_seconds| OutboxLimits {
        max_events,
        max_age_seconds,
    };
    let dropped = store.bound_outbox(&bound(64, 1_000), NOW + 64).await;
    assert_eq!(dropped.expect("returns"), 0, "it is within its limits");
    let dropped = store.bound_outbox(&bound(32, 1_000), NOW + 64).await;
    assert!(dropped.expect("returns") >= 32, "at least what is beyond");
    let dropped = store.bound_outbox(&bound(32, 1_000), NOW + 2_000).await;
    dropped.expect("returns");
    let mut connection = prefix.connection();
    let left: u64 = store
        .outbox()
        .map(|stream| {
            let length = redis::cmd("XLEN").arg(stream).query::<u64>(&mut connection);
            length.expect("returns")
        })
        .sum();
    assert_eq!(left, 0, "all of it was too old");
}

#[tokio::test]
async fn an_act_tells_what_it_changed_in_its_partitions_outbox() {
    let Some(prefix) = Prefix::new() else { return };
    let store = prefix.open().await;
    let epoch = || Epoch::from_bytes(random::bytes());
    let client = Client {
        client_id: "app".to_owned(),
        epoch: epoch(),
        status: Status::Active,
        secrets: ClientSecrets::default(),
        metadata: "{}".to_owned(),
        owner: None,
        revision: 0,
        created_at: NOW,
        updated_at: NOW,
    };
    for _ in 0..2 {
        store.create_client(&client).await.expect("returns");
    }
    let end = StandingChange::End { epoch: epoch() };
    for _ in 0..2 {
        let ended = store.change_client_standing("app", &end, NOW + 1).await;
        assert_eq!(ended.expect("returns"), StandingOutcome::Changed);
    }
    let outbox: Vec<String> = store.outbox().collect();
    assert_eq!(outbox.len(), usize::from(keys::PARTITIONS));
    let stream = &outbox[usize::from(keys::partition(b"app"))];
    let told: Vec<(String, HashMap<String, String>)> = redis::cmd("XRANGE")
        .arg(stream)
        .arg("-")
        .arg("+")
        .query(&mut prefix.connection())
        .expect("returns");
    let told: Vec<_> = told
        .iter()
        .map(|(_, event)| (event["kind"].as_str(), event["at"].as_str()))
        .collect();
    let later = (NOW + 1).to_string();
    let expected = [("client_created", NOW.to_string()), ("client_ended", later)];
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, at)| (*kind, at.as_str()))
        .collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn two_prefixes_are_two_deployments() {
    let (Some(one), Some(other)) = (Prefix::new(), Prefix::new()) else {
        return;
    };
    let (first, second) = (one.open().await, other.open().await);
    for store in [&first, &second] {
        let epoch = Epoch::from_bytes(random::bytes());
        let created = store.create_subject("alice", epoch, NOW).await;
        assert!(created.expect("returns"), "the name is free here");
    }
}

#[tokio::test]
async fn what_is_no_redis_is_refused_without_repeating_its_password() {
    for url in [
        "http://:hunter2@127.0.0.1/",
        "redis://:hunter2@127.0.0.1:1/",
    ] {
        let mut options = Options::new(url);
        options.timeout = std::time::Duration::from_millis(200);
        let Err(error) = Redis::connect(&options).await else {
            panic!("{url} is reached");
        };
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
