//! Countersign itself, as `countersign serve` runs it: SQLite, the real router, the real accept
//! loop and log. What differs: signing and throttling settings, and where asked a password that is
//! taken without being hashed.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use countersign::catalogue::catalogue;
use countersign::configuration::Configuration;
use countersign::listen::{self, Limits, raise_open_files_limit};
use countersign::logging;
use countersign::surroundings::Stream;
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::random::SystemRandom;
use countersign_jose::seal::{Keyring, SealingKey};
use countersign_provider::Provider;
use countersign_provider::accounts::{Account, Accounts, BuiltInAccounts, Proof};
use countersign_provider::passwords::PasswordHasher;
use countersign_store::clients::{Client, ClientSecret, KeptSecret};
use countersign_store::names::normalise;
use countersign_store::subjects::Status;
use countersign_store::users::{NewUser, User};
use countersign_store::{Epoch, SecretHash, Store};
use countersign_store_sql::sqlite::{Options, Sqlite};
use countersign_web::clock::{Clock, SystemClock};
use countersign_web::error::Failure;
use countersign_web::settings::Login;
use serde_json::json;

use crate::journeys::{
    ACCOUNTS, CLIENT_ID, CLIENT_SECRET, CONSENT_CLIENT_ID, OPAQUE_CLIENT_ID, OPAQUE_SERVICE_ID,
    PASSWORD, REDIRECT_URI, SERVICE_ID, username,
};
use crate::{Error, Result, children};

/// What is done with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    Hashed,
    /// Taken at once.
    Taken,
}

impl FromStr for Passwords {
    type Err = Error;

    fn from_str(text: &str) -> Result<Passwords> {
        match text {
            "hashed" => Ok(Passwords::Hashed),
            "taken" => Ok(Passwords::Taken),
            _ => Err(format!("{text}: hashed or taken").into()),
        }
    }
}

/// The child's side.
///
/// # Errors
/// If no port can be listened on, or the provider cannot be built.
pub fn serve(folder: &Path, algorithm: SignatureAlgorithm, passwords: Passwords) -> Result<()> {
    children::runtime()?.block_on(async {
        raise_open_files_limit();
        let listener = listen::bind("127.0.0.1:0").await?;
        let address = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let mut configuration = Configuration::default();
        configuration.basics.issuer = Some(address.parse()?);
        let log = logging::dispatch(&configuration.logging, Stream::standard_error());
        logging::start_for_process(log);
        let provider = provider(folder, &configuration, algorithm, passwords).await?;
        let limits = Limits::of(&configuration);
        children::serve_on(listener, provider.standalone_router(), limits).await
    })
}

async fn provider(
    folder: &Path,
    configuration: &Configuration,
    algorithm: SignatureAlgorithm,
    passwords: Passwords,
) -> Result<Provider> {
    // One address signs in without end.
    let unlimited = Login {
        attempts_per_account: 1_000_000_000,
        attempts_per_account_anywhere: 1_000_000_000,
        attempts_per_address: 1_000_000_000,
        window_seconds: 1_000_000,
        ..Login::default()
    };
    let mut settings = configuration.provider.clone();
    settings.keys.access_token_algorithm = algorithm.as_str().parse()?;
    let mut site_settings = configuration.site.clone();
    site_settings.login = unlimited;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(Options {
        readers: cores, // as the server's configuration has it
        ..Options::new(folder.join("countersign.db"))
    })?);
    let random = Arc::new(SystemRandom);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let hasher = Arc::new(PasswordHasher::start(&settings.passwords, random.clone())?);
    let hash = hasher.hash(PASSWORD).await?;
    let built_in = BuiltInAccounts::new(store.clone(), hasher.clone(), clock.clone());
    let accounts: Arc<dyn Accounts> = match passwords {
        Passwords::Hashed => Arc::new(built_in),
        Passwords::Taken => Arc::new(WithoutHashing {
            built_in,
            store: store.clone(),
        }),
    };
    let issuer = (**configuration.issuer()?).clone();
    let sealing = Keyring::new(SealingKey::new(1, [9; 32]));
    let provider = Provider::builder(issuer, store, sealing)
        .settings(settings)
        .site_settings(site_settings)
        .accounts(accounts)
        .passwords(hasher)
        .catalogue(catalogue())
        .clock(clock)
        .build()
        .await?;
    fill(&provider, &hash).await?;
    Ok(provider)
}

/// The built-in accounts, but every password of a known name is right.
struct WithoutHashing {
    built_in: BuiltInAccounts,
    store: Arc<dyn Store>,
}

#[async_trait]
impl Accounts for WithoutHashing {
    async fn verify_password(
        &self,
        name: &str,
        _password: &str,
    ) -> std::result::Result<Proof, Failure> {
        let name = normalise(name).unwrap_or_default();
        let sub = self.store.sub_named(&name).await?.unwrap_or_default();
        let subject = self.store.subject(&sub).await?;
        self.store.credential(&sub).await?;
        Ok(match subject {
            Some(subject) => Proof::Accepted {
                sub: subject.sub,
                user_epoch: subject.epoch,
            },
            None => Proof::UnknownName,
        })
    }

    async fn account(&self, sub: &str) -> std::result::Result<Option<Account>, Failure> {
        self.built_in.account(sub).await
    }
}

async fn fill(provider: &Provider, hash: &str) -> Result<()> {
    let people = (0..ACCOUNTS).map(|number| add_person(provider, number, hash));
    for added in futures_util::future::join_all(people).await {
        added?;
    }
    let web = |changes: serde_json::Value| {
        let mut metadata = json!({
            "client_name": "Benchmark",
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
            "id_token_signed_response_alg": "ES256",
            "rotate_refresh_tokens": true,
        });
        if let (Some(metadata), Some(changes)) = (metadata.as_object_mut(), changes.as_object()) {
            metadata.extend(changes.clone());
        }
        metadata
    };
    let service = |format: &str| {
        json!({
            "grant_types": ["client_credentials"],
            "access_token_format": format,
        })
    };
    for (client_id, metadata) in [
        (CLIENT_ID, web(json!({"insecure_skip_consent": true}))),
        (
            CONSENT_CLIENT_ID,
            web(json!({"access_token_format": "opaque"})),
        ),
        (
            OPAQUE_CLIENT_ID,
            web(json!({"insecure_skip_consent": true, "access_token_format": "opaque"})),
        ),
        (SERVICE_ID, service("jwt")),
        (OPAQUE_SERVICE_ID, service("opaque")),
    ] {
        add_client(provider, client_id, metadata.to_string()).await?;
    }
    Ok(())
}

async fn add_person(provider: &Provider, number: usize, hash: &str) -> Result<()> {
    let claims = json!({"name": format!("Person {number}"), "given_name": "Person"});
    let name = username(number);
    let user = NewUser {
        user: User {
            sub: format!("subject-{number}"),
            email: Some(format!("{name}@example.org")),
            username: name,
            administrator: false,
            status: Status::Active,
            claims: claims.as_object().cloned().unwrap_or_default(),
            created_at: provider.now(),
            updated_at: provider.now(),
        },
        epoch: Epoch::generate(&*provider.random),
        password_hash: Some(hash.to_owned()),
    };
    provider.store.create_user(&user, provider.now()).await?;
    Ok(())
}

async fn add_client(provider: &Provider, client_id: &str, metadata: String) -> Result<()> {
    let secret = ClientSecret {
        id: "first".to_owned(),
        created_at: provider.now(),
        expires_at: None,
        kept: KeptSecret::Hashed(SecretHash::of(CLIENT_SECRET.as_bytes())),
    };
    let client = Client {
        client_id: client_id.to_owned(),
        epoch: Epoch::generate(&*provider.random),
        status: Status::Active,
        secrets: vec![secret].into(),
        metadata,
        owner: None,
        revision: 0,
        created_at: provider.now(),
        updated_at: provider.now(),
    };
    provider.store.create_client(&client).await?;
    Ok(())
}
