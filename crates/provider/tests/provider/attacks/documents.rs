//! Attack cases 44 and 46: a client_id that is the address of a document (Client ID Metadata
//! Documents, sections 4.1, 5 and 8.6).

use std::net::TcpListener;
use std::time::{Duration, Instant};

use countersign_testing::{Answer, DocumentServer, Options, Reply, TestProvider};
use serde_json::{Value, json};

use crate::expect;

const CALLBACK: &str = "https://app.example/callback";

fn document(client_id: &str) -> Value {
    json!({
        "client_id": client_id,
        "client_name": "App",
        "redirect_uris": [CALLBACK],
    })
}

fn options() -> Options {
    Options::with(|settings| {
        settings.client_documents.enabled = true;
        settings.client_documents.timeout_seconds = 1;
    })
}

async fn authorized(op: &TestProvider, client_id: &str) -> Answer {
    let request = op.authorization(client_id, CALLBACK, "openid");
    op.browser().get_with("/authorize", &request).await
}

#[tokio::test]
async fn attack_44_a_client_id_reaches_nothing_inside() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("sets");
    let op = TestProvider::start_with(options()).await;
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            let client_id = format!("{scheme}://{host}:{port}/client.json");
            expect::page(&authorized(&op, &client_id).await);
        }
    }
    for client_id in [
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
        "https://user:password@127.0.0.1/client.json",
        "https://",
    ] {
        expect::page(&authorized(&op, client_id).await);
    }
    assert!(listener.accept().is_err(), "nothing was connected");
}

#[tokio::test]
async fn attack_44_a_client_id_that_redirects_or_is_slow_or_endless_is_given_up_on() {
    let host = DocumentServer::start().await;
    let op = TestProvider::start_with(Options {
        outbound: host.outbound(),
        ..options()
    })
    .await;
    let good = Reply::json(&document(&host.url("/client.json")));
    host.publish("/inside", good.clone());
    let inside = host.url("/inside");
    for reply in [
        good.clone().status(302).header("location", &inside),
        good.clone().status(308).header("location", &inside),
        good.clone().delay(Duration::from_secs(60)),
        Reply::new("application/json", "x".repeat(10_000_000)),
    ] {
        host.publish("/client.json", reply);
        let begun = Instant::now();
        expect::page(&authorized(&op, &host.url("/client.json")).await);
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    assert!(!host.requests().contains(&"/inside".to_owned()));
    host.publish("/client.json", good);
    let answer = authorized(&op, &host.url("/client.json")).await;
    assert_eq!(answer.page_kind(), "login", "{answer:?}");
}

#[tokio::test]
async fn attack_46_a_document_that_names_another_client_is_refused() {
    let host = DocumentServer::start().await;
    let op = TestProvider::start_with(Options {
        outbound: host.outbound(),
        ..options()
    })
    .await;
    let own = host.url("/client.json");
    for other in [
        host.url("/client.jso"),
        host.url("/client.json/"),
        own.replace("localhost", "LOCALHOST"),
        "https://claude.ai/oauth/mcp-oauth-client-metadata".to_owned(),
        "confidential".to_owned(),
        String::new(),
    ] {
        host.publish("/client.json", Reply::json(&document(&other)));
        expect::page(&authorized(&op, &own).await);
    }
    host.publish("/client.json", Reply::json(&document(&own)));
    let answer = authorized(&op, &own).await;
    assert_eq!(answer.page_kind(), "login", "{answer:?}");
    // Another spelling of the same address is another client, whose document is not this one.
    let other = own.replace("/client.json", "//client.json");
    host.publish("//client.json", Reply::json(&document(&own)));
    expect::page(&authorized(&op, &other).await);
}
