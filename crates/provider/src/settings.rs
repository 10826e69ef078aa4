//! What an operator can set: the lifetimes, limits and sizes that depend on a deployment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::flow_name::FlowName;
use countersign_oauth::grant_type::GrantType;
use countersign_settings::{section, settings};
use countersign_store::throttle::Limit;
use serde::{Deserialize, Serialize};

use crate::enabled_grant::GRANT_TYPES;

pub use crate::document_address::{DocumentAddress, HostPattern};
pub use crate::enabled_grant::EnabledGrant;
pub use crate::header_field::HeaderField;
pub use crate::mtls_url::MtlsUrl;
pub use countersign_management::keys::{KeyPublication, SigningAlgorithm};
pub use countersign_management::passwords::PasswordSettings;
pub use countersign_management::personal_tokens::PersonalTokenSettings;
pub use countersign_management::resources::OperatorResource;

settings! {
    /// The settings of a provider. `Default` is the secure choice for each.
    Settings {
        operator: Operator,
        authorization: Authorization,
        grants: Grants,
        tokens: Tokens,
        passwords: PasswordSettings,
        keys: Keys,
        key_publication: KeyPublication,
        registration: Registration,
        client_documents: ClientDocuments,
        logos: Logos,
        request_objects: RequestObjects,
        setup: Setup,
        device: Device,
        logout: Logout,
        client_certificates: ClientCertificates,
        personal_tokens: PersonalTokenSettings,
        compatibility: Compatibility,
    }
}

section! {
    /// What the operator adds to the protocol.
    Operator in "" {
        /// The operator's own scopes, by name: `[scopes.invoices]` with `title` and `description`,
        /// which the consent page shows, and `claims`, the names of the user's claims that the
        /// scope gives access to.
        scopes: BTreeMap<String, OperatorScope> = BTreeMap::new();
        /// What access tokens are for, by identifier (RFC 8707): `[resources."https://api.example"]`
        /// with `scopes`, the names of the scopes that belong to it, and optionally
        /// `access_token_format` (`jwt` or `opaque`), `access_token_algorithm`,
        /// `access_token_lifetime_seconds`, `introspecting_clients` (the client_ids of those who
        /// may introspect its tokens), and `userinfo = true`, which lets its tokens open userinfo
        /// too. An identifier is an absolute URI without a fragment, such as the address of an MCP
        /// server. `countersign resource create` declares further resources while the server runs.
        resources: BTreeMap<String, OperatorResource> = BTreeMap::new();
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
    /// What the authorization endpoint offers.
    Authorization in "authorization" {
        /// Whether clients may be registered for response types that return tokens through the
        /// browser (OpenID Connect Core, sections 3.2 and 3.3): `id_token`, `id_token token`,
        /// `code id_token`, `code token`, `code id_token token`, and OAuth's `token`. An access
        /// token in an address can leak (RFC 9700, section 2.1.2), so a client can use only the
        /// response types that it is registered for.
        insecure_implicit_and_hybrid: bool = false;
    }
}

section! {
    /// The ways in which clients get tokens.
    Grants in "grants" {
        /// The grant types of the whole server, by their own names or by the names of flows (`all`,
        /// `authorizationCode`, `authorizationCodeWithPKCE`, `oidcAuthorizationCode`,
        /// `clientCredentials`, `device_code`, `refresh_token`). A grant type that is left out is
        /// not advertised, can't be registered, and is not served, even to clients that are
        /// registered for it. If `authorizationCodeWithPKCE` is the only name of the code flow,
        /// every client has to use PKCE.
        enabled: Vec<EnabledGrant> = EnabledGrant::every();
    }
}

impl Grants {
    /// Whether a grant type is enabled.
    #[must_use]
    pub fn enables(&self, grant_type: GrantType) -> bool {
        GRANT_TYPES.contains(&grant_type)
            && self
                .enabled
                .iter()
                .any(|enabled| enabled.enables(grant_type))
    }

    /// Whether the only code flow that is enabled is the one with PKCE.
    #[must_use]
    pub fn require_pkce(&self) -> bool {
        let with_pkce = EnabledGrant::Flow(FlowName::AuthorizationCodeWithPkce);
        // An OpenID Connect code flow is one with or without.
        let says_nothing = EnabledGrant::Flow(FlowName::OidcAuthorizationCode);
        let of_code = self.enabled.iter().filter(|enabled| {
            enabled.enables(GrantType::AuthorizationCode) && **enabled != says_nothing
        });
        self.enabled.contains(&with_pkce)
            && of_code.into_iter().all(|enabled| *enabled == with_pkce)
    }
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
    /// Clients that register themselves (RFC 7591).
    Registration in "registration" {
        /// Whether clients can register at `/register`. Without an initial access token
        /// (`countersign registration-token create`) they can't, unless it is open.
        enabled: bool = true;
        /// Lets anyone register a client without an initial access token. People are told that no
        /// one vouched for such a client, and are never sent to it before they consented.
        open: bool = false;
        /// Who may sign software statements, by their `iss` (RFC 7591, section 2.3):
        /// `[registration.software_statement_issuers."https://issuer.example"]` with one of `jwks`
        /// (a JWK set as text), `jwks_path` (a file with one) and `jwks_uri` (the address of one).
        /// What such a statement says takes precedence over what the client says itself. Every
        /// other statement is refused.
        software_statement_issuers: BTreeMap<String, SoftwareStatementIssuer> = BTreeMap::new();
        /// How many clients one network (an IPv4 address, or an IPv6 /64) may register without a
        /// token in one window; the wider networks around it may register a few times as many.
        clients_per_network: u32 = 20, 1 to 1_000_000;
        /// The length of that window.
        window_seconds: u32 = 3_600, 60 to 86_400;
    }
}

/// Someone who signs software statements.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SoftwareStatementIssuer {
    /// Their public keys, a JSON Web Key set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<String>,
    /// The same in a file. The provider reads no files: the program that runs it copies the file's
    /// contents into `jwks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_path: Option<PathBuf>,
    /// Where their public keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
}

section! {
    /// Clients that no one registered: their `client_id` is the https address of a document with
    /// their metadata, which is fetched from there (Client ID Metadata Documents). MCP clients
    /// identify themselves this way. See
    /// [client-id-metadata-documents.md](client-id-metadata-documents.md).
    ClientDocuments in "client_documents" {
        /// Whether such clients are accepted. Only public addresses are fetched, unless
        /// `outbound.allow` names others.
        enabled: bool = false;
        /// The hosts whose documents are accepted, such as `claude.ai`, or `*.example.com` for all
        /// hosts below it. If empty, documents of every host are accepted.
        allowed_hosts: Vec<HostPattern> = Vec::new();
        /// The hosts whose documents are refused, even if `allowed_hosts` names them.
        denied_hosts: Vec<HostPattern> = Vec::new();
        /// The exact addresses of the documents that you vouch for. People are not warned of such
        /// a client, errors are sent to it as to a registered one, and it may use client
        /// credentials. If its document can't be fetched, the last one is used.
        vouched: Vec<DocumentAddress> = Vec::new();
        /// The exact addresses of documents whose clients never ask people for consent. This
        /// weakens security: whoever controls the address gets access to the account of every user
        /// who is sent there. Each must be in `vouched` as well.
        insecure_skip_consent: Vec<DocumentAddress> = Vec::new();
        /// The largest document that is read.
        max_bytes: usize = 5_120, 256 to 1_048_576;
        /// How long a fetch may take.
        timeout_seconds: u64 = 5, 1 to 60;
        /// The shortest time that a document is used before it is fetched again, whatever its
        /// response says.
        min_cache_seconds: u64 = 300, 1 to 86_400;
        /// The longest time that a document is used before it is fetched again, whatever its
        /// response says.
        max_cache_seconds: u64 = 86_400, 1 to 604_800;
        /// How many documents are kept in memory.
        max_cached: usize = 1_024, 1 to 1_000_000;
        /// How many documents are fetched at once.
        max_parallel: usize = 32, 1 to 10_000;
        /// How many documents of one host are fetched at once.
        max_parallel_per_host: usize = 4, 1 to 1_000;
    }
}

section! {
    /// Logos of clients (`logo_uri`). A logo is fetched through `outbound` when a page first shows
    /// the client, and is served by this server. Only PNG, JPEG, GIF and WebP are shown.
    Logos in "logos" {
        /// The largest logo that is read.
        max_bytes: usize = 262_144, 1_024 to 4_194_304;
        /// How long a fetch may take.
        timeout_seconds: u64 = 5, 1 to 60;
        /// How long a page waits for a logo that is not known yet. If it takes longer, the browser
        /// loads it after the page.
        wait_milliseconds: u64 = 500, 0 to 10_000;
        /// How long a logo is used before it is fetched again.
        cache_seconds: u64 = 3_600, 60 to 604_800;
        /// How long to wait before a logo that could not be fetched is tried again.
        retry_seconds: u64 = 300, 1 to 86_400;
        /// How many logos are kept in memory.
        max_cached: usize = 64, 1 to 100_000;
        /// How many logos are fetched at once.
        max_parallel: usize = 16, 1 to 10_000;
        /// How many logos of one host are fetched at once.
        max_parallel_per_host: usize = 4, 1 to 1_000;
    }
}

section! {
    /// Request objects that are fetched from a client's registered `request_uris` (OpenID Connect
    /// Core, section 6.2), through `outbound`.
    RequestObjects in "request_objects" {
        /// The largest request object that is read.
        max_bytes: usize = 65_536, 1_024 to 1_048_576;
        /// How long a fetch may take.
        timeout_seconds: u64 = 5, 1 to 60;
        /// How many are fetched at once.
        max_parallel: usize = 32, 1 to 10_000;
        /// How many are fetched from one host at once.
        max_parallel_per_host: usize = 4, 1 to 1_000;
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
    /// The device flow (RFC 8628), for programs on devices without a browser or a keyboard. Only
    /// clients with the grant type `urn:ietf:params:oauth:grant-type:device_code` can use it.
    Device in "device" {
        /// How long a person has to enter a device's code and to approve its request. The shorter
        /// this is, the fewer codes there are to guess (RFC 8628, section 5.1).
        request_lifetime_seconds: i64 = 600, 60 to 1_800;
        /// How long a device has to wait between two polls of the token endpoint.
        poll_interval_seconds: i64 = 5, 1 to 60;
        /// How many requests one client may make within the window, from all of its devices.
        requests_per_client: u32 = 1_000, 1 to 1_000_000;
        /// How many requests may come from one address within the window. Raise it if a backend
        /// makes the requests of many devices.
        requests_per_address: u32 = 30, 1 to 100_000;
        /// How many wrong codes one browser may enter within the window.
        attempts_per_browser: u32 = 10, 1 to 1_000;
        /// How many wrong codes may be entered from one address within the window.
        attempts_per_address: u32 = 30, 1 to 100_000;
        /// How many wrong codes may be entered from everywhere within the window. It must be far
        /// more than people enter by mistake: if it is used up, no one can enter a code.
        attempts_anywhere: u32 = 10_000, 1 to 10_000_000;
        /// The window of all these limits.
        window_seconds: u32 = 300, 1 to 86_400;
        /// How long ago a person may have signed in to approve a request. If it is longer ago, they
        /// sign in once more. 0 means that they always do.
        sign_in_max_age_seconds: u32 = 600, 0 to 86_400;
    }
}

impl Device {
    /// Requests per client.
    #[must_use]
    pub fn per_client(&self) -> Limit {
        self.limit(self.requests_per_client)
    }

    /// Requests per network address.
    #[must_use]
    pub fn per_address(&self) -> Limit {
        self.limit(self.requests_per_address)
    }

    /// Wrong user codes per browser.
    #[must_use]
    pub fn wrong_codes_per_browser(&self) -> Limit {
        self.limit(self.attempts_per_browser)
    }

    /// Wrong user codes per network address.
    #[must_use]
    pub fn wrong_codes_per_address(&self) -> Limit {
        self.limit(self.attempts_per_address)
    }

    /// Wrong user codes from everywhere.
    #[must_use]
    pub fn wrong_codes_anywhere(&self) -> Limit {
        self.limit(self.attempts_anywhere)
    }

    fn limit(&self, attempts: u32) -> Limit {
        Limit {
            attempts,
            window_seconds: self.window_seconds,
        }
    }
}

section! {
    /// How applications learn that a session has ended. The calls go through `outbound`.
    Logout in "logout" {
        /// How many calls to applications run at once in this process.
        backchannel_max_parallel: u32 = 64, 2 to 10_000;
        /// How many of them go to one application.
        backchannel_max_parallel_per_client: u32 = 8, 1 to 1_000;
        /// How long an application may take for one call.
        backchannel_timeout_seconds: i64 = 5, 1 to 60;
        /// The pause before a call that failed is repeated. Each further pause is twice as long.
        backchannel_retry_initial_seconds: i64 = 1, 1 to 3_600;
        /// The longest pause: how soon an application hears of what it has missed, once it can be
        /// reached again.
        backchannel_retry_max_seconds: i64 = 300, 1 to 86_400;
        /// How often a call is tried before it is given up.
        backchannel_max_attempts: u32 = 500, 1 to 100_000;
        /// For how long after the ending a call is tried before it is given up.
        backchannel_max_age_seconds: i64 = 86_400, 60 to 2_592_000;
        /// How many calls of one application may wait. Beyond this, the oldest are dropped.
        backchannel_max_pending_per_client: u64 = 100_000, 1 to 10_000_000;
        /// How often endings are looked for that another process or the command line has caused.
        /// Those of this process are seen at once.
        backchannel_poll_milliseconds: u64 = 500, 50 to 60_000;
        /// Whether clients' pages may ask a frame of the provider if the user's session is still
        /// the same (OpenID Connect Session Management). This needs a cookie that scripts of the
        /// issuer's origin can read and that is sent along from other sites, and it does not work
        /// in browsers that withhold such cookies. Prefer `backchannel_logout_uri`.
        session_management: bool = false;
    }
}

section! {
    /// Certificates by which clients authenticate (RFC 8705). Either the server has a listener that
    /// asks for them ([tls.md](tls.md)), or a reverse proxy of `http.trusted_proxies` passes them
    /// on ([reverse-proxy.md](reverse-proxy.md)).
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
        /// The https address, without a path, at which clients with a certificate reach
        /// `client_certificates.listen`, or the proxy's host that asks for certificates. The
        /// endpoints there are published as `mtls_endpoint_aliases` (RFC 8705, section 5).
        endpoints_url: Option<MtlsUrl> = None;
        /// The certificates, as PEM, of the authorities whose clients may use `tls_client_auth` at
        /// `client_certificates.listen`. Without it, only `self_signed_tls_client_auth` is offered
        /// there.
        authorities_file: Option<PathBuf> = None;
    }
}

section! {
    /// Compatibility with other servers, for replacing them.
    Compatibility in "compatibility" {
        /// Also serves `/auth/openid/login`, `/auth/openid/token` and `/auth/openid/userinfo`, the
        /// addresses of Gafaelfawr, for applications that have them built in. They are the same as
        /// `/authorize`, `/token` and `/userinfo`, which the discovery document continues to name.
        gafaelfawr_routes: bool = false;
    }
}
