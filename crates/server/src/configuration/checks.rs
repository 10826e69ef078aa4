//! What a single field's type can't express: required fields, and fields that must be consistent.

use std::net::IpAddr;

use countersign_management::resources::{ResourceRules, why_no_scope};
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::resource::is_same_resource;
use countersign_oauth::scope::Scope;
use countersign_provider::offered;
use countersign_provider::settings::{KeyPublication, SoftwareStatementIssuer};

use super::problem::Problem;
use super::{Configuration, Effective};

/// The message for a missing issuer.
pub(super) const MISSING_ISSUER: &str = "missing. Set it to the address at which people reach this server, such as https://id.example.com.";

/// One rule: the fields that it is about, the first of which is named, and what is wrong.
type Rule = (&'static [&'static str], fn(&Configuration) -> Vec<String>);

const RULES: &[Rule] = &[
    (&["issuer"], issuer_is_there),
    (
        &[
            "listen",
            "http.insecure_plain_http_on_network",
            "tls.certificate_file",
        ],
        plain_http_stays_on_this_machine,
    ),
    (
        &["tls.certificate_file", "tls.key_file", "issuer"],
        tls_is_complete,
    ),
    (
        &[
            "client_certificates.listen",
            "client_certificates.endpoints_url",
            "tls.certificate_file",
        ],
        certificates_are_asked_for_over_tls,
    ),
    (
        &[
            "client_certificates.endpoints_url",
            "client_certificates.listen",
            "client_certificates.header",
        ],
        published_endpoints_get_certificates,
    ),
    (
        &[
            "client_certificates.authorities_file",
            "client_certificates.listen",
        ],
        authorities_have_a_listener,
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
    (
        &[
            "client_documents.insecure_skip_consent",
            "client_documents.vouched",
        ],
        consent_is_skipped_for_vouched_documents,
    ),
    (
        &["registration.software_statement_issuers"],
        statement_issuers_have_keys,
    ),
    (
        &[
            "client_documents.min_cache_seconds",
            "client_documents.max_cache_seconds",
        ],
        documents_are_kept_within_bounds,
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
    let is_protected = configuration.has_tls() || configuration.listens_on_loopback();
    let is_fault = !is_protected && !is_allowed;
    fault(is_fault, || {
        let listen = &configuration.basics.listen;
        format!(
            "{listen} can be reached from other machines, and the server would speak http without TLS: passwords and tokens could be read in transit. Listen on 127.0.0.1:{} behind a reverse proxy with TLS, or set tls.certificate_file and tls.key_file, or, if only the proxy can reach that address, set http.insecure_plain_http_on_network = true.",
            listen.port()
        )
    })
}

fn tls_is_complete(configuration: &Configuration) -> Vec<String> {
    let tls = &configuration.tls;
    let issuer = configuration.basics.issuer.as_ref();
    let is_plain = issuer.is_some_and(|issuer| !issuer.is_https());
    match (&tls.certificate_file, &tls.key_file) {
        (None, None) => Vec::new(),
        (Some(_), None) => vec!["needs tls.key_file, the certificate's private key.".to_owned()],
        (None, Some(_)) => vec![
            "is missing, and tls.key_file is set. Set it to the certificate of that key."
                .to_owned(),
        ],
        (Some(_), Some(_)) => fault(is_plain, || {
            "makes the server speak https only, and the issuer is http. Write https in issuer."
                .to_owned()
        }),
    }
}

fn certificates_are_asked_for_over_tls(configuration: &Configuration) -> Vec<String> {
    if configuration.mtls.listen.is_none() {
        return Vec::new();
    }
    let certificates = &configuration.provider.client_certificates;
    let needs = |what: &str| format!("needs {what}");
    let mut faults = Vec::new();
    if !configuration.has_tls() {
        faults.push(needs(
            "tls.certificate_file and tls.key_file: certificates are shown in a TLS handshake.",
        ));
    }
    if certificates.endpoints_url.is_none() {
        faults.push(needs(
            "client_certificates.endpoints_url, the address at which clients reach it.",
        ));
    }
    faults
}

fn published_endpoints_get_certificates(configuration: &Configuration) -> Vec<String> {
    let certificates = &configuration.provider.client_certificates;
    let is_fault = certificates.endpoints_url.is_some()
        && certificates.header.is_none()
        && configuration.mtls.listen.is_none();
    fault(is_fault, || {
        "publishes endpoints at which no certificate can arrive. Set client_certificates.listen, or, behind a proxy that asks for certificates, client_certificates.header.".to_owned()
    })
}

fn authorities_have_a_listener(configuration: &Configuration) -> Vec<String> {
    let certificates = &configuration.provider.client_certificates;
    let is_fault = certificates.authorities_file.is_some() && configuration.mtls.listen.is_none();
    fault(is_fault, || {
        "has an effect only with client_certificates.listen. A proxy verifies certificates itself, and says so in client_certificates.verified_header.".to_owned()
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
        "is used only together with keys.secret_key. Set that too, or remove this. To rotate a master key that is in a file, run `countersign keys rotate-master`.".to_owned()
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

fn consent_is_skipped_for_vouched_documents(configuration: &Configuration) -> Vec<String> {
    let documents = &configuration.provider.client_documents;
    let skipped = documents.insecure_skip_consent.iter();
    skipped
        .filter(|address| !documents.vouched.contains(address))
        .map(|address| format!("names {address}, which is not in client_documents.vouched."))
        .collect()
}

fn statement_issuers_have_keys(configuration: &Configuration) -> Vec<String> {
    let issuers = &configuration
        .provider
        .registration
        .software_statement_issuers;
    let keys = |issuer: &SoftwareStatementIssuer| {
        let ways = [
            issuer.jwks.is_some(),
            issuer.jwks_path.is_some(),
            issuer.jwks_uri.is_some(),
        ];
        ways.into_iter().filter(|way| *way).count()
    };
    issuers
        .iter()
        .filter(|(_, issuer)| keys(issuer) != 1)
        .map(|(name, _)| format!("{name:?} must have one of jwks, jwks_path and jwks_uri."))
        .collect()
}

fn documents_are_kept_within_bounds(configuration: &Configuration) -> Vec<String> {
    let documents = &configuration.provider.client_documents;
    let longest = documents.max_cache_seconds;
    fault(documents.min_cache_seconds > longest, || {
        format!("is more than client_documents.max_cache_seconds, {longest}.")
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
        let has_proxy = is_public && !configuration.has_tls();
        if has_proxy && configuration.http.trusted_proxies.is_empty() {
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
