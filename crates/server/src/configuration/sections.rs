//! Every setting there is: its name, type, default and description. docs/configuration.md is generated from this file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::settings::{choice, section};
use super::values::{
    HostName, ListenAddress, LogFilter, Network, ProviderIssuer, SecretKey, SigningAlgorithm,
    StoreUrl,
};

section! {
    /// What stands at the top of the file. `issuer`, `listen` and `data_dir` are enough to run.
    Configuration in "" {
        /// The address that names this provider in every token and in discovery (OpenID Connect Core 1.0, section 2, `iss`). It is
        /// the base of all URLs, has neither query nor fragment nor trailing slash, and must be https unless its host is a loopback address.
        issuer: Option<ProviderIssuer> = None;
        /// The address and port to listen on. Behind a reverse proxy, keep the loopback address.
        listen: ListenAddress = ListenAddress::loopback(8080);
        /// The folder that holds the database and the master key. Made on the first start, readable by its owner only.
        data_dir: PathBuf = PathBuf::from("countersign-data");
        /// The operator's own scopes, by name: `[scopes.invoices]` with `title` and `description`, which the consent page
        /// shows, and `claims`, the names of the user's claims that the scope releases.
        scopes: BTreeMap<String, CustomScope> = BTreeMap::new();
    }
    sections {
        http: Http;
        tokens: Tokens;
        sessions: Sessions;
        interactions: Interactions;
        login: Login;
        passwords: Passwords;
        keys: Keys;
        store: Store;
        pages: Pages;
        setup: Setup;
        errors: Errors;
        logging: Logging;
    }
}

/// One of the operator's own scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CustomScope {
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
    /// Limits of the HTTP server. Each bounds what one peer can make the server hold or wait for.
    Http in "http" {
        /// How long a peer may take to send a request's header, and a new connection its first byte.
        header_read_timeout_seconds: u64 = 10, 1 to 3_600;
        /// How long a peer may take to send a request's whole body; after that it is answered 408.
        body_read_timeout_seconds: u64 = 15, 1 to 3_600;
        /// How long the server may work on one request; after that it is answered 503.
        request_timeout_seconds: u64 = 30, 1 to 3_600;
        /// How long a connection stays open without a request.
        keep_alive_seconds: u64 = 75, 1 to 86_400;
        /// The greatest size of a request's header; beyond it the answer is 431.
        max_header_bytes: u32 = 32_768, 8_192 to 1_048_576;
        /// The greatest size of a request's body; beyond it the answer is 413. It must hold an interaction (`interactions.max_bytes`).
        max_body_bytes: usize = 65_536, 8_192 to 16_777_216;
        /// How many bytes of request bodies larger than 16 KiB may be held at once, over all connections; beyond it the answer is 503.
        max_buffered_bytes: usize = 67_108_864, 8_192 to 4_294_967_296;
        /// How many connections may be open at once. When they are used up, those that wait for their peer are closed to make room:
        /// first those of the addresses (of IPv6: the /64) that hold most, trusted proxies aside; among these the idle ones, then
        /// those whose request is still arriving, the longest first. The limit of open files, less a reserve, caps it.
        max_connections: usize = 16_384, 1 to 1_000_000;
        /// How many requests one HTTP/2 connection may have open at once.
        max_concurrent_streams: u32 = 100, 1 to 10_000;
        /// How long running requests may take to end once the server was told to stop.
        graceful_shutdown_seconds: u64 = 10, 0 to 3_600;
        /// For how long, after an answer that came before the end of its request, the rest is read and discarded, so that the
        /// peer can take the answer before the connection closes (RFC 9112, section 9.6); 0 closes at once.
        linger_seconds: u64 = 5, 0 to 60;
        /// How many bytes of such a rest are read; a peer that sends more loses the connection, and perhaps the answer.
        max_linger_bytes: u64 = 8_388_608, 0 to 1_073_741_824;
        /// Lets `listen` be an address that other machines can reach. This server speaks http without TLS, so whoever is on the way
        /// can read passwords and tokens: set it only where nothing but the reverse proxy can reach that address.
        insecure_plain_http_on_network: bool = false;
        /// The host names, without port, that requests may be addressed to; `/healthz` and `/readyz` may be addressed to any. Empty means any, except that a provider on a loopback
        /// address then answers to its own names only, which keeps other sites from reaching it by DNS rebinding.
        allowed_hosts: Vec<HostName> = Vec::new();
        /// Addresses or networks (`10.0.0.0/8`) of reverse proxies whose `X-Forwarded-For` is believed. It decides which address a
        /// failed sign-in counts against, so a network of every address (`0.0.0.0/0`) is refused. Behind a proxy that is not
        /// named here, no address is known, and attempts are counted by account only.
        trusted_proxies: Vec<Network> = Vec::new();
    }
}

section! {
    /// Lifetimes of codes and tokens.
    Tokens in "tokens" {
        /// How long an access token is valid. A JWT that an API verifies by its signature alone stays valid this long after a logout.
        access_token_lifetime_seconds: u32 = 600, 1 to 31_536_000;
        /// How long an ID token may be accepted.
        id_token_lifetime_seconds: u32 = 600, 1 to 31_536_000;
        /// How long an authorization code may be redeemed; RFC 6749, section 4.1.2 recommends at most 600.
        authorization_code_lifetime_seconds: u32 = 60, 1 to 600;
        /// How long a grant can be refreshed at all, counted from its start.
        refresh_token_lifetime_seconds: u32 = 2_592_000, 1 to 315_360_000;
        /// How long a refresh token may lie unused before it expires; 0 switches that limit off.
        refresh_token_idle_seconds: u32 = 1_209_600, 0 to 315_360_000;
        /// For how long after a rotation the same client may repeat it and get the same successor, so that two tabs that race both
        /// win; 0 switches it off. Within it a thief's use of a token without DPoP is seen only at the next use.
        refresh_grace_seconds: u32 = 10, 0 to 60;
    }
}

section! {
    /// How long people stay signed in at the provider.
    Sessions in "sessions" {
        /// How long a sign-in lasts at most.
        lifetime_seconds: u32 = 43_200, 60 to 31_536_000;
        /// How many codes one browser may get in a minute without signing in anew. An application that goes into a loop is refused
        /// from then on, with `temporarily_unavailable`, and nothing is written.
        codes_per_minute: u32 = 60, 1 to 100_000;
    }
}

section! {
    /// The way from a client's request to its answer: sign-in, consent. Its state travels sealed in the page's form.
    Interactions in "interactions" {
        /// How long a person may take.
        lifetime_seconds: u32 = 3_600, 60 to 86_400;
        /// The greatest size of the sealed state; a request that doesn't fit is refused.
        max_bytes: usize = 16_384, 4_096 to 1_048_576;
    }
}

section! {
    /// Slowing down those who guess passwords. Nobody is locked out for good.
    Login in "login" {
        /// How many attempts one account may have within the window from one network before further ones from there are refused.
        attempts_per_account: u32 = 10, 1 to 1_000;
        /// How many attempts one account may have within the window from everywhere together. Far more than
        /// `login.attempts_per_account`, so that strangers can hardly keep an account's owner out.
        attempts_per_account_anywhere: u32 = 100, 1 to 100_000;
        /// How many attempts one address may have within the window, over all accounts.
        attempts_per_address: u32 = 60, 1 to 100_000;
        /// The window.
        window_seconds: u32 = 300, 1 to 86_400;
    }
}

section! {
    /// How passwords are kept: Argon2id (RFC 9106).
    Passwords in "passwords" {
        /// Memory per hash.
        memory_kib: u32 = 19_456, 7_168 to 1_048_576;
        /// Passes over the memory.
        iterations: u32 = 2, 1 to 100;
        /// Lanes.
        parallelism: u32 = 1, 1 to 16;
        /// How many passwords are hashed at once; 0 means one per processor core.
        hashing_threads: usize = 0, 0 to 256;
        /// How many passwords may wait to be hashed; one more is answered 503.
        hashing_queue: usize = 256, 1 to 65_536;
        /// The least number of characters of a new password.
        minimum_characters: u32 = 12, 8 to 128;
        /// The greatest size of a password; a longer one is refused, never cut.
        maximum_bytes: usize = 1_024, 128 to 4_096;
    }
}

section! {
    /// Signing keys and the key that seals what is stored.
    Keys in "keys" {
        /// The signature algorithms that a key is kept ready for. RS256 is what clients that say nothing expect.
        algorithms: Vec<SigningAlgorithm> = vec![
            SigningAlgorithm::RS256,
            SigningAlgorithm::PS256,
            SigningAlgorithm::ES256,
            SigningAlgorithm::EDDSA,
        ];
        /// The algorithm that signs access tokens that are JWTs; one of `keys.algorithms`.
        access_token_algorithm: SigningAlgorithm = SigningAlgorithm::ES256;
        /// For how long a key that signs no more stays published. It must outlive everything that it signed.
        retired_key_published_seconds: u32 = 172_800, 60 to 31_536_000;
        /// What the master key is derived from, 32 bytes or more, random. Without it the master key is the file `master.key` in
        /// `data_dir`. Losing either makes everything that was sealed unreadable.
        secret_key: Option<SecretKey> = None;
        /// A private signing key to import at the start, PEM (PKCS#8, PKCS#1 or SEC1). It becomes the current key of its algorithm.
        private_key_path: Option<PathBuf> = None;
        /// Its public half, PEM. It must match the private one.
        public_key_path: Option<PathBuf> = None;
        /// The algorithm of the imported key; without it RS256 for RSA, and the one that fits the curve otherwise.
        private_key_algorithm: Option<SigningAlgorithm> = None;
    }
}

section! {
    /// Where grants, sessions, users and clients are kept.
    Store in "store" {
        /// The database: `sqlite:` with a path, or `memory:` for trials, which forgets everything when the server stops. Without it
        /// the file `countersign.sqlite3` in `data_dir`.
        url: Option<StoreUrl> = None;
        /// How long a SQLite writer waits for another process, such as this command line.
        busy_timeout_milliseconds: u32 = 5_000, 1 to 60_000;
        /// How many SQLite connections read at once; 0 means one per processor core.
        readers: usize = 0, 0 to 256;
        /// How many acts one commit to SQLite may cover.
        commit_batch_max: usize = 256, 1 to 65_536;
        /// How many acts may wait for SQLite's writer; one more is answered 503.
        queue: usize = 4_096, 1 to 1_000_000;
        /// From how many pages on SQLite's write-ahead log is copied into the database.
        checkpoint_pages: u32 = 2_000, 1 to 1_000_000;
        /// How often rows that have expired are collected.
        collect_interval_seconds: u32 = 60, 1 to 86_400;
        /// For how long an event waits to be delivered. Once the oldest has waited longer by a sixteenth, all that have waited
        /// longer are dropped, and the log says how many.
        outbox_retention_seconds: u32 = 604_800, 3_600 to 315_360_000;
        /// How many events may wait to be delivered, of about 200 bytes each. Beyond it the oldest are dropped, a sixteenth of
        /// the limit at once, and the log says how many.
        outbox_max_events: u64 = 1_000_000, 1_000 to 1_000_000_000;
    }
}

section! {
    /// The pages that people see.
    Pages in "pages" {
        /// A folder whose templates take the place of the built-in ones of the same name.
        template_dir: Option<PathBuf> = None;
        /// What stands at the head of every page instead of "Countersign".
        site_name: Option<String> = None;
    }
}

section! {
    /// The link that makes the first administrator.
    Setup in "setup" {
        /// How long a setup link lives.
        link_lifetime_seconds: u32 = 900, 60 to 86_400;
    }
}

section! {
    /// What errors say.
    Errors in "errors" {
        /// Whether answers tell the cause of every error. It helps whoever builds an application, and whoever attacks one: leave it
        /// off where strangers can reach the server. The log always has the cause.
        explain_errors: bool = false;
    }
}

section! {
    /// The log, on standard error.
    Logging in "logging" {
        /// One line of text or one JSON object per event.
        format: LogFormat = LogFormat::Text;
        /// The least level that is logged (`error`, `warn`, `info`, `debug`, `trace`; `off` logs nothing), or filters such as
        /// `info,countersign_provider=debug`: a level for everything, and others for parts of the program.
        level: LogFilter = LogFilter::info();
    }
}

choice! {
    /// The shape of a log line.
    LogFormat {
        /// For people.
        Text = "text",
        /// For machines.
        Json = "json",
    }
}
