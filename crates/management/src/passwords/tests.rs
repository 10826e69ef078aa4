//! The hasher as a whole.

use std::time::{Duration, Instant};

use countersign_jose::random::SeededRandom;
use countersign_store::users::hash_parameters;

use super::*;

fn settings(memory_kib: u32, iterations: u32) -> PasswordSettings {
    PasswordSettings {
        argon2_memory_kib: memory_kib,
        argon2_iterations: iterations,
        hashing_threads: 1,
        ..PasswordSettings::default()
    }
}

fn start(settings: &PasswordSettings) -> PasswordHasher {
    PasswordHasher::start(settings, Arc::new(SeededRandom::new(1))).expect("starts")
}

fn hasher() -> PasswordHasher {
    start(&settings(64, 1))
}

#[tokio::test]
async fn the_right_password_is_accepted_and_no_other() {
    let hasher = hasher();
    let hash = hasher.hash("correct horse").await.expect("hashes");
    assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
    assert_eq!(hasher.verify("correct horse", Some(&hash)).await, Ok(true));
    assert_eq!(hasher.verify("correct Horse", Some(&hash)).await, Ok(false));
    assert!(!hasher.is_outdated(&hash));
}

/// RFC 8265, section 4.2.2: what one keyboard sends precomposed, another sends decomposed.
#[tokio::test]
async fn a_password_is_accepted_however_the_keyboard_composes_it() {
    let hasher = hasher();
    let composed = "Z\u{fc}rich-pass-word";
    let decomposed = "Zu\u{308}rich-pass-word";
    for (set, typed) in [
        (composed, decomposed),
        (decomposed, composed),
        ("a b", "a\u{a0}b"),
    ] {
        let hash = hasher.hash(set).await.expect("hashes");
        assert_eq!(hasher.verify(typed, Some(&hash)).await, Ok(true), "{set:?}");
    }
}

#[tokio::test]
async fn a_password_that_no_one_can_type_is_neither_set_nor_accepted() {
    let hasher = hasher();
    let hashed = hasher.hash("line\nbreak").await;
    assert_eq!(hashed, Err(HashingError::ControlCharacter));
    let hash = hasher.hash("").await.expect("hashes");
    assert_eq!(hasher.verify("\n", Some(&hash)).await, Ok(false));
}

#[tokio::test]
async fn without_an_account_no_password_is_accepted() {
    let hasher = hasher();
    assert_eq!(hasher.verify("", None).await, Ok(false));
    assert_eq!(hasher.verify("anything", None).await, Ok(false));
}

#[tokio::test]
async fn a_hash_that_cannot_be_read_is_an_error_and_not_a_wrong_password() {
    let verified = hasher().verify("x", Some("nonsense")).await;
    assert_eq!(verified, Err(HashingError::Unreadable));
}

#[tokio::test]
async fn a_hash_of_another_library_is_verified() {
    // Made by the reference implementation's command line, as its README shows it:
    // echo -n "password" | ./argon2 somesalt -t 2 -m 16 -p 4 -l 24 (Argon2i), version 0x13.
    let hash = "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG";
    assert_eq!(hasher().verify("password", Some(hash)).await, Ok(true));
    assert!(hasher().is_outdated(hash));
}

#[tokio::test]
async fn attack_72_a_stored_hash_that_asks_for_too_much_is_refused_before_it_is_computed() {
    let hasher = hasher();
    let salt = "c29tZXNhbHQ";
    let tag = "RdescudvJCsgt3ub+b+dWRWJTmaaJObG";
    let long = "QUFB".repeat(60);
    let longest = "QUFB".repeat(400);
    for string in [
        // 4 TiB, the most that the format can say.
        format!("$argon2id$v=19$m=4294967295,t=1,p=1${salt}${tag}"),
        format!("$argon2id$v=19$m=262145,t=1,p=1${salt}${tag}"),
        format!("$argon2id$v=19$m=64,t=1000000,p=1${salt}${tag}"),
        format!("$argon2id$v=19$m=64,t=65,p=1${salt}${tag}"),
        format!("$argon2id$v=19$m=65536,t=1,p=4096${salt}${tag}"),
        format!("$argon2id$v=19$m=64,t=1,p=1${long}${tag}"),
        format!("$argon2id$v=19$m=64,t=1,p=1${salt}${long}"),
        format!("$argon2id$v=19$m=64,t=1,p=1${salt}${longest}"),
        format!("$argon2id$v=19$m=64,t=1,p=1,data={long}${salt}${tag}"),
    ] {
        let started = Instant::now();
        let verified = hasher.verify("password", Some(&string)).await;
        assert_eq!(verified, Err(HashingError::TooCostly), "{string}");
        assert!(started.elapsed() < Duration::from_secs(2), "{string}");
        assert!(hasher.is_outdated(&string));
    }
    let largest = format!("$argon2id$v=19$m=64,t=64,p=1${salt}${tag}");
    assert_eq!(hasher.verify("password", Some(&largest)).await, Ok(false));
}

#[tokio::test]
async fn todays_own_parameters_are_never_too_much() {
    let low = PasswordSettings {
        max_stored_memory_kib: 8,
        max_stored_iterations: 1,
        ..settings(64, 2)
    };
    let hasher = start(&low);
    let hash = hasher.hash("correct horse").await.expect("hashes");
    assert_eq!(hasher.verify("correct horse", Some(&hash)).await, Ok(true));
}

/// The shortest of several verifications of a wrong password under each of `hashes`. They take
/// turns, so that what else the machine does meets all of them.
async fn shortest(hasher: &PasswordHasher, hashes: &[Option<&str>]) -> Vec<Duration> {
    let mut shortest = vec![Duration::MAX; hashes.len()];
    for _ in 0..15 {
        for (shortest, hash) in shortest.iter_mut().zip(hashes) {
            let started = Instant::now();
            assert_eq!(hasher.verify("wrong", *hash).await, Ok(false));
            *shortest = started.elapsed().min(*shortest);
        }
    }
    shortest
}

#[tokio::test]
async fn attack_71_known_and_unknown_names_take_the_same_time_after_the_parameters_changed() {
    let old = [settings(1024, 1), settings(16_384, 3), settings(4096, 2)];
    let mut hashes = Vec::new();
    for settings in &old {
        hashes.push(start(settings).hash("right").await.expect("hashes"));
    }
    // Today's parameters cost more than two of the old sets and less than the third.
    let today = start(&settings(8192, 2));
    hashes.push(today.hash("right").await.expect("hashes"));
    // The first of the costliest makes itself known.
    for hash in &hashes {
        assert_eq!(today.verify("wrong", Some(hash)).await, Ok(false));
    }
    let mut cases = vec![None];
    cases.extend(hashes.iter().map(|hash| Some(hash.as_str())));
    let times = shortest(&today, &cases).await;
    for time in &times {
        // Without the equal work the ratios would be 0.02 to 3.
        let ratio = time.as_secs_f64() / times[0].as_secs_f64();
        assert!((0.5..2.0).contains(&ratio), "{times:?} of {cases:?}");
    }
}

/// After the parameters were lowered every stored hash costs more than today's. The first of them
/// that is verified after a start must not be told by its time either.
#[tokio::test]
async fn attack_71_known_and_unknown_names_take_the_same_time_after_the_parameters_were_lowered() {
    let before = start(&settings(16_384, 3));
    let hash = before.hash("right").await.expect("hashes");
    // Two of them, in turns: the one that unknown names come to never sees a stored hash.
    let hashers = [0, 1].map(|_| start(&settings(2048, 1)));
    let mut shortest = [Duration::MAX; 2];
    for hasher in &hashers {
        hasher.cover(&[hash_parameters(&hash).to_owned()]);
    }
    for _ in 0..15 {
        for ((hasher, shortest), hash) in hashers.iter().zip(&mut shortest).zip([None, Some(&hash)])
        {
            let started = Instant::now();
            let verified = hasher.verify("wrong", hash.map(String::as_str)).await;
            assert_eq!(verified, Ok(false));
            *shortest = started.elapsed().min(*shortest);
        }
    }
    // Without the equal work the ratio would be about 24.
    let [unknown, known] = shortest.map(|time| time.as_secs_f64());
    let ratio = known / unknown;
    assert!((0.4..2.5).contains(&ratio), "{known} over {unknown}");
}

#[tokio::test]
async fn parameters_that_are_never_computed_cost_no_one_time() {
    let today = start(&settings(64, 1));
    let least = today.work.load(Ordering::Relaxed);
    let never = [
        "",
        "$2b$12",
        "$argon2id$v=19$m=4294967295,t=1,p=1",
        "$argon2id$v=19$m=64,t=1000000,p=1",
    ];
    today.cover(&never.map(str::to_owned));
    assert_eq!(today.work.load(Ordering::Relaxed), least);
    today.cover(&["$argon2id$v=19$m=64,t=3,p=1".to_owned()]);
    assert_eq!(today.work.load(Ordering::Relaxed), 3 * 64);
}

#[test]
fn every_verification_computes_the_same_number_of_blocks() {
    let ceiling = Ceiling::of(&PasswordSettings::default());
    let today = argon2id::parameters(&settings(19_456, 2)).expect("parameters");
    let mut worker = Worker::new(today);
    for (memory, passes) in [(8, 1), (64, 3), (19_456, 1), (19_456, 2), (4096, 2)] {
        let string = format!("$argon2id$v=19$m={memory},t={passes},p=1$c29tZXNhbHQ$RdescudvJCs");
        let stored = Stored::read(&string, ceiling).expect("reads");
        worker.verify("x", &stored, cost(&today)).expect("computes");
        let computed = stored.cost() + worker.padded_blocks();
        let missing = cost(&today) - computed;
        assert!(
            missing < 16,
            "{memory} x {passes}: {missing} blocks too few"
        );
    }
}
