//! Proof Key for Code Exchange ([RFC 7636]): the challenge of an authorization request, and the
//! verifier by which the token request proves that it comes from the same client.
//!
//! `S256` is the rule (RFC 9700, section 2.1.1). `plain` exists for clients that are registered for
//! it; a challenge without a method would mean `plain` (RFC 7636, section 4.3) and is refused with
//! a cause that says so.
//!
//! [RFC 7636]: https://www.rfc-editor.org/rfc/rfc7636

use std::fmt;

use countersign_jose::random::Random;
use countersign_jose::{base64url, digest};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A challenge in the one form in which it is kept and compared: `S256`. Two are equal if one
/// verifier made both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` of an authorization request (RFC 7636,
    /// section 4.3). A plain challenge is the verifier itself: it is hashed, so that one comparison
    /// serves both. `None` if neither was sent; whether that is allowed is the client's policy.
    ///
    /// # Errors
    /// Returns a [`PkceFault`], always `invalid_request`.
    pub fn from_request(
        challenge: Option<&str>,
        method: Option<&str>,
        plain_allowed: bool,
    ) -> Result<Option<Self>, PkceFault> {
        let Some(value) = challenge else {
            return match method {
                None => Ok(None),
                Some(_) => Err(PkceFault::MethodWithoutChallenge),
            };
        };
        let method = match method {
            Some(name) => CodeChallengeMethod::parse(name).ok_or(PkceFault::UnknownMethod)?,
            None if plain_allowed => CodeChallengeMethod::Plain,
            None => return Err(PkceFault::ChallengeWithoutMethod),
        };
        match method {
            CodeChallengeMethod::S256 => {
                check_s256_challenge(value)?;
                Ok(Some(Self(value.to_owned())))
            }
            CodeChallengeMethod::Plain if !plain_allowed => Err(PkceFault::PlainNotAllowed),
            CodeChallengeMethod::Plain => {
                let verifier = CodeVerifier::parse(value);
                let verifier = verifier.map_err(|_| PkceFault::PlainChallengeMalformed)?;
                Ok(Some(Self(verifier.challenge_s256())))
            }
        }
    }

    /// What the `code_verifier` of a token request proves (RFC 7636, section 4.6). The act that
    /// redeems the code compares it with the challenge that the code was issued for. A verifier for
    /// a code without a challenge is refused there as well: the challenge was stripped on its way
    /// (RFC 9700, section 4.8.2).
    ///
    /// # Errors
    /// Returns a [`PkceFault`] for a text that is not a verifier: `invalid_request`.
    pub fn proven_by(code_verifier: Option<&str>) -> Result<Option<Self>, PkceFault> {
        let verifier = code_verifier.map(CodeVerifier::parse).transpose()?;
        Ok(verifier.map(|verifier| Self(verifier.challenge_s256())))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// `code_challenge_method` (RFC 7636, section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CodeChallengeMethod {
    S256,
    #[serde(rename = "plain")]
    Plain,
}

impl CodeChallengeMethod {
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "S256" => Some(Self::S256),
            "plain" => Some(Self::Plain),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::S256 => "S256",
            Self::Plain => "plain",
        }
    }
}

/// A `code_verifier` (RFC 7636, section 4.1): 43 to 128 characters of `A-Z a-z 0-9 - . _ ~`. A
/// secret: it prints redacted and is wiped on drop.
#[derive(Clone)]
pub struct CodeVerifier(Zeroizing<String>);

impl CodeVerifier {
    /// Reads a verifier.
    ///
    /// # Errors
    /// Returns a [`PkceFault`] for a text that is too short, too long or contains another
    /// character.
    pub fn parse(text: &str) -> Result<Self, PkceFault> {
        check_verifier(text)?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// 32 random octets in base64url, as RFC 7636, section 4.1, recommends: 43 characters.
    pub fn generate(random: &dyn Random) -> Self {
        let mut octets = Zeroizing::new([0_u8; 32]);
        random.fill(octets.as_mut());
        Self(Zeroizing::new(base64url::encode(octets.as_ref())))
    }

    /// `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` (RFC 7636, section 4.2).
    #[must_use]
    pub fn challenge_s256(&self) -> String {
        base64url::encode(digest::sha256(self.0.as_bytes()))
    }

    /// The verifier itself, for the token request.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CodeVerifier(redacted)")
    }
}

fn check_verifier(text: &str) -> Result<(), PkceFault> {
    if text.len() < MIN_VERIFIER_LENGTH {
        return Err(PkceFault::VerifierTooShort {
            received: text.len(),
        });
    }
    if text.len() > MAX_VERIFIER_LENGTH {
        return Err(PkceFault::VerifierTooLong {
            received: text.len(),
        });
    }
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !text.bytes().all(unreserved) {
        return Err(PkceFault::VerifierForbiddenCharacter);
    }
    Ok(())
}

/// SHA-256 is 32 octets, which base64url without padding writes as 43 characters.
fn check_s256_challenge(text: &str) -> Result<(), PkceFault> {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !text.bytes().all(base64url) {
        return Err(PkceFault::ChallengeNotBase64url);
    }
    if text.len() != S256_CHALLENGE_LENGTH {
        return Err(PkceFault::ChallengeLength {
            received: text.len(),
        });
    }
    Ok(())
}

const MIN_VERIFIER_LENGTH: usize = 43;
const MAX_VERIFIER_LENGTH: usize = 128;
const S256_CHALLENGE_LENGTH: usize = 43;

/// What is wrong with a challenge or a verifier. The texts are for the developer whose shell script
/// made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkceFault {
    #[error(
        "code_challenge was sent without code_challenge_method, which means plain; send code_challenge_method=S256"
    )]
    ChallengeWithoutMethod,
    #[error("code_challenge_method was sent without code_challenge")]
    MethodWithoutChallenge,
    #[error("code_challenge_method is neither S256 nor plain")]
    UnknownMethod,
    #[error("code_challenge_method=plain is not allowed; send S256")]
    PlainNotAllowed,
    #[error("a plain code_challenge is the code_verifier: 43 to 128 letters, digits, - . _ and ~")]
    PlainChallengeMalformed,
    #[error(
        "code_challenge contains a character outside of base64url: write + as -, / as _, and leave out ="
    )]
    ChallengeNotBase64url,
    #[error(
        "code_challenge has {received} characters instead of 43: it is the SHA-256 of the verifier in base64url, where + becomes - and / becomes _ and neither is deleted"
    )]
    ChallengeLength { received: usize },
    #[error(
        "code_verifier has {received} characters, at least 43 are needed: characters of a random base64 text must be replaced, not deleted"
    )]
    VerifierTooShort { received: usize },
    #[error("code_verifier has {received} characters, at most 128 are allowed")]
    VerifierTooLong { received: usize },
    #[error("code_verifier contains a character other than letters, digits, - . _ and ~")]
    VerifierForbiddenCharacter,
}

impl PkceFault {
    /// The stable name of the cause, for logs and documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ChallengeWithoutMethod => "pkce_challenge_without_method",
            Self::MethodWithoutChallenge => "pkce_method_without_challenge",
            Self::UnknownMethod => "pkce_unknown_method",
            Self::PlainNotAllowed => "pkce_plain_not_allowed",
            Self::PlainChallengeMalformed => "pkce_plain_challenge_malformed",
            Self::ChallengeNotBase64url => "pkce_challenge_not_base64url",
            Self::ChallengeLength { .. } => "pkce_challenge_length",
            Self::VerifierTooShort { .. } => "pkce_verifier_too_short",
            Self::VerifierTooLong { .. } => "pkce_verifier_too_long",
            Self::VerifierForbiddenCharacter => "pkce_verifier_forbidden_character",
        }
    }
}
