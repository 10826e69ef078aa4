//! What an operator can set: the lifetimes, limits and sizes that depend on a deployment.

use std::collections::BTreeMap;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_store::throttle::Limit;

pub use countersign_management::passwords::PasswordSettings;

/// The settings of a provider. `Default` is the secure choice for each.
#[derive(Debug, Clone)]
pub struct Settings {
    pub authorization_code_lifetime_seconds: i64,
    pub access_token_lifetime_seconds: i64,
    pub id_token_lifetime_seconds: i64,
    /// Absolute life of a grant with a refresh token.
    pub refresh_token_lifetime_seconds: i64,
    /// A refresh token that was not used for this long is refused; 0 switches the limit off.
    pub refresh_token_idle_seconds: i64,
    /// How long a retry of a rotated refresh token gets the same successor; 0 switches it off.
    pub refresh_grace_seconds: i64,
    /// Codes that one browser session gets without a sign-in.
    pub codes_per_session: Limit,
    pub passwords: PasswordSettings,
    /// ID token algorithms that are offered; each has a key.
    pub signing_algorithms: Vec<SignatureAlgorithm>,
    /// The algorithm of JWT access tokens.
    pub access_token_algorithm: SignatureAlgorithm,
    /// How long a retired signing key stays published.
    pub retired_key_published_seconds: i64,
    /// The operator's own scopes.
    pub scopes: BTreeMap<String, OperatorScope>,
    /// Where the page after setup leads on to.
    pub after_setup_url: Option<String>,
}

impl Settings {
    /// When a refresh token that is made or used `now` becomes idle; `None` where the limit is off.
    pub fn refresh_token_idle_expires_at(&self, now: i64) -> Option<i64> {
        let idle = self.refresh_token_idle_seconds;
        (idle > 0).then(|| now + idle)
    }
}

/// A scope of the operator's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorScope {
    /// Shown on the consent page in place of the name.
    pub title: Option<String>,
    /// Shown on the consent page.
    pub description: Option<String>,
    /// Names of the user's claims that the scope releases.
    pub claims: Vec<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            authorization_code_lifetime_seconds: 60,
            access_token_lifetime_seconds: 600,
            id_token_lifetime_seconds: 600,
            refresh_token_lifetime_seconds: 30 * 86_400,
            refresh_token_idle_seconds: 14 * 86_400,
            refresh_grace_seconds: 10,
            codes_per_session: Limit {
                attempts: 60,
                window_seconds: 60,
            },
            passwords: PasswordSettings::default(),
            signing_algorithms: vec![
                SignatureAlgorithm::RS256,
                SignatureAlgorithm::PS256,
                SignatureAlgorithm::ES256,
                SignatureAlgorithm::EdDSA,
            ],
            access_token_algorithm: SignatureAlgorithm::ES256,
            retired_key_published_seconds: 2 * 86_400,
            scopes: BTreeMap::new(),
            after_setup_url: None,
        }
    }
}
