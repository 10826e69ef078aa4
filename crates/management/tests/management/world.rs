//! A deployment in memory, and the use cases on it.

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::random::SeededRandom;
use countersign_jose::seal::{Keyring, SealingKey};
use countersign_management::clients::{Clients, NewClient};
use countersign_management::keys::{KeyPublication, Keys};
use countersign_management::passwords::{PasswordHasher, PasswordSettings};
use countersign_management::users::Users;
use countersign_management::{Actor, Context};
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy, Offered};
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::issuer::Issuer;
use countersign_oauth::response_type::ResponseType;
use countersign_store::memory::Memory;
use serde_json::{Map, Value};

/// The instant at which every test begins, in Unix seconds.
pub const NOW: i64 = 1_800_000_000;

pub struct World {
    pub store: Arc<Memory>,
    pub context: Context,
}

impl World {
    pub fn new() -> World {
        let store = Arc::new(Memory::new());
        let context = Context {
            issuer: Issuer::parse("https://id.widgets.example").expect("an issuer"),
            store: store.clone(),
            random: Arc::new(SeededRandom::new(7)),
            actor: Actor::CommandLine {
                os_user: "tester".to_owned(),
            },
        };
        World { store, context }
    }

    pub fn clients(&self) -> Clients {
        let policy = ClientPolicy::operator(offered());
        Clients::new(self.context.clone(), sealing(), policy)
    }

    pub fn users(&self) -> Users {
        Users::new(self.context.clone(), self.passwords())
    }

    pub fn passwords(&self) -> Arc<PasswordHasher> {
        let random = Arc::clone(&self.context.random);
        Arc::new(PasswordHasher::start(&cheap_passwords(), random).expect("starts"))
    }

    pub fn keys(&self) -> Keys {
        Keys::new(self.context.clone(), sealing(), KeyPublication::default())
    }
}

/// What a server offers that has two algorithms and one scope of its own.
pub fn offered() -> Offered {
    Offered {
        auth_methods: vec![
            ClientAuthMethod::ClientSecretBasic,
            ClientAuthMethod::ClientSecretPost,
            ClientAuthMethod::None,
            ClientAuthMethod::ClientSecretJwt,
        ],
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        response_types: vec![ResponseType::Code],
        id_token_algs: vec![SignatureAlgorithm::RS256, SignatureAlgorithm::ES256],
        client_signature_algs: vec![SignatureAlgorithm::ES256, SignatureAlgorithm::HS256],
        scopes: ["openid", "profile", "invoices"]
            .map(str::to_owned)
            .to_vec(),
        resources: vec!["https://api.example/a".to_owned()],
        members: vec!["subject_type", "sector_identifier_uri"],
    }
}

pub fn sealing() -> Keyring {
    Keyring::new(SealingKey::new(1, [7; 32]))
}

/// Argon2 at its cheapest.
pub fn cheap_passwords() -> PasswordSettings {
    PasswordSettings {
        argon2_memory_kib: 64,
        argon2_iterations: 1,
        hashing_threads: 1,
        ..PasswordSettings::default()
    }
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

/// A client to be registered that belongs to no one.
pub fn new(metadata: ClientMetadata, client_id: Option<&str>) -> NewClient {
    NewClient {
        metadata,
        client_id: client_id.map(str::to_owned),
        owner: None,
    }
}
