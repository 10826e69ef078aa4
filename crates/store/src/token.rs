//! Bearer values: `cs_<kind>_`, a 128-bit id, a 256-bit secret.
//!
//! Split by position; only the SHA-256 of the secret is ever stored. The prefix lets secret
//! scanners find a leak. Letters, digits, `-` and `_` only, since many clients do not form-encode.

use std::fmt;

use countersign_jose::random::Random;
use countersign_jose::{base64url, constant_time_eq, digest};
use zeroize::{Zeroize, Zeroizing};

use crate::ids::ID_CHARACTERS;

/// Bytes of a token's secret.
pub const SECRET_BYTES: usize = 32;
const SECRET_CHARACTERS: usize = 43;

/// What a bearer value is for; the `<kind>` of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `cs_ac_`: authorization code.
    AuthorizationCode,
    /// `cs_rt_`: refresh token.
    RefreshToken,
    /// `cs_at_`: opaque access token that belongs to a grant.
    AccessToken,
    /// `cs_pt_`: API token that a user made.
    PersonalToken,
    /// `cs_ct_`: opaque access token of a client itself (client credentials).
    ClientAccessToken,
    /// `cs_bs_`: browser session cookie.
    BrowserSession,
    /// `cs_dc_`: device code.
    DeviceCode,
    /// `cs_su_`: setup link.
    SetupLink,
    /// `cs_ia_`: initial access token (RFC 7591, section 3).
    InitialAccess,
    /// `cs_ra_`: registration access token (RFC 7592, section 3).
    RegistrationAccess,
}

impl TokenKind {
    /// The prefix with both underscores.
    pub const fn prefix(self) -> &'static str {
        match self {
            TokenKind::AuthorizationCode => "cs_ac_",
            TokenKind::RefreshToken => "cs_rt_",
            TokenKind::AccessToken => "cs_at_",
            TokenKind::PersonalToken => "cs_pt_",
            TokenKind::ClientAccessToken => "cs_ct_",
            TokenKind::BrowserSession => "cs_bs_",
            TokenKind::DeviceCode => "cs_dc_",
            TokenKind::SetupLink => "cs_su_",
            TokenKind::InitialAccess => "cs_ia_",
            TokenKind::RegistrationAccess => "cs_ra_",
        }
    }
}

/// A bearer value in plain: shown once to whom it belongs, never stored, never logged.
pub struct Token {
    pub kind: TokenKind,
    /// The id half: a grant's, a session's, or the token's own.
    pub id: [u8; 16],
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl Token {
    /// A token with a random secret.
    pub fn generate(kind: TokenKind, id: [u8; 16], random: &dyn Random) -> Token {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        random.fill(&mut secret[..]);
        Token { kind, id, secret }
    }

    /// A token with a given secret (refresh tokens, whose secret is half a MAC).
    pub fn from_secret(kind: TokenKind, id: [u8; 16], secret: [u8; SECRET_BYTES]) -> Token {
        Token {
            kind,
            id,
            secret: Zeroizing::new(secret),
        }
    }

    /// Reads a presented value; `None` for anything that this kind never looks like.
    pub fn parse(kind: TokenKind, text: &str) -> Option<Token> {
        let rest = text.strip_prefix(kind.prefix())?;
        if rest.len() != ID_CHARACTERS + SECRET_CHARACTERS || !rest.is_ascii() {
            return None;
        }
        let (id, secret) = rest.split_at(ID_CHARACTERS);
        let id = base64url::decode(id).ok()?.try_into().ok()?;
        let mut bytes = base64url::decode(secret).ok()?;
        let secret = Zeroizing::new(<[u8; SECRET_BYTES]>::try_from(bytes.as_slice()).ok()?);
        bytes.zeroize();
        Some(Token { kind, id, secret })
    }

    /// The one way to see the value.
    pub fn expose(&self) -> String {
        let mut text = String::with_capacity(6 + ID_CHARACTERS + SECRET_CHARACTERS);
        text.push_str(self.kind.prefix());
        text.push_str(&base64url::encode(self.id));
        text.push_str(&base64url::encode(&self.secret[..]));
        text
    }

    /// What storage receives.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.secret[..])
    }

    /// The raw secret, for the derivations of [`crate::refresh_tokens`].
    pub(crate) fn secret(&self) -> &[u8; SECRET_BYTES] {
        &self.secret
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}…)", self.kind.prefix())
    }
}

/// SHA-256 of a secret: what a row holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    pub fn of(secret: &[u8]) -> SecretHash {
        SecretHash(digest::sha256(secret))
    }

    pub const fn from_bytes(bytes: [u8; 32]) -> SecretHash {
        SecretHash(bytes)
    }

    /// From a database column; `None` if it is not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<SecretHash> {
        Some(SecretHash(bytes.try_into().ok()?))
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares without an early exit.
    pub fn matches(&self, other: &SecretHash) -> bool {
        constant_time_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_jose::random::SeededRandom;

    #[test]
    fn a_token_reads_back_as_what_was_written() {
        let token = Token::generate(TokenKind::RefreshToken, [7; 16], &SeededRandom::new(1));
        let text = token.expose();
        assert_eq!(text.len(), 6 + 22 + 43);
        let read = Token::parse(TokenKind::RefreshToken, &text).expect("parses");
        assert_eq!(read.id, [7; 16]);
        assert!(read.hash().matches(&token.hash()));
    }

    #[test]
    fn a_token_of_another_kind_or_shape_is_no_token() {
        let token = Token::generate(TokenKind::AuthorizationCode, [7; 16], &SeededRandom::new(1));
        let text = token.expose();
        assert!(Token::parse(TokenKind::RefreshToken, &text).is_none());
        assert!(Token::parse(TokenKind::AuthorizationCode, &text[..text.len() - 1]).is_none());
        assert!(Token::parse(TokenKind::AuthorizationCode, &format!("{text}A")).is_none());
        assert!(Token::parse(TokenKind::AuthorizationCode, "").is_none());
        assert!(Token::parse(TokenKind::AuthorizationCode, &"é".repeat(60)).is_none());
    }

    #[test]
    fn debug_output_never_shows_a_secret() {
        let token = Token::generate(TokenKind::AccessToken, [7; 16], &SeededRandom::new(1));
        let shown = format!("{token:?} {:?}", token.hash());
        assert!(!shown.contains(&token.expose()[10..]));
    }
}
