//! Attack case 73: a browser that is signed in asks for codes in a loop, without a page.

use std::sync::Arc;

use countersign_store::Store;
use countersign_store::memory::Memory;
use countersign_testing::{ALICE, BOB, Browser, Options, TestProvider, callback};

/// What the outbox holds that was written since the last call.
async fn told(store: &dyn Store, now: i64) -> usize {
    let events = store.claim_events(10_000, i64::MAX, now).await;
    events.expect("returns").len()
}

async fn ask(op: &TestProvider, browser: &mut Browser, prompt: Option<&str>) -> Option<String> {
    let mut request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    request.extend(prompt.map(|prompt| ("prompt", prompt.to_owned())));
    let answer = browser.get_with("/authorize", &request).await;
    let error = answer.location_parameter("error");
    assert_eq!(answer.location_parameter("code").is_none(), error.is_some());
    error
}

#[tokio::test]
async fn attack_73_a_silent_loop_writes_no_more_than_its_allowance() {
    for prompt in [Some("none"), None] {
        let store = Arc::new(Memory::new());
        let options = Options {
            store: store.clone(),
            ..Options::default()
        };
        let op = TestProvider::start_with(options).await;
        let limit = op.provider.site.settings.sessions.codes();
        let mut browser = op.signed_in(&ALICE).await;
        let now = op.provider.now();
        ask(&op, &mut browser, prompt).await;
        let each = {
            told(&*store, now).await;
            ask(&op, &mut browser, prompt).await;
            told(&*store, now).await
        };
        assert!(each > 0, "a code is an event");
        let mut refused = 0;
        for _ in 0..10 * limit.attempts {
            match ask(&op, &mut browser, prompt).await.as_deref() {
                None => assert_eq!(refused, 0, "once used up, until the window ends"),
                Some("temporarily_unavailable") => refused += 1,
                Some(other) => panic!("{other}"),
            }
        }
        let allowed = limit.attempts as usize - 2;
        assert_eq!(refused, 10 * limit.attempts as usize - allowed);
        assert_eq!(told(&*store, now).await, allowed * each);

        // Another browser and a person who acts are not held up, nor is the next window.
        let mut bobs = op.signed_in(&BOB).await;
        assert_eq!(ask(&op, &mut bobs, prompt).await, None);
        let mut again = op.authorization("first-party", callback::FIRST_PARTY, "openid");
        again.push(("prompt", "login".to_owned()));
        let page = browser.get_with("/authorize", &again).await;
        let answer = browser.sign_in(&page, ALICE.username, ALICE.password).await;
        assert!(answer.location_parameter("code").is_some(), "{answer:?}");
        op.clock.advance(i64::from(limit.window_seconds));
        assert_eq!(ask(&op, &mut browser, prompt).await, None);
    }
}
