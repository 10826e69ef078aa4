//! Endings that happen between a read and the act that depends on it: what was issued beside an
//! ending is invalid from the start, because it carries the epochs of the read.

use std::sync::Arc;

use countersign_store::memory::Memory;
use countersign_store::standing::{StandingChange, StandingOutcome};
use countersign_store::{Epoch, Store};
use countersign_testing::{
    ALICE, Browser, FixedClock, ObservedStore, Options, TestProvider, callback,
};

use crate::expect;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    UserDisabled,
    PasswordChanged,
    ConsentWithdrawn,
    ClientDisabled,
    ClientEnded,
}

const EPOCH: Epoch = Epoch::from_bytes([7; 16]);
const NOW: i64 = FixedClock::START;

impl Ending {
    const ALL: [Ending; 5] = [
        Ending::UserDisabled,
        Ending::PasswordChanged,
        Ending::ConsentWithdrawn,
        Ending::ClientDisabled,
        Ending::ClientEnded,
    ];

    async fn happen(self, store: Arc<dyn Store>, client_id: &'static str) {
        let (end, disable) = (
            StandingChange::End { epoch: EPOCH },
            StandingChange::Disable { epoch: EPOCH },
        );
        let user = async |change| store.change_subject_standing(ALICE.sub, &change, NOW).await;
        let client = async |change| store.change_client_standing(client_id, &change, NOW).await;
        let changed = match self {
            Ending::ConsentWithdrawn => {
                let withdrawn = store.withdraw_consent(ALICE.sub, client_id, NOW).await;
                assert!(withdrawn.expect("happens"));
                return;
            }
            Ending::PasswordChanged => {
                let set = store.set_password(ALICE.sub, "x", NOW).await;
                assert!(set.expect("happens"));
                user(end).await
            }
            Ending::UserDisabled => user(disable).await,
            Ending::ClientDisabled => client(disable).await,
            Ending::ClientEnded => client(end).await,
        };
        assert_eq!(
            changed.expect("happens"),
            StandingOutcome::Changed,
            "{self:?}"
        );
    }
}

async fn observed() -> (TestProvider, Arc<ObservedStore>) {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    (TestProvider::start_with(options).await, store)
}

const CLIENT: &str = "confidential";
const CALLBACK: &str = callback::CONFIDENTIAL;

async fn code(op: &TestProvider, browser: &mut Browser) -> String {
    op.code(browser, &ALICE, CLIENT, CALLBACK, "openid offline_access")
        .await
}

#[tokio::test]
async fn a_code_that_is_issued_beside_an_ending_is_invalid_from_the_start() {
    for ending in Ending::ALL {
        let (op, store) = observed().await;
        let mut browser = op.browser();
        code(&op, &mut browser).await;
        store.before("issue_code", move |store| ending.happen(store, CLIENT));
        let code = code(&op, &mut browser).await;
        assert!(store.is_quiet());
        let answer = op.redeem(CLIENT, CALLBACK, &code).await;
        let error = match ending {
            Ending::ClientDisabled => "invalid_client",
            _ => "invalid_grant",
        };
        expect::refused(&answer, error);
    }
}

#[tokio::test]
async fn a_consent_that_is_withdrawn_meanwhile_is_not_brought_back() {
    let (op, store) = observed().await;
    let mut browser = op.browser();
    code(&op, &mut browser).await;
    store.before("issue_code", |store| {
        Ending::ConsentWithdrawn.happen(store, CLIENT)
    });
    code(&op, &mut browser).await;
    let consent = op
        .provider
        .store
        .consent(ALICE.sub, CLIENT)
        .await
        .expect("reads");
    assert_eq!(consent, None);
}

#[tokio::test]
async fn a_code_that_is_redeemed_beside_an_ending_gives_no_token() {
    for ending in Ending::ALL {
        let (op, store) = observed().await;
        let code = code(&op, &mut op.browser()).await;
        store.before("redeem", move |store| ending.happen(store, CLIENT));
        let answer = op.redeem(CLIENT, CALLBACK, &code).await;
        assert!(store.is_quiet());
        // The client was authenticated while it was active.
        expect::refused(&answer, "invalid_grant");
    }
}

#[tokio::test]
async fn a_refresh_beside_an_ending_gives_no_token() {
    for ending in Ending::ALL {
        let (op, store) = observed().await;
        let code = code(&op, &mut op.browser()).await;
        let tokens = op.redeem(CLIENT, CALLBACK, &code).await.tokens();
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        store.before("rotate_refresh_token", move |store| {
            ending.happen(store, CLIENT)
        });
        let answer = op.refresh(CLIENT, &refresh_token).await;
        assert!(store.is_quiet());
        expect::refused(&answer, "invalid_grant");
        expect::token_refused(&op.userinfo(&tokens.access_token).await);
    }
}

#[tokio::test]
async fn a_clients_own_token_that_is_issued_beside_its_ending_is_invalid_from_the_start() {
    for ending in [Ending::ClientDisabled, Ending::ClientEnded] {
        let (op, store) = observed().await;
        store.before("insert_access_token", move |store| {
            ending.happen(store, "posting")
        });
        let answer = op
            .token("posting", &[("grant_type", "client_credentials")])
            .await;
        assert!(store.is_quiet());
        expect::token_refused(&op.userinfo(&answer.tokens().access_token).await);
    }
}

#[tokio::test]
async fn a_sign_in_that_is_proven_beside_an_ending_opens_nothing() {
    for ending in [Ending::UserDisabled, Ending::PasswordChanged] {
        let (op, store) = observed().await;
        let mut browser = op.browser();
        let request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
        let login = browser.get_with("/authorize", &request).await;
        // After the password was verified, before the session is written.
        store.before("start_session", move |store| ending.happen(store, CLIENT));
        let answer = browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        assert!(store.is_quiet());
        if let Some(code) = answer.location_parameter("code") {
            let answer = op.redeem("first-party", callback::FIRST_PARTY, &code).await;
            expect::refused(&answer, "invalid_grant");
        }
        let again = browser.get_with("/authorize", &request).await;
        assert_eq!(again.page_kind(), "login", "{ending:?}: {again:?}");
    }
}

#[tokio::test]
async fn a_step_up_beside_an_ending_of_the_session_does_not_bring_it_back() {
    let (op, store) = observed().await;
    let mut browser = op.browser();
    let held = code(&op, &mut browser).await;
    let online = op
        .code(&mut browser, &ALICE, "posting", callback::POSTING, "openid")
        .await;
    let tokens = op
        .redeem("posting", callback::POSTING, &online)
        .await
        .tokens();
    let mut request = op.authorization(CLIENT, CALLBACK, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &request).await;
    let mut elsewhere = browser.clone();
    let logout = elsewhere.get("/logout").await;
    // The same session is signed out in another tab while the password is verified.
    elsewhere.submit(&logout, &[("decision", "confirm")]).await;
    let back = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert!(
        back.location_parameter("code").is_some(),
        "a new session: {back:?}"
    );
    assert!(
        !expect::is_accepted(&op, &tokens.access_token).await,
        "and not the old one"
    );
    assert!(
        op.redeem(CLIENT, CALLBACK, &held).await.status.is_success(),
        "offline survives"
    );
    assert!(store.is_quiet());
}
