//! Registering and changing clients.

use std::sync::Arc;

use countersign_management::clients::{
    AddressChange, AddressList, ClientError, Clients, client_information, metadata_of,
};
use countersign_oauth::client_metadata::{ClientMetadata, ClientMetadataFault};
use countersign_store::SecretHash;
use countersign_store::clients::Clients as _;
use countersign_store::clients::{
    Client, ClientEpochs as _, KeptSecret, UpdateClient, UpdateClientOutcome,
};
use countersign_store::standing::Status;
use serde_json::{Map, Value, json};

use crate::world::{NOW, World, new, object};

fn shop_metadata() -> ClientMetadata {
    let members = json!({ "redirect_uris": ["https://shop.example/callback"] });
    ClientMetadata::from_object(object(members)).expect("metadata")
}

async fn read(world: &World) -> Client {
    let client = world.store.client("shop").await;
    client.expect("reads").expect("is there")
}

async fn shop(world: &World) -> (Clients, Client) {
    let clients = world.clients();
    let made = clients
        .create(new(shop_metadata(), Some("shop")), NOW)
        .await;
    (clients, made.expect("registers").client)
}

#[tokio::test]
async fn a_confidential_client_gets_a_secret_of_which_only_the_hash_is_kept() {
    let world = World::new();
    let made = world
        .clients()
        .create(new(shop_metadata(), None), NOW)
        .await;
    let made = made.expect("registers");
    let response = made.response().expect("a response");
    let secret = response["client_secret"].as_str().expect("a secret");
    assert_eq!(secret.len(), 43, "256 bits in base64url");
    assert_eq!(response["client_secret_expires_at"], 0);
    assert_eq!(response["client_id_issued_at"], NOW);
    assert_eq!(made.client.client_id.len(), 22, "128 bits in base64url");
    let [kept] = &made.client.secrets[..] else {
        panic!("one secret");
    };
    assert_eq!((kept.created_at, kept.expires_at), (NOW, None));
    let hash = SecretHash::of(secret.as_bytes());
    assert_eq!(kept.kept, KeptSecret::Hashed(hash));
    let shown = client_information(&made.client).expect("information");
    assert_eq!(shown.get("client_secret"), None);
}

/// RFC 6749, appendix A.1; RFC 7617, section 2.
#[tokio::test]
async fn an_operator_may_bring_any_client_id_of_printable_ascii_without_a_colon() {
    let world = World::new();
    let clients = world.clients();
    let create = async |id: &str| clients.create(new(shop_metadata(), Some(id)), NOW).await;
    let longest = "a".repeat(255);
    for id in [
        "grafana.example.com",
        "https//app.example/client",
        "a+b%20c~!",
        "with space",
        "-dash",
        longest.as_str(),
    ] {
        let made = create(id).await.expect(id);
        assert_eq!(made.client.client_id, id);
        assert!(matches!(create(id).await, Err(ClientError::ClientIdTaken(taken)) if taken == id));
    }
    let too_long = "a".repeat(256);
    for id in [
        "",
        "with:colon",
        "tab\t",
        "zürich",
        "a\u{7f}",
        too_long.as_str(),
    ] {
        let made = create(id).await;
        assert!(
            matches!(&made, Err(ClientError::ClientIdInvalid(refused)) if refused == id),
            "{id:?}"
        );
    }
}

#[tokio::test]
async fn changing_between_confidential_and_public_ends_the_grants_and_nothing_else_does() {
    let world = World::new();
    let (clients, made) = shop(&world).await;
    let update = async |changes: Value| {
        let updated = clients.update("shop", object(changes), &[], NOW + 1).await;
        updated.expect("updates").client
    };
    let renamed = update(json!({ "client_name": "Shop" })).await;
    assert_eq!(renamed.epoch, made.epoch);
    let posting = update(json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
    assert_eq!(posting.epoch, made.epoch);
    let public = update(json!({ "token_endpoint_auth_method": "none" })).await;
    assert_ne!(public.epoch, made.epoch);
    assert_eq!(public.status, Status::Active);
    let disabled = clients.disable("shop", NOW + 2).await.expect("disables");
    let confidential = update(json!({ "token_endpoint_auth_method": "client_secret_basic" })).await;
    assert_ne!(confidential.epoch, disabled.epoch);
    assert_eq!(confidential.status, Status::Disabled, "it stays disabled");
}

#[tokio::test]
async fn rotating_the_secret_leaves_the_metadata_as_it_is_stored() {
    let world = World::new();
    let (clients, made) = shop(&world).await;
    let stored = format!(" {} ", made.metadata);
    let act = UpdateClient {
        client_id: "shop".to_owned(),
        revision: read(&world).await.revision,
        metadata: Some(stored.clone()),
        secrets: None,
        owner: None,
    };
    let updated = world.store.update_client(&act, NOW + 1).await;
    assert_eq!(updated.expect("updates"), UpdateClientOutcome::Updated);
    let rotated = clients.rotate_secret("shop", 0, NOW + 2).await;
    assert!(rotated.expect("rotates").client_secret.is_some());
    let kept = world
        .store
        .client("shop")
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!(kept.metadata, stored);
    assert_ne!(kept.secrets, made.secrets);
    assert_eq!(kept.epoch, made.epoch);
}

#[tokio::test]
async fn what_is_refused_says_which_rule() {
    let world = World::new();
    let (clients, _) = shop(&world).await;
    let update = async |id: &str, changes: Value| {
        clients
            .update(id, object(changes), &[], NOW)
            .await
            .err()
            .expect("is refused")
    };
    assert!(matches!(
        update("nobody", json!({})).await,
        ClientError::Unknown(id) if id == "nobody"
    ));
    assert!(matches!(
        update("shop", json!({ "redirect_uris": [] })).await,
        ClientError::Metadata(ClientMetadataFault::RedirectUrisMissing)
    ));
    let public = json!({ "token_endpoint_auth_method": "none" });
    clients
        .update("shop", object(public), &[], NOW)
        .await
        .expect("updates");
    let rotated = clients.rotate_secret("shop", 0, NOW).await;
    assert!(matches!(rotated, Err(ClientError::NoSecret(id)) if id == "shop"));
    clients.delete("shop", NOW).await.expect("deletes");
    assert!(matches!(
        clients.delete("shop", NOW).await,
        Err(ClientError::Unknown(_))
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_operators_neither_undoes_what_the_other_changed() {
    let world = World::new();
    let (clients, _) = shop(&world).await;
    let clients = Arc::new(clients);
    let names = ["client_name", "client_uri", "policy_uri", "tos_uri"];
    for round in 0..20 {
        let changes = names.map(|name| {
            let clients = Arc::clone(&clients);
            tokio::spawn(async move {
                let value = Value::from(format!("https://shop.example/{round}"));
                let change = Map::from_iter([(name.to_owned(), value)]);
                clients.update("shop", change, &[], NOW + 1).await.map(drop)
            })
        });
        for change in changes {
            change.await.expect("runs").expect("updates");
        }
        let kept = world
            .store
            .client("shop")
            .await
            .expect("reads")
            .expect("is there");
        let kept: Map<String, Value> = serde_json::from_str(&kept.metadata).expect("metadata");
        for name in names {
            assert_eq!(
                kept[name],
                format!("https://shop.example/{round}"),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn single_addresses_come_and_go_and_the_others_stay() {
    use AddressChange::{Add, Remove};
    use AddressList::{PostLogoutRedirectUris, RedirectUris};
    let world = World::new();
    let (clients, _) = shop(&world).await;
    let first = || "https://shop.example/callback".to_owned();
    let second = || "https://shop.example/second".to_owned();
    let change = async |changes: &[AddressChange]| {
        clients
            .update("shop", Map::new(), changes, NOW + 1)
            .await
            .map(|changed| {
                let metadata = metadata_of(&changed.client).expect("metadata");
                (metadata.redirect_uris, metadata.post_logout_redirect_uris)
            })
    };
    let changed = change(&[Add(RedirectUris, second()), Add(RedirectUris, first())]).await;
    assert_eq!(changed.expect("changes"), (vec![first(), second()], vec![]));
    let changed = change(&[
        Remove(RedirectUris, first()),
        Add(PostLogoutRedirectUris, first()),
    ])
    .await;
    assert_eq!(changed.expect("changes"), (vec![second()], vec![first()]));
    assert!(matches!(
        change(&[Remove(RedirectUris, first())]).await,
        Err(ClientError::NotRegistered { list: RedirectUris, uri }) if uri == first()
    ));
    assert!(matches!(
        change(&[Remove(RedirectUris, second())]).await,
        Err(ClientError::Metadata(
            ClientMetadataFault::RedirectUrisMissing
        ))
    ));
}

#[tokio::test]
async fn a_scope_that_is_not_defined_is_refused_with_those_that_are() {
    let world = World::new();
    let members = json!({ "redirect_uris": ["https://shop.example/"], "scope": "openid invoises" });
    let metadata = ClientMetadata::from_object(object(members)).expect("metadata");
    let made = world.clients().create(new(metadata, None), NOW).await;
    let Err(ClientError::Metadata(ClientMetadataFault::ScopeNotOffered { scope, offered, .. })) =
        made
    else {
        panic!("it was not refused by its scope");
    };
    assert_eq!(scope, "invoises");
    assert_eq!(offered, "openid, profile, invoices");
}

/// RFC 7591, section 3.2.1: the response has the server's own client_id, secret and dates.
#[tokio::test]
async fn what_the_server_issues_is_told_from_the_record_and_never_from_the_metadata() {
    let world = World::new();
    let (clients, made) = shop(&world).await;
    let issued = json!({
        "client_id": "other", "client_secret": "chosen", "client_id_issued_at": 1,
        "client_secret_expires_at": 2, "registration_access_token": "token",
        "registration_client_uri": "https://rp.example/",
    });
    let check = |information: &Map<String, Value>| {
        assert_eq!(information["client_id"], "shop");
        assert_eq!(information["client_id_issued_at"], NOW);
        for member in [
            "client_secret",
            "client_secret_expires_at",
            "registration_access_token",
            "registration_client_uri",
        ] {
            assert_eq!(information.get(member), None, "{member}");
        }
    };
    let updated = clients.update("shop", object(issued.clone()), &[], NOW + 1);
    let updated = updated.await.expect("updates");
    check(&updated.response().expect("a response"));
    assert_eq!(
        updated.client.metadata, made.metadata,
        "nothing of it is stored"
    );

    // A record that has them from elsewhere is told as it is.
    let mut stored: Map<String, Value> = serde_json::from_str(&made.metadata).expect("an object");
    stored.extend(object(issued));
    let metadata = Value::Object(stored).to_string();
    check(&client_information(&Client { metadata, ..made }).expect("information"));
}
