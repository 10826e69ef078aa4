//! A television that signs in by the device flow (RFC 8628), for the tests of both binaries.

use countersign_testing::{ALICE, Answer, Browser, Options, Person, TestProvider};
use http::StatusCode;
use serde_json::Value;

/// A public client of the device flow.
pub const TELEVISION: &str = "television";

pub const METADATA: &str = r#"{
    "client_name": "Living Room TV",
    "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    "response_types": [],
    "token_endpoint_auth_method": "none",
    "scope": "openid profile email offline_access reports",
    "default_scope": "openid profile"
}"#;

/// RFC 8628, section 3.4.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// RFC 8628, section 3.5: "the client MUST use 5 as the default".
pub const INTERVAL: i64 = 5;

/// A device authorization response.
#[derive(Debug, Clone)]
pub struct Codes {
    pub device_code: String,
    pub user_code: String,
    pub body: Value,
}

pub async fn start() -> TestProvider {
    start_with(Options::default()).await
}

pub async fn start_with(options: Options) -> TestProvider {
    let op = TestProvider::start_with(options).await;
    op.add_client_with(TELEVISION, None, METADATA).await;
    op
}

/// A device authorization request of the television, from wherever `device` is.
pub async fn request(device: &mut Browser, form: &[(&str, &str)]) -> Answer {
    let mut form = form.to_vec();
    form.push(("client_id", TELEVISION));
    let headers = [("user-agent", "Television/1.0".to_owned())];
    let path = "/device_authorization";
    device.post_with(path, &form, &headers).await
}

pub async fn codes(op: &TestProvider, scope: &str) -> Codes {
    let answer = request(&mut op.browser(), &[("scope", scope)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let body = answer.json();
    let text = |name: &str| body[name].as_str().expect("a text").to_owned();
    Codes {
        device_code: text("device_code"),
        user_code: text("user_code"),
        body,
    }
}

/// RFC 8628, section 3.4.
pub async fn poll(op: &TestProvider, device_code: &str) -> Answer {
    poll_as(op, TELEVISION, device_code).await
}

pub async fn poll_as(op: &TestProvider, client_id: &str, device_code: &str) -> Answer {
    let form = [("grant_type", GRANT_TYPE), ("device_code", device_code)];
    op.token(client_id, &form).await
}

/// Types a code on the page that a browser opens.
pub async fn enter(browser: &mut Browser, user_code: &str) -> Answer {
    let page = browser.get("/device").await;
    assert_eq!(page.page_kind(), "device_code", "{page:?}");
    browser.submit(&page, &[("user_code", user_code)]).await
}

/// The page that asks a person about the request.
pub async fn approval_page(browser: &mut Browser, person: &Person, user_code: &str) -> Answer {
    let mut page = enter(browser, user_code).await;
    if page.page_kind() == "login" {
        page = browser
            .sign_in(&page, person.username, person.password)
            .await;
    }
    assert_eq!(page.page_kind(), "device_approval", "{page:?}");
    page
}

/// Has Alice answer on a computer of her own.
pub async fn answered(op: &TestProvider, user_code: &str, decision: &str) -> Answer {
    let mut browser = op.browser();
    let page = approval_page(&mut browser, &ALICE, user_code).await;
    let done = browser.submit(&page, &[("decision", decision)]).await;
    assert_eq!(done.page_kind(), "device_answered", "{done:?}");
    done
}

/// The device code of a request that Alice approved.
pub async fn approved(op: &TestProvider, scope: &str) -> String {
    let codes = codes(op, scope).await;
    answered(op, &codes.user_code, "allow").await;
    codes.device_code
}
