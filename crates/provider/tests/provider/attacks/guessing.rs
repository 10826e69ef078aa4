//! Attack cases 57 and 65: guessing passwords, and locking people out by guessing (OWASP ASVS 6.3).

use std::sync::Arc;

use countersign_store::memory::Memory;
use countersign_testing::{
    ALICE, Answer, BOB, Browser, ObservedStore, Options, Person, TestProvider, callback,
};
use http::StatusCode;

async fn login_page(op: &TestProvider, browser: &mut Browser) -> Answer {
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    browser.get_with("/authorize", &request).await
}

async fn attempt(op: &TestProvider, username: &str, password: &str) -> Answer {
    attempt_from(op, Some("192.0.2.1:1000"), username, password).await
}

async fn attempt_from(
    op: &TestProvider,
    address: Option<&str>,
    username: &str,
    password: &str,
) -> Answer {
    let mut browser = op.browser();
    browser.address = address.map(|address| address.parse().expect("an address"));
    let page = login_page(op, &mut browser).await;
    let answer = browser.sign_in(&page, username, password).await;
    // What a success gives back it gives back in a task of its own.
    tokio::task::yield_now().await;
    answer
}

/// What an observer can tell: everything but the request's own id, the sealed form, and the name
/// that was typed, with its length.
fn seen(answer: &Answer, username: &str) -> (StatusCode, Vec<String>, String) {
    let request_id = answer.header("x-request-id");
    let interaction = answer.hidden_field("interaction").unwrap_or_default();
    let mask = |text: &str| {
        let text = text.replace(request_id, "").replace(&interaction, "");
        text.replace(username, "NAME")
    };
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "content-length");
    let headers = headers
        .map(|(name, value)| mask(&format!("{name}: {value:?}")))
        .collect();
    (answer.status, headers, mask(&answer.body))
}

const CAROL: Person = Person {
    sub: "carols-subject-identifier",
    username: "carol",
    email: "carol@example.org",
    name: "Carol Example",
    password: "the password of a disabled account",
};

#[tokio::test]
async fn attack_57_every_failure_to_sign_in_looks_alike() {
    let op = TestProvider::start().await;
    op.add_person(&CAROL).await;
    op.disable_person(&CAROL).await;
    let too_long = "x".repeat(2_000);
    let reference = seen(&attempt(&op, "alice", "wrong").await, "alice");
    assert_eq!(reference.0, StatusCode::OK);
    for (username, password) in [
        ("nobody", "wrong"),
        ("alice@example.org", "wrong"),
        ("nobody@example.org", "wrong"),
        ("carol", "wrong"),
        ("carol", CAROL.password),
        ("alice", ""),
        ("alice", &too_long),
        ("alice", BOB.password),
        (ALICE.sub, ALICE.password), // a sub is no name
        ("first-party", "wrong"),    // nor is a client's id
    ] {
        let answer = attempt(&op, username, password).await;
        assert_eq!(reference, seen(&answer, username), "{username}");
    }
}

/// As with client secrets, the work is compared and not the time: the same acts, the hash of a
/// decoy included, whose place the hasher's own tests hold.
#[tokio::test]
async fn attack_57_an_unknown_name_costs_the_same_acts_as_a_wrong_password() {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    let op = TestProvider::start_with(options).await;
    let mut acts = Vec::new();
    for username in ["alice", "nobody", "nobody@example.org"] {
        let mut browser = op.browser();
        let page = login_page(&op, &mut browser).await;
        store.take_acts();
        browser.sign_in(&page, username, "wrong").await;
        acts.push(store.take_acts());
    }
    assert!(acts[0].contains(&"credential"), "{acts:?}");
    assert_eq!(acts[0], acts[1]);
    assert_eq!(acts[0], acts[2]);
}

#[tokio::test]
async fn attack_57_guessing_is_throttled_whether_the_name_exists_or_not() {
    let op = TestProvider::start().await;
    let limit = op.provider.site.settings.login.per_account();
    let mut throttled = Vec::new();
    for username in ["alice", "nobody"] {
        for _ in 0..limit.attempts {
            assert_eq!(attempt(&op, username, "wrong").await.status, StatusCode::OK);
        }
        let answer = attempt(&op, username, "wrong").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
        throttled.push(seen(&answer, username));
    }
    assert_eq!(throttled[0], throttled[1]);
    // Not even the right password, or guessing would go on; and under each of the account's
    // spellings.
    for username in ["alice", "ALICE", " alice "] {
        let answer = attempt(&op, username, ALICE.password).await;
        assert_eq!(
            answer.status,
            StatusCode::TOO_MANY_REQUESTS,
            "{username}: {answer:?}"
        );
    }
    // No one else is held up.
    assert_eq!(
        attempt(&op, "bob", BOB.password).await.page_kind(),
        "consent"
    );
}

#[tokio::test]
async fn attack_57_no_one_is_locked_out_permanently() {
    let op = TestProvider::start().await;
    let limit = op.provider.site.settings.login.per_account();
    for _ in 0..50 {
        attempt(&op, "alice", "wrong").await;
    }
    // The refused attempts were not counted: one window later there is an attempt again.
    op.clock.advance(i64::from(limit.window_seconds));
    assert_eq!(
        attempt(&op, "alice", ALICE.password).await.page_kind(),
        "consent"
    );
}

#[tokio::test]
async fn attack_57_a_sign_in_forgets_the_failures_before_it() {
    let op = TestProvider::start().await;
    let limit = op.provider.site.settings.login.per_account();
    for _ in 0..3 {
        for _ in 0..limit.attempts - 1 {
            attempt(&op, "alice", "wrong").await;
        }
        assert_eq!(
            attempt(&op, "alice", ALICE.password).await.page_kind(),
            "consent"
        );
    }
}

#[tokio::test]
async fn attack_57_many_names_from_one_address_are_throttled_too() {
    let op = TestProvider::start().await;
    let limit = op.provider.site.settings.login.per_address();
    for number in 0..limit.attempts {
        let username = format!("user{number}");
        let answer = attempt_from(&op, Some("203.0.113.7:1000"), &username, "wrong").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    // One household: another port, and the same address written as IPv6.
    for address in ["203.0.113.7:2000", "[::ffff:203.0.113.7]:1000"] {
        let answer = attempt_from(&op, Some(address), "another", "wrong").await;
        assert_eq!(
            answer.status,
            StatusCode::TOO_MANY_REQUESTS,
            "{address}: {answer:?}"
        );
    }
    let answer = attempt_from(&op, Some("203.0.113.8:1000"), "another", "wrong").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn attack_57_a_household_of_ipv6_is_one_network() {
    let op = TestProvider::start().await;
    let limit = op.provider.site.settings.login.per_account();
    for number in 0..limit.attempts {
        let address = format!("[2001:db8:1:2::{number:x}]:1000");
        attempt_from(&op, Some(&address), "alice", "wrong").await;
    }
    let same = attempt_from(&op, Some("[2001:db8:1:2:ffff::1]:1"), "alice", "wrong").await;
    assert_eq!(same.status, StatusCode::TOO_MANY_REQUESTS, "{same:?}");
    let other = attempt_from(&op, Some("[2001:db8:1:3::1]:1"), "alice", "wrong").await;
    assert_eq!(other.status, StatusCode::OK, "{other:?}");
}

#[tokio::test]
async fn attack_57_guesses_from_elsewhere_do_not_keep_the_owner_out() {
    let op = TestProvider::start().await;
    for _ in 0..50 {
        attempt_from(&op, Some("203.0.113.7:1000"), "alice", "wrong").await;
    }
    let own = attempt_from(&op, Some("198.51.100.1:1000"), "alice", ALICE.password).await;
    assert_eq!(own.page_kind(), "consent", "{own:?}");
}

#[tokio::test]
async fn attack_57_spreading_the_guesses_over_many_networks_helps_little() {
    let op = TestProvider::start().await;
    let anywhere = op.provider.site.settings.login.per_account_anywhere();
    let mut looked_at = 0;
    for number in 0..anywhere.attempts + 20 {
        let address = format!("203.0.{number}.7:1000");
        let answer = attempt_from(&op, Some(&address), "alice", "wrong").await;
        looked_at += u32::from(answer.status == StatusCode::OK);
    }
    assert_eq!(looked_at, anywhere.attempts);
}

#[tokio::test]
async fn attack_65_guesses_from_many_addresses_of_a_network_do_not_keep_the_owner_out() {
    for (address, owner) in [
        ("203.0.113.{}:1000", "198.51.100.1:1000"),
        ("[2001:db8:1:{}::1]:1000", "[2001:db8:2::1]:1000"),
    ] {
        let op = TestProvider::start().await;
        for number in 0..100 {
            let address = address.replace("{}", &(number % 10).to_string());
            attempt_from(&op, Some(&address), "alice", "wrong").await;
        }
        let own = attempt_from(&op, Some(owner), "alice", ALICE.password).await;
        assert_eq!(own.page_kind(), "consent", "{own:?}");
    }
}

/// A browser in which Alice has signed in once; she signed out since.
async fn alices_browser(op: &TestProvider) -> Browser {
    let mut browser = op.signed_in(&ALICE).await;
    browser
        .cookies
        .retain(|name, _| !name.ends_with("_session"));
    browser
}

async fn attempt_in(
    op: &TestProvider,
    browser: &mut Browser,
    name: &str,
    password: &str,
) -> Answer {
    let page = login_page(op, browser).await;
    let answer = browser.sign_in(&page, name, password).await;
    tokio::task::yield_now().await;
    answer
}

#[tokio::test]
async fn attack_65_a_browser_where_the_owner_signed_in_before_has_an_allowance_of_its_own() {
    // Guesses from everywhere use up what the name is allowed anywhere; and behind a proxy that is
    // not named as trusted, every visitor has one address, and guesses at made-up names use up its
    // own.
    let op = TestProvider::start().await;
    let mut own = alices_browser(&op).await;
    let shared = "127.0.0.1:1000";
    for number in 0..120 {
        let address = format!("203.0.{number}.7:1000");
        attempt_from(&op, Some(&address), ALICE.username, "wrong").await;
        attempt_from(&op, Some(shared), &format!("user{number}"), "wrong").await;
    }
    let stranger = attempt_from(&op, Some(shared), ALICE.username, ALICE.password).await;
    assert_eq!(
        stranger.status,
        StatusCode::TOO_MANY_REQUESTS,
        "{stranger:?}"
    );
    own.address = Some(shared.parse().expect("an address"));
    let mut shared_with_bob = own.clone();
    let answer = attempt_in(&op, &mut own, ALICE.username, ALICE.password).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
    // It is the name's that signed in there, and no other's.
    let other = attempt_in(&op, &mut shared_with_bob, "bob", BOB.password).await;
    assert_eq!(other.status, StatusCode::TOO_MANY_REQUESTS, "{other:?}");
}

#[tokio::test]
async fn attack_65_guessing_in_a_browser_with_a_device_cookie_is_throttled_too() {
    let op = TestProvider::start().await;
    let limit = op.provider.site.settings.login.per_account();
    let mut own = alices_browser(&op).await;
    for _ in 0..limit.attempts {
        let answer = attempt_in(&op, &mut own, ALICE.username, "wrong").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let refused = attempt_in(&op, &mut own, ALICE.username, ALICE.password).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{refused:?}");
}

#[tokio::test]
async fn attack_65_a_device_cookie_that_is_not_ours_or_too_old_counts_for_nothing() {
    let op = TestProvider::start().await;
    let device = |browser: &Browser| {
        let mut cookies = browser.cookies.iter();
        let (_, value) = cookies
            .find(|(name, _)| name.ends_with("_device"))
            .expect("a device cookie");
        value.clone()
    };
    let own = device(&alices_browser(&op).await);
    let name = op.provider.cookies.device.clone();
    assert!(!own.contains("alice"), "{own}");
    for number in 0..120 {
        let address = format!("203.0.{number}.7:1000");
        attempt_from(&op, Some(&address), ALICE.username, "wrong").await;
    }
    // What we sealed for another purpose is no device cookie.
    let form = login_page(&op, &mut op.browser()).await;
    let form = form.hidden_field("interaction").expect("a form");
    for value in [form, own[1..].to_owned(), "x".to_owned(), String::new()] {
        let mut browser = op.browser();
        browser.cookies.insert(name.clone(), value);
        let answer = attempt_in(&op, &mut browser, ALICE.username, ALICE.password).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
    }
    let mut browser = op.browser();
    browser.cookies.insert(name, own);
    let lifetime = op
        .provider
        .site
        .settings
        .login
        .device_cookie_lifetime_seconds;
    op.clock.advance(lifetime);
    for number in 0..120 {
        let address = format!("203.0.{number}.7:1000");
        attempt_from(&op, Some(&address), ALICE.username, "wrong").await;
    }
    let late = attempt_in(&op, &mut browser, ALICE.username, ALICE.password).await;
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS, "{late:?}");
}

#[tokio::test]
async fn attack_65_a_name_that_is_made_up_counts_on_no_other_names_counter() {
    let op = TestProvider::start().await;
    let bobs = Some("203.0.113.7:1000");
    for name in [
        "and network 203.0.113.7 bob",
        "and network bob 203.0.113.7",
        "account and network bob",
        "bob 203.0.113.7",
        "bob,203.0.113.7",
    ] {
        for number in 0..11 {
            let address = format!("198.51.{number}.1:1000");
            attempt_from(&op, Some(&address), name, "wrong").await;
        }
    }
    let own = attempt_from(&op, bobs, "bob", BOB.password).await;
    assert_eq!(own.page_kind(), "consent", "{own:?}");
}

#[tokio::test]
async fn attack_65_a_clock_that_ran_ahead_makes_no_refusal_last() {
    let op = TestProvider::start().await;
    let limit = op.provider.site.settings.login.per_account();
    op.clock.advance(86_400);
    for _ in 0..2 * limit.attempts {
        attempt(&op, "alice", "wrong").await;
    }
    op.clock.advance(-86_400);
    let own = attempt(&op, "alice", ALICE.password).await;
    assert_eq!(own.page_kind(), "consent", "{own:?}");
}

#[tokio::test]
async fn attack_65_where_no_address_is_known_no_network_is_counted() {
    let op = TestProvider::start().await;
    let address = op.provider.site.settings.login.per_address();
    for number in 0..address.attempts {
        attempt_from(&op, None, &format!("user{number}"), "wrong").await;
    }
    for _ in 0..10 {
        attempt_from(&op, None, "alice", "wrong").await;
    }
    let own = attempt_from(&op, None, "alice", ALICE.password).await;
    assert_eq!(own.page_kind(), "consent", "{own:?}");
}
