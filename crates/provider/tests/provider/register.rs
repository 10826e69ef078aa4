//! Clients that register themselves (RFC 7591) and manage their registration (RFC 7592).

use countersign_management::Actor;
use countersign_management::initial_access_tokens::{InitialAccessTokens, NewInitialAccessToken};
use countersign_testing::{Answer, Options, TestProvider};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::expect;

pub const CALLBACK: &str = "https://shop.example/callback";

pub async fn open() -> TestProvider {
    TestProvider::start_with(Options::with(|settings| settings.registration.open = true)).await
}

pub async fn initial_access_token(op: &TestProvider, uses: Option<u32>) -> String {
    let tokens = InitialAccessTokens::new(op.provider.context(Actor::Server));
    let new = NewInitialAccessToken {
        uses,
        ..NewInitialAccessToken::default()
    };
    let (_, token) = tokens
        .create(new, op.provider.now())
        .await
        .expect("is made");
    token.to_string()
}

pub async fn send(
    op: &TestProvider,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Answer {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    headers.extend(token.map(|token| ("authorization", format!("Bearer {token}"))));
    let body = body.map(Value::to_string).unwrap_or_default();
    op.browser().send(method, path, &headers, Some(body)).await
}

pub async fn register(op: &TestProvider, token: Option<&str>, metadata: &Value) -> Answer {
    send(op, Method::POST, "/register", token, Some(metadata)).await
}

pub fn shop() -> Value {
    json!({
        "client_name": "The Shop",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "client_uri": "",
        "tos_uri": null,
        "something_new": {"kept": true},
    })
}

/// The path of `registration_client_uri`, and the registration access token.
pub fn management(registered: &Value) -> (String, String) {
    let text = |member: &str| registered[member].as_str().expect("a text").to_owned();
    let uri = text("registration_client_uri");
    let path = uri.strip_prefix("https://op.example").expect("our own");
    (path.to_owned(), text("registration_access_token"))
}

/// RFC 7591, section 3.2.1.
#[tokio::test]
async fn a_registration_returns_everything_about_the_client() {
    let op = open().await;
    let answer = register(&op, None, &shop()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let registered = answer.json();
    let members = registered.as_object().expect("an object");
    for (member, value) in members {
        assert!(
            !value.is_null() && *value != json!("") && *value != json!([]),
            "{member}"
        );
    }
    assert_eq!(registered["client_name"], "The Shop");
    assert_eq!(registered["redirect_uris"], json!([CALLBACK]));
    assert_eq!(
        registered["token_endpoint_auth_method"],
        "client_secret_basic"
    );
    assert_eq!(registered["response_types"], json!(["code"]));
    assert_eq!(registered["something_new"], json!({"kept": true}));
    assert_eq!(
        registered["client_secret_expires_at"], 0,
        "required with a secret"
    );
    assert!(registered["client_id_issued_at"].is_i64());
    assert!(
        registered["client_secret"]
            .as_str()
            .expect("a secret")
            .len()
            >= 43
    );
    let (path, _) = management(&registered);
    let client_id = registered["client_id"].as_str().expect("an id");
    assert_eq!(path, format!("/register/{client_id}"));
}

/// RFC 7591, section 3: closed but for those who have an initial access token.
#[tokio::test]
async fn without_an_initial_access_token_registration_is_closed() {
    let op = TestProvider::start().await;
    let closed = register(&op, None, &shop()).await;
    assert_eq!(closed.status, StatusCode::UNAUTHORIZED, "{closed:?}");
    assert!(closed.header("www-authenticate").starts_with("Bearer "));
    let once = initial_access_token(&op, Some(1)).await;
    for wrong in [
        "x",
        "cs_ia_wrong",
        &once.replace("cs_ia_", "cs_ra_"),
        &format!("{once}x"),
    ] {
        let refused = register(&op, Some(wrong), &shop()).await;
        expect::token_refused(&refused);
    }
    // What is refused uses nothing up.
    let bad = register(&op, Some(&once), &json!({"redirect_uris": ["x"]})).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let answer = register(&op, Some(&once), &shop()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    expect::token_refused(&register(&op, Some(&once), &shop()).await);
}

/// RFC 7591, section 3.2.2.
#[tokio::test]
async fn metadata_that_is_not_offered_is_refused_by_its_error() {
    let op = open().await;
    for (member, value, error) in [
        (
            "redirect_uris",
            json!(["https://shop.example/#x"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["http://shop.example/"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["javascript:alert(1)"]),
            "invalid_redirect_uri",
        ),
        ("redirect_uris", json!([]), "invalid_redirect_uri"),
        (
            "redirect_uris",
            json!("https://shop.example/"),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["password"]),
            "invalid_client_metadata",
        ),
        (
            "token_endpoint_auth_method",
            json!("magic"),
            "invalid_client_metadata",
        ),
        (
            "id_token_signed_response_alg",
            json!("none"),
            "invalid_client_metadata",
        ),
        ("scope", json!("nothing-like-it"), "invalid_client_metadata"),
        // The operator's to set.
        (
            "insecure_skip_consent",
            json!(true),
            "invalid_client_metadata",
        ),
        (
            "access_token_format",
            json!("opaque"),
            "invalid_client_metadata",
        ),
        (
            "default_resources",
            json!(["https://a.example"]),
            "invalid_client_metadata",
        ),
    ] {
        let mut metadata = shop();
        metadata[member] = value.clone();
        let answer = register(&op, None, &metadata).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{member} {value}");
        assert_eq!(answer.error(), error, "{member} {value}: {answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    for body in [
        "",
        "[]",
        "\"x\"",
        "{",
        "{\"redirect_uris\":",
        // RFC 8259, section 4: two readers may take another one each.
        r#"{"client_name":"a","client_name":"b","redirect_uris":["https://a.example/"]}"#,
        r#"{"redirect_uris":["https://a.example/"],"redirect_uris":["https://b.example/"]}"#,
        r#"{"redirect_uris":["https://a.example/"],"jwks":{"keys":[],"keys":[]}}"#,
    ] {
        let headers = [("content-type", "application/json".to_owned())];
        let mut browser = op.browser();
        let sent = browser.send(Method::POST, "/register", &headers, Some(body.to_owned()));
        assert_eq!(sent.await.error(), "invalid_request", "{body}");
    }
    let form = op
        .browser()
        .post("/register", &[("client_name", "x")])
        .await;
    assert_eq!(form.error(), "invalid_request");
}

/// RFC 7592, sections 2.1 to 2.3.
#[tokio::test]
async fn a_client_reads_replaces_and_deletes_its_registration() {
    let op = open().await;
    let registered = register(&op, None, &shop()).await.json();
    let (path, first) = management(&registered);
    let read = send(&op, Method::GET, &path, Some(&first), None).await;
    assert_eq!(read.status, StatusCode::OK, "{read:?}");
    assert_eq!(read.header("cache-control"), "no-store");
    let read = read.json();
    assert_eq!(read["client_name"], "The Shop");
    assert_eq!(management(&read), (path.clone(), first.clone()));

    // Section 2.2: what is left out is gone.
    let mut update = read.clone();
    update["client_name"] = json!("The New Shop");
    update
        .as_object_mut()
        .expect("an object")
        .remove("something_new");
    let replaced = send(&op, Method::PUT, &path, Some(&first), Some(&update)).await;
    assert_eq!(replaced.status, StatusCode::OK, "{replaced:?}");
    let replaced = replaced.json();
    assert_eq!(replaced["client_name"], "The New Shop");
    assert!(replaced.get("something_new").is_none());
    let (_, second) = management(&replaced);
    assert_ne!(first, second, "the token is replaced");
    // Its response may have been lost; the old one is over once the new one is used.
    let again = send(&op, Method::GET, &path, Some(&first), None).await;
    assert_eq!(again.status, StatusCode::OK);
    let read = send(&op, Method::GET, &path, Some(&second), None).await;
    assert_eq!(read.json()["client_name"], "The New Shop");
    expect::token_refused(&send(&op, Method::GET, &path, Some(&first), None).await);

    // Section 2.3.
    let deleted = send(&op, Method::DELETE, &path, Some(&second), None).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{deleted:?}");
    assert_eq!(deleted.body, "");
    // Section 2.1: of a client that is gone, 401.
    expect::token_refused(&send(&op, Method::GET, &path, Some(&second), None).await);
}

#[tokio::test]
async fn only_the_client_itself_manages_its_registration() {
    let op = open().await;
    let one = register(&op, None, &shop()).await.json();
    let other = register(&op, None, &shop()).await.json();
    let ((path, token), (_, foreign)) = (management(&one), management(&other));
    for (method, body) in [
        (Method::GET, None),
        (Method::PUT, Some(&one)),
        (Method::DELETE, None),
    ] {
        for wrong in [foreign.as_str(), "x", &format!("{token}A")] {
            expect::token_refused(&send(&op, method.clone(), &path, Some(wrong), body).await);
        }
        let without = send(&op, method.clone(), &path, None, body).await;
        assert_eq!(without.status, StatusCode::UNAUTHORIZED, "{without:?}");
        // One that the operator registered has no registration, and what is no text is no client.
        for no_registration in ["/register/confidential", "/register/%ff"] {
            let refused = send(&op, method.clone(), no_registration, Some(&token), body).await;
            expect::token_refused(&refused);
        }
    }
    // Section 2.2: it names itself.
    for client_id in [
        json!("confidential"),
        other["client_id"].clone(),
        json!(null),
    ] {
        let mut update = one.clone();
        update["client_id"] = client_id;
        let refused = send(&op, Method::PUT, &path, Some(&token), Some(&update)).await;
        assert_eq!(refused.error(), "invalid_request", "{refused:?}");
    }
    let read = send(&op, Method::GET, &path, Some(&token), None).await;
    assert_eq!(read.status, StatusCode::OK);
    op.disable_client(one["client_id"].as_str().expect("an id"))
        .await;
    expect::token_refused(&send(&op, Method::GET, &path, Some(&token), None).await);
}

/// RFC 7592, section 2.3: of several at once one deletes, and the token is no one's afterwards.
#[tokio::test]
async fn a_registration_that_is_deleted_twice_at_once_is_gone() {
    let op = open().await;
    for _ in 0..8 {
        let registered = register(&op, None, &shop()).await.json();
        let (path, token) = management(&registered);
        let delete = || send(&op, Method::DELETE, &path, Some(&token), None);
        let (one, two, three, four) = tokio::join!(delete(), delete(), delete(), delete());
        let mut statuses = [one, two, three, four].map(|answer| answer.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 401, 401, 401]);
    }
}

/// A public client that becomes confidential gets a secret, and the reverse drops it.
#[tokio::test]
async fn a_secret_comes_and_goes_with_the_method_of_authentication() {
    let op = open().await;
    let mut metadata = shop();
    metadata["token_endpoint_auth_method"] = json!("none");
    let registered = register(&op, None, &metadata).await.json();
    assert!(registered.get("client_secret").is_none(), "{registered}");
    assert!(registered.get("client_secret_expires_at").is_none());
    let (path, token) = management(&registered);
    let mut update = registered.clone();
    update["token_endpoint_auth_method"] = json!("client_secret_post");
    let confidential = send(&op, Method::PUT, &path, Some(&token), Some(&update))
        .await
        .json();
    assert!(confidential["client_secret"].is_string(), "{confidential}");
    assert_eq!(confidential["client_secret_expires_at"], 0);
    let (path, token) = management(&confidential);
    let mut update = confidential.clone();
    update["token_endpoint_auth_method"] = json!("none");
    let public = send(&op, Method::PUT, &path, Some(&token), Some(&update))
        .await
        .json();
    assert!(public.get("client_secret").is_none(), "{public}");
}

#[tokio::test]
async fn a_network_registers_so_many_clients() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.registration.open = true;
        settings.registration.clients_per_network = 2;
    }))
    .await;
    let from = async |address: &str| {
        let mut browser = op.browser();
        browser.address = Some(address.parse().expect("an address"));
        let headers = [("content-type", "application/json".to_owned())];
        let body = Some(shop().to_string());
        browser
            .send(Method::POST, "/register", &headers, body)
            .await
    };
    for _ in 0..2 {
        let answer = from("[2001:db8::1]:1").await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }
    let refused = from("[2001:db8::2]:1").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{refused:?}");
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    let token = initial_access_token(&op, None).await;
    let vouched = register(&op, Some(&token), &shop()).await;
    assert_eq!(vouched.status, StatusCode::CREATED, "{vouched:?}");
    let elsewhere = from("[2001:db8:0:ff00::1]:1").await;
    assert_eq!(elsewhere.status, StatusCode::CREATED, "{elsewhere:?}");
    op.clock.advance(wait);
    let answer = from("[2001:db8::1]:1").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
}

#[tokio::test]
async fn registration_can_be_switched_off() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.registration.enabled = false;
        settings.registration.open = true;
    }))
    .await;
    let path = "/.well-known/openid-configuration";
    let metadata = op.browser().get(path).await.json();
    assert!(metadata.get("registration_endpoint").is_none());
    assert_eq!(
        register(&op, None, &shop()).await.status,
        StatusCode::NOT_FOUND
    );
    let op = TestProvider::start().await;
    let metadata = op.browser().get(path).await.json();
    assert_eq!(
        metadata["registration_endpoint"],
        "https://op.example/register"
    );
}
