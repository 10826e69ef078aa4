//! A client that no one vouches for changes while a person looks at its device's request: the
//! approval is of what they were shown (RFC 8628, section 5.4).

use countersign_testing::{ALICE, Answer, Browser, TestProvider};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::device_flow::{approval_page, poll_as};
use crate::expect;
use crate::register::{management, open, register, send};

/// A client that registered itself, and its request of a device.
struct Asking {
    op: TestProvider,
    registered: Value,
    client_id: String,
    device_code: String,
    user_code: String,
}

impl Asking {
    async fn start() -> Asking {
        let op = open().await;
        let metadata = json!({
            "client_name": "Living Room TV",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"],
            "response_types": [],
            "token_endpoint_auth_method": "none",
        });
        let registered = register(&op, None, &metadata).await.json();
        let client_id = registered["client_id"].as_str().expect("an id").to_owned();
        let form = [("client_id", client_id.as_str()), ("scope", "openid")];
        let asked = op.browser().post("/device_authorization", &form).await;
        let asked = asked.json();
        let text = |name: &str| asked[name].as_str().expect("a text").to_owned();
        Asking {
            device_code: text("device_code"),
            user_code: text("user_code"),
            op,
            registered,
            client_id,
        }
    }

    async fn renamed(&self) {
        let (path, token) = management(&self.registered);
        let mut change = self.registered.clone();
        change["client_name"] = json!("The Bank");
        let changed = send(&self.op, Method::PUT, &path, Some(&token), Some(&change)).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    }

    async fn polled(&self) -> Answer {
        self.op.clock.advance(6);
        poll_as(&self.op, &self.client_id, &self.device_code).await
    }
}

#[tokio::test]
async fn a_client_that_changed_is_asked_about_again() {
    let asking = Asking::start().await;
    let mut browser = asking.op.browser();
    let page = approval_page(&mut browser, &ALICE, &asking.user_code).await;
    asking.renamed().await;
    let again = browser.submit(&page, &[("decision", "allow")]).await;
    assert_eq!(again.page_kind(), "device_approval", "{again:?}");
    assert!(again.body.contains("The Bank"), "{again:?}");
    expect::refused(&asking.polled().await, "authorization_pending");
    let done = browser.submit(&again, &[("decision", "allow")]).await;
    assert_eq!(done.page_kind(), "device_answered", "{done:?}");
    assert_eq!(asking.polled().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_changed_is_denied_without_another_question() {
    let asking = Asking::start().await;
    let mut browser = asking.op.browser();
    let page = approval_page(&mut browser, &ALICE, &asking.user_code).await;
    asking.renamed().await;
    let done = browser.submit(&page, &[("decision", "deny")]).await;
    assert_eq!(done.page_kind(), "device_answered", "{done:?}");
    expect::refused(&asking.polled().await, "access_denied");
}

async fn sent(browser: &mut Browser, path: &str, form: &[(&str, &str)]) -> Answer {
    let json = [("accept", "application/json".to_owned())];
    browser.post_with(path, form, &json).await
}

#[tokio::test]
async fn an_application_that_asks_itself_is_told_that_the_client_changed() {
    let asking = Asking::start().await;
    let mut browser = asking.op.signed_in(&ALICE).await;
    let json = [("accept", "application/json".to_owned())];
    let form = browser.get_with_headers("/device", &json).await.json();
    let interaction = form["interaction"].as_str().expect("a form").to_owned();
    let entered = [
        ("interaction", interaction.as_str()),
        ("user_code", asking.user_code.as_str()),
    ];
    let asked = sent(&mut browser, "/device", &entered).await.json();
    assert_eq!(asked["client_name"], "Living Room TV");
    asking.renamed().await;
    let interaction = asked["interaction"].as_str().expect("a form").to_owned();
    let allow = [("interaction", interaction.as_str()), ("decision", "allow")];
    let refused = sent(&mut browser, "/device/approval", &allow).await;
    expect::refused(&refused, "access_denied");
    expect::refused(&asking.polled().await, "authorization_pending");
}
