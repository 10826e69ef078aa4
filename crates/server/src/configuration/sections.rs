//! The binary's own settings: where it is, its listener, its files. The other capabilities declare
//! theirs where they use them, and [`Configuration`] puts all together. docs/configuration.md is
//! generated from them.

use std::path::PathBuf;

use countersign_provider::settings::{Settings as ProviderSettings, SigningAlgorithm};
use countersign_settings::{choice, section, settings};
use countersign_web::SiteSettings;

use super::values::{ListenAddress, LogFilter, Network, ProviderIssuer, SecretKey, StoreUrl};

settings! {
    /// All settings of a deployment.
    Configuration {
        basics: Basics,
        http: Http,
        site: SiteSettings,
        provider: ProviderSettings,
        key_material: KeyMaterial,
        store: Store,
        pages: Pages,
        logging: Logging,
    }
}

section! {
    /// The top of the file. `issuer`, `listen` and `data_dir` are enough to run.
    Basics in "" {
        /// The address that names this provider in every token and in discovery (OpenID Connect
        /// Core 1.0, section 2, `iss`). It is the base of all URLs, has neither query nor fragment
        /// nor trailing slash, and must be https unless its host is a loopback address.
        issuer: Option<ProviderIssuer> = None;
        /// The address and port to listen on. Behind a reverse proxy, keep the loopback address.
        listen: ListenAddress = ListenAddress::loopback(8080);
        /// The folder that holds the database and the master key. Made on the first start, readable
        /// by its owner only.
        data_dir: PathBuf = PathBuf::from("countersign-data");
    }
}

section! {
    /// Limits of the HTTP server. Each bounds what one peer can make the server hold or wait for.
    Http in "http" {
        /// How long a peer may take to send a request's header, and a new connection its first
        /// byte.
        header_read_timeout_seconds: u64 = 10, 1 to 3_600;
        /// How long a peer may take to send a request's whole body; after that the response is 408.
        body_read_timeout_seconds: u64 = 15, 1 to 3_600;
        /// How long the server may work on one request; after that the response is 503.
        request_timeout_seconds: u64 = 30, 1 to 3_600;
        /// How long a connection stays open without a request.
        keep_alive_seconds: u64 = 75, 1 to 86_400;
        /// The greatest size of a request's header; beyond it the response is 431.
        max_header_bytes: u32 = 32_768, 8_192 to 1_048_576;
        /// How many bytes of request bodies larger than 16 KiB may be held at once, over all
        /// connections; beyond it the response is 503.
        max_buffered_bytes: usize = 67_108_864, 8_192 to 4_294_967_296;
        /// How many connections may be open at once. When they are used up, those that wait for
        /// their peer are closed to make room: first those of the addresses (of IPv6: the /64) that
        /// hold most, trusted proxies aside; among these the idle ones, then those whose request is
        /// still arriving, the longest first. The limit of open files, less a reserve, caps it.
        max_connections: usize = 16_384, 1 to 1_000_000;
        /// How many requests one HTTP/2 connection may have open at once.
        max_concurrent_streams: u32 = 100, 1 to 10_000;
        /// How long running requests may take to end once the server was told to stop.
        graceful_shutdown_seconds: u64 = 10, 0 to 3_600;
        /// For how long, after a response that came before the end of its request, the rest is read
        /// and discarded, so that the peer can take the response before the connection closes (RFC
        /// 9112, section 9.6); 0 closes at once.
        linger_seconds: u64 = 5, 0 to 60;
        /// How many bytes of such a rest are read; a peer that sends more loses the connection, and
        /// perhaps the response.
        max_linger_bytes: u64 = 8_388_608, 0 to 1_073_741_824;
        /// Lets `listen` be an address that other machines can reach. This server speaks http
        /// without TLS, so whoever is on the way can read passwords and tokens: set it only where
        /// nothing but the reverse proxy can reach that address.
        insecure_plain_http_on_network: bool = false;
        /// Addresses or networks (`10.0.0.0/8`) of reverse proxies whose `X-Forwarded-For` is
        /// believed. It decides which address a failed sign-in counts against, so a network that is
        /// a large part of all addresses is refused: IPv4 prefixes have 8 bits or more, IPv6
        /// prefixes 16. Behind a proxy that is not named here, no
        /// address is known, and attempts are counted by account only.
        trusted_proxies: Vec<Network> = Vec::new();
    }
}

section! {
    /// The keys that the binary brings along.
    KeyMaterial in "keys" {
        /// What the master key is derived from, 32 bytes or more, random. Without it the master key
        /// is the file `master.key` in `data_dir`. Losing either makes everything that was sealed
        /// unreadable.
        secret_key: Option<SecretKey> = None;
        /// A private signing key to import at the start, PEM (PKCS#8, PKCS#1 or SEC1). It takes
        /// over from the key of its algorithm that signs, once it was published for long enough
        /// (`keys.jwks_max_age_seconds`). A key that is there already stays as it is.
        private_key_path: Option<PathBuf> = None;
        /// Its public half, PEM. It must match the private one.
        public_key_path: Option<PathBuf> = None;
        /// The algorithm of the imported key; without it RS256 for RSA, and the one that fits the
        /// curve otherwise.
        private_key_algorithm: Option<SigningAlgorithm> = None;
    }
}

section! {
    /// Where grants, sessions, users and clients are kept.
    Store in "store" {
        /// The database: `sqlite:` with a path, or `memory:` for trials, which forgets everything
        /// when the server stops. Without it the file `countersign.sqlite3` in `data_dir`.
        url: Option<StoreUrl> = None;
        /// How long a SQLite writer waits for another process, such as this command line.
        busy_timeout_milliseconds: u32 = 5_000, 1 to 60_000;
        /// How many SQLite connections read at once; 0 means one per processor core.
        readers: usize = 0, 0 to 256;
        /// How many acts one commit to SQLite may cover.
        commit_batch_max: usize = 256, 1 to 65_536;
        /// How many acts may wait for SQLite's writer; one more gets a 503.
        queue: usize = 4_096, 1 to 1_000_000;
        /// From how many pages on SQLite's write-ahead log is copied into the database.
        checkpoint_pages: u32 = 2_000, 1 to 1_000_000;
        /// How often rows that have expired are collected.
        collect_interval_seconds: u32 = 60, 1 to 86_400;
        /// For how long an event waits to be delivered. Once the oldest has waited longer by a
        /// sixteenth, all that have waited longer are dropped, and the log says how many.
        outbox_retention_seconds: u32 = 604_800, 3_600 to 315_360_000;
        /// How many events may wait to be delivered, of about 200 bytes each. Beyond it the oldest
        /// are dropped, a sixteenth of the limit at once, and the log says how many.
        outbox_max_events: u64 = 1_000_000, 1_000 to 1_000_000_000;
    }
}

section! {
    /// The pages that people see.
    Pages in "pages" {
        /// A folder whose templates take the place of the built-in ones of the same name.
        template_dir: Option<PathBuf> = None;
        /// The name at the head of every page instead of "Countersign".
        site_name: Option<String> = None;
    }
}

section! {
    /// The log, on standard error.
    Logging in "logging" {
        /// One line of text or one JSON object per event.
        format: LogFormat = LogFormat::Text;
        /// The least level that is logged (`error`, `warn`, `info`, `debug`, `trace`; `off` logs
        /// nothing), or filters such as `info,countersign_provider=debug`: a level for everything,
        /// and others for parts of the program.
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
