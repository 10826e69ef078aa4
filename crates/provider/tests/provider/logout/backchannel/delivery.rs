//! What becomes of a call: Back-Channel Logout, sections 2.5 and 2.8.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_jose::base64url;
use countersign_provider::Memory;
use countersign_testing::{ALICE, Breakage, ObservedStore, Options, Receiver, TestProvider};

use super::stage::{Stage, a_while, memory, metadata, sids, sign_out};

const AT_ONCE: Duration = Duration::ZERO;

#[tokio::test]
async fn a_call_that_was_taken_or_refused_is_not_repeated() {
    // Section 2.8: 200, and 204 as well ("RPs may respond with 204"); 400 says that the request was
    // invalid or the logout failed.
    for status in [200, 204, 400] {
        let stage = Stage::start().await;
        let app = stage.receiver("app").await;
        app.responds(status, AT_ONCE);
        stage.signed_out("app").await;
        app.wait_for(1).await;
        for _ in 0..3 {
            stage.op.clock.advance(600);
            a_while().await;
        }
        assert_eq!(app.taken().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn another_status_is_repeated_after_growing_pauses_until_it_is_taken() {
    for status in [500, 503, 404, 401, 201] {
        let stage = Stage::start().await;
        let app = stage.receiver("app").await;
        app.responds(status, AT_ONCE);
        stage.signed_out("app").await;
        app.wait_for(1).await;
        a_while().await;
        assert_eq!(
            app.taken().len(),
            1,
            "{status}: not before the pause is over"
        );
        for (attempt, pause) in [(2, 1), (3, 2), (4, 5)] {
            stage.op.clock.advance(pause);
            app.wait_for(attempt).await;
            // Until that has been recorded.
            a_while().await;
        }
        app.responds(200, AT_ONCE);
        stage.op.clock.advance(10);
        let taken = app.wait_for(5).await;
        for _ in 0..3 {
            stage.op.clock.advance(600);
            a_while().await;
        }
        assert_eq!(app.taken().len(), 5, "{status}");
        // It is the same token to a receiver, and valid anew each time.
        let first = taken[0].claims();
        for later in &taken[1..] {
            let later = later.claims();
            assert_eq!(later["jti"], first["jti"]);
            assert_eq!(later["sid"], first["sid"]);
            assert!(later["iat"].as_i64() > first["iat"].as_i64());
        }
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    // The token is for the registered address alone.
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    for status in [302, 303, 307, 308] {
        app.responds(status, AT_ONCE);
        stage.signed_out("app").await;
        let before = app.taken().len();
        stage.op.clock.advance(400);
        app.wait_for(before + 1).await;
        a_while().await;
        assert!(app.taken().iter().all(|taken| taken.path == "/logout"));
    }
}

#[tokio::test]
async fn an_application_that_was_down_is_told_when_it_returns() {
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    let address = app.address;
    drop(app);
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.push(stage.signed_out("app").await);
    }
    for _ in 0..5 {
        a_while().await;
        stage.op.clock.advance(60);
    }
    a_while().await;
    let app = Receiver::start_at(address).await;
    stage.op.clock.advance(400);
    let mut told = sids(&app.wait_for(3).await);
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn slow_applications_delay_no_other() {
    let stage = Stage::with(memory(), |settings| {
        settings.logout.backchannel_max_parallel = 16;
        settings.logout.backchannel_max_parallel_per_client = 4;
    })
    .await;
    let slow = stage.receiver("slow").await;
    slow.responds(200, Duration::from_secs(4));
    let quick = stage.receiver("quick").await;
    for _ in 0..12 {
        stage.signed_out("slow").await;
    }
    slow.wait_for(1).await;
    let ended = Instant::now();
    for _ in 0..3 {
        stage.signed_out("quick").await;
    }
    quick.wait_for(3).await;
    assert!(ended.elapsed() < Duration::from_secs(2));
    assert!(
        slow.taken().len() <= 4,
        "no more at once than the setting says"
    );
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_broken_off_and_repeated() {
    let stage = Stage::with(memory(), |settings| {
        settings.logout.backchannel_timeout_seconds = 1;
    })
    .await;
    let app = stage.receiver("app").await;
    app.responds(200, Duration::from_secs(30));
    stage.signed_out("app").await;
    app.wait_for(1).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    app.responds(200, AT_ONCE);
    stage.op.clock.advance(2);
    app.wait_for(2).await;
}

#[tokio::test]
async fn a_call_is_given_up_by_number_and_by_age() {
    for (attempts, age, expected) in [(3, 86_400, 3), (500, 60, 2)] {
        let stage = Stage::with(memory(), |settings| {
            settings.logout.backchannel_max_attempts = attempts;
            settings.logout.backchannel_max_age_seconds = age;
        })
        .await;
        let app = stage.receiver("app").await;
        app.responds(500, AT_ONCE);
        stage.signed_out("app").await;
        app.wait_for(1).await;
        a_while().await;
        for _ in 0..5 {
            stage.op.clock.advance(59);
            a_while().await;
        }
        assert_eq!(app.taken().len(), expected);
        let due = stage
            .op
            .provider
            .store
            .clients_with_due_logout_calls(i64::MAX);
        assert!(due.await.expect("reads").is_empty());
    }
}

#[tokio::test]
async fn the_address_that_is_registered_now_is_called() {
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    app.responds(500, AT_ONCE);
    stage.signed_out("app").await;
    app.wait_for(1).await;
    a_while().await;
    let moved = Receiver::start().await;
    let metadata = metadata(&moved.uri(), "");
    stage.op.update_client("app", &metadata).await;
    stage.op.clock.advance(2);
    moved.wait_for(1).await;
    assert_eq!(app.taken().len(), 1);
}

#[tokio::test]
async fn replicas_share_the_calls() {
    let store: Arc<Memory> = Arc::default();
    let first = Stage::over(store.clone()).await;
    let options = Options {
        store,
        outbound: Receiver::outbound(),
        ..Options::default()
    };
    let second = Stage::of(TestProvider::joining(options).await);
    let stages = [first, second];
    let app = stages[0].receiver("app").await;
    let mut expected = Vec::new();
    for number in 0..20 {
        expected.push(stages[number % 2].signed_out("app").await);
    }
    app.wait_for(20).await;
    a_while().await;
    let mut told = sids(&app.taken());
    told.sort();
    expected.sort();
    assert_eq!(told, expected, "each once");
}

#[tokio::test]
async fn what_fails_in_between_loses_no_call() {
    for act in [
        "claim_events",
        "client_sessions",
        "add_logout_calls",
        "finish_events",
        "clients_with_due_logout_calls",
        "claim_logout_calls",
        "settle_logout_calls",
    ] {
        let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
        let stage = Stage::over(store.clone()).await;
        let app = stage.receiver("app").await;
        let mut browser = stage.op.browser();
        let sid = stage.open(&mut browser, &ALICE, "app").await;
        a_while().await;
        store.break_act(act, Breakage::Unavailable);
        sign_out(&mut browser).await;
        a_while().await;
        store.repair();
        // The claims of what failed have expired.
        stage.op.clock.advance(30);
        app.wait_for(1).await;
        a_while().await;
        let taken = app.taken();
        for one in &taken {
            assert_eq!(one.claim("sid"), sid, "{act}");
            assert_eq!(one.claim("jti"), taken[0].claim("jti"), "{act}");
        }
        // Sent and then forgotten: a repetition, which its jti names.
        let forgotten = ["settle_logout_calls", "finish_events"].contains(&act);
        let at_most = if forgotten { 2 } else { 1 };
        assert!(taken.len() <= at_most, "{act}: {}", taken.len());
    }
}

#[tokio::test]
async fn a_password_change_is_told_though_the_sweep_was_interrupted() {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let stage = Stage::over(store.clone()).await;
    let app = stage.receiver("app").await;
    let mut browser = stage.op.browser();
    let sid = stage.open(&mut browser, &ALICE, "app").await;
    store.break_act("end_session", Breakage::Unavailable);
    stage.op.change_password(&ALICE, "another password").await;
    a_while().await;
    assert_eq!(app.taken().len(), 0);
    store.repair();
    stage.op.clock.advance(11);
    assert_eq!(sids(&app.wait_for(1).await), [sid]);
}

#[tokio::test]
async fn the_log_names_each_call_and_no_token() {
    let log = crate::log::Log::start();
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    app.responds(500, AT_ONCE);
    stage.signed_out("app").await;
    app.wait_for(1).await;
    a_while().await;
    app.responds(200, AT_ONCE);
    stage.op.clock.advance(2);
    let taken = app.wait_for(2).await;
    a_while().await;
    let written = log.take();
    for expected in [
        "cause=\"logout_call_failed\" client_id=\"app\"",
        "attempt=1 status=500",
        "act=\"backchannel_logout\" client_id=\"app\"",
        "attempt=2 status=200",
    ] {
        assert!(written.contains(expected), "{expected}\n{written}");
    }
    for taken in taken {
        let token = taken.token();
        let (_, signature) = token.rsplit_once('.').expect("three parts");
        assert!(!written.contains(signature), "{written}");
        assert!(base64url::decode(signature).is_ok());
    }
}
