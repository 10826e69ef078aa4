//! Sessions that end at once: ten thousand with `COUNTERSIGN_TEST_LONG`, two thousand otherwise.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use countersign_provider::service::{CodeRequest, SignedInUser};
use countersign_store::logout::ClientSessionsOf;
use countersign_testing::{ALICE, BOB, VERIFIER, challenge};

use super::stage::{CALLBACK, Stage, sids};

fn sessions() -> usize {
    match std::env::var_os("COUNTERSIGN_TEST_LONG") {
        None => 2_000,
        Some(_) => 10_000,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_endings_at_once_lose_no_call_and_keep_no_one_from_signing_in() {
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    let sessions = sessions();
    let expected = sessions_of_alice(&stage, sessions).await;
    assert_eq!(expected.len(), sessions);
    let ended = Instant::now();
    stage.op.disable_person(&ALICE).await;
    // While it goes on, Bob signs in again and again.
    let mut slowest = Duration::ZERO;
    while app.taken().len() < sessions {
        let began = Instant::now();
        let mut browser = stage.op.browser();
        stage.open(&mut browser, &BOB, "app").await;
        slowest = slowest.max(began.elapsed());
        assert!(
            ended.elapsed() < Duration::from_secs(60),
            "{} of {sessions} after a minute",
            app.taken().len()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(
        slowest < Duration::from_secs(2),
        "{slowest:?} for a sign-in"
    );
    let told: BTreeSet<String> = sids(&app.taken()).into_iter().collect();
    assert_eq!(told, expected);
}

/// Alice with the application open in as many browsers.
async fn sessions_of_alice(stage: &Stage, sessions: usize) -> BTreeSet<String> {
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
        session: None,
    };
    for _ in 0..sessions {
        let issued = stage.op.provider.issue_code(&request, &user).await;
        issued.expect("issues");
    }
    let of = ClientSessionsOf::User(ALICE.sub);
    let store = &stage.op.provider.store;
    let listed = store.client_sessions(of, None, u32::MAX).await;
    let listed = listed.expect("lists").into_iter();
    listed.map(|one| one.session.sid.to_string()).collect()
}
