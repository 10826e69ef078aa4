//! What the operator of a test's provider does: people, clients, keys, endings.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_management::Actor;
use countersign_management::clients::Clients;
use countersign_management::keys::{self, Keys};
use countersign_management::resources::{OperatorResource, Resources};
use countersign_oauth::client_metadata::ClientPolicy;
use countersign_provider::offered;
use countersign_store::clients::{
    Client, ClientSecret, KeptSecret, UpdateClient, UpdateClientOutcome,
};
use countersign_store::keys::{ChangeKeys, ChangeKeysOutcome};
use countersign_store::standing::{StandingChange, StandingOutcome, Status};
use countersign_store::users::{NewUser, User};
use countersign_store::{Epoch, SecretHash, Token, TokenKind};
use serde_json::json;

use crate::{ClientPersona, Person, TestProvider};

impl TestProvider {
    pub async fn add_person(&self, person: &Person) {
        let claims = json!({
            "name": person.name,
            "given_name": person.name.split(' ').next(),
            "email_verified": true,
            "department": "Research",
        });
        let hash = self
            .provider
            .passwords
            .hash(person.password)
            .await
            .expect("hashes");
        let user = NewUser {
            user: User {
                sub: person.sub.to_owned(),
                username: person.username.to_owned(),
                email: Some(person.email.to_owned()),
                administrator: false,
                status: Status::Active,
                claims: claims.as_object().cloned().unwrap_or_default(),
                created_at: self.provider.now(),
                updated_at: self.provider.now(),
            },
            epoch: Epoch::generate(&*self.provider.random),
            password_hash: Some(hash),
        };
        self.provider
            .store
            .create_user(&user, self.provider.now())
            .await
            .expect("creates");
    }

    pub async fn add_client(&self, persona: &ClientPersona) {
        self.add_client_with(persona.client_id, persona.secret, persona.metadata)
            .await;
    }

    pub async fn add_client_with(&self, client_id: &str, secret: Option<&str>, metadata: &str) {
        let now = self.provider.now();
        let secrets = secret.map(|secret| ClientSecret {
            id: "first".to_owned(),
            created_at: now,
            expires_at: None,
            kept: KeptSecret::Hashed(SecretHash::of(secret.as_bytes())),
        });
        let client = Client {
            client_id: client_id.to_owned(),
            epoch: Epoch::generate(&*self.provider.random),
            status: Status::Active,
            secrets: Vec::from_iter(secrets).into(),
            metadata: metadata.to_owned(),
            owner: None,
            revision: 0,
            created_at: self.provider.now(),
            updated_at: self.provider.now(),
        };
        assert!(
            self.provider
                .store
                .create_client(&client)
                .await
                .expect("creates")
        );
    }

    /// A new password, which ends everything of the person.
    pub async fn change_password(&self, person: &Person, password: &str) {
        let hash = self
            .provider
            .passwords
            .hash(password)
            .await
            .expect("hashes");
        let now = self.provider.now();
        let store = &self.provider.store;
        let set = store.set_password(person.sub, &hash, now).await;
        assert!(set.expect("sets"));
        let epoch = Epoch::generate(&*self.provider.random);
        self.change_person(person, StandingChange::End { epoch })
            .await;
    }

    async fn change_person(&self, person: &Person, change: StandingChange) {
        let now = self.provider.now();
        let store = &self.provider.store;
        let outcome = store
            .change_subject_standing(person.sub, &change, now)
            .await;
        assert_eq!(
            outcome.expect("the store responds"),
            StandingOutcome::Changed
        );
    }

    pub async fn disable_person(&self, person: &Person) {
        let epoch = Epoch::generate(&*self.provider.random);
        self.change_person(person, StandingChange::Disable { epoch })
            .await;
    }

    /// Allows a disabled person again; what ended stays ended.
    pub async fn enable_person(&self, person: &Person) {
        let subject = self.provider.store.subject(person.sub).await;
        let disabled_by = subject
            .expect("the store responds")
            .expect("is there")
            .epoch;
        self.change_person(person, StandingChange::Enable { disabled_by })
            .await;
    }

    pub async fn delete_person(&self, person: &Person) {
        let now = self.provider.now();
        let store = &self.provider.store;
        let deleted = store.delete_subject(person.sub, now).await;
        assert!(deleted.expect("deletes"));
        let deleted = store.delete_user(person.sub, now).await;
        assert!(deleted.expect("deletes"));
    }

    pub async fn disable_client(&self, client_id: &str) {
        let epoch = Epoch::generate(&*self.provider.random);
        self.change_client(client_id, StandingChange::Disable { epoch })
            .await;
    }

    /// Allows a disabled client again; what ended stays ended.
    pub async fn enable_client(&self, client_id: &str) {
        let client = self.provider.store.client(client_id).await;
        let disabled_by = client
            .expect("the store responds")
            .expect("is registered")
            .epoch;
        self.change_client(client_id, StandingChange::Enable { disabled_by })
            .await;
    }

    async fn change_client(&self, client_id: &str, change: StandingChange) {
        let now = self.provider.now();
        let store = &self.provider.store;
        let outcome = store.change_client_standing(client_id, &change, now).await;
        assert_eq!(
            outcome.expect("the store responds"),
            StandingOutcome::Changed
        );
    }

    pub async fn withdraw_consent(&self, person: &Person, client_id: &str) {
        let now = self.provider.now();
        let store = &self.provider.store;
        assert!(
            store
                .withdraw_consent(person.sub, client_id, now)
                .await
                .expect("withdraws")
        );
    }

    /// A setup link's secret that is valid for that long.
    pub async fn setup_link(&self, lifetime_seconds: i64) -> String {
        let random = &*self.provider.random;
        let mut id = [0; 16];
        random.fill(&mut id);
        let link = Token::generate(TokenKind::SetupLink, id, random);
        let now = self.provider.now();
        let store = &self.provider.store;
        let expires_at = now + lifetime_seconds;
        assert!(
            store
                .put_setup_link(&link.hash(), expires_at, now)
                .await
                .expect("stores")
        );
        link.expose()
    }

    /// What an operator may do to the clients.
    pub async fn clients(&self) -> Clients {
        let provider = &self.provider;
        let declared = provider.declared_resources().await.expect("resources");
        let policy = ClientPolicy::operator(offered::to_clients(&provider.settings, &declared));
        let sealing = provider.sealing.clone();
        Clients::new(provider.context(Actor::Server), sealing, policy)
    }

    /// What an operator may do to the resources.
    pub fn resources(&self) -> Resources {
        let provider = &self.provider;
        let (settings, issuer) = (&provider.settings, &provider.issuer);
        let configured = settings.operator.resources.clone();
        let rules = countersign_provider::resources::rules(settings, issuer);
        Resources::new(provider.context(Actor::Server), configured, rules)
    }

    /// Declares a resource in the store, which counts a second later.
    pub async fn declare(&self, identifier: &str, resource: &OperatorResource) {
        let resources = self.resources();
        let created = resources.create(identifier, resource, self.provider.now());
        created.await.expect("declares");
        self.clock.advance(1);
    }

    /// Deletes a resource from the store, which counts a second later.
    pub async fn undeclare(&self, identifier: &str) {
        let deleted = self
            .resources()
            .delete(identifier, self.provider.now())
            .await;
        deleted.expect("deletes");
        self.clock.advance(1);
    }

    /// What an operator may do to the signing keys.
    pub fn keys(&self) -> Keys {
        let provider = &self.provider;
        let context = provider.context(Actor::Server);
        let publication = provider.settings.key_publication.clone();
        Keys::new(context, provider.sealing.clone(), publication)
    }

    /// Has the standby of an algorithm sign, after its notice; its kid.
    pub async fn rotate_key(&self, algorithm: SignatureAlgorithm) -> String {
        let keys = self.keys();
        let rotated = keys.rotate(algorithm, None, self.provider.now()).await;
        rotated.expect("rotates").kid
    }

    /// Has a new key of an algorithm sign at once, as the provider of a stranger has one that no
    /// other test's provider knows; its kid.
    pub async fn replace_key(&self, algorithm: SignatureAlgorithm) -> String {
        let provider = &self.provider;
        let now = provider.now();
        let record = keys::generate(algorithm, &provider.sealing, &*provider.random, now);
        let record = record.expect("a key");
        let kid = record.kid.clone();
        let act = ChangeKeys::Rotate {
            alg: record.alg.clone(),
            signing: None,
            successor: Some(record),
            standby: None,
            notice_seconds: 0,
        };
        let outcome = provider.store.change_signing_keys(&act, now).await;
        let (signs, from) = (kid.clone(), now);
        let expected = ChangeKeysOutcome::Signs { kid: signs, from };
        assert_eq!(outcome.expect("the store responds"), expected);
        kid
    }

    /// Registers another `scope` for a client and leaves the rest of it.
    pub async fn set_client_scope(&self, client_id: &str, scope: &str) {
        let client = self.provider.store.client(client_id).await;
        let client = client.expect("the store responds").expect("is registered");
        let mut metadata: serde_json::Value =
            serde_json::from_str(&client.metadata).expect("metadata");
        metadata["scope"] = scope.into();
        self.update_client(client_id, &metadata.to_string()).await;
    }

    /// New metadata instead of the old.
    pub async fn update_client(&self, client_id: &str, metadata: &str) {
        let now = self.provider.now();
        let store = &self.provider.store;
        let client = store.client(client_id).await.expect("the store responds");
        let act = UpdateClient {
            client_id: client_id.to_owned(),
            revision: client.expect("is registered").revision,
            metadata: Some(metadata.to_owned()),
            secrets: None,
            owner: None,
        };
        let outcome = store
            .update_client(&act, now)
            .await
            .expect("the store responds");
        assert_eq!(outcome, UpdateClientOutcome::Updated);
    }
}
