//! Logos of clients: fetched by us when they are first shown, and served from our own origin
//! (OpenID Connect Registration, section 2; RFC 9700, section 4.14).

use std::time::Duration;

use countersign_testing::{ALICE, Answer, DocumentServer, ISSUER, Options, Reply, TestProvider};
use serde_json::json;

const CALLBACK: &str = "https://app.example/callback";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand the rest of it";

struct Stage {
    host: DocumentServer,
    op: TestProvider,
}

impl Stage {
    async fn start() -> Stage {
        let host = DocumentServer::start().await;
        host.publish("/logo.png", Reply::new("image/png", PNG));
        let mut options = Options::with(|settings| settings.logos.max_bytes = 20_000);
        options.outbound = host.outbound();
        let op = TestProvider::start_with(options).await;
        let stage = Stage { host, op };
        stage.add_client("app", &stage.host.url("/logo.png")).await;
        stage
    }

    async fn add_client(&self, client_id: &str, logo_uri: &str) {
        let metadata = json!({
            "client_name": "App",
            "redirect_uris": [CALLBACK],
            "logo_uri": logo_uri,
            "policy_uri": "https://app.example/policy",
            "tos_uri": "https://app.example/terms",
            "grant_types": [
                "authorization_code", "urn:ietf:params:oauth:grant-type:device_code",
            ],
            "token_endpoint_auth_method": "none",
        });
        self.op
            .add_client_with(client_id, None, &metadata.to_string())
            .await;
    }

    async fn login(&self, client_id: &str) -> Answer {
        let request = self.op.authorization(client_id, CALLBACK, "openid");
        let page = self.op.browser().get_with("/authorize", &request).await;
        assert_eq!(page.page_kind(), "login", "{page:?}");
        page
    }
}

/// The address of the logo on a page.
fn logo(page: &Answer) -> Option<String> {
    let (_, rest) = page.body.split_once("<img class=\"logo\" src=\"")?;
    let (address, _) = rest.split_once('"')?;
    Some(address.to_owned())
}

#[tokio::test]
async fn a_logo_is_fetched_when_it_is_first_shown_and_served_from_here() {
    let stage = Stage::start().await;
    stage
        .op
        .browser()
        .get("/.well-known/openid-configuration")
        .await;
    assert_eq!(stage.host.requests().len(), 0, "nothing was shown yet");
    let request = stage.op.authorization("app", CALLBACK, "openid");
    let mut browser = stage.op.browser();
    let login = browser.get_with("/authorize", &request).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    let mut addresses = Vec::new();
    for page in [login, consent] {
        let address = logo(&page).unwrap_or_else(|| panic!("no logo: {page:?}"));
        assert!(address.starts_with("/logos/"), "{address}");
        assert!(page.body.contains("href=\"https://app.example/policy\""));
        assert!(page.body.contains("href=\"https://app.example/terms\""));
        let policy = page.header("content-security-policy");
        assert!(policy.contains("img-src 'self';"), "{policy}");
        assert!(
            !page.body.contains(&stage.host.url("/logo.png")),
            "{page:?}"
        );
        addresses.push(address);
    }
    addresses.dedup();
    let [address] = &addresses[..] else {
        panic!("one address, which browsers may keep: {addresses:?}");
    };
    let image = stage.op.browser().get(address).await;
    assert_eq!(image.status, 200, "{image:?}");
    assert_eq!(image.header("content-type"), "image/png");
    assert_eq!(image.header("x-content-type-options"), "nosniff");
    assert_eq!(
        image.header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert_eq!(image.header("cross-origin-resource-policy"), "same-origin");
    assert!(image.body.contains("PNG"), "{image:?}");
    assert_eq!(stage.host.requests().len(), 1, "it is kept");
    stage.op.clock.advance(3_601);
    stage.op.browser().get(address).await;
    assert_eq!(stage.host.requests().len(), 2, "for an hour");
}

#[tokio::test]
async fn the_page_of_a_device_shows_it() {
    let stage = Stage::start().await;
    let form = [("client_id", "app"), ("scope", "openid")];
    let started = stage
        .op
        .browser()
        .post("/device_authorization", &form)
        .await;
    let user_code = started.json()["user_code"]
        .as_str()
        .expect("one")
        .to_owned();
    let mut browser = stage.op.signed_in(&ALICE).await;
    let page = browser
        .get_with("/device", &[("user_code", &user_code)])
        .await;
    let page = browser.submit(&page, &[("user_code", &user_code)]).await;
    assert!(logo(&page).is_some(), "{page:?}");
}

#[tokio::test]
async fn a_logo_that_fails_is_absent() {
    let stage = Stage::start().await;
    let png = Reply::new("image/png", PNG);
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for (number, reply) in [
        png.clone().status(404),
        png.clone()
            .status(302)
            .header("location", &stage.host.url("/logo.png")),
        Reply::new("image/svg+xml", svg),
        Reply::new("image/png", svg),
        Reply::new("image/png", "<html>"),
        Reply::new("image/png", [PNG, &[0; 30_000]].concat()),
        Reply::new("image/png", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/bad-{number}");
        stage.host.publish(&path, reply);
        let client_id = format!("bad-{number}");
        stage.add_client(&client_id, &stage.host.url(&path)).await;
        let page = stage.login(&client_id).await;
        assert_eq!(logo(&page), None, "{number}: {page:?}");
        assert!(page.body.contains("class=\"logo initial\""), "{page:?}");
        // The host is left alone for a while, and then asked again.
        let requests = stage.host.requests().len();
        stage.login(&client_id).await;
        assert_eq!(stage.host.requests().len(), requests);
        stage.op.clock.advance(301);
        stage.login(&client_id).await;
        assert_eq!(stage.host.requests().len(), requests + 1);
    }
    for (number, logo_uri) in [
        "http://app.example/logo.png",
        "https://127.0.0.2:1/logo.png",
        "https://user@localhost/logo.png",
        "file:///etc/passwd",
        "not a URL",
    ]
    .into_iter()
    .enumerate()
    {
        let client_id = format!("nowhere-{number}");
        stage.add_client(&client_id, logo_uri).await;
        assert_eq!(logo(&stage.login(&client_id).await), None, "{logo_uri}");
    }
}

#[tokio::test]
async fn a_slow_logo_does_not_hold_up_the_page() {
    let stage = Stage::start().await;
    let slow = Reply::new("image/png", PNG).delay(Duration::from_millis(1_500));
    stage.host.publish("/slow", slow);
    stage.add_client("slow", &stage.host.url("/slow")).await;
    let begun = std::time::Instant::now();
    let page = stage.login("slow").await;
    assert!(begun.elapsed() < Duration::from_millis(1_400));
    let address = logo(&page).expect("it may still come");
    let image = stage.op.browser().get(&address).await;
    assert_eq!(image.status, 200, "{image:?}");
    assert_eq!(stage.host.requests().len(), 1, "the same fetch");
}

/// Another replica serves what this one showed, and no one makes up an address.
#[tokio::test]
async fn an_address_is_ours_alone_and_every_replicas() {
    let stage = Stage::start().await;
    let address = logo(&stage.login("app").await).expect("a logo");
    let mut options = Options::at(ISSUER);
    options.store = stage.op.provider.store.clone();
    options.outbound = stage.host.outbound();
    let other = TestProvider::joining(options).await;
    assert_eq!(other.browser().get(&address).await.status, 200);
    let (name, tag) = address.split_once('.').expect("a tag");
    let elsewhere = countersign_jose::base64url::encode(stage.host.url("/other"));
    stage.host.publish("/other", Reply::new("image/png", PNG));
    let requests = stage.host.requests().len();
    for made_up in [
        format!("/logos/{elsewhere}.{tag}"),
        name.to_owned(),
        format!("{name}."),
        format!("{name}.{}", "A".repeat(22)),
        "/logos/x".to_owned(),
        "/logos/.".to_owned(),
        "/logos/%00.%ff".to_owned(),
    ] {
        let answer = stage.op.browser().get(&made_up).await;
        assert_eq!(answer.status, 404, "{made_up}");
    }
    assert_eq!(stage.host.requests().len(), requests);
}
