//! Hashes, MACs and key derivation: SHA-2 (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869).

use aws_lc_rs::{digest as backend, hkdf, hmac};

/// SHA-256 of `data`.
#[must_use]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    fixed(backend::digest(&backend::SHA256, data).as_ref())
}

/// SHA-384 of `data`.
#[must_use]
pub fn sha384(data: &[u8]) -> [u8; 48] {
    fixed(backend::digest(&backend::SHA384, data).as_ref())
}

/// SHA-512 of `data`.
#[must_use]
pub fn sha512(data: &[u8]) -> [u8; 64] {
    fixed(backend::digest(&backend::SHA512, data).as_ref())
}

/// HMAC-SHA-256 of `data` under `key`. For many messages under one key prepare a [`HmacSha256`].
#[must_use]
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    HmacSha256::new(key).tag(data)
}

/// HKDF-SHA-256, extract and expand, 32 bytes out (RFC 5869). An empty `salt` is the all-zero salt.
#[must_use]
pub fn hkdf_sha256(ikm: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let info = [info];
    // 32 bytes are one block; the only error that HKDF knows is more than 255 of them.
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(ikm)
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut out))
        .expect("one block is within HKDF's limit of 255");
    out
}

/// SHA-256 in pieces.
#[derive(Clone)]
pub struct Sha256(backend::Context);

impl Sha256 {
    /// The hash of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(backend::Context::new(&backend::SHA256))
    }

    /// Adds `data`.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// The hash of everything added.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        fixed(self.0.finish().as_ref())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sha256(..)")
    }
}

/// An HMAC-SHA-256 key whose key schedule is done once.
#[derive(Clone)]
pub struct HmacSha256(hmac::Key);

impl HmacSha256 {
    /// Prepares `key`, which may have any length; 32 random bytes are what it should have.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The tag of `data`.
    #[must_use]
    pub fn tag(&self, data: &[u8]) -> [u8; 32] {
        fixed(hmac::sign(&self.0, data).as_ref())
    }

    /// True if `tag` is the whole tag of `data`; compared in constant time.
    #[must_use]
    pub fn verify(&self, data: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.0, data, tag).is_ok()
    }
}

impl std::fmt::Debug for HmacSha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HmacSha256(redacted)")
    }
}

/// A digest's bytes as an array; its length is the algorithm's.
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(bytes);
    out
}

#[cfg(test)]
mod tests {
    use super::{HmacSha256, Sha256, hkdf_sha256, hmac_sha256, sha256, sha384, sha512};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_hashes_of_abc_are_those_of_fips_180() {
        assert_eq!(
            hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(hex(&sha384(b"abc")).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
        assert!(hex(&sha512(b"abc")).starts_with("ddaf35a193617abacc417349ae204131"));
    }

    #[test]
    fn hashing_in_pieces_equals_hashing_at_once() {
        let mut hash = Sha256::new();
        hash.update(b"a");
        hash.update(b"");
        hash.update(b"bc");
        assert_eq!(hash.finish(), sha256(b"abc"));
    }

    #[test]
    fn hmac_is_that_of_rfc_4231_case_2() {
        let tag = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(
            hex(&tag),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let key = HmacSha256::new(b"Jefe");
        assert!(key.verify(b"what do ya want for nothing?", &tag));
        assert!(!key.verify(b"what do ya want for nothing?", &tag[..31]));
        assert!(!key.verify(b"what do ya want for nothing.", &tag));
    }

    #[test]
    fn hkdf_is_that_of_rfc_5869_appendix_a_1_and_a_3() {
        let salt: Vec<u8> = (0x00..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        assert_eq!(
            hex(&hkdf_sha256(&[0x0b; 22], &salt, &info)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
        );
        assert_eq!(
            hex(&hkdf_sha256(&[0x0b; 22], b"", b"")),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
        );
    }

    #[test]
    fn a_key_prints_as_redacted() {
        assert_eq!(
            format!("{:?}", HmacSha256::new(b"Jefe")),
            "HmacSha256(redacted)"
        );
    }
}
