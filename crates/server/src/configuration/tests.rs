//! Loading as a whole: precedence, origins, and what is refused.

use std::io::Write;

use super::*;

/// A folder under the build's own, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/tmp")
            .join(format!("configuration-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::File::create(&path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn with_environment(pairs: &[(&str, &str)]) -> Sources {
    let mut environment = environment(pairs);
    environment
        .entry("COUNTERSIGN_ISSUER".to_owned())
        .or_insert_with(|| "https://id.example".to_owned());
    Sources {
        environment,
        earlier_names: true,
        ..Sources::default()
    }
}

fn refused(pairs: &[(&str, &str)]) -> String {
    Effective::load(&with_environment(pairs))
        .unwrap_err()
        .to_string()
}

#[test]
fn three_lines_are_enough() {
    let folder = Folder::new("three-lines");
    let file = folder.write("countersign.toml", "issuer = \"https://id.example\"\nlisten = \"127.0.0.1:9000\"\ndata_dir = \"/var/lib/countersign\"\n");
    let effective = Effective::load(&Sources {
        file: Some(file),
        ..Sources::default()
    })
    .unwrap();
    let expected = Configuration {
        basics: Basics {
            issuer: Some("https://id.example".parse().unwrap()),
            listen: "127.0.0.1:9000".parse().unwrap(),
            data_dir: "/var/lib/countersign".into(),
        },
        ..Configuration::default()
    };
    assert_eq!(effective.configuration, expected);
}

#[test]
fn a_flag_wins_over_our_name_over_the_file_over_an_earlier_name_over_the_default() {
    let folder = Folder::new("precedence");
    let file = folder.write(
        "countersign.toml",
        "issuer = \"https://file.example\"\n[tokens]\naccess_token_lifetime_seconds = 100\n",
    );
    let mut sources = Sources {
        file: Some(file.clone()),
        earlier_names: true,
        ..Sources::default()
    };
    let issuer_and_origin = |sources: &Sources| {
        let effective = Effective::load(sources).unwrap();
        (
            effective.configuration.issuer().unwrap().to_string(),
            effective.origin("issuer").to_string(),
        )
    };
    assert_eq!(
        issuer_and_origin(&sources),
        (
            "https://file.example".to_owned(),
            format!("{}:1", file.display())
        )
    );
    let earlier = environment(&[
        ("ISSUER_URL", "https://earlier.example"),
        ("TOKEN_EXPIRY", "3600"),
        ("REFRESH_EXPIRY", "7200"),
    ]);
    sources.environment = earlier;
    assert_eq!(
        issuer_and_origin(&sources),
        (
            "https://file.example".to_owned(),
            format!("{}:1", file.display())
        )
    );
    let effective = Effective::load(&sources).unwrap();
    let tokens = &effective.configuration.provider.tokens;
    assert_eq!(
        tokens.access_token_lifetime_seconds, 100,
        "the file is not silent"
    );
    assert_eq!(tokens.refresh_token_lifetime_seconds, 7200);
    assert_eq!(effective.notes().len(), 2, "{:?}", effective.notes());
    let without_file = Sources {
        file: None,
        ..sources.clone()
    };
    assert_eq!(
        issuer_and_origin(&without_file),
        (
            "https://earlier.example".to_owned(),
            "ISSUER_URL".to_owned()
        )
    );
    sources.environment.insert(
        "COUNTERSIGN_ISSUER".to_owned(),
        "https://ours.example".to_owned(),
    );
    assert_eq!(
        issuer_and_origin(&sources),
        (
            "https://ours.example".to_owned(),
            "COUNTERSIGN_ISSUER".to_owned()
        )
    );
    sources
        .flags
        .push(("issuer", "https://flag.example".to_owned()));
    assert_eq!(
        issuer_and_origin(&sources),
        ("https://flag.example".to_owned(), "--issuer".to_owned())
    );
    sources = Sources {
        earlier_names: false,
        environment: environment(&[("ISSUER_URL", "https://earlier.example")]),
        file: Some(file),
        ..Sources::default()
    };
    assert_eq!(
        issuer_and_origin(&sources).0,
        "https://file.example",
        "quickstart ignores earlier names"
    );
}

/// Fields that need each other: the name, the path, and a value.
const OF_TLS: [(&str, &str, &str); 6] = [
    ("COUNTERSIGN_ISSUER", "issuer", "https://id.example"),
    (
        "COUNTERSIGN_TLS__CERTIFICATE_FILE",
        "tls.certificate_file",
        "chain.pem",
    ),
    ("COUNTERSIGN_TLS__KEY_FILE", "tls.key_file", "key.pem"),
    (
        "COUNTERSIGN_CLIENT_CERTIFICATES__LISTEN",
        "client_certificates.listen",
        "127.0.0.1:1",
    ),
    (
        "COUNTERSIGN_CLIENT_CERTIFICATES__ENDPOINTS_URL",
        "client_certificates.endpoints_url",
        "https://mtls.example",
    ),
    (
        "COUNTERSIGN_CLIENT_CERTIFICATES__AUTHORITIES_FILE",
        "client_certificates.authorities_file",
        "authorities.pem",
    ),
];

#[test]
fn every_field_can_be_set_from_the_environment() {
    let mut defaults = toml::Table::new();
    Configuration::default().write(&mut defaults);
    for field in fields() {
        let text = match (field.path().as_str(), field.kind) {
            ("issuer", _) => "https://id.example".to_owned(),
            ("listen", _) => "127.0.0.1:1".to_owned(),
            ("store.url", _) => "memory:".to_owned(),
            ("keys.secret_key", _) => "8J+YhEZ2T0x1a3J5d3F6cXBzbXZ0YnhncnR5".to_owned(),
            ("keys.private_key_algorithm", _) => "ES256".to_owned(),
            // Only with others: below.
            ("keys.public_key_path" | "keys.opening_secret_key", _) => continue,
            ("client_documents.insecure_skip_consent", _) => continue,
            (path, _) if OF_TLS.iter().any(|(_, of_tls, _)| *of_tls == path) => continue,
            ("client_documents.vouched", _) => "https://app.example/client.json".to_owned(),
            ("client_documents.allowed_hosts" | "client_documents.denied_hosts", _) => {
                "claude.ai, *.example.com".to_owned()
            }
            ("http.trusted_proxies", _) => "10.0.0.0/8,::1".to_owned(),
            ("keys.access_token_algorithm", _) => "ES256".to_owned(),
            ("logging.level", _) => "debug".to_owned(),
            ("http.allowed_hosts", _) => "id.example, [::1]".to_owned(),
            ("outbound.allow", _) => "jwks.internal, 10.0.0.0/8".to_owned(),
            ("grants.enabled", _) => "authorization_code, device_code".to_owned(),
            ("resources", _) => "{ \"https://api.example\" = { scopes = [\"a\"] } }".to_owned(),
            ("registration.software_statement_issuers", _) => {
                "{ \"https://issuer.example\" = { jwks_uri = \"https://issuer.example/jwks\" } }"
                    .to_owned()
            }
            (_, Kind::List) => "RS256, ES256".to_owned(),
            (_, Kind::Table) => {
                "{ invoices = { description = \"Read invoices\", claims = [\"customer\"] } }"
                    .to_owned()
            }
            (_, Kind::Boolean) => "true".to_owned(),
            (_, Kind::Integer | Kind::Choice(_)) => lookup(&defaults, &field)
                .unwrap()
                .to_string()
                .trim_matches('"')
                .to_owned(),
            (_, Kind::Text | Kind::Path | Kind::Secret) => "other".to_owned(),
        };
        let name = field.environment_name();
        let effective = Effective::load(&with_environment(&[(&name, &text)]))
            .unwrap_or_else(|error| panic!("{name}={text}: {error}"));
        assert_eq!(effective.origin(&field.path()).to_string(), name);
    }
    let of_tls = OF_TLS.map(|(name, _, text)| (name, text));
    let effective = Effective::load(&with_environment(&of_tls)).unwrap();
    for (name, path, _) in OF_TLS {
        assert_eq!(effective.origin(path).to_string(), name);
    }
    let scopes = Effective::load(&with_environment(&[(
        "COUNTERSIGN_SCOPES",
        "{ a = { description = \"b\" } }",
    )]))
    .unwrap()
    .configuration
    .provider
    .operator
    .scopes;
    assert_eq!(
        scopes
            .get("a")
            .and_then(|scope| scope.description.as_deref()),
        Some("b")
    );
}

#[test]
fn a_wrong_value_names_its_place_and_field() {
    let folder = Folder::new("wrong-value");
    let load = |text: &str| {
        let file = folder.write("countersign.toml", text);
        Effective::load(&Sources {
            file: Some(file),
            ..Sources::default()
        })
        .unwrap_err()
        .to_string()
        .replace(&format!("{}/", folder.0.display()), "")
    };
    let error = load("issuer = \"https://id.example\"\n[http]\nmax_body_bytes = \"big\"\n");
    assert!(
        error.starts_with("countersign.toml:3: http.max_body_bytes: invalid type: string \"big\""),
        "{error}"
    );
    let error = load("issuer = \"https://id.example\"\n[logging]\nformat = \"xml\"\n");
    assert!(
        error.starts_with(
            "countersign.toml:3: logging.format: unknown variant `xml`, expected `text` or `json`"
        ),
        "{error}"
    );
    let error =
        load("issuer = \"http://id.example\"\nlisten = \"8080\"\n[http]\nmax_header_bytes = 1\n");
    assert_eq!(
        error.lines().collect::<Vec<_>>(),
        [
            "countersign.toml:1: issuer: the issuer is http, which only a loopback host may be. Use https, which a reverse proxy can add, or a loopback address for trials.",
            "countersign.toml:2: listen: must be an address and a port: \"127.0.0.1:8080\" for this machine only, \"[::]:8080\" for every machine that can reach it.",
            "countersign.toml:4: http.max_header_bytes: must be from 8192 to 1048576, not 1.",
        ]
    );
    assert_eq!(
        refused(&[("TOKEN_EXPIRY", "1h")]),
        "TOKEN_EXPIRY: tokens.access_token_lifetime_seconds: must be a whole number. If TOKEN_EXPIRY is meant for another program, set tokens.access_token_lifetime_seconds: TOKEN_EXPIRY is then ignored here."
    );
    assert!(load("listen = \"127.0.0.1:1\"\n").starts_with("issuer: missing."));
}

#[test]
fn a_secret_key_that_is_short_or_a_placeholder_is_refused() {
    assert!(
        refused(&[("SECRET_KEY", "your-secret")])
            .starts_with("SECRET_KEY: keys.secret_key: has 11 bytes, but needs at least 32.")
    );
    for placeholder in [
        "your-secret-key-your-secret-key-your-secret-key",
        "CHANGEME0123456789abcdefCHANGEME0123456789",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let message = refused(&[("COUNTERSIGN_KEYS__SECRET_KEY", placeholder)]);
        assert!(
            message.starts_with("COUNTERSIGN_KEYS__SECRET_KEY: keys.secret_key: ")
                && !message.contains(placeholder),
            "{message}"
        );
    }
}

#[test]
fn secrets_are_read_from_files_and_masked_where_they_are_shown() {
    let folder = Folder::new("secrets");
    let path = folder.write("key", "canary/f8Zk2LqPw9XsVbNmRt4Yh6Jg3Dc\n");
    let sources = with_environment(&[
        ("SECRET_KEY_FILE", path.to_str().unwrap()),
        ("DATABASE_URL", "sqlite:canary.db"),
    ]);
    let effective = Effective::load(&sources).unwrap();
    assert_eq!(
        effective
            .configuration
            .key_material
            .secret_key
            .as_ref()
            .unwrap()
            .expose_secret(),
        "canary/f8Zk2LqPw9XsVbNmRt4Yh6Jg3Dc"
    );
    let shown = as_toml(&effective);
    assert!(
        shown.contains("secret_key = \"********\"  # SECRET_KEY_FILE\n"),
        "{shown}"
    );
    assert!(!format!("{shown}{}{effective:?}", as_json(&effective)).contains("canary"));
    let both = refused(&[("SECRET_KEY", "a"), ("SECRET_KEY_FILE", "b")]);
    assert_eq!(
        both,
        "SECRET_KEY: keys.secret_key: set twice. Set either SECRET_KEY or SECRET_KEY_FILE. If SECRET_KEY is meant for another program, set keys.secret_key: SECRET_KEY is then ignored here."
    );
}

#[test]
fn a_store_that_is_not_there_yet_is_named() {
    let message = refused(&[("DATABASE_URL", "postgresql://user:canary@localhost/db")]);
    assert!(
        message.starts_with("DATABASE_URL: store.url: PostgreSQL is not supported as a store yet."),
        "{message}"
    );
    assert!(!message.contains("canary"));
}

#[test]
fn what_print_shows_can_be_read_again() {
    let effective = Effective::load(&with_environment(&[(
        "COUNTERSIGN_SCOPES",
        "{ a = { description = \"b\" } }",
    )]))
    .unwrap();
    let again: toml::Table = toml::from_str(&as_toml(&effective)).unwrap();
    assert_eq!(Configuration::read(&again), Ok(effective.configuration));
}

#[test]
fn unknown_names_in_the_environment_are_reported_not_refused() {
    let environment = environment(&[
        ("COUNTERSIGN_PORT", "tcp://10.0.0.1:80"),
        ("COUNTERSIGN_LISTEN", "127.0.0.1:1"),
        ("PATH", "/bin"),
        ("COUNTERSIGN_KEYS__SECRET_KEY_FILE", "x"),
    ]);
    assert_eq!(unknown_names(&environment), ["COUNTERSIGN_PORT"]);
}

#[test]
fn the_reference_in_docs_is_what_the_source_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == reference(),
        "docs/configuration.md is stale: countersign config reference > docs/configuration.md"
    );
}

#[test]
fn fields_that_do_not_fit_together_are_told_with_the_rest() {
    let lines = |pairs: &[(&str, &str)]| refused(pairs);
    for (pairs, said) in [
        (
            &[("PUBLIC_KEY_PATH", "a.pem")][..],
            "PUBLIC_KEY_PATH: keys.public_key_path: only checks the private key",
        ),
        (
            &[("COUNTERSIGN_KEYS__ALGORITHMS", "")],
            "keys.algorithms: must name at least one signature algorithm",
        ),
        (
            &[("COUNTERSIGN_KEYS__ALGORITHMS", "RS256")],
            "keys.access_token_algorithm: must be one of keys.algorithms.",
        ),
        (
            &[("COUNTERSIGN_KEYS__RETIRED_KEY_PUBLISHED_SECONDS", "60")],
            "keys.retired_key_published_seconds: must be at least 660",
        ),
        (
            &[("COUNTERSIGN_HTTP__MAX_BODY_BYTES", "8192")],
            "http.max_body_bytes: must be at least 30037",
        ),
        (
            &[("COUNTERSIGN_HTTP__MAX_BUFFERED_BYTES", "8192")],
            "http.max_buffered_bytes: must be at least http.max_body_bytes.",
        ),
        (
            &[(
                "COUNTERSIGN_CLIENT_DOCUMENTS__INSECURE_SKIP_CONSENT",
                "https://app.example/client.json",
            )],
            "client_documents.insecure_skip_consent: names https://app.example/client.json, which",
        ),
        (
            &[(
                "COUNTERSIGN_REGISTRATION__SOFTWARE_STATEMENT_ISSUERS",
                "{ \"https://issuer.example\" = {} }",
            )],
            "registration.software_statement_issuers: \"https://issuer.example\" must have one of",
        ),
        (
            &[("COUNTERSIGN_CLIENT_DOCUMENTS__MAX_CACHE_SECONDS", "60")],
            "client_documents.min_cache_seconds: is more than",
        ),
        (
            &[(
                "COUNTERSIGN_CLIENT_DOCUMENTS__VOUCHED",
                "https://app.example",
            )],
            "client_documents.vouched[0]: \"https://app.example\" can't be the address of a document: it has no path.",
        ),
        (
            &[("COUNTERSIGN_SCOPES", "{ \"a b\" = {} }")],
            "scopes: \"a b\" can't be a scope: RFC 6749, section 3.3,",
        ),
        (
            &[("COUNTERSIGN_SCOPES", "[")],
            "scopes: must be an inline TOML table: ",
        ),
        (
            &[("COUNTERSIGN_SCOPES", "{ a = { claims = [1] } }")],
            "scopes.a.claims[0]: invalid type: integer `1`",
        ),
        (
            &[("COUNTERSIGN_HTTP__TRUSTED_PROXIES", "::1,elsewhere")],
            "http.trusted_proxies[1]: elsewhere is neither an address nor a network",
        ),
        (
            &[("COUNTERSIGN_HTTP__TRUSTED_PROXIES", "0.0.0.0/0")],
            "http.trusted_proxies[0]: 0.0.0.0/0 is too large a part of all addresses",
        ),
        (
            &[("COUNTERSIGN_HTTP__ALLOWED_HOSTS", "https://id.example")],
            "http.allowed_hosts[0]: \"https://id.example\" is no host name.",
        ),
        (
            &[("COUNTERSIGN_KEYS__ALGORITHMS", "[\"ES256\", \"HS256\"]")],
            "keys.algorithms[1]: HS256 is not a public-key signature algorithm",
        ),
        (
            &[("COUNTERSIGN_ERRORS__EXPLAIN_ERRORS", "perhaps")],
            "errors.explain_errors: must be true or false",
        ),
        (
            &[("COUNTERSIGN_LOGGING__LEVEL", "a=b=c=d")],
            "Write off, error, warn, info, debug, trace, or filters",
        ),
        (
            &[("COUNTERSIGN_HTTP__KEEP_ALIVE_SECONDS", "-1")],
            "http.keep_alive_seconds: must be from 1 to 86400, not -1.",
        ),
        (
            &[("DATABASE_URL", "here.db")],
            "store.url: must begin with a scheme",
        ),
        (
            &[("SECRET_KEY_FILE", "/nowhere/key")],
            "SECRET_KEY_FILE: keys.secret_key: can't read /nowhere/key",
        ),
    ] {
        let message = lines(pairs);
        assert!(message.contains(said), "{pairs:?}: {message}");
    }
    let off = [("COUNTERSIGN_ERRORS__EXPLAIN_ERRORS", "0")];
    let effective = Effective::load(&with_environment(&off)).unwrap();
    assert!(!effective.configuration.site.errors.explain_errors);
}

#[test]
fn a_value_of_the_wrong_type_says_what_it_should_be_and_a_secret_is_not_repeated() {
    let folder = Folder::new("types");
    let load = |text: &str| {
        let file = folder.write("countersign.toml", text);
        let sources = Sources {
            file: Some(file),
            ..Sources::default()
        };
        Effective::load(&sources).unwrap_err().to_string()
    };
    let issuer = "issuer = \"https://id.example\"\n";
    for (line, said) in [
        (
            "listen = true",
            "listen: invalid type: boolean `true`, expected text in quotes",
        ),
        ("http = 1", "http: must be a section: [http]"),
        ("[store]\nurl = 4711", "store.url: must begin with a scheme"),
        ("[store]\nurl = [4711]", "store.url: must be text."),
        ("[keys]\nsecret_key = 4711", "keys.secret_key: has 4 bytes"),
        (
            "[http]\nallowed_hosts = [1]",
            "http.allowed_hosts[0]: must be text: put it in quotes.",
        ),
        (
            "[tokens]\naccess_token_lifetime_seconds = 1.5",
            "invalid type: floating point",
        ),
    ] {
        let message = load(&format!("{issuer}{line}\n"));
        assert!(message.contains(said), "{line}: {message}");
        assert!(!message.contains("4711"), "{message}");
    }
    let quickstart = Sources {
        defaults: vec![
            ("nonsense", "1".to_owned()),
            ("issuer", "https://id.example".to_owned()),
        ],
        ..Sources::default()
    };
    let message = Effective::load(&quickstart).unwrap_err().to_string();
    assert_eq!(message, "default: nonsense: there is no such field");
}

#[test]
fn grant_types_are_those_of_this_server() {
    for (enabled, said) in [
        ("", "grants.enabled: must name at least one grant type"),
        (
            "refresh_token",
            "needs a grant type that begins with a person",
        ),
        (
            "refresh_token, client_credentials",
            "needs a grant type that begins with a person",
        ),
        ("authorization_cod", "Did you mean `authorization_code`?"),
        ("password", "password is not a grant type of this server"),
    ] {
        let message = refused(&[
            ("COUNTERSIGN_ISSUER", "https://id.example.com"),
            ("COUNTERSIGN_GRANTS__ENABLED", enabled),
        ]);
        assert!(message.contains(said), "{enabled}: {message}");
    }
}

/// RFC 8707, section 2.
#[test]
fn a_resource_that_can_never_be_granted_is_refused() {
    for (resources, said) in [
        (
            r#"{ "api.example" = {} }"#,
            "api.example: it is not an absolute URI.",
        ),
        (r#"{ "https://a.example/#x" = {} }"#, "it has a fragment"),
        (r#"{ "https://id.example.com" = {} }"#, "this is the issuer"),
        (
            r#"{ "https://a.example" = {}, "https://a.example/" = {} }"#,
            "https://a.example: https://a.example/ is the same resource. Keep one of them.",
        ),
        (
            r#"{ "https://a.example" = { scopes = ["a b"] } }"#,
            "https://a.example: \"a b\" can't be a scope",
        ),
        (
            r#"{ "https://a.example" = { scopes = ["openid"] } }"#,
            "the scope openid is the issuer's own",
        ),
        (
            r#"{ "https://a.example" = { access_token_algorithm = "ES384" } }"#,
            "\"ES384\" is not one of keys.algorithms",
        ),
        (
            r#"{ "https://a.example" = { access_token_lifetime_seconds = 0 } }"#,
            "access_token_lifetime_seconds must be from 1",
        ),
        (
            r#"{ "https://a.example" = { access_token_lifetime_seconds = 604800 } }"#,
            "keys.retired_key_published_seconds: must be at least 604860",
        ),
        (
            r#"{ "https://a.example" = { format = "jwt" } }"#,
            "unknown field `format`",
        ),
    ] {
        let message = refused(&[
            ("COUNTERSIGN_ISSUER", "https://id.example.com"),
            ("COUNTERSIGN_RESOURCES", resources),
        ]);
        assert!(message.contains(said), "{resources}: {message}");
    }
}
