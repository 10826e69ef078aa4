//! Attack case 59: identifiers of clients and people that collide (RFC 9068, section 5).

use countersign_store::clients::{Client, ClientSecrets};
use countersign_store::subjects::Status;
use countersign_store::users::{CreateUserOutcome, NewUser, User};
use countersign_store::{Epoch, Store};
use countersign_testing::{ALICE, BOB, TestProvider};
use http::StatusCode;

#[tokio::test]
async fn attack_59_a_client_and_a_person_never_share_an_identifier() {
    let op = TestProvider::start().await;
    let store = &op.provider.store;
    let now = op.provider.now();
    let client = |client_id: &str| Client {
        client_id: client_id.to_owned(),
        epoch: Epoch::generate(&*op.provider.random),
        status: Status::Active,
        secrets: ClientSecrets::default(),
        metadata: "{}".to_owned(),
        owner: None,
        revision: 0,
        created_at: now,
        updated_at: now,
    };
    assert!(
        !store
            .create_client(&client(ALICE.sub))
            .await
            .expect("answers")
    );
    assert_eq!(
        made(&**store, "confidential", now).await,
        CreateUserOutcome::SubjectTaken
    );
    // Not even once the other is gone.
    assert!(store.delete_client("native", now).await.expect("answers"));
    assert_eq!(
        made(&**store, "native", now).await,
        CreateUserOutcome::SubjectTaken
    );
    op.delete_person(&BOB).await;
    assert!(
        !store
            .create_client(&client(BOB.sub))
            .await
            .expect("answers")
    );
}

async fn made(store: &dyn Store, sub: &str, now: i64) -> CreateUserOutcome {
    let user = User {
        sub: sub.to_owned(),
        username: format!("user-{sub}"),
        email: None,
        administrator: false,
        status: Status::Active,
        claims: serde_json::Map::new(),
        created_at: now,
        updated_at: now,
    };
    let user = NewUser {
        user,
        epoch: Epoch::from_bytes([1; 16]),
        password_hash: None,
    };
    store.create_user(&user, now).await.expect("answers")
}

#[tokio::test]
async fn attack_59_a_clients_own_token_belongs_to_no_user_at_userinfo() {
    let op = TestProvider::start().await;
    for client_id in ["confidential", "posting", "first-party"] {
        let tokens = op
            .token(client_id, &[("grant_type", "client_credentials")])
            .await
            .tokens();
        let answer = op.userinfo(&tokens.access_token).await;
        // RFC 6750, section 3.1
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
        assert!(
            answer
                .header("www-authenticate")
                .contains("error=\"insufficient_scope\"")
        );
    }
}
