//! A stored password hash, from an import or a tampered database: it costs no more than the
//! ceiling, and lets no one in who does not know the password.

#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use countersign_jose::random::SeededRandom;
use countersign_management::passwords::{PasswordHasher, PasswordSettings, prepare};
use libfuzzer_sys::fuzz_target;

static HASHER: LazyLock<PasswordHasher> = LazyLock::new(|| {
    let settings = PasswordSettings {
        argon2_memory_kib: 8,
        argon2_iterations: 1,
        max_stored_memory_kib: 64,
        max_stored_iterations: 2,
        max_stored_parallelism: 4,
        hashing_threads: 1,
        ..PasswordSettings::default()
    };
    PasswordHasher::start(&settings, Arc::new(SeededRandom::new(1))).expect("starts")
});
static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.build().expect("a runtime")
});

const PASSWORD: &str = "a password that no seed was made of";

fuzz_target!(|hash: &str| {
    let outdated = HASHER.is_outdated(hash);
    HASHER.cover(&[hash.to_owned()]);
    let began = Instant::now();
    let verified = RUNTIME.block_on(HASHER.verify(PASSWORD, Some(hash)));
    assert!(began.elapsed() < Duration::from_secs(2), "{hash}");
    assert!(!matches!(verified, Ok(true)), "let in by {hash}");
    // What can't be read is to be made again.
    assert!(verified.is_ok() || outdated, "{hash}");
    if let Some(prepared) = prepare(hash) {
        let again = prepare(&prepared).expect("it was prepared");
        assert_eq!(*again, *prepared, "preparing is done once");
    }
});
