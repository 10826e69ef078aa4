//! Where a verifier finds the issuer's keys: a fetched [`JwkSet`], or a ring of keys that are
//! parsed already.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::{JwkSet, NoSuitableKey};
use countersign_jose::key::VerifyingKey;

/// Returns the one key that a token's header means. Called only for algorithms that the verifier
/// allows.
pub trait KeySource {
    /// The key with this `kid` for this algorithm; without a `kid` the only one that suits
    /// (OpenID Connect Core, section 10.1). [`NoSuitableKey::None`] may mean that the set is stale.
    ///
    /// # Errors
    /// Returns a [`NoSuitableKey`] if there is none or more than one.
    fn verifying_key(
        &self,
        kid: Option<&str>,
        alg: SignatureAlgorithm,
    ) -> Result<VerifyingKey, NoSuitableKey>;
}

impl KeySource for JwkSet {
    fn verifying_key(
        &self,
        kid: Option<&str>,
        alg: SignatureAlgorithm,
    ) -> Result<VerifyingKey, NoSuitableKey> {
        self.select(kid, alg)
    }
}
