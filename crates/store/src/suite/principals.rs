//! Users' and clients' own rows: one table of names for both (RFC 9068 5), compared as bytes.

use super::world::{Grants, World, client, epoch, hash, name};
use crate::clients::{Client, ClientSecret};
use crate::subjects::{Status, Subject};

pub async fn a_sub_and_a_client_id_are_never_equal(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let created = store.create_subject(&world.client_id, epoch(), now).await;
    assert!(!created.expect("answers"));
    let found = store.subject(&world.client_id).await;
    assert_eq!(found.expect("answers"), None);
    let created = store.create_client(&client(&world.sub)).await;
    assert!(!created.expect("answers"));
    let found = store.client(&world.sub).await;
    assert_eq!(found.expect("answers"), None);
    // Neither twice.
    let created = store.create_subject(&world.sub, epoch(), now).await;
    assert!(!created.expect("answers"));
    let created = store.create_client(&client(&world.client_id)).await;
    assert!(!created.expect("answers"));
    let subject = store.subject(&world.sub).await.expect("answers");
    let expected = Subject {
        sub: world.sub.clone(),
        epoch: world.user_epoch,
        status: Status::Active,
    };
    assert_eq!(subject, Some(expected));
    let found = store.client(&world.client_id).await.expect("answers");
    let found = found.expect("it is there");
    assert_eq!(found.epoch, world.client_epoch);
}

pub async fn names_are_compared_as_bytes(store: Grants) {
    let world = World::new(&store).await;
    let sub = name("Zoë");
    for other in [
        sub.clone(),
        sub.to_lowercase(),
        sub.to_uppercase(),
        format!("{sub} "),
        format!(" {sub}"),
        sub.replace('ë', "e"),
        sub.replace('ë', "e\u{308}"),
    ] {
        let created = store.create_subject(&other, epoch(), world.now).await;
        assert!(created.expect("answers"), "{other:?} is another name");
        let found = store.subject(&other).await.expect("answers");
        assert_eq!(found.expect("it is there").sub, other);
    }
}

pub async fn a_client_reads_back_as_it_was_written(store: Grants) {
    let secrets = [
        ClientSecret::None,
        ClientSecret::Hashed(hash("secret")),
        ClientSecret::Sealed(vec![0, 1, 2, 255]),
    ];
    for secret in secrets {
        let written = Client {
            secret,
            metadata: r#"{"client_name":"Gîte d'étape \"7\""}"#.to_owned(),
            ..client(&name("client"))
        };
        assert!(store.create_client(&written).await.expect("answers"));
        let found = store.client(&written.client_id).await.expect("answers");
        let found = found.expect("it is there");
        // The revision is the store's to give.
        let revision = found.revision;
        assert_eq!(
            found,
            Client {
                revision,
                ..written
            }
        );
    }
}

pub async fn an_ending_replaces_epoch_and_status(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    for status in [Status::Disabled, Status::Active] {
        let new = epoch();
        let ended = store.end_subject(&world.sub, new, status, now).await;
        assert!(ended.expect("answers"));
        let subject = store.subject(&world.sub).await.expect("answers");
        let subject = subject.expect("it is there");
        assert_eq!((subject.epoch, subject.status), (new, status));
        let before = store.client(&world.client_id).await.expect("answers");
        let before = before.expect("it is there");
        let ended = store.end_client(&world.client_id, new, status, now + 1);
        assert!(ended.await.expect("answers"));
        let client = store.client(&world.client_id).await.expect("answers");
        let client = client.expect("it is there");
        assert_eq!((client.epoch, client.status), (new, status));
        assert_eq!(client.updated_at, now + 1);
        assert_ne!(client.revision, before.revision);
    }
}
