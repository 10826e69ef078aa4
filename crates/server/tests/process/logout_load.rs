//! Sessions that end, on the engine that `serve` opens: how soon an application is told, one that
//! was down when it returns, and ten thousand at once (with `COUNTERSIGN_TEST_LONG`; two thousand
//! otherwise).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_provider::service::{CodeRequest, SignedInUser};
use countersign_provider::{Housekeeping, HousekeepingSettings};
use countersign_store::logout::ClientSessionsOf;
use countersign_store_sql::sqlite;
use countersign_testing::{
    ALICE, BOB, Browser, Options, Receiver, TestProvider, VERIFIER, challenge,
};
use futures_util::{StreamExt, stream};

use crate::command::Deployment;

/// How many end at once, and how long it may take until all are told.
fn load() -> (usize, Duration) {
    match std::env::var_os("COUNTERSIGN_TEST_LONG") {
        None => (2_000, Duration::from_secs(60)),
        Some(_) => (10_000, Duration::from_secs(120)),
    }
}

const CALLBACK: &str = "https://app.example/callback";

/// The parts of a deployment that tells applications.
struct Telling {
    _deployment: Deployment,
    op: TestProvider,
    _upkeep: Housekeeping,
}

impl Telling {
    async fn start() -> Telling {
        let deployment = Deployment::empty();
        let path = deployment.folder.join("load.sqlite3");
        let store = sqlite::Sqlite::open(sqlite::Options::new(path)).expect("opens");
        let op = TestProvider::start_with(Options {
            store: Arc::new(store),
            outbound: Receiver::outbound(),
            ..Options::default()
        })
        .await;
        let upkeep = op
            .provider
            .start_housekeeping(HousekeepingSettings::default());
        Telling {
            _deployment: deployment,
            op,
            _upkeep: upkeep,
        }
    }

    async fn application(&self, app: &Receiver) {
        let metadata = format!(
            r#"{{"redirect_uris": ["{CALLBACK}"], "token_endpoint_auth_method": "none",
                 "id_token_signed_response_alg": "EdDSA", "grant_types": ["authorization_code"],
                 "backchannel_logout_uri": "{}"}}"#,
            app.uri()
        );
        self.op.add_client_with("app", None, &metadata).await;
    }

    /// A browser in which Alice has the application open.
    async fn open(&self) -> Browser {
        let mut browser = self.op.browser();
        self.op
            .code(&mut browser, &ALICE, "app", CALLBACK, "openid")
            .await;
        browser
    }
}

async fn sign_out(browser: &mut Browser) {
    let page = browser.get("/logout").await;
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ending_reaches_an_application_within_a_second_of_its_answer() {
    // With the settings that are the default, whichever way it ends.
    let telling = Telling::start().await;
    let app = Receiver::start().await;
    telling.application(&app).await;
    let mut slowest = Duration::ZERO;
    for number in 1..=5 {
        let mut browser = telling.open().await;
        sign_out(&mut browser).await;
        slowest = slowest.max(until_told(&app, number).await);
    }
    for (number, ending) in (6..).zip(["password", "disabled"]) {
        telling.open().await;
        match ending {
            "password" => telling.op.change_password(&ALICE, ALICE.password).await,
            _ => telling.op.disable_person(&ALICE).await,
        }
        slowest = slowest.max(until_told(&app, number).await);
    }
    println!("slowest {slowest:?}");
}

/// How long it takes from now until so many calls have come: a second at most.
async fn until_told(app: &Receiver, number: usize) -> Duration {
    let answered = Instant::now();
    app.wait_at_most(Duration::from_secs(1), number).await;
    answered.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_that_was_down_is_told_when_it_returns() {
    let telling = Telling::start().await;
    let app = Receiver::start().await;
    telling.application(&app).await;
    let address = app.address;
    drop(app);
    for _ in 0..3 {
        let mut browser = telling.open().await;
        sign_out(&mut browser).await;
    }
    // Long enough for several attempts, and then for the longest pause between two.
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        telling.op.clock.advance(60);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let app = Receiver::start_at(address).await;
    telling.op.clock.advance(400);
    let told = app.wait_at_most(Duration::from_secs(10), 3).await;
    let told: BTreeSet<String> = told.iter().map(|one| one.claim("sid")).collect();
    assert_eq!(told.len(), 3, "each session once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_endings_at_once_lose_no_call_and_keep_no_one_from_signing_in() {
    let (sessions, limit) = load();
    let telling = Telling::start().await;
    let op = &telling.op;
    let app = Receiver::start().await;
    telling.application(&app).await;
    let expected = sessions_of_alice(op, sessions).await;
    assert_eq!(expected.len(), sessions);

    let ended = Instant::now();
    op.disable_person(&ALICE).await;
    let answered = ended.elapsed();
    let mut slowest = Duration::ZERO;
    let mut signed_in = 0;
    while app.taken().len() < sessions {
        let began = Instant::now();
        let mut browser = op.browser();
        op.code(&mut browser, &BOB, "app", CALLBACK, "openid").await;
        slowest = slowest.max(began.elapsed());
        signed_in += 1;
        let told = app.taken().len();
        let so_far = ended.elapsed();
        assert!(so_far < limit, "{told} of {sessions} after {so_far:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "{sessions} sessions: the ending answered after {answered:?}, all were told after {:?}; \
         {signed_in} sign-ins meanwhile, the slowest {slowest:?}",
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
async fn sessions_of_alice(op: &TestProvider, sessions: usize) -> BTreeSet<String> {
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
    stream::iter(0..sessions)
        .map(async |_| op.provider.issue_code(&request, &user).await)
        .buffer_unordered(256)
        .for_each(async |issued| drop(issued.expect("issues")))
        .await;
    let of = ClientSessionsOf::User(ALICE.sub);
    let listed = op.provider.store.client_sessions(of, None, u32::MAX).await;
    let listed = listed.expect("lists").into_iter();
    listed.map(|one| one.session.sid.to_string()).collect()
}
