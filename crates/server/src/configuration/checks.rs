//! What a single field's type can't say: ranges, and fields that must fit together.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::issuer::{Issuer, IssuerFault};

use super::print::lookup;
use super::problem::{ConfigurationError, Problem};
use super::{Configuration, Effective, Field, fields};

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

/// Checks everything and reports all faults together.
pub(super) fn check(effective: &Effective) -> Result<(), ConfigurationError> {
    let configuration = &effective.configuration;
    let mut problems: Vec<Problem> = Vec::new();
    let mut fault = |path: &str, message: String| problems.push(effective.problem(path, message));

    if configuration.issuer.is_empty() {
        let message = "missing. Set it to the address that people reach this server under, such as https://id.example.com.";
        fault("issuer", message.to_owned());
    } else if let Err(error) = Issuer::parse(&configuration.issuer) {
        fault("issuer", format!("{error}. {}", issuer_remedy(&error)));
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
    let keys = &configuration.keys;
    for (path, algorithm) in (keys.algorithms.iter().map(|name| ("keys.algorithms", name)))
        .chain([("keys.access_token_algorithm", &keys.access_token_algorithm)])
        .chain((keys.private_key_algorithm.iter()).map(|name| ("keys.private_key_algorithm", name)))
    {
        // An HMAC key is shared with whoever verifies; the keys here are the provider's alone.
        if algorithm
            .parse()
            .is_ok_and(|algorithm: SignatureAlgorithm| !algorithm.is_symmetric())
        {
            continue;
        }
        let message = format!(
            "{algorithm} is no public-key signature algorithm, such as RS256, PS256, ES256 or EdDSA."
        );
        fault(path, message);
    }
    if !keys.algorithms.contains(&keys.access_token_algorithm) {
        fault(
            "keys.access_token_algorithm",
            "must be one of keys.algorithms.".to_owned(),
        );
    }
    let longest = configuration
        .tokens
        .access_token_lifetime_seconds
        .max(configuration.tokens.id_token_lifetime_seconds);
    if keys.retired_key_published_seconds < longest {
        let message =
            format!("must be {longest} at least, the lifetime of what the key has signed.");
        fault("keys.retired_key_published_seconds", message);
    }
    for (path, message) in out_of_range(configuration) {
        fault(&path, message);
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

impl Configuration {
    /// What is allowed and probably not meant, each in one line that says what it means.
    #[must_use]
    pub fn warnings(&self) -> Vec<&'static str> {
        let mut warnings = Vec::new();
        if self.errors.explain_errors && !self.issuer_is_loopback() {
            warnings.push(
                "errors.explain_errors is on and the issuer is not on loopback: everybody who can reach the server is told the cause of every refusal, attackers included. Set it to false once your application works; the log has the causes.",
            );
        }
        warnings
    }
}

fn issuer_remedy(fault: &IssuerFault) -> &'static str {
    match fault {
        IssuerFault::NotAUrl => "Write it with its scheme: https://id.example.com.",
        IssuerFault::HttpOutsideLoopback => {
            "Use https, which a reverse proxy can add, or a loopback address for trials."
        }
        IssuerFault::Scheme => "Use https.",
        IssuerFault::Query | IssuerFault::Fragment | IssuerFault::Userinfo => "Leave it off.",
        IssuerFault::NotInNormalForm { .. } => "Write it so: issuers are compared byte by byte.",
    }
}

/// Whole numbers outside of the range that their field declares.
fn out_of_range(configuration: &Configuration) -> Vec<(String, String)> {
    let values = toml::Table::try_from(configuration).unwrap_or_default();
    let fault = |field: Field| {
        let (least, most) = field.range?;
        let value = lookup(&values, &field)?.as_integer()?;
        let message = format!("must be from {least} to {most}, not {value}.");
        (!(least..=most).contains(&value)).then(|| (field.path(), message))
    };
    fields().into_iter().filter_map(fault).collect()
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
