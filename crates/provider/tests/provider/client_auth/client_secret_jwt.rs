//! OpenID Connect Core, section 9: "HMAC using a SHA algorithm", keyed with the client_secret.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_management::Actor;
use countersign_management::clients::{Clients, NewClient, Registration};
use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};
use countersign_provider::offered;
use countersign_testing::{Answer, TestProvider, basic};
use http::StatusCode;
use serde_json::{Value, json};

use crate::asserting::{KEYS, claims, present, signed};
use crate::expect;

async fn clients(op: &TestProvider) -> Clients {
    let provider = &op.provider;
    let declared = provider.declared_resources().await.expect("resources");
    let policy = ClientPolicy::operator(offered::to_clients(&provider.settings, &declared));
    let sealing = provider.sealing.clone();
    Clients::new(provider.context(Actor::Server), sealing, policy)
}

async fn create(op: &TestProvider, members: Value) -> String {
    let mut metadata = json!({
        "token_endpoint_auth_method": "client_secret_jwt",
        "grant_types": ["client_credentials"],
    });
    for (name, value) in members.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    let metadata = ClientMetadata::from_json(metadata.to_string().as_bytes());
    let client_id = Some("asserting".to_owned());
    let now = op.provider.now();
    let clients = clients(op).await;
    let new = NewClient {
        metadata: metadata.expect("metadata"),
        client_id,
        ..NewClient::default()
    };
    let made = clients.create(new, now);
    secret_of(made.await.expect("registers"))
}

fn secret_of(registration: Registration) -> String {
    registration.client_secret.expect("a secret").to_string()
}

async fn try_with(op: &TestProvider, alg: SignatureAlgorithm, secret: &str) -> Answer {
    let key = SigningKey::hmac(alg, secret.as_bytes()).expect("a key");
    present(op, &signed(&key, &claims(op))).await
}

#[track_caller]
fn accepted(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

const MACS: [SignatureAlgorithm; 3] = [
    SignatureAlgorithm::HS256,
    SignatureAlgorithm::HS384,
    SignatureAlgorithm::HS512,
];

#[tokio::test]
async fn the_generated_secret_is_a_key_for_every_mac() {
    let op = TestProvider::start().await;
    let secret = create(&op, json!({})).await;
    for alg in MACS {
        accepted(&try_with(&op, alg, &secret).await);
        let wrong = format!("X{}", &secret[1..]);
        expect::refused(&try_with(&op, alg, &wrong).await, "invalid_client");
    }
}

#[tokio::test]
async fn the_registered_algorithm_is_the_only_one() {
    let op = TestProvider::start().await;
    let secret = create(&op, json!({ "token_endpoint_auth_signing_alg": "HS512" })).await;
    accepted(&try_with(&op, SignatureAlgorithm::HS512, &secret).await);
    for alg in [SignatureAlgorithm::HS256, SignatureAlgorithm::HS384] {
        expect::refused(&try_with(&op, alg, &secret).await, "invalid_client");
    }
}

#[tokio::test]
async fn the_secret_itself_is_not_accepted_in_place_of_a_mac() {
    // The registered method is the only one, and a key says nothing of a client with a secret.
    let op = TestProvider::start().await;
    let secret = create(&op, json!({})).await;
    let form = [("grant_type", "client_credentials")];
    let header = [("authorization", basic("asserting", &secret))];
    let answer = op.browser().post_with("/token", &form, &header).await;
    expect::refused(&answer, "invalid_client");
    let answer = present(&op, &signed(&KEYS[0], &claims(&op))).await;
    expect::refused(&answer, "invalid_client");
}

#[tokio::test]
async fn a_mac_is_used_once() {
    let op = TestProvider::start().await;
    let secret = create(&op, json!({})).await;
    let key = SigningKey::hmac(SignatureAlgorithm::HS256, secret.as_bytes()).expect("a key");
    let assertion = signed(&key, &claims(&op));
    accepted(&present(&op, &assertion).await);
    expect::refused(&present(&op, &assertion).await, "invalid_client");
}

#[tokio::test]
async fn each_of_several_secrets_is_accepted_until_it_expires_or_is_removed() {
    let op = TestProvider::start().await;
    let (clients, now) = (clients(&op).await, op.provider.now());
    let first = create(&op, json!({})).await;
    let added = clients.add_secret("asserting", Some(now + 100), now).await;
    let second = secret_of(added.expect("adds"));
    let rotated = clients.rotate_secret("asserting", 50, now).await;
    let rotated = rotated.expect("rotates");
    let last_id = rotated.client.secrets.last().expect("it").id.clone();
    let third = secret_of(rotated);
    let alg = SignatureAlgorithm::HS256;
    for secret in [&first, &second, &third] {
        accepted(&try_with(&op, alg, secret).await);
    }
    op.clock.advance(50);
    for secret in [&first, &second] {
        expect::refused(&try_with(&op, alg, secret).await, "invalid_client");
    }
    accepted(&try_with(&op, alg, &third).await);
    let now = op.provider.now();
    let added = clients.add_secret("asserting", None, now).await;
    let fourth = secret_of(added.expect("adds"));
    let removed = clients.remove_secret("asserting", &last_id, now).await;
    removed.expect("removes");
    expect::refused(&try_with(&op, alg, &third).await, "invalid_client");
    accepted(&try_with(&op, alg, &fourth).await);
}

#[tokio::test]
async fn each_of_several_hashed_secrets_is_accepted_too() {
    let op = TestProvider::start().await;
    let (clients, now) = (clients(&op).await, op.provider.now());
    let first = create(
        &op,
        json!({ "token_endpoint_auth_method": "client_secret_basic" }),
    )
    .await;
    let mut secrets = vec![first];
    for seconds in 1..=4 {
        let added = clients.add_secret("asserting", Some(now + seconds), now);
        secrets.push(secret_of(added.await.expect("adds")));
    }
    let try_with = async |secret: &str| {
        let form = [("grant_type", "client_credentials")];
        let header = [("authorization", basic("asserting", secret))];
        op.browser().post_with("/token", &form, &header).await
    };
    for second in 0..5 {
        for (place, secret) in secrets.iter().enumerate() {
            let answer = try_with(secret).await;
            match place == 0 || place > second {
                true => accepted(&answer),
                false => expect::refused(&answer, "invalid_client"),
            }
        }
        op.clock.advance(1);
    }
    expect::refused(&try_with("").await, "invalid_client");
}
