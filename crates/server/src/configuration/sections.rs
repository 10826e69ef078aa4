//! The binary's own settings: where it is, its listener, its files. The other capabilities declare
//! theirs where they use them, and [`Configuration`] puts all together. docs/configuration.md is
//! generated from them.

use std::path::PathBuf;

use countersign_provider::settings::{Settings as ProviderSettings, SigningAlgorithm};
use countersign_settings::{choice, section, settings};
use countersign_web::SiteSettings;

use super::values::{
    ListenAddress, LogFilter, Network, OutboundTarget, ProviderIssuer, SecretKey, StoreUrl,
};

settings! {
    /// All settings of a deployment.
    Configuration {
        basics: Basics,
        http: Http,
        tls: TlsSettings,
        site: SiteSettings,
        provider: ProviderSettings,
        mtls: MtlsListener,
        key_material: KeyMaterial,
        store: Store,
        outbound: Outbound,
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
        /// The address and port to listen on. Behind a reverse proxy, keep the loopback address;
        /// with `tls.certificate_file`, use one that other machines reach, such as `[::]:443`.
        listen: ListenAddress = ListenAddress::loopback(8080);
        /// The folder that holds the database and the master key. It is created at the first start,
        /// readable by its owner only.
        data_dir: PathBuf = PathBuf::from("countersign-data");
    }
}

section! {
    /// Limits of the HTTP server. Each one bounds what a peer can make the server hold or wait for.
    Http in "http" {
        /// How long a peer may take to send a request's header, or the first byte on a new
        /// connection. A TLS handshake has the same limit.
        header_read_timeout_seconds: u64 = 10, 1 to 3_600;
        /// How long a peer may take to send a request's whole body; after that the response is 408.
        body_read_timeout_seconds: u64 = 15, 1 to 3_600;
        /// How long the server may work on one request; after that the response is 503.
        request_timeout_seconds: u64 = 30, 1 to 3_600;
        /// How long an idle connection stays open.
        keep_alive_seconds: u64 = 75, 1 to 86_400;
        /// The maximum size of a request's header; beyond it the response is 431.
        max_header_bytes: u32 = 32_768, 8_192 to 1_048_576;
        /// How many bytes of request bodies larger than 16 KiB may be held at once, over all
        /// connections; beyond it the response is 503.
        max_buffered_bytes: usize = 67_108_864, 8_192 to 4_294_967_296;
        /// How many connections may be open at once. When none are left, connections that wait for
        /// their peer are closed to make room. Those of the address (for IPv6: the /64) with the
        /// most connections go first, except for trusted proxies; among these the idle ones, then
        /// those whose request is still arriving, the longest-waiting first. The limit of open
        /// files, less a reserve, caps this value.
        max_connections: usize = 16_384, 1 to 1_000_000;
        /// How many requests one HTTP/2 connection may have open at once.
        max_concurrent_streams: u32 = 100, 1 to 10_000;
        /// How long running requests may take to finish after the server is told to stop.
        graceful_shutdown_seconds: u64 = 10, 0 to 3_600;
        /// How long the rest of a request is read and discarded if the response was sent before the
        /// request ended. This lets the peer read the response before the connection closes (RFC
        /// 9112, section 9.6). 0 closes at once.
        linger_seconds: u64 = 5, 0 to 60;
        /// How many bytes of the rest of such a request are read. A peer that sends more loses the
        /// connection, and perhaps the response.
        max_linger_bytes: u64 = 8_388_608, 0 to 1_073_741_824;
        /// Lets `listen` be an address that other machines can reach although the server has no
        /// `tls.certificate_file`: anyone on the network path can read passwords and tokens. Set
        /// this only if nothing but the reverse proxy can reach that address.
        insecure_plain_http_on_network: bool = false;
        /// Addresses or networks (`10.0.0.0/8`) of reverse proxies whose `X-Forwarded-For` is
        /// trusted. It decides which address a failed sign-in counts against, so a network that is
        /// a large part of all addresses is refused: an IPv4 prefix must have at least 8 bits, an
        /// IPv6 prefix at least 16, except for private networks. Behind a proxy that is not listed
        /// here, no address is known, and attempts are counted by account only.
        trusted_proxies: Vec<Network> = Vec::new();
    }
}

section! {
    /// TLS by the server itself, without a reverse proxy. See [tls.md](tls.md).
    TlsSettings in "tls" {
        /// The certificates as PEM: the server's own, then those of its issuers. With it, `listen`
        /// speaks https only: TLS 1.3, and TLS 1.2 with ECDHE and AES-GCM.
        certificate_file: Option<PathBuf> = None;
        /// The private key of the server's own certificate, as PEM (PKCS#8, PKCS#1 or SEC1) without
        /// a passphrase.
        key_file: Option<PathBuf> = None;
        /// How often the server checks the files for changes. New connections use the changed
        /// files, and open ones continue. SIGHUP makes the server check at once.
        reload_interval_seconds: u64 = 60, 1 to 86_400;
    }
}

section! {
    /// The listener that asks for client certificates.
    MtlsListener in "client_certificates" {
        /// A second address and port to listen on, with the certificate of `tls`. Clients are asked
        /// for a certificate there, but need not have one. Only the endpoints at which clients
        /// authenticate are served. Needs `client_certificates.endpoints_url`.
        listen: Option<ListenAddress> = None;
    }
}

section! {
    /// The key settings of the binary.
    KeyMaterial in "keys" {
        /// The secret that the master key is derived from: at least 32 random bytes. Without it,
        /// the master key is the file `master.key` in `data_dir`. If the secret or that file is
        /// lost, everything sealed under it is unreadable.
        secret_key: Option<SecretKey> = None;
        /// Another such secret, whose key only opens what is sealed, and seals nothing. During a
        /// rotation, it is first the next `keys.secret_key`, until every server has it, and then
        /// the old one, until `countersign keys reseal` has run and open forms have been sent.
        opening_secret_key: Option<SecretKey> = None;
        /// A private signing key to import at start, as PEM (PKCS#8, PKCS#1 or SEC1) or as a JWK.
        /// It replaces the key that signs with its algorithm once it has been published for long
        /// enough (`keys.jwks_max_age_seconds`). A key that is already in the database is left
        /// unchanged.
        private_key_path: Option<PathBuf> = None;
        /// The public key, as PEM. It must match the private key.
        public_key_path: Option<PathBuf> = None;
        /// The algorithm of the imported key. By default, that of the JWK; or RS256 for an RSA key,
        /// and the algorithm of the curve for others.
        private_key_algorithm: Option<SigningAlgorithm> = None;
    }
}

section! {
    /// Where grants, sessions, users and clients are kept.
    Store in "store" {
        /// The database: `sqlite:` with a path, or `memory:` for trials, which loses everything
        /// when the server stops. Without it, the file `countersign.sqlite3` in `data_dir`.
        url: Option<StoreUrl> = None;
        /// How long a SQLite writer waits for another process, such as this command line.
        busy_timeout_milliseconds: u32 = 5_000, 1 to 60_000;
        /// How many SQLite connections read at once; 0 means one per processor core.
        readers: usize = 0, 0 to 256;
        /// The maximum number of acts in one SQLite commit.
        commit_batch_max: usize = 256, 1 to 65_536;
        /// How many acts may wait for SQLite's writer; beyond it the response is 503.
        queue: usize = 4_096, 1 to 1_000_000;
        /// How many pages SQLite's write-ahead log holds before it is copied into the database.
        checkpoint_pages: u32 = 2_000, 1 to 1_000_000;
        /// How often expired rows are deleted.
        collect_interval_seconds: u32 = 60, 1 to 86_400;
        /// How long an event waits to be delivered. Once the oldest event has exceeded this by a
        /// sixteenth, all events that have waited too long are dropped, and the log says how many.
        outbox_retention_seconds: u32 = 604_800, 3_600 to 315_360_000;
        /// How many events, of about 200 bytes each, may wait to be delivered. Beyond it the oldest
        /// are dropped, a sixteenth of the limit at a time, and the log says how many.
        outbox_max_events: u64 = 1_000_000, 1_000 to 1_000_000_000;
    }
}

section! {
    /// Requests that the server sends: to clients' addresses, such as a `jwks_uri`. Only public
    /// addresses are reached, over https, and no redirect is followed.
    Outbound in "outbound" {
        /// Hosts, addresses or networks (`jwks.internal`, `10.0.0.0/8`) that are reached although
        /// they are not public. If strangers can register clients, everything that listens there is
        /// open to them. Plain http is possible only to loopback hosts in this list.
        allow: Vec<OutboundTarget> = Vec::new();
        /// A file with certificate authorities, as PEM, that are trusted beside the system's.
        extra_ca_path: Option<PathBuf> = None;
        /// How long name resolution, TCP and TLS may take together.
        connect_timeout_seconds: u64 = 5, 1 to 60;
        /// How long a whole request may take.
        timeout_seconds: u64 = 10, 1 to 120;
        /// The longest response that is read.
        max_response_bytes: usize = 524_288, 1_024 to 16_777_216;
    }
}

section! {
    /// The pages that people see.
    Pages in "pages" {
        /// A folder with templates that replace the built-in ones of the same name.
        template_dir: Option<PathBuf> = None;
        /// The name at the top of every page instead of "Countersign".
        site_name: Option<String> = None;
    }
}

section! {
    /// The log, on standard error.
    Logging in "logging" {
        /// One line of text or one JSON object per event.
        format: LogFormat = LogFormat::Text;
        /// The lowest level that is logged (`error`, `warn`, `info`, `debug`, `trace`; `off` logs
        /// nothing), or filters such as `info,countersign_provider=debug`: one level for
        /// everything, and other levels for parts of the program.
        level: LogFilter = LogFilter::info();
    }
}

choice! {
    /// The format of a log line.
    LogFormat {
        /// For people.
        Text = "text",
        /// For machines.
        Json = "json",
    }
}
