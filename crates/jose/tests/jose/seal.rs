//! Sealed blobs: they open where they were sealed and nowhere else.

use countersign_jose::random::{Random, SeededRandom};
use countersign_jose::seal::{
    Keyring, OVERHEAD_BYTES, SealError, SealingKey, associated_data, key_id,
};
use proptest::prelude::*;

fn key(id: u32) -> SealingKey {
    let random = SeededRandom::new(u64::from(id));
    let random: &dyn Random = &random;
    SealingKey::new(id, random.bytes())
}

#[test]
fn a_blob_has_the_documented_layout() {
    let random = SeededRandom::new(1);
    let blob = key(0x0102_0304).seal(&random, b"place", b"secret");
    assert_eq!(blob.len(), OVERHEAD_BYTES + 6);
    assert_eq!(blob[..5], [1, 1, 2, 3, 4]);
    let mut bits = [0; 24];
    SeededRandom::new(1).fill(&mut bits);
    assert_eq!(blob[5..29], bits);
    assert_eq!(key_id(&blob), Ok(0x0102_0304));
}

#[test]
fn a_blob_opens_in_its_own_place_only() {
    let random = SeededRandom::new(1);
    let key = key(7);
    let place = associated_data("grants", "row", "successor");
    let blob = key.seal(&random, &place, b"secret");
    assert_eq!(key.open(&place, &blob).unwrap().as_slice(), b"secret");
    for other in [
        associated_data("grant", "srow", "successor"),
        associated_data("grants", "rows", "uccessor"),
        associated_data("grants", "row", "predecessor"),
        associated_data("grants", "other", "successor"),
        Vec::new(),
    ] {
        assert_eq!(key.open(&other, &blob), Err(SealError::NotAuthentic));
    }
}

#[test]
fn equal_plaintexts_make_different_blobs() {
    let random = SeededRandom::new(1);
    let key = key(7);
    let first = key.seal(&random, b"", b"secret");
    let second = key.seal(&random, b"", b"secret");
    assert_ne!(first, second);
    assert_ne!(first[29..], second[29..]);
}

#[test]
fn every_altered_byte_is_noticed() {
    let random = SeededRandom::new(1);
    let key = key(7);
    let blob = key.seal(&random, b"place", b"secret");
    for at in 0..blob.len() {
        for bit in 0..8 {
            let mut altered = blob.clone();
            altered[at] ^= 1 << bit;
            let expected = match at {
                0 => SealError::UnknownVersion(altered[0]),
                1..5 => SealError::UnknownKey(u32::from_be_bytes([
                    altered[1], altered[2], altered[3], altered[4],
                ])),
                _ => SealError::NotAuthentic,
            };
            assert_eq!(key.open(b"place", &altered), Err(expected), "{at} {bit}");
        }
    }
    for length in 1..OVERHEAD_BYTES {
        assert_eq!(
            key.open(b"place", &blob[..length]),
            Err(SealError::Malformed)
        );
    }
    assert_eq!(key.open(b"place", &[]), Err(SealError::Malformed));
    assert_eq!(
        key.open(b"place", &blob[..blob.len() - 1]),
        Err(SealError::NotAuthentic)
    );
}

#[test]
fn a_blob_cannot_change_its_key_id_even_between_equal_keys() {
    let random = SeededRandom::new(1);
    let blob = SealingKey::new(1, [5; 32]).seal(&random, b"", b"secret");
    let mut relabelled = blob;
    relabelled[4] = 2;
    let same_bits = SealingKey::new(2, [5; 32]);
    assert_eq!(
        same_bits.open(b"", &relabelled),
        Err(SealError::NotAuthentic)
    );
}

#[test]
fn a_ring_seals_with_the_newest_and_opens_with_every_key() {
    let random = SeededRandom::new(1);
    let old = key(1).seal(&random, b"", b"old");
    let ring = Keyring::new(key(2)).with_older(key(1));
    let new = ring.seal(&random, b"", b"new");
    assert_eq!(key_id(&new), Ok(2));
    assert_eq!(ring.open(b"", &old).unwrap().as_slice(), b"old");
    assert_eq!(ring.open(b"", &new).unwrap().as_slice(), b"new");
    assert!(ring.is_outdated(&old));
    assert!(!ring.is_outdated(&new));
    let strange = key(3).seal(&random, b"", b"strange");
    assert_eq!(ring.open(b"", &strange), Err(SealError::UnknownKey(3)));
}

#[test]
fn a_key_prints_its_id_and_nothing_else() {
    assert_eq!(
        format!("{:?}", SealingKey::new(7, [5; 32])),
        "SealingKey { key_id: 7, .. }"
    );
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens(plaintext: Vec<u8>, aad: Vec<u8>, seed: u64) {
        let key = key(9);
        let blob = key.seal(&SeededRandom::new(seed), &aad, &plaintext);
        prop_assert_eq!(key.open(&aad, &blob).unwrap().to_vec(), plaintext);
    }

    #[test]
    fn random_bytes_never_open(blob: Vec<u8>) {
        prop_assert!(key(9).open(b"", &blob).is_err());
    }

    #[test]
    fn two_places_never_share_their_associated_data(
        a in ("[a-c]{0,3}", "[a-c]{0,3}", "[a-c]{0,3}"),
        b in ("[a-c]{0,3}", "[a-c]{0,3}", "[a-c]{0,3}"),
    ) {
        let data = |(table, row, column): &(String, String, String)| associated_data(table, row, column);
        prop_assert_eq!(data(&a) == data(&b), a == b);
    }
}

#[test]
fn a_tag_depends_on_the_key_the_purpose_and_the_data() {
    let key = SealingKey::new(1, [7; 32]);
    let tag = key.mac("logo", b"https://app.example/logo.png");
    let same = SealingKey::new(2, [7; 32]);
    assert_eq!(same.mac("logo", b"https://app.example/logo.png"), tag);
    let other = SealingKey::new(1, [8; 32]);
    for different in [
        other.mac("logo", b"https://app.example/logo.png"),
        key.mac("log", b"ohttps://app.example/logo.png"),
        key.mac("logo", b"https://app.example/logo.pn"),
        key.mac("", b""),
    ] {
        assert_ne!(different, tag);
    }
}
