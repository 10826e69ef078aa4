//! What a single field's type can't express: required fields, and fields that must be consistent.

use std::net::IpAddr;

use countersign_management::resources::{ResourceRules, why_no_scope};
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::resource::is_same_resource;
use countersign_oauth::scope::Scope;
use countersign_provider::offered;
use countersign_provider::settings::KeyPublication;

use super::problem::Problem;
use super::{Configuration, Effective};

/// The message for a missing issuer.
pub(super) const MISSING_ISSUER: &str = "missing. Set it to the address at which people reach this server, such as https://id.example.com.";

/// One rule: the fields that it is about, the first of which is named, and what is wrong.
type Rule = (&'static [&'static str], fn(&Configuration) -> Vec<String>);

const RULES: &[Rule] = &[
    (&["issuer"], issuer_is_there),
    (
        &["listen", "http.insecure_plain_http_on_network"],
        plain_http_stays_on_this_machine,
    ),
    (
        &["keys.public_key_path", "keys.private_key_path"],
        public_key_has_its_private_one,
    ),
    (
        &["keys.opening_secret_key", "keys.secret_key"],
        opening_secret_key_has_its_sealing_one,
    ),
    (&["keys.algorithms"], there_is_an_algorithm),
    (
        &["keys.access_token_algorithm", "keys.algorithms"],
        access_tokens_can_be_signed,
    ),
    (
        &[
            "keys.retired_key_published_seconds",
            "tokens.access_token_lifetime_seconds",
            "tokens.id_token_lifetime_seconds",
            "resources",
        ],
        retired_keys_outlive_what_they_signed,
    ),
    (
        &["http.max_body_bytes", "interactions.max_bytes"],
        a_body_holds_an_interaction,
    ),
    (
        &["http.max_buffered_bytes", "http.max_body_bytes"],
        the_buffer_holds_a_body,
    ),
    (&["grants.enabled"], there_is_a_grant_type),
    (&["scopes"], scopes_can_be_written),
    (
        &["resources", "issuer", "keys.algorithms"],
        resources_can_be_granted,
    ),
];

/// Checks everything and returns all faults together. A rule about a field that `is_open`, because
/// its value could not be read, is left out.
pub(super) fn check(effective: &Effective, is_open: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (fields, rule) in RULES {
        if fields.iter().any(|field| is_open(field)) {
            continue;
        }
        let messages = rule(&effective.configuration);
        let field = fields.first().copied().unwrap_or_default();
        problems.extend(
            messages
                .into_iter()
                .map(|message| effective.problem(field, message)),
        );
    }
    problems
}

fn fault(is_fault: bool, message: impl FnOnce() -> String) -> Vec<String> {
    is_fault.then(message).into_iter().collect()
}

fn issuer_is_there(configuration: &Configuration) -> Vec<String> {
    fault(configuration.basics.issuer.is_none(), || {
        MISSING_ISSUER.to_owned()
    })
}

fn plain_http_stays_on_this_machine(configuration: &Configuration) -> Vec<String> {
    let is_allowed = configuration.http.insecure_plain_http_on_network;
    let is_fault = !configuration.listens_on_loopback() && !is_allowed;
    fault(is_fault, || {
        let listen = &configuration.basics.listen;
        format!(
            "{listen} can be reached from other machines, and this server speaks http without TLS: passwords and tokens could be read in transit. Listen on 127.0.0.1:{} behind a reverse proxy with TLS, or, if only the proxy can reach that address, set http.insecure_plain_http_on_network = true.",
            listen.port()
        )
    })
}

fn public_key_has_its_private_one(configuration: &Configuration) -> Vec<String> {
    let keys = &configuration.key_material;
    let is_fault = keys.public_key_path.is_some() && keys.private_key_path.is_none();
    fault(is_fault, || {
        "only checks the private key: set keys.private_key_path too, or remove it.".to_owned()
    })
}

fn opening_secret_key_has_its_sealing_one(configuration: &Configuration) -> Vec<String> {
    let keys = &configuration.key_material;
    let is_fault = keys.opening_secret_key.is_some() && keys.secret_key.is_none();
    fault(is_fault, || {
        "is used beside keys.secret_key only. Set that too, or remove it; a master key that is a file is rotated with `countersign keys rotate-master`.".to_owned()
    })
}

fn there_is_an_algorithm(configuration: &Configuration) -> Vec<String> {
    fault(configuration.provider.keys.algorithms.is_empty(), || {
        "must name at least one signature algorithm, such as RS256.".to_owned()
    })
}

fn there_is_a_grant_type(configuration: &Configuration) -> Vec<String> {
    let grants = &configuration.provider.grants;
    let needs_another = GrantType::RefreshToken;
    let mut others = offered::grant_types(&configuration.provider);
    others.retain(|grant_type| *grant_type != GrantType::ClientCredentials);
    if grants.enabled.is_empty() {
        return vec!["must name at least one grant type, such as authorization_code.".to_owned()];
    }
    fault(others == [needs_another], || {
        format!(
            "{needs_another} needs a grant type that begins with a person: authorization_code or device_code."
        )
    })
}

fn access_tokens_can_be_signed(configuration: &Configuration) -> Vec<String> {
    let keys = &configuration.provider.keys;
    fault(
        !keys.algorithms.contains(&keys.access_token_algorithm),
        || "must be one of keys.algorithms.".to_owned(),
    )
}

fn retired_keys_outlive_what_they_signed(configuration: &Configuration) -> Vec<String> {
    let tokens = &configuration.provider.tokens;
    let of_resources = configuration.provider.operator.resources.values();
    let longest = of_resources
        .filter_map(|resource| resource.access_token_lifetime_seconds)
        .chain([tokens.access_token_lifetime_seconds])
        .chain([tokens.id_token_lifetime_seconds])
        .max()
        .unwrap_or_default();
    let least = KeyPublication::least_retired_seconds(longest);
    let publication = &configuration.provider.key_publication;
    fault(publication.retired_key_published_seconds < least, || {
        format!(
            "must be at least {least}: a minute longer than the tokens that the key signs are valid."
        )
    })
}

fn a_body_holds_an_interaction(configuration: &Configuration) -> Vec<String> {
    let interaction = configuration.site.interactions.max_bytes.saturating_mul(4) / 3 + 8192;
    fault(
        configuration.site.requests.max_body_bytes < interaction,
        || {
            format!(
                "must be at least {interaction}, to hold a form with an interaction (interactions.max_bytes)."
            )
        },
    )
}

fn the_buffer_holds_a_body(configuration: &Configuration) -> Vec<String> {
    let max_body_bytes = configuration.site.requests.max_body_bytes;
    fault(
        configuration.http.max_buffered_bytes < max_body_bytes,
        || "must be at least http.max_body_bytes.".to_owned(),
    )
}

fn scopes_can_be_written(configuration: &Configuration) -> Vec<String> {
    let scopes = configuration.provider.operator.scopes.keys();
    let fault_of = |name: &String| {
        let fault = Scope::default().insert(name).err()?;
        Some(why_no_scope(name, &fault))
    };
    scopes.filter_map(fault_of).collect()
}

/// RFC 8707, section 2, and what each resource says of its tokens.
fn resources_can_be_granted(configuration: &Configuration) -> Vec<String> {
    let resources = &configuration.provider.operator.resources;
    let issuer = configuration.basics.issuer.as_ref();
    let rules = ResourceRules {
        issuer: issuer.map(|issuer| issuer.as_str().to_owned()),
        algorithms: configuration.provider.keys.algorithms.clone(),
        // `retired_keys_outlive_what_they_signed` has it.
        max_lifetime_seconds: None,
    };
    let mut faults = Vec::new();
    for (identifier, resource) in resources {
        let of_this = rules.faults(identifier, resource);
        faults.extend(of_this.iter().map(|fault| format!("{identifier}: {fault}")));
        let is_twin = |other: &&String| *other > identifier && is_same_resource(identifier, other);
        if let Some(twin) = resources.keys().find(is_twin) {
            faults.push(format!(
                "{identifier}: {twin} is the same resource. Keep one of them."
            ));
        }
    }
    faults
}

impl Configuration {
    /// Whether only this machine can reach the address that it listens on.
    #[must_use]
    pub fn listens_on_loopback(&self) -> bool {
        let host = self.basics.listen.host();
        let is_loopback = |address: IpAddr| address.to_canonical().is_loopback();
        host.parse().map_or(host == "localhost", is_loopback)
    }
}

impl Effective {
    /// What is allowed and probably not meant, each in one line that says what it means and what to
    /// do.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let configuration = &self.configuration;
        let is_public =
            configuration.basics.issuer.is_some() && !configuration.issuer_is_loopback();
        let mut warnings = Vec::new();
        if configuration.site.errors.explain_errors && is_public {
            warnings.push(
                "errors.explain_errors is on and the issuer is not on loopback: anyone who can reach the server, including attackers, is told the cause of every refusal. Set it to false once your application works; the log has the causes.".to_owned(),
            );
        }
        if is_public && configuration.http.trusted_proxies.is_empty() {
            let where_it_listens = match configuration.listens_on_loopback() {
                true => "listen is on loopback",
                false => "the server has no TLS of its own",
            };
            warnings.push(format!(
                "http.trusted_proxies is empty, the issuer is https and {where_it_listens}: the server doesn't know its reverse proxy, and so can't know the addresses of visitors: password guesses are counted by account only. Set http.trusted_proxies to the proxy's address, such as [\"127.0.0.1\", \"::1\"]; docs/reverse-proxy.md has its configuration."
            ));
        }
        let certificates = &configuration.provider.client_certificates;
        if certificates.header.is_some() && configuration.http.trusted_proxies.is_empty() {
            warnings.push(
                "client_certificates.header is set and http.trusted_proxies is empty: no certificate is accepted, because no proxy is trusted to pass one on. Set http.trusted_proxies to the proxy's address.".to_owned(),
            );
        }
        if certificates.verified_header.is_some() && certificates.header.is_none() {
            warnings.push(
                "client_certificates.verified_header is set and client_certificates.header is not: it has no effect. Set client_certificates.header to the header in which the proxy passes on the certificate.".to_owned(),
            );
        }
        warnings
    }

    /// What is in the environment and has no effect because the configuration says otherwise.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let note = |name: &super::Overruled| {
            format!(
                "{} is set in the environment, but ignored because {} takes precedence.",
                name.name, name.by
            )
        };
        self.overruled.iter().map(note).collect()
    }
}
