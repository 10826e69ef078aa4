//! Attack cases 25 and 57, by the clock: what a stranger could measure. The tests beside them
//! compare the work, act by act; these see what no count of acts shows, such as a hash that is not
//! computed.
//!
//! A machine that is busy is slow for everyone. So the variants take turns, the fast quarter of
//! each is compared, and only a difference that shows in every one of several rounds is one.

use std::time::{Duration, Instant};

use countersign_testing::{ALICE, ClientPersona, Options, Person, TestProvider, basic, callback};
use http::StatusCode;

use crate::expect;

/// The most that one variant may take longer than another.
const MARGIN: f64 = 1.5;

const ROUNDS: usize = 6;

/// Fails if in every round the slowest variant took longer than the fastest by more than
/// [`MARGIN`]. `samples` of each are taken per round.
async fn take_the_same_time(names: &[&str], samples: usize, mut sample: impl AsyncFnMut(usize)) {
    let mut seen = Vec::new();
    for _ in 0..ROUNDS {
        let mut times = vec![Vec::with_capacity(samples); names.len()];
        for number in 0..samples {
            for turn in 0..names.len() {
                // The first variant finds the caches cold, so they take turns at being first.
                let variant = (turn + number) % names.len();
                let began = Instant::now();
                sample(variant).await;
                times[variant].push(began.elapsed());
            }
        }
        let quarters: Vec<Duration> = times.into_iter().map(fast_quarter).collect();
        let slowest = quarters.iter().max().expect("there are some");
        let fastest = quarters.iter().min().expect("there are some");
        if slowest.as_secs_f64() <= fastest.as_secs_f64() * MARGIN {
            return;
        }
        seen.push(quarters);
    }
    panic!("{names:?} take different times in each of {ROUNDS} rounds: {seen:?}");
}

fn fast_quarter(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 4]
}

#[tokio::test]
#[should_panic(expected = "take different times")]
async fn a_difference_is_seen() {
    let names = ["one", "another"];
    take_the_same_time(&names, 8, async |variant| {
        let micros = if variant == 0 { 300 } else { 2_000 };
        tokio::time::sleep(Duration::from_micros(micros)).await;
    })
    .await;
}

#[tokio::test]
async fn attack_25_a_wrong_secret_takes_the_same_time_wherever_it_differs() {
    let op = TestProvider::start().await;
    let secret = ClientPersona::secret_of("confidential");
    let first = format!("X{}", &secret[1..]);
    let last = format!("{}X", &secret[..secret.len() - 1]);
    let none = "X".repeat(secret.len());
    let sent = [
        ("wrong at its first byte", "confidential", first.as_str()),
        ("wrong at its last byte", "confidential", &last),
        ("wrong everywhere", "confidential", &none),
        ("of no client", "nobody-at-all", secret),
        ("of a client without one", "public", secret),
    ];
    let names = sent.map(|(name, ..)| name);
    take_the_same_time(&names, 60, async |variant| {
        let (_, client_id, secret) = sent[variant];
        let headers = [("authorization", basic(client_id, secret))];
        let form = [("grant_type", "client_credentials")];
        let answer = op.browser().post_with("/token", &form, &headers).await;
        expect::refused(&answer, "invalid_client");
    })
    .await;
}

const CAROL: Person = Person {
    sub: "carols-subject-identifier",
    username: "carol",
    email: "carol@example.org",
    name: "Carol Example",
    password: "the password of a disabled account",
};

#[tokio::test]
async fn attack_57_a_failed_sign_in_takes_the_same_time_whoever_it_is() {
    let mut options = Options::with_site(|settings| {
        settings.login.attempts_per_account = 1_000;
        settings.login.attempts_per_account_anywhere = 100_000;
        settings.login.attempts_per_address = 100_000;
    });
    // Enough for the hash to be most of a sign-in, as it is in earnest.
    options.settings.passwords.argon2_memory_kib = 2_048;
    let op = TestProvider::start_with(options).await;
    op.add_person(&CAROL).await;
    op.disable_person(&CAROL).await;
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let mut browser = op.browser();
    let page = browser.get_with("/authorize", &request).await;
    let tried = [
        ("a wrong password", ALICE.username, "wrong"),
        ("an unknown name", "nobody", "wrong"),
        ("an unknown address", "nobody@example.org", "wrong"),
        ("a disabled account", CAROL.username, "wrong"),
        ("a disabled account's own", CAROL.username, CAROL.password),
    ];
    let names = tried.map(|(name, ..)| name);
    take_the_same_time(&names, 20, async |variant| {
        let (_, username, password) = tried[variant];
        let answer = browser.clone().sign_in(&page, username, password).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.page_kind(), "login", "{answer:?}");
    })
    .await;
}
