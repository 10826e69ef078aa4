//! Clients with a `sector_identifier_uri` (OIDC Registration, section 5).

use std::sync::{Arc, Mutex};

use countersign_management::clients::{
    ClientError, Clients, NewClient, SectorFault, SectorIdentifiers,
};
use countersign_oauth::client_metadata::ClientMetadata;
use serde_json::{Value, json};

use crate::world::{NOW, World, object};

const SECTOR: &str = "https://sector.example/uris.json";
const A: &str = "https://a.example/";
const B: &str = "https://b.example/";

fn new(metadata: ClientMetadata, client_id: Option<String>) -> NewClient {
    NewClient {
        metadata,
        client_id,
        owner: None,
    }
}

/// A list that can be changed, and how often it was read.
#[derive(Default)]
struct Listed {
    uris: Mutex<Vec<String>>,
    reads: Mutex<usize>,
}

#[async_trait::async_trait]
impl SectorIdentifiers for Listed {
    async fn listed(&self, uri: &str) -> Result<Vec<String>, SectorFault> {
        assert_eq!(uri, SECTOR);
        *self.reads.lock().expect("not poisoned") += 1;
        Ok(self.uris.lock().expect("not poisoned").clone())
    }
}

impl Listed {
    fn list(&self, uris: &[&str]) {
        let uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
        *self.uris.lock().expect("not poisoned") = uris;
    }

    fn reads(&self) -> usize {
        *self.reads.lock().expect("not poisoned")
    }
}

fn clients(world: &World, listed: &Arc<Listed>) -> Clients {
    world.clients().with_sectors(listed.clone())
}

fn metadata(value: Value) -> ClientMetadata {
    ClientMetadata::from_object(object(value)).expect("metadata")
}

fn of_sector(redirect_uris: &[&str]) -> ClientMetadata {
    metadata(json!({
        "redirect_uris": redirect_uris, "subject_type": "pairwise", "sector_identifier_uri": SECTOR,
    }))
}

fn not_listed(uri: &str) -> SectorFault {
    SectorFault::NotListed {
        uri: uri.to_owned(),
    }
}

#[tokio::test]
async fn every_redirect_uri_is_listed_as_it_is_written() {
    let world = World::new();
    let listed = Arc::new(Listed::default());
    listed.list(&[A, "https://b.example", "https://c.example/"]);
    let clients = clients(&world, &listed);
    let refused = clients.create(new(of_sector(&[A, B]), None), NOW).await;
    let Err(ClientError::Sector(fault)) = refused.map(drop) else {
        panic!("refused for its sector");
    };
    assert_eq!(fault, not_listed(B));
    listed.list(&[B, A]);
    let made = clients.create(new(of_sector(&[A, B]), None), NOW).await;
    made.map(drop).expect("registers");
}

#[tokio::test]
async fn it_is_read_again_when_an_address_is_added_and_not_otherwise() {
    let world = World::new();
    let listed = Arc::new(Listed::default());
    listed.list(&[A]);
    let clients = clients(&world, &listed);
    let id = || Some("app".to_owned());
    let made = clients.create(new(of_sector(&[A]), id()), NOW).await;
    made.map(drop).expect("registers");
    assert_eq!(listed.reads(), 1);
    let renamed = object(json!({ "client_name": "App" }));
    let renamed = clients.update("app", renamed, &[], NOW).await;
    renamed.map(drop).expect("changes");
    assert_eq!(listed.reads(), 1);
    let moved = || object(json!({ "redirect_uris": [A, B] }));
    let refused = clients.update("app", moved(), &[], NOW).await;
    assert!(matches!(refused.map(drop), Err(ClientError::Sector(fault)) if fault == not_listed(B)));
    listed.list(&[A, B]);
    let added = clients.update("app", moved(), &[], NOW).await;
    added.map(drop).expect("changes");
}

/// It says whose the client is, whatever its subject type (OIDC Registration, section 5).
#[tokio::test]
async fn a_list_is_held_against_a_client_with_public_subjects_too() {
    let world = World::new();
    let listed = Arc::new(Listed::default());
    let public = metadata(json!({ "redirect_uris": [A], "sector_identifier_uri": SECTOR }));
    let refused = clients(&world, &listed)
        .create(new(public, None), NOW)
        .await;
    assert!(matches!(refused.map(drop), Err(ClientError::Sector(_))));
}

#[tokio::test]
async fn where_nothing_is_fetched_none_is_taken() {
    let world = World::new();
    let refused = world
        .clients()
        .create(new(of_sector(&[A]), None), NOW)
        .await;
    let refused = refused.map(drop).expect_err("refused");
    assert!(matches!(
        refused,
        ClientError::Sector(SectorFault::NotFetched(_))
    ));
}

/// OIDC Registration, section 5, and CIBA, section 4: a client without redirect URIs is known by its
/// `jwks_uri`. A list of which nothing is compared proves nothing.
#[tokio::test]
async fn a_client_without_redirect_uris_is_listed_by_its_jwks_uri() {
    const KEYS: &str = "https://a.example/jwks";
    let world = World::new();
    let listed = Arc::new(Listed::default());
    listed.list(&[A]);
    let clients = clients(&world, &listed);
    let of = |jwks_uri: Option<&str>| {
        let mut members = json!({
            "grant_types": ["refresh_token"], "response_types": [],
            "subject_type": "pairwise", "sector_identifier_uri": SECTOR,
        });
        if let Some(jwks_uri) = jwks_uri {
            members["jwks_uri"] = json!(jwks_uri);
        }
        metadata(members)
    };
    let refused = async |jwks_uri| {
        let id = Some("app".to_owned());
        let made = clients.create(new(of(jwks_uri), id), NOW).await;
        match made.map(drop) {
            Err(ClientError::Sector(fault)) => Some(fault),
            other => {
                other.expect("registers");
                None
            }
        }
    };
    assert_eq!(refused(None).await, Some(SectorFault::NothingToCompare));
    assert_eq!(listed.reads(), 0, "there is nothing to be found");
    assert_eq!(refused(Some(KEYS)).await, Some(not_listed(KEYS)));
    listed.list(&[A, KEYS]);
    assert_eq!(refused(Some(KEYS)).await, None);
    let moved = object(json!({ "jwks_uri": "https://b.example/jwks" }));
    let moved = clients.update("app", moved, &[], NOW).await;
    assert!(matches!(moved.map(drop), Err(ClientError::Sector(_))));
}
