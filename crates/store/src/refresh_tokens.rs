//! Refresh families: how a secret is made, recognised, and handed over again within the grace.
//!
//! A refresh token's secret belongs to a [family](crate::secret_family), so that reuse is told from
//! a guess without a row per ancestor. The successor of a rotation is kept sealed under a key
//! derived from the *presented* predecessor: no stored hash can open it.

use countersign_jose::random::Random;
use countersign_jose::{digest, seal};
use zeroize::Zeroizing;

use crate::token::{SECRET_BYTES, Token, TokenKind};
use crate::{GrantId, secret_family};

pub use crate::secret_family::MacKey;

const SALT_BYTES: usize = 16;

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
    secret_family::generate(TokenKind::RefreshToken, *grant.as_bytes(), mac_key, random)
}

/// Whether the family of `mac_key` once made this value.
pub fn is_of_the_family(token: &Token, mac_key: &MacKey) -> bool {
    secret_family::is_member(token, mac_key)
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

/// Opens what [`seal_successor`] sealed; `None` if `presented` is not that predecessor.
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
