//! Ten thousand sessions that end at once, on the engine that `serve` opens.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_provider::HousekeepingSettings;
use countersign_provider::service::{CodeRequest, SignedInUser};
use countersign_store::logout::ClientSessionsOf;
use countersign_store_sql::sqlite;
use countersign_testing::{ALICE, BOB, Options, Receiver, TestProvider, VERIFIER, challenge};
use futures_util::{StreamExt, stream};

use crate::command::Deployment;

const SESSIONS: usize = 10_000;
const CALLBACK: &str = "https://app.example/callback";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_endings_in_sqlite_lose_no_call_and_keep_no_one_from_signing_in() {
    let deployment = Deployment::empty();
    let path = deployment.folder.join("load.sqlite3");
    let store = sqlite::Sqlite::open(sqlite::Options::new(path)).expect("opens");
    let op = TestProvider::start_with(Options {
        store: Arc::new(store),
        outbound: Receiver::outbound(),
        ..Options::default()
    })
    .await;
    let app = Receiver::start().await;
    let metadata = format!(
        r#"{{"redirect_uris": ["{CALLBACK}"], "token_endpoint_auth_method": "none",
             "id_token_signed_response_alg": "EdDSA", "grant_types": ["authorization_code"],
             "backchannel_logout_uri": "{}"}}"#,
        app.uri()
    );
    op.add_client_with("app", None, &metadata).await;
    let expected = sessions_of_alice(&op).await;
    assert_eq!(expected.len(), SESSIONS);

    let _upkeep = op
        .provider
        .start_housekeeping(HousekeepingSettings::default());
    let ended = Instant::now();
    op.disable_person(&ALICE).await;
    let mut slowest = Duration::ZERO;
    while app.taken().len() < SESSIONS {
        let began = Instant::now();
        let mut browser = op.browser();
        op.code(&mut browser, &BOB, "app", CALLBACK, "openid").await;
        slowest = slowest.max(began.elapsed());
        let told = app.taken().len();
        let so_far = ended.elapsed();
        assert!(so_far < Duration::from_secs(120), "{told} of {SESSIONS}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "all told after {:?}, slowest sign-in {slowest:?}",
        ended.elapsed()
    );
    assert!(
        slowest < Duration::from_secs(3),
        "{slowest:?} for a sign-in"
    );
    let told: BTreeSet<String> = app.taken().iter().map(|one| one.claim("sid")).collect();
    assert_eq!(told, expected);
}

/// Alice with the application open in as many browsers.
async fn sessions_of_alice(op: &TestProvider) -> BTreeSet<String> {
    let challenge = challenge(VERIFIER);
    let request = CodeRequest {
        client_id: "app",
        redirect_uri: CALLBACK,
        scope: "openid",
        nonce: None,
        code_challenge: Some(&challenge),
    };
    let user = SignedInUser {
        sub: ALICE.sub,
        amr: &["pwd"],
    };
    stream::iter(0..SESSIONS)
        .map(async |_| op.provider.issue_code(&request, &user).await)
        .buffer_unordered(256)
        .for_each(async |issued| drop(issued.expect("issues")))
        .await;
    let of = ClientSessionsOf::User(ALICE.sub);
    let listed = op.provider.store.client_sessions(of, None, u32::MAX).await;
    let listed = listed.expect("lists").into_iter();
    listed.map(|one| one.session.sid.to_string()).collect()
}
