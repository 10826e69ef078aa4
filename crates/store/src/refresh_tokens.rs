//! Refresh families: how a secret is made, recognised, and handed over again within the grace.
//!
//! A secret is half random, half a MAC of that half under the family's key. So a value that the
//! family once made is known without a row per ancestor, and reuse is told from a guess. The
//! successor of a rotation is kept sealed under a key derived from the *presented* predecessor:
//! no stored hash can open it.

use std::fmt;

use countersign_jose::random::Random;
use countersign_jose::{constant_time_eq, digest, seal};
use zeroize::Zeroizing;

use crate::GrantId;
use crate::token::{SECRET_BYTES, Token, TokenKind};

const HALF: usize = SECRET_BYTES / 2;
const SALT_BYTES: usize = 16;
const MAC_KEY_BYTES: usize = 32;

/// The key of one family's MACs. Prints as nothing, is compared in constant time, is wiped on drop.
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

    /// For the grant's row, and for nothing else.
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

/// The key that a family is bound to: the SHA-256 thumbprint of its JWK (RFC 7638; RFC 9449,
/// section 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyThumbprint([u8; 32]);

impl KeyThumbprint {
    pub const fn from_bytes(bytes: [u8; 32]) -> KeyThumbprint {
        KeyThumbprint(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A new member of the family of `mac_key`.
pub fn generate(grant: GrantId, mac_key: &MacKey, random: &dyn Random) -> Token {
    let mut secret = [0; SECRET_BYTES];
    random.fill(&mut secret[..HALF]);
    let mac = mac_half(mac_key, &grant, &secret[..HALF]);
    secret[HALF..].copy_from_slice(&mac);
    Token::from_secret(TokenKind::RefreshToken, *grant.as_bytes(), secret)
}

/// Whether the family of `mac_key` once made this value.
pub fn is_of_the_family(token: &Token, mac_key: &MacKey) -> bool {
    let (random, mac) = token.secret().split_at(HALF);
    constant_time_eq(
        &mac_half(mac_key, &GrantId::from_bytes(token.id), random),
        mac,
    )
}

/// Seals `successor` so that only the holder of `presented` can be handed it again.
pub fn seal_successor(presented: &Token, successor: &Token, random: &dyn Random) -> Vec<u8> {
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt);
    let key = handover_key(presented, &salt);
    let mut sealed = salt.to_vec();
    sealed.extend(key.seal(random, &presented.id, &successor.secret()[..]));
    sealed
}

/// Opens what [`seal_successor`] sealed; `None` where `presented` is not that predecessor.
pub fn open_successor(presented: &Token, sealed: &[u8]) -> Option<Token> {
    let (salt, blob) = sealed.split_at_checked(SALT_BYTES)?;
    let opened = handover_key(presented, salt)
        .open(&presented.id, blob)
        .ok()?;
    let secret = <[u8; SECRET_BYTES]>::try_from(opened.as_slice()).ok()?;
    Some(Token::from_secret(
        TokenKind::RefreshToken,
        presented.id,
        secret,
    ))
}

fn mac_half(mac_key: &MacKey, grant: &GrantId, random: &[u8]) -> [u8; HALF] {
    let mut message = [0; 16 + HALF];
    message[..16].copy_from_slice(grant.as_bytes());
    message[16..].copy_from_slice(random);
    let mac = digest::hmac_sha256(mac_key.expose(), &message);
    let mut half = [0; HALF];
    half.copy_from_slice(&mac[..HALF]);
    half
}

fn handover_key(presented: &Token, salt: &[u8]) -> seal::SealingKey {
    let key = Zeroizing::new(digest::hkdf_sha256(
        &presented.secret()[..],
        salt,
        b"countersign refresh successor",
    ));
    seal::SealingKey::new(0, *key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_jose::random::SeededRandom;

    const GRANT: GrantId = GrantId::from_bytes([3; 16]);

    fn key(byte: u8) -> MacKey {
        MacKey::from_bytes([byte; 32])
    }

    #[test]
    fn a_family_recognises_what_it_made_and_nothing_else() {
        let random = SeededRandom::new(1);
        let token = generate(GRANT, &key(1), &random);
        assert!(is_of_the_family(&token, &key(1)));
        assert!(!is_of_the_family(&token, &key(2)));
        let guess = Token::generate(TokenKind::RefreshToken, *GRANT.as_bytes(), &random);
        assert!(!is_of_the_family(&guess, &key(1)));
        let moved = Token::from_secret(TokenKind::RefreshToken, [4; 16], *token.secret());
        assert!(
            !is_of_the_family(&moved, &key(1)),
            "a secret belongs to its grant"
        );
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

    #[test]
    fn only_the_predecessor_opens_the_successor() {
        let random = SeededRandom::new(2);
        let first = generate(GRANT, &key(1), &random);
        let second = generate(GRANT, &key(1), &random);
        let sealed = seal_successor(&first, &second, &random);
        let opened = open_successor(&first, &sealed).expect("opens");
        assert_eq!(opened.expose(), second.expose());
        assert!(open_successor(&second, &sealed).is_none());
        assert!(open_successor(&first, &sealed[..10]).is_none());
        assert!(open_successor(&first, &[]).is_none());
    }
}
