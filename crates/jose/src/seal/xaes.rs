//! XAES-256-GCM (C2SP, xaes-256-gcm): AES-256-GCM with a derived key and a 192-bit nonce.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cmac;
use zeroize::Zeroizing;

/// The master key as a prepared CMAC key; the backend wipes it when it is dropped.
pub(super) struct MasterKey(cmac::Key);

impl MasterKey {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(cmac::Key::new(cmac::AES_256, key).expect("32 bytes are an AES-256 key"))
    }

    /// The ciphertext with its tag.
    pub(super) fn seal(&self, nonce: &[u8; 24], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let (key, nonce) = self.derive(nonce);
        let mut data = Vec::with_capacity(plaintext.len() + 16);
        data.extend_from_slice(plaintext);
        key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut data)
            .expect("AES-GCM seals anything shorter than 64 GiB");
        data
    }

    /// The plaintext, or `None` if the tag is wrong.
    pub(super) fn open(
        &self,
        nonce: &[u8; 24],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (key, nonce) = self.derive(nonce);
        let mut data = Zeroizing::new(ciphertext.to_vec());
        let length = key
            .open_in_place(nonce, Aad::from(aad), &mut data)
            .ok()?
            .len();
        data.truncate(length);
        Some(data)
    }

    /// Counter-mode KDF of NIST SP 800-108 with CMAC: two blocks whose input is the counter, the
    /// label `X`, a zero and the first 12 octets of the nonce; the other 12 are the nonce of
    /// AES-GCM.
    fn derive(&self, nonce: &[u8; 24]) -> (LessSafeKey, Nonce) {
        let mut derived = Zeroizing::new([0; 32]);
        let mut block = [0; 16];
        block[2] = b'X';
        block[4..].copy_from_slice(&nonce[..12]);
        for (counter, half) in (1..).zip(derived.chunks_mut(16)) {
            block[1] = counter;
            let tag = cmac::sign(&self.0, &block).expect("CMAC of one block does not fail");
            half.copy_from_slice(tag.as_ref());
        }
        let key = UnboundKey::new(&AES_256_GCM, &derived[..]).expect("32 bytes are an AES-256 key");
        let mut short = [0; 12];
        short.copy_from_slice(&nonce[12..]);
        (LessSafeKey::new(key), Nonce::assume_unique_for_key(short))
    }
}

#[cfg(test)]
mod tests {
    use super::MasterKey;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_vectors_of_the_xaes_specification_hold() {
        let nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX";
        for (key, aad, sealed) in [
            (
                [1; 32],
                &b""[..],
                "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
            ),
            (
                [3; 32],
                b"c2sp.org/XAES-256-GCM",
                "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
            ),
        ] {
            let key = MasterKey::new(&key);
            let ciphertext = key.seal(nonce, aad, b"XAES-256-GCM");
            assert_eq!(hex(&ciphertext), sealed);
            let opened = key.open(nonce, aad, &ciphertext).unwrap();
            assert_eq!(opened.as_slice(), b"XAES-256-GCM");
        }
    }
}
