//! A sealed blob from a store or a page's form: nothing opens that we did not seal.

#![no_main]

use std::sync::LazyLock;

use countersign_jose::random;
use countersign_jose::seal::{self, Keyring, SealingKey};
use libfuzzer_sys::fuzz_target;

static RING: LazyLock<Keyring> = LazyLock::new(|| {
    Keyring::new(SealingKey::new(2, random::bytes()))
        .with_older(SealingKey::new(1, random::bytes()))
});

fuzz_target!(|blob: &[u8]| {
    let _ = seal::key_id(blob);
    assert!(RING.open(b"place", blob).is_err());
});
