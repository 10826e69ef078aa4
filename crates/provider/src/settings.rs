//! What an operator can set: the lifetimes, limits and sizes that depend on a deployment.

use std::collections::BTreeMap;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_settings::{section, settings};
use serde::{Deserialize, Serialize};

pub use crate::header_field::HeaderField;
pub use crate::signing_algorithm::SigningAlgorithm;
pub use countersign_management::keys::KeyPublication;
pub use countersign_management::passwords::PasswordSettings;

settings! {
    /// The settings of a provider. `Default` is the secure choice for each.
    Settings {
        operator: Operator,
        tokens: Tokens,
        passwords: PasswordSettings,
        keys: Keys,
        key_publication: KeyPublication,
        setup: Setup,
        client_certificates: ClientCertificates,
    }
}

section! {
    /// What the operator adds to the protocol.
    Operator in "" {
        /// The operator's own scopes, by name: `[scopes.invoices]` with `title` and `description`,
        /// which the consent page shows, and `claims`, the names of the user's claims that the
        /// scope gives access to.
        scopes: BTreeMap<String, OperatorScope> = BTreeMap::new();
    }
}

/// One of the operator's own scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperatorScope {
    /// What the consent page calls it, instead of its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the consent page says that it allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The names of the user's claims that it releases.
    pub claims: Vec<String>,
}

section! {
    /// Lifetimes of codes and tokens.
    Tokens in "tokens" {
        /// How long an access token is valid. A JWT that an API verifies by its signature alone
        /// stays valid this long after a logout.
        access_token_lifetime_seconds: i64 = 600, 1 to 31_536_000;
        /// How long an ID token is valid.
        id_token_lifetime_seconds: i64 = 600, 1 to 31_536_000;
        /// How long an authorization code is valid. RFC 6749, section 4.1.2, recommends at most
        /// 600.
        authorization_code_lifetime_seconds: i64 = 60, 1 to 600;
        /// How long a grant can be refreshed at all, counted from its start.
        refresh_token_lifetime_seconds: i64 = 2_592_000, 1 to 315_360_000;
        /// How long a refresh token may go unused before it expires. 0 turns this limit off.
        refresh_token_idle_seconds: i64 = 1_209_600, 0 to 315_360_000;
        /// How long after a rotation the same client may repeat it and get the same successor, so
        /// that two tabs that race both succeed. 0 turns this off. Within this period, a thief's
        /// use of a token without DPoP is noticed only at the next use.
        refresh_grace_seconds: i64 = 10, 0 to 60;
    }
}

impl Tokens {
    /// When a refresh token that is made or used `now` becomes idle; `None` if the limit is off.
    #[must_use]
    pub fn refresh_token_idle_expires_at(&self, now: i64) -> Option<i64> {
        let idle = self.refresh_token_idle_seconds;
        (idle > 0).then(|| now + idle)
    }
}

section! {
    /// Signing keys and the key that seals what is stored.
    Keys in "keys" {
        /// The signature algorithms that a key is kept ready for. Clients that name no algorithm
        /// expect RS256.
        algorithms: Vec<SigningAlgorithm> = vec![
            SigningAlgorithm::RS256,
            SigningAlgorithm::PS256,
            SigningAlgorithm::ES256,
            SigningAlgorithm::EDDSA,
        ];
        /// The algorithm that signs access tokens that are JWTs; one of `keys.algorithms`.
        access_token_algorithm: SigningAlgorithm = SigningAlgorithm::ES256;
    }
}

impl Keys {
    /// The algorithms that ID tokens may be signed with; each has a key.
    #[must_use]
    pub fn signing_algorithms(&self) -> Vec<SignatureAlgorithm> {
        self.algorithms.iter().copied().map(Into::into).collect()
    }
}

section! {
    /// The link that creates the first administrator.
    Setup in "setup" {
        /// How long a setup link is valid.
        link_lifetime_seconds: u32 = 900, 60 to 86_400;
        /// Where the last page of the setup leads. Without it, that is the account page.
        after_setup_url: Option<String> = None;
    }
}

section! {
    /// Certificates by which clients authenticate (RFC 8705), passed on by a reverse proxy of
    /// `http.trusted_proxies` that does the TLS handshake. See
    /// [reverse-proxy.md](reverse-proxy.md).
    ClientCertificates in "client_certificates" {
        /// The header in which the proxy passes on the certificate of a client's connection, as
        /// percent-encoded PEM (nginx: `$ssl_client_escaped_cert`) or as the byte sequence of RFC
        /// 9440 (`Client-Cert`). From any other peer the header is ignored. With it, clients can be
        /// registered for `self_signed_tls_client_auth`.
        header: Option<HeaderField> = None;
        /// The header in which the proxy says whether it verified the certificate's chain: only
        /// `SUCCESS` says so (nginx: `$ssl_client_verify`). With it, clients can be registered for
        /// `tls_client_auth`, which trusts the names in a certificate.
        verified_header: Option<HeaderField> = None;
    }
}
