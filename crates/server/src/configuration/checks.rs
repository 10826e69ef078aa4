//! What a single field's type can't say: ranges, and fields that must fit together.

use super::problem::{ConfigurationError, Problem};
use super::{Effective, issuer};

/// The least length of `keys.secret_key`: as long as the key that is derived from it.
const SECRET_KEY_BYTES: usize = 32;

/// Words that stand in examples, and therefore in nobody's secret.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "your-secret",
    "your_secret",
    "placeholder",
    "secret-key",
    "secret_key",
    "example",
    "insecure",
];

/// The algorithms that signing keys are made for, by their names of RFC 7518 and RFC 8037.
const SIGNING_ALGORITHMS: &[&str] = &[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K",
    "EdDSA",
];

/// Checks everything and reports all faults together.
pub(super) fn check(effective: &Effective) -> Result<(), ConfigurationError> {
    let configuration = &effective.configuration;
    let mut problems: Vec<Problem> = Vec::new();
    let mut fault = |path: &str, message: String| problems.push(effective.problem(path, message));

    if let Err(message) = issuer::check(&configuration.issuer) {
        fault("issuer", message);
    }
    if configuration
        .listen
        .rsplit_once(':')
        .is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err())
    {
        fault(
            "listen",
            "must be an address and a port, such as 127.0.0.1:8080 or [::]:8080.".to_owned(),
        );
    }
    if let Err(message) = configuration.store_location() {
        fault("store.url", message);
    }
    if let Some(secret) = &configuration.keys.secret_key
        && let Err(message) = check_secret_key(secret.expose_secret())
    {
        fault("keys.secret_key", message);
    }
    if configuration.keys.public_key_path.is_some() && configuration.keys.private_key_path.is_none()
    {
        fault(
            "keys.public_key_path",
            "only checks the private key: set keys.private_key_path too, or leave it off."
                .to_owned(),
        );
    }
    if configuration.keys.algorithms.is_empty() {
        fault(
            "keys.algorithms",
            "must name one signature algorithm at least, such as RS256.".to_owned(),
        );
    }
    for algorithm in configuration
        .keys
        .algorithms
        .iter()
        .chain(&configuration.keys.private_key_algorithm)
    {
        if !SIGNING_ALGORITHMS.contains(&algorithm.as_str()) {
            let known = SIGNING_ALGORITHMS.join(", ");
            fault(
                "keys.algorithms",
                format!("{algorithm} is no algorithm that keys are made for. There are {known}."),
            );
        }
    }
    for (path, value, least, most) in ranges(effective) {
        if !(least..=most).contains(&value) {
            fault(
                path,
                format!("must be from {least} to {most}, not {value}."),
            );
        }
    }
    let interaction = configuration.interactions.max_bytes.saturating_mul(4) / 3 + 8192;
    if configuration.http.max_body_bytes < interaction {
        fault(
            "http.max_body_bytes",
            format!(
                "must be {interaction} at least, to hold a form with an interaction (interactions.max_bytes)."
            ),
        );
    }
    if configuration.http.max_buffered_bytes < configuration.http.max_body_bytes {
        fault(
            "http.max_buffered_bytes",
            "must be http.max_body_bytes at least.".to_owned(),
        );
    }
    for network in &configuration.http.trusted_proxies {
        if crate::listen::Network::parse(network).is_none() {
            fault(
                "http.trusted_proxies",
                format!("{network} is neither an address nor a network such as 10.0.0.0/8."),
            );
        }
    }
    for name in configuration.scopes.keys() {
        if !is_scope_token(name) {
            fault(
                "scopes",
                format!(
                    "{name:?} can't be a scope: RFC 6749, section 3.3 allows printable ASCII without space, \" and \\."
                ),
            );
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ConfigurationError(problems))
    }
}

fn ranges(effective: &Effective) -> Vec<(&'static str, u64, u64, u64)> {
    const YEAR: u64 = 31_536_000;
    let configuration = &effective.configuration;
    let (http, tokens, passwords) = (
        &configuration.http,
        &configuration.tokens,
        &configuration.passwords,
    );
    let wide = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
    vec![
        (
            "http.header_read_timeout_seconds",
            http.header_read_timeout_seconds,
            1,
            3_600,
        ),
        (
            "http.body_read_timeout_seconds",
            http.body_read_timeout_seconds,
            1,
            3_600,
        ),
        (
            "http.request_timeout_seconds",
            http.request_timeout_seconds,
            1,
            3_600,
        ),
        (
            "http.keep_alive_seconds",
            http.keep_alive_seconds,
            1,
            86_400,
        ),
        (
            "http.graceful_shutdown_seconds",
            http.graceful_shutdown_seconds,
            0,
            3_600,
        ),
        (
            "http.max_header_bytes",
            http.max_header_bytes.into(),
            8_192,
            1_048_576,
        ),
        (
            "http.max_connections",
            wide(http.max_connections),
            1,
            1_000_000,
        ),
        (
            "http.max_concurrent_streams",
            http.max_concurrent_streams.into(),
            1,
            10_000,
        ),
        (
            "tokens.access_token_lifetime_seconds",
            tokens.access_token_lifetime_seconds.into(),
            1,
            YEAR,
        ),
        (
            "tokens.id_token_lifetime_seconds",
            tokens.id_token_lifetime_seconds.into(),
            1,
            YEAR,
        ),
        (
            "tokens.authorization_code_lifetime_seconds",
            tokens.authorization_code_lifetime_seconds.into(),
            1,
            600,
        ),
        (
            "tokens.refresh_token_lifetime_seconds",
            tokens.refresh_token_lifetime_seconds.into(),
            1,
            10 * YEAR,
        ),
        (
            "tokens.refresh_token_idle_seconds",
            tokens.refresh_token_idle_seconds.into(),
            1,
            10 * YEAR,
        ),
        (
            "tokens.refresh_grace_seconds",
            tokens.refresh_grace_seconds.into(),
            0,
            60,
        ),
        (
            "tokens.clock_leeway_seconds",
            tokens.clock_leeway_seconds.into(),
            0,
            300,
        ),
        (
            "sessions.lifetime_seconds",
            configuration.sessions.lifetime_seconds.into(),
            60,
            YEAR,
        ),
        (
            "sessions.idle_seconds",
            configuration.sessions.idle_seconds.into(),
            60,
            YEAR,
        ),
        (
            "interactions.lifetime_seconds",
            configuration.interactions.lifetime_seconds.into(),
            60,
            86_400,
        ),
        (
            "interactions.max_bytes",
            wide(configuration.interactions.max_bytes),
            4_096,
            1_048_576,
        ),
        (
            "login.failures_per_account",
            configuration.login.failures_per_account.into(),
            1,
            1_000,
        ),
        (
            "login.failures_per_address",
            configuration.login.failures_per_address.into(),
            1,
            100_000,
        ),
        (
            "login.window_seconds",
            configuration.login.window_seconds.into(),
            1,
            86_400,
        ),
        // RFC 9106, section 3.1: memory of 8 KiB per lane at least. What OWASP calls the least for Argon2id is more than that.
        (
            "passwords.memory_kib",
            passwords.memory_kib.into(),
            7_168,
            1_048_576,
        ),
        ("passwords.iterations", passwords.iterations.into(), 1, 100),
        ("passwords.parallelism", passwords.parallelism.into(), 1, 16),
        (
            "passwords.hashing_threads",
            wide(passwords.hashing_threads),
            0,
            256,
        ),
        // NIST SP 800-63B, section 3.1.1.2: eight characters at the very least.
        (
            "passwords.minimum_length",
            wide(passwords.minimum_length),
            8,
            128,
        ),
        (
            "store.busy_timeout_milliseconds",
            configuration.store.busy_timeout_milliseconds.into(),
            1,
            60_000,
        ),
        ("store.readers", wide(configuration.store.readers), 0, 256),
        (
            "store.commit_batch_max",
            wide(configuration.store.commit_batch_max),
            1,
            65_536,
        ),
        (
            "store.collect_interval_seconds",
            configuration.store.collect_interval_seconds.into(),
            1,
            86_400,
        ),
        (
            "store.expired_retention_seconds",
            configuration.store.expired_retention_seconds.into(),
            3_600,
            YEAR,
        ),
        (
            "setup.link_lifetime_seconds",
            configuration.setup.link_lifetime_seconds.into(),
            60,
            86_400,
        ),
    ]
}

fn check_secret_key(secret: &str) -> Result<(), String> {
    const MAKE_ONE: &str = "Make one with: openssl rand -base64 48";
    if secret.len() < SECRET_KEY_BYTES {
        return Err(format!(
            "has {} bytes, {SECRET_KEY_BYTES} are the least. {MAKE_ONE}",
            secret.len()
        ));
    }
    let lower = secret.to_lowercase();
    if PLACEHOLDERS
        .iter()
        .any(|placeholder| lower.contains(placeholder))
    {
        return Err(format!(
            "looks like a placeholder from an example. {MAKE_ONE}"
        ));
    }
    let distinct: std::collections::BTreeSet<u8> = secret.bytes().collect();
    if distinct.len() < 8 {
        return Err(format!(
            "repeats a few characters, so it can be guessed. {MAKE_ONE}"
        ));
    }
    Ok(())
}

/// RFC 6749, section 3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
fn is_scope_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}
