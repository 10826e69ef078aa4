//! Families of secrets: what a refresh token and the cookie of a browser session have in common.
//!
//! A secret is half random, half a MAC of that half and of its record's id, under a random key in
//! the record. So a value that the record once issued is always recognised, without a row for each,
//! and an earlier one can be told from a guess.

use std::fmt;

use countersign_jose::random::Random;
use countersign_jose::{constant_time_eq, digest};
use zeroize::Zeroizing;

use crate::token::{SECRET_BYTES, Token, TokenKind};

const HALF: usize = SECRET_BYTES / 2;
const ID_BYTES: usize = 16;
const MAC_KEY_BYTES: usize = 32;

/// A new member of the family of `mac_key`, for the record with that id.
pub fn generate(
    kind: TokenKind,
    id: [u8; ID_BYTES],
    mac_key: &MacKey,
    random: &dyn Random,
) -> Token {
    let mut secret = [0; SECRET_BYTES];
    random.fill(&mut secret[..HALF]);
    let mac = mac_half(mac_key, &id, &secret[..HALF]);
    secret[HALF..].copy_from_slice(&mac);
    Token::from_secret(kind, id, secret)
}

/// Whether the family of `mac_key` once made this value.
pub fn is_member(token: &Token, mac_key: &MacKey) -> bool {
    let (random, mac) = token.secret().split_at(HALF);
    constant_time_eq(&mac_half(mac_key, &token.id, random), mac)
}

fn mac_half(mac_key: &MacKey, id: &[u8; ID_BYTES], random: &[u8]) -> [u8; HALF] {
    let mut message = [0; ID_BYTES + HALF];
    message[..ID_BYTES].copy_from_slice(id);
    message[ID_BYTES..].copy_from_slice(random);
    let mac = digest::hmac_sha256(mac_key.expose(), &message);
    let mut half = [0; HALF];
    half.copy_from_slice(&mac[..HALF]);
    half
}

/// The key of one family's MACs. Its Debug output shows nothing of it; it is compared in constant
/// time and wiped on drop.
#[derive(Clone)]
pub struct MacKey(Zeroizing<[u8; MAC_KEY_BYTES]>);

impl MacKey {
    /// Draws a new one.
    pub fn generate(random: &dyn Random) -> MacKey {
        let mut bytes = [0; MAC_KEY_BYTES];
        random.fill(&mut bytes);
        MacKey::from_bytes(bytes)
    }

    pub fn from_bytes(bytes: [u8; MAC_KEY_BYTES]) -> MacKey {
        MacKey(Zeroizing::new(bytes))
    }

    /// For the family's record, and for nothing else.
    pub fn expose(&self) -> &[u8; MAC_KEY_BYTES] {
        &self.0
    }
}

impl PartialEq for MacKey {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(&self.0[..], &other.0[..])
    }
}

impl Eq for MacKey {}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_jose::random::SeededRandom;

    const ID: [u8; 16] = [3; 16];

    fn key(byte: u8) -> MacKey {
        MacKey::from_bytes([byte; 32])
    }

    #[test]
    fn a_family_recognises_what_it_made_and_nothing_else() {
        let random = SeededRandom::new(1);
        for kind in [TokenKind::RefreshToken, TokenKind::BrowserSession] {
            let token = generate(kind, ID, &key(1), &random);
            assert!(is_member(&token, &key(1)));
            assert!(!is_member(&token, &key(2)));
            let guess = Token::generate(kind, ID, &random);
            assert!(!is_member(&guess, &key(1)));
            let moved = Token::from_secret(kind, [4; 16], *token.secret());
            assert!(
                !is_member(&moved, &key(1)),
                "a secret belongs to its record"
            );
        }
    }

    #[test]
    fn two_keys_are_equal_if_every_byte_is() {
        assert_eq!(key(1), key(1));
        for place in [0, 31] {
            let mut bytes = [1; 32];
            bytes[place] = 0;
            assert_ne!(key(1), MacKey::from_bytes(bytes), "{place}");
        }
    }

    #[test]
    fn a_familys_key_is_never_printed() {
        assert_eq!(format!("{:?}", key(7)), "MacKey(..)");
    }
}
