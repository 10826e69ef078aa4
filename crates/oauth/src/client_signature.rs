//! Verifies what a client signed, with its own keys or with a MAC under its secret: an assertion
//! that authenticates it, or a request object.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::NoSuitableKey;
use countersign_jose::jws::{CompactJws, VerifiedJws};
use countersign_jose::key::VerifyingKey;

use crate::key_source::KeySource;

/// What verifies a client's signature.
#[derive(Clone, Copy)]
pub enum ClientVerificationKeys<'a> {
    /// The client's public keys.
    Public(&'a dyn KeySource),
    /// The client's secrets, any of which may have been used.
    Secrets(&'a [&'a [u8]]),
}

/// Verifies a JWS under the client's keys, with one of the agreed algorithms.
///
/// # Errors
/// Returns a [`ClientSignatureFault`].
pub fn verify(
    jws: &CompactJws<'_>,
    keys: ClientVerificationKeys<'_>,
    algorithms: &[SignatureAlgorithm],
) -> Result<VerifiedJws, ClientSignatureFault> {
    let (alg, kid) = (jws.header().alg(), jws.header().kid());
    let not_agreed = ClientSignatureFault::AlgorithmNotExpected { received: alg };
    if !algorithms.contains(&alg) {
        return Err(not_agreed);
    }
    match keys {
        ClientVerificationKeys::Public(keys) if !alg.is_symmetric() => {
            let key = keys
                .verifying_key(kid, alg)
                .map_err(ClientSignatureFault::Key)?;
            jws.verified_by(&key)
                .map_err(|_| ClientSignatureFault::SignatureBad {
                    kid_is_named: kid.is_some(),
                })
        }
        ClientVerificationKeys::Secrets(secrets) if alg.is_symmetric() => {
            // A secret that is too short for the algorithm verifies nothing (RFC 7518, section
            // 3.2).
            let keys = secrets.iter().map(|secret| VerifyingKey::hmac(alg, secret));
            let keys: Vec<VerifyingKey> = keys.filter_map(Result::ok).collect();
            if keys.is_empty() {
                return Err(ClientSignatureFault::NoUsableSecret);
            }
            // Every secret is tried, so that the time does not reveal which one matched.
            let tried = keys.iter().map(|key| jws.verified_by(key));
            let verified = tried.fold(None, |found, one| found.or(one.ok()));
            verified.ok_or(ClientSignatureFault::SignatureBad { kid_is_named: true })
        }
        ClientVerificationKeys::Public(_) | ClientVerificationKeys::Secrets(_) => Err(not_agreed),
    }
}

/// Why a client's signature was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientSignatureFault {
    #[error("it is signed with {received}, which was not agreed on")]
    AlgorithmNotExpected { received: SignatureAlgorithm },
    /// Perhaps the keys are stale; fetching them again may help.
    #[error("no key of the client verifies it: {0}")]
    Key(NoSuitableKey),
    #[error("the client has no secret that is long enough for the algorithm")]
    NoUsableSecret,
    #[error("its signature does not verify")]
    SignatureBad {
        /// Whether it is known that the right key was tried.
        kid_is_named: bool,
    },
}

impl ClientSignatureFault {
    /// Whether a newer set of the client's keys may contain the one that was meant.
    #[must_use]
    pub fn keys_may_be_stale(&self) -> bool {
        matches!(
            self,
            Self::Key(NoSuitableKey::None)
                | Self::SignatureBad {
                    kid_is_named: false
                }
        )
    }

    /// The stable name of the fault, for logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlgorithmNotExpected { .. } => "client_signature_alg",
            Self::Key(NoSuitableKey::None) | Self::NoUsableSecret => "client_signature_key_unknown",
            Self::Key(NoSuitableKey::Ambiguous) => "client_signature_key_ambiguous",
            Self::SignatureBad { .. } => "jws_signature_bad",
        }
    }
}
