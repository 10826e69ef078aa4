//! The secrets of a client: several at once, and the two forms in which they are kept.

use countersign_management::clients::{ClientError, Clients, open_secret, secret_information};
use countersign_oauth::client_metadata::ClientMetadata;
use countersign_store::SecretHash;
use countersign_store::clients::{Client, KeptSecret, MAX_CLIENT_SECRETS};
use serde_json::{Value, json};

use crate::world::{NOW, World, new, object, sealing};

async fn client_of(world: &World, method: &str) -> (Clients, Client, String) {
    let members = json!({
        "redirect_uris": ["https://shop.example/callback"],
        "token_endpoint_auth_method": method,
    });
    let metadata = ClientMetadata::from_object(object(members)).expect("metadata");
    let clients = world.clients();
    let made = clients.create(new(metadata, Some("shop")), NOW).await;
    let made = made.expect("registers");
    let secret = made.client_secret.expect("a secret").to_string();
    (clients, made.client, secret)
}

/// When each is refused, oldest first.
fn ends(client: &Client) -> Vec<Option<i64>> {
    let secrets = client.secrets.iter();
    secrets.map(|secret| secret.expires_at).collect()
}

#[tokio::test]
async fn the_secret_of_a_mac_is_sealed_and_long_enough_for_every_algorithm() {
    // OpenID Connect Core, section 16.19; RFC 7518, section 3.2: HS512 needs 64 octets.
    let world = World::new();
    let (_, client, secret) = client_of(&world, "client_secret_jwt").await;
    assert_eq!(secret.len(), 64);
    let [kept] = &client.secrets[..] else {
        panic!("one secret");
    };
    let KeptSecret::Sealed(sealed) = &kept.kept else {
        panic!("it is sealed");
    };
    let opened = open_secret("shop", sealed, &sealing()).expect("opens");
    assert_eq!(&*opened, secret.as_bytes());
    assert!(open_secret("another", sealed, &sealing()).is_err());
    let stored = client.secrets.to_text();
    assert!(!stored.contains(&secret), "{stored}");
}

#[tokio::test]
async fn changing_between_a_hashed_and_a_sealed_secret_makes_a_new_one() {
    let world = World::new();
    let (clients, before, _) = client_of(&world, "client_secret_basic").await;
    clients.add_secret("shop", None, NOW).await.expect("adds");
    let update = async |method: &str| {
        let changes = object(json!({ "token_endpoint_auth_method": method }));
        let updated = clients.update("shop", changes, &[], NOW + 1).await;
        updated.expect("updates")
    };
    let with_mac = update("client_secret_jwt").await;
    let secret = with_mac.client_secret.expect("a new secret");
    let [kept] = &with_mac.client.secrets[..] else {
        panic!("one secret");
    };
    assert!(matches!(kept.kept, KeptSecret::Sealed(_)));
    assert_eq!(
        with_mac.client.epoch, before.epoch,
        "it authenticates before and after"
    );
    let again = update("client_secret_post").await;
    let hashed = again.client_secret.expect("a new secret");
    assert_ne!(hashed, secret);
    let [kept] = &again.client.secrets[..] else {
        panic!("one secret");
    };
    let hash = SecretHash::of(hashed.as_bytes());
    assert_eq!(kept.kept, KeptSecret::Hashed(hash));
    // Between two methods that present the secret itself, it stays.
    let basic = update("client_secret_basic").await;
    assert!(basic.client_secret.is_none());
    assert_eq!(basic.client.secrets, again.client.secrets);
}

#[tokio::test]
async fn a_secret_is_added_beside_the_others_up_to_the_limit() {
    let world = World::new();
    let (clients, _, first) = client_of(&world, "client_secret_basic").await;
    let mut secrets = vec![first];
    for _ in 1..MAX_CLIENT_SECRETS {
        let added = clients.add_secret("shop", None, NOW).await.expect("adds");
        let secret = added.client_secret.expect("a secret").to_string();
        assert!(!secrets.contains(&secret));
        secrets.push(secret);
    }
    let client = clients.find("shop").await.expect("finds");
    let hashes: Vec<_> = secrets
        .iter()
        .map(|secret| KeptSecret::Hashed(SecretHash::of(secret.as_bytes())))
        .collect();
    let kept: Vec<_> = client.secrets.iter().map(|s| s.kept.clone()).collect();
    assert_eq!(kept, hashes);
    for refused in [
        clients.add_secret("shop", None, NOW).await,
        clients.rotate_secret("shop", 60, NOW).await,
    ] {
        assert!(matches!(
            refused,
            Err(ClientError::TooManySecrets {
                limit: MAX_CLIENT_SECRETS,
                ..
            })
        ));
    }
    // Without an overlap the others make room.
    let rotated = clients.rotate_secret("shop", 0, NOW).await;
    assert_eq!(rotated.expect("rotates").client.secrets.len(), 1);
}

#[tokio::test]
async fn an_expired_secret_takes_no_place() {
    let world = World::new();
    let (clients, _, _) = client_of(&world, "client_secret_basic").await;
    for _ in 1..MAX_CLIENT_SECRETS {
        let added = clients.add_secret("shop", Some(NOW + 60), NOW).await;
        let response = added.expect("adds").response().expect("a response");
        assert_eq!(response["client_secret_expires_at"], NOW + 60);
    }
    let refused = clients.add_secret("shop", None, NOW + 59).await;
    assert!(matches!(refused, Err(ClientError::TooManySecrets { .. })));
    let added = clients.add_secret("shop", None, NOW + 60).await;
    assert_eq!(ends(&added.expect("adds").client), [None, None]);
    let past = clients.add_secret("shop", Some(NOW + 60), NOW + 60).await;
    assert!(matches!(past, Err(ClientError::SecretExpired)));
}

#[tokio::test]
async fn a_rotation_leaves_the_others_for_as_long_as_it_says() {
    let world = World::new();
    let (clients, _, _) = client_of(&world, "client_secret_basic").await;
    clients
        .add_secret("shop", Some(NOW + 60), NOW)
        .await
        .expect("adds");
    let rotated = clients.rotate_secret("shop", 3600, NOW).await;
    let rotated = rotated.expect("rotates");
    assert_eq!(
        ends(&rotated.client),
        [Some(NOW + 3600), Some(NOW + 60), None]
    );
    let response = rotated.response().expect("a response");
    assert_eq!(response["client_secret_expires_at"], 0);
    let again = clients.rotate_secret("shop", 0, NOW + 1).await;
    assert_eq!(ends(&again.expect("rotates").client), [None]);
}

#[tokio::test]
async fn the_last_usable_secret_is_not_removed() {
    let world = World::new();
    let (clients, made, _) = client_of(&world, "client_secret_basic").await;
    let first = made.secrets[0].id.clone();
    let last = clients.remove_secret("shop", &first, NOW).await;
    assert!(matches!(last, Err(ClientError::LastSecret(_))));
    clients
        .add_secret("shop", Some(NOW + 60), NOW)
        .await
        .expect("adds");
    // The other one has expired by then.
    let last = clients.remove_secret("shop", &first, NOW + 60).await;
    assert!(matches!(last, Err(ClientError::LastSecret(_))));
    let removed = clients.remove_secret("shop", &first, NOW + 59).await;
    let left = removed.expect("removes");
    assert_eq!(ends(&left), [Some(NOW + 60)]);
    let unknown = clients.remove_secret("shop", &first, NOW + 59).await;
    assert!(matches!(unknown, Err(ClientError::UnknownSecret { .. })));
}

#[tokio::test]
async fn what_is_shown_of_a_secret_is_not_the_secret() {
    let world = World::new();
    let (clients, made, secret) = client_of(&world, "client_secret_basic").await;
    let added = clients.add_secret("shop", Some(NOW + 60), NOW + 1).await;
    let client = added.expect("adds").client;
    let shown: Vec<Value> = client
        .secrets
        .iter()
        .map(|secret| secret_information(secret, NOW + 60).into())
        .collect();
    assert_eq!(
        shown,
        [
            json!({ "secret_id": made.secrets[0].id, "created_at": NOW, "expires_at": 0,
                    "status": "active" }),
            json!({ "secret_id": client.secrets[1].id, "created_at": NOW + 1,
                    "expires_at": NOW + 60, "status": "expired" }),
        ]
    );
    let text = json!(shown).to_string();
    let hash = countersign_jose::base64url::encode(SecretHash::of(secret.as_bytes()).as_bytes());
    assert!(!text.contains(&secret) && !text.contains(&hash));
}

#[tokio::test]
async fn a_client_without_a_secret_gets_none() {
    let world = World::new();
    let members = json!({
        "redirect_uris": ["https://shop.example/callback"],
        "token_endpoint_auth_method": "none",
    });
    let metadata = ClientMetadata::from_object(object(members)).expect("metadata");
    let clients = world.clients();
    let made = clients.create(new(metadata, Some("shop")), NOW).await;
    assert!(made.expect("registers").client_secret.is_none());
    for refused in [
        clients.add_secret("shop", None, NOW).await,
        clients.rotate_secret("shop", 0, NOW).await,
    ] {
        assert!(matches!(refused, Err(ClientError::NoSecret(_))));
    }
}
