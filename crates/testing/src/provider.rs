//! A provider in process, with the personas in its store.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::Router;
use countersign_fetch::Outbound;
use countersign_jose::base64url;
use countersign_jose::digest;
use countersign_jose::key::SigningKey;
use countersign_jose::random::SeededRandom;
use countersign_jose::seal::{Keyring, SealingKey};
use countersign_management::keys;
use countersign_oauth::issuer::Issuer;
use countersign_provider::Provider;
use countersign_provider::accounts::Accounts;
use countersign_provider::settings::{Operator, OperatorScope, PasswordSettings, Settings};
use countersign_store::Store;
use countersign_store::keys::ChangeKeys;
use countersign_store::memory::Memory;
use countersign_web::SiteSettings;
use countersign_web::pages::Pages;
use http::StatusCode;
use serde_json::Value;

use crate::{ALICE, Answer, BOB, Browser, CLIENTS, FixedClock, Person, callback};

/// The issuer of [`Options::default`].
pub const ISSUER: &str = "https://op.example";

/// How a test's provider differs from the default.
pub struct Options {
    pub issuer: &'static str,
    pub store: Arc<dyn Store>,
    pub settings: Settings,
    pub site: SiteSettings,
    /// Replaces the accounts in the store.
    pub accounts: Option<Arc<dyn Accounts>>,
    /// Replaces the built-in pages.
    pub pages: Option<Pages>,
    /// What may be fetched; by default, nothing on this machine.
    pub outbound: Outbound,
}

impl Default for Options {
    fn default() -> Options {
        let mut scopes = BTreeMap::new();
        scopes.insert(
            "reports".to_owned(),
            OperatorScope {
                title: Some("Reports".to_owned()),
                description: Some("Read your reports".to_owned()),
                claims: vec!["department".to_owned()],
            },
        );
        let passwords = PasswordSettings {
            argon2_memory_kib: 8,
            argon2_iterations: 1,
            hashing_threads: 1,
            ..PasswordSettings::default()
        };
        Options {
            issuer: ISSUER,
            store: Arc::new(Memory::new()),
            settings: Settings {
                passwords,
                operator: Operator {
                    scopes,
                    ..Operator::default()
                },
                ..Settings::default()
            },
            site: SiteSettings::default(),
            accounts: None,
            pages: None,
            outbound: Outbound::default(),
        }
    }
}

impl Options {
    /// The default with some settings changed.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Options {
        let mut options = Options::default();
        change(&mut options.settings);
        options
    }

    /// The default with some settings of the web side changed.
    pub fn with_site(change: impl FnOnce(&mut SiteSettings)) -> Options {
        let mut options = Options::default();
        change(&mut options.site);
        options
    }

    /// The default under another issuer.
    pub fn at(issuer: &'static str) -> Options {
        Options {
            issuer,
            ..Options::default()
        }
    }
}

/// Keys, especially RSA keys, take long to generate: two of each kind for the whole run, of which
/// the first signs and the second is standby.
static KEYS: LazyLock<Vec<[SigningKey; 2]>> = LazyLock::new(|| {
    let make = |algorithm| SigningKey::generate(algorithm).expect("a key");
    let algorithms = Settings::default().keys.signing_algorithms();
    let pair = |algorithm| [make(algorithm), make(algorithm)];
    algorithms.into_iter().map(pair).collect()
});

/// The master key of every test's provider.
fn sealing() -> Keyring {
    Keyring::new(SealingKey::new(1, [9; 32]))
}

/// A provider with its clock and its router.
pub struct TestProvider {
    pub provider: Provider,
    pub clock: Arc<FixedClock>,
    pub router: Router,
}

/// A token response that was asked for in the ordinary way.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    pub body: Value,
}

impl TestProvider {
    pub async fn start() -> TestProvider {
        TestProvider::start_with(Options::default()).await
    }

    pub async fn start_with(options: Options) -> TestProvider {
        let random = SeededRandom::new(42);
        let now = FixedClock::START;
        let record = |key| keys::record(key, &sealing(), &random, now).expect("seals");
        for [first, standby] in &*KEYS {
            let first = ChangeKeys::First { key: record(first) };
            let standby = ChangeKeys::Standby {
                key: record(standby),
            };
            for act in [first, standby] {
                let added = options.store.change_signing_keys(&act, now).await;
                added.expect("adds");
            }
        }
        let test = TestProvider::over(options, 42).await;
        for person in [&ALICE, &BOB] {
            test.add_person(person).await;
        }
        for client in CLIENTS {
            test.add_client(client).await;
        }
        test
    }

    /// A second provider over the store of the first, as another replica is.
    pub async fn share(first: &TestProvider) -> TestProvider {
        let options = Options {
            store: Arc::clone(&first.provider.store),
            ..Options::default()
        };
        TestProvider::joining(options).await
    }

    /// A provider over a store that has the personas already.
    pub async fn joining(options: Options) -> TestProvider {
        TestProvider::over(options, 43).await
    }

    async fn over(options: Options, seed: u64) -> TestProvider {
        let clock = Arc::new(FixedClock::default());
        let random = Arc::new(SeededRandom::new(seed));
        let issuer = Issuer::parse(options.issuer).expect("issuer");
        let mut builder = Provider::builder(issuer, options.store, sealing())
            .settings(options.settings)
            .site_settings(options.site)
            .outbound(options.outbound)
            .clock(clock.clone())
            .random(random);
        if let Some(accounts) = options.accounts {
            builder = builder.accounts(accounts);
        }
        if let Some(pages) = options.pages {
            builder = builder.pages(pages);
        }
        let provider = builder.build().await.expect("provider");
        let router = provider.standalone_router();
        TestProvider {
            provider,
            clock,
            router,
        }
    }

    /// A browser that was not used yet.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), self.provider.issuer.as_str())
    }

    /// A browser that signed in, with the consent that this took.
    pub async fn signed_in(&self, person: &Person) -> Browser {
        let mut browser = self.browser();
        self.code(
            &mut browser,
            person,
            "confidential",
            callback::CONFIDENTIAL,
            "openid",
        )
        .await;
        browser
    }

    /// The parameters of an ordinary authorization request: PKCE with [`VERIFIER`], `state`,
    /// `nonce`.
    pub fn authorization<'a>(
        &self,
        client_id: &'a str,
        redirect_uri: &'a str,
        scope: &'a str,
    ) -> Vec<(&'a str, String)> {
        vec![
            ("response_type", "code".to_owned()),
            ("client_id", client_id.to_owned()),
            ("redirect_uri", redirect_uri.to_owned()),
            ("scope", scope.to_owned()),
            ("state", "the-state".to_owned()),
            ("nonce", "the-nonce".to_owned()),
            ("code_challenge", challenge(VERIFIER)),
            ("code_challenge_method", "S256".to_owned()),
        ]
    }

    /// Signs a person in and returns the code that the client got, through every page on the way.
    pub async fn code(
        &self,
        browser: &mut Browser,
        person: &Person,
        client_id: &str,
        redirect_uri: &str,
        scope: &str,
    ) -> String {
        let request = self.authorization(client_id, redirect_uri, scope);
        let mut answer = browser.get_with("/authorize", &request).await;
        for _ in 0..4 {
            answer = match answer.page_kind() {
                "login" => {
                    browser
                        .sign_in(&answer, person.username, person.password)
                        .await
                }
                "consent" => browser.submit(&answer, &[("decision", "allow")]).await,
                _ => break,
            };
        }
        answer
            .location_parameter("code")
            .unwrap_or_else(|| panic!("no code: {answer:?}"))
    }

    /// A form posted to the token endpoint; HTTP Basic where the persona uses it.
    pub async fn token(&self, client_id: &str, form: &[(&str, &str)]) -> Answer {
        self.post_as(client_id, "/token", form).await
    }

    /// What a client asks about a token (RFC 7662, section 2.1).
    pub async fn introspect(&self, client_id: &str, token: &str) -> Answer {
        self.post_as(client_id, "/introspect", &[("token", token)])
            .await
    }

    /// A client revokes a token (RFC 7009, section 2.1).
    pub async fn revoke(&self, client_id: &str, token: &str) -> Answer {
        self.post_as(client_id, "/revoke", &[("token", token)])
            .await
    }

    /// A form posted by a client, which authenticates as the persona does.
    pub async fn post_as(&self, client_id: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        let persona = CLIENTS.iter().find(|client| client.client_id == client_id);
        let secret = persona.and_then(|client| client.secret);
        let in_form = secret.is_none()
            || persona.is_some_and(|client| client.metadata.contains("client_secret_post"));
        let mut headers = Vec::new();
        if in_form {
            form.push(("client_id", client_id));
            if let Some(secret) = secret {
                form.push(("client_secret", secret));
            }
        } else if let Some(secret) = secret {
            headers.push(("authorization", basic(client_id, secret)));
        }
        self.browser().post_with(path, &form, &headers).await
    }

    /// Redeems a code as its own client does.
    pub async fn redeem(&self, client_id: &str, redirect_uri: &str, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.token(client_id, &form).await
    }

    pub async fn refresh(&self, client_id: &str, refresh_token: &str) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.token(client_id, &form).await
    }

    /// From nothing to tokens.
    pub async fn tokens(
        &self,
        person: &Person,
        client_id: &str,
        redirect_uri: &str,
        scope: &str,
    ) -> Tokens {
        let mut browser = self.browser();
        let code = self
            .code(&mut browser, person, client_id, redirect_uri, scope)
            .await;
        let answer = self.redeem(client_id, redirect_uri, &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.tokens()
    }

    pub async fn userinfo(&self, access_token: &str) -> Answer {
        let header = [("authorization", format!("Bearer {access_token}"))];
        self.browser().get_with_headers("/userinfo", &header).await
    }
}

/// The code_verifier of every ordinary request.
pub const VERIFIER: &str = "the-verifier-of-all-tests-has-at-least-43-characters";

/// RFC 7636, section 4.2.
pub fn challenge(verifier: &str) -> String {
    base64url::encode(digest::sha256(verifier.as_bytes()))
}

/// RFC 6749, section 2.3.1, for values that need no form encoding.
pub fn basic(client_id: &str, secret: &str) -> String {
    format!(
        "Basic {}",
        base64_standard(format!("{client_id}:{secret}").as_bytes())
    )
}

fn base64_standard(bytes: &[u8]) -> String {
    let mut text = base64url::encode(bytes).replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}
