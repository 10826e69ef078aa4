//! A provider that tells applications, and applications that listen.

use std::sync::Arc;
use std::time::Duration;

use countersign_provider::settings::Settings;
use countersign_provider::{Housekeeping, HousekeepingSettings, Memory, Store};
use countersign_testing::{
    ALICE, Browser, Options, Person, Receiver, Taken, TestProvider, VERIFIER, claims_of,
};
use http::StatusCode;

pub const CALLBACK: &str = "https://app.example/callback";

pub struct Stage {
    pub op: TestProvider,
    _upkeep: Housekeeping,
}

impl Stage {
    pub async fn start() -> Stage {
        Stage::over(memory()).await
    }

    pub async fn over(store: Arc<dyn Store>) -> Stage {
        Stage::with(store, |_| {}).await
    }

    pub async fn with(store: Arc<dyn Store>, change: impl FnOnce(&mut Settings)) -> Stage {
        let mut options = Options {
            store,
            outbound: Receiver::outbound(),
            ..Options::default()
        };
        options.settings.logout.backchannel_poll_milliseconds = 50;
        change(&mut options.settings);
        Stage::of(TestProvider::start_with(options).await)
    }

    pub fn of(op: TestProvider) -> Stage {
        let upkeep = op
            .provider
            .start_housekeeping(HousekeepingSettings::default());
        Stage {
            op,
            _upkeep: upkeep,
        }
    }

    /// A client that is told at an address, and more metadata if need be.
    pub async fn application(&self, client_id: &str, uri: &str, more: &str) {
        let metadata = metadata(uri, more);
        self.op.add_client_with(client_id, None, &metadata).await;
    }

    /// A receiver with a client of this name.
    pub async fn receiver(&self, client_id: &str) -> Receiver {
        let receiver = Receiver::start().await;
        self.application(client_id, &receiver.uri(), "").await;
        receiver
    }

    /// Opens a client in a browser, and returns the `sid` that it got.
    pub async fn open(&self, browser: &mut Browser, person: &Person, client_id: &str) -> String {
        let id_token = self.id_token(browser, person, client_id).await;
        let sid = claims_of(&id_token)["sid"].clone();
        sid.as_str().expect("a sid").to_owned()
    }

    pub async fn id_token(
        &self,
        browser: &mut Browser,
        person: &Person,
        client_id: &str,
    ) -> String {
        let code = self
            .op
            .code(browser, person, client_id, CALLBACK, "openid")
            .await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", client_id),
        ];
        let answer = self.op.browser().post("/token", &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.tokens().id_token.expect("an ID token")
    }

    /// Alice, who has opened a client and signed out again: its `sid`.
    pub async fn signed_out(&self, client_id: &str) -> String {
        let mut browser = self.op.browser();
        let sid = self.open(&mut browser, &ALICE, client_id).await;
        sign_out(&mut browser).await;
        sid
    }
}

pub fn memory() -> Arc<dyn Store> {
    Arc::new(Memory::new())
}

pub fn metadata(uri: &str, more: &str) -> String {
    format!(
        r#"{{"redirect_uris": ["{CALLBACK}"], "token_endpoint_auth_method": "none",
             "id_token_signed_response_alg": "EdDSA", "grant_types": ["authorization_code"],
             "backchannel_logout_uri": "{uri}"{more}}}"#
    )
}

/// On the page that asks.
pub async fn sign_out(browser: &mut Browser) {
    let page = browser.get("/logout").await;
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
}

/// The sessions that an application was told of, in order.
pub fn sids(taken: &[Taken]) -> Vec<String> {
    taken.iter().map(|taken| taken.claim("sid")).collect()
}

/// Long enough for a call that must not come.
pub async fn a_while() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}
