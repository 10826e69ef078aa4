//! Causes that are our own fault.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use countersign_jose::random::SeededRandom;
use countersign_provider::accounts::{Account, Accounts, Proof, hashing_failed};
use countersign_provider::pages::PAGES;
use countersign_provider::passwords::{HashingError, PasswordHasher};
use countersign_provider::settings::PasswordSettings;
use countersign_store::memory::Memory;
use countersign_testing::{ALICE, Breakage, ObservedStore, Options, TestProvider, VERIFIER};
use countersign_web::error::Failure;
use countersign_web::pages::Pages;

use super::{CALLBACK, Stage};

/// Accounts elsewhere: one of them vanished, and there is no capacity to verify a password.
struct Elsewhere;

#[async_trait]
impl Accounts for Elsewhere {
    async fn verify_password(&self, _: &str, _: &str) -> Result<Proof, Failure> {
        Ok(Proof::Busy)
    }

    async fn account(&self, _: &str) -> Result<Option<Account>, Failure> {
        Ok(None)
    }
}

pub async fn our_own_faults() -> BTreeSet<String> {
    let memory = Arc::new(Memory::new());
    let store = Arc::new(ObservedStore::new(memory));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    let mut stage = Stage::with(options).await;
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "openid")
        .await;
    store.break_act("check_access_token", Breakage::Unavailable);
    stage
        .userinfo("store_unavailable", &tokens.access_token)
        .await;
    store.break_act("check_access_token", Breakage::Corrupt);
    stage.userinfo("record_corrupt", &tokens.access_token).await;
    store.repair();

    let metadata = r#"{"redirect_uris": ["https://es.example/"], "token_endpoint_auth_method": "none",
        "id_token_signed_response_alg": "ES512"}"#;
    stage.op.add_client_with("es512", None, metadata).await;
    let mut browser = stage.op.browser();
    let code = stage
        .op
        .code(
            &mut browser,
            &ALICE,
            "es512",
            "https://es.example/",
            "openid",
        )
        .await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "es512"),
        ("code", code.as_str()),
        ("redirect_uri", "https://es.example/"),
        ("code_verifier", VERIFIER),
    ];
    stage.post_token("signing_key_missing", None, &form).await;

    let elsewhere = Options {
        store: store.clone(),
        accounts: Some(Arc::new(Elsewhere)),
        ..Options::default()
    };
    let mut elsewhere = Stage::of(TestProvider::joining(elsewhere).await);
    elsewhere
        .userinfo("record_missing", &tokens.access_token)
        .await;
    let mut browser = elsewhere.op.browser();
    let login = browser
        .get_with("/authorize", &elsewhere.request(&[]))
        .await;
    let answer = browser.sign_in(&login, "alice", ALICE.password).await;
    assert_eq!(answer.page_kind(), "login", "the page stays: {answer:?}");
    elsewhere.meets("login_busy", &answer);

    // Every page is rendered once at the start; this one fails on just this name.
    let template = r#"{% if username == "trap" %}{{ no_such_function() }}{% endif %}"#;
    let templates = [("login.html".to_owned(), template.to_owned())];
    let pages = Pages::new(&[PAGES], Some(templates.into())).expect("compiles");
    let mut overridden = Stage::with(Options {
        pages: Some(pages),
        ..Options::default()
    })
    .await;
    let request = overridden.request(&[("login_hint", "trap")]);
    overridden.log.take();
    let answer = overridden
        .op
        .browser()
        .get_with("/authorize", &request)
        .await;
    assert_eq!(answer.status.as_u16(), 500, "{answer:?}");
    overridden.meets("page_failed", &answer);

    stage.met.extend(elsewhere.met);
    stage.met.extend(overridden.met);
    stage.met
}

/// The hasher's own refusal, for the cause that is listed in [`UNREACHED`].
#[tokio::test]
async fn a_hasher_that_is_gone_or_full_answers_busy() {
    let settings = PasswordSettings {
        argon2_memory_kib: 0,
        ..PasswordSettings::default()
    };
    let started = PasswordHasher::start(&settings, Arc::new(SeededRandom::new(1)));
    assert!(matches!(started, Err(HashingError::Parameters)));
    let failure = hashing_failed(HashingError::Busy);
    assert_eq!(failure.cause.name, "hashing_busy");
}
