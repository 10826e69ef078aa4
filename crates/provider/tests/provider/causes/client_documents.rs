//! Causes of clients that are a document at their own client_id.

use std::collections::BTreeSet;
use std::time::Duration;

use countersign_testing::{ALICE, DocumentServer, Options, Reply};
use serde_json::{Value, json};

use super::{CALLBACK, Stage};

const PATH: &str = "/client.json";

fn document(client_id: &str) -> Value {
    json!({
        "client_id": client_id,
        "client_name": "App",
        "redirect_uris": [CALLBACK],
    })
}

async fn stage(host: &DocumentServer) -> Stage {
    let mut options = Options::with(|settings| {
        let own = &mut settings.client_documents;
        own.enabled = true;
        own.max_parallel = 1;
        own.denied_hosts = vec!["evil.example".parse().expect("a host")];
    });
    options.outbound = host.outbound();
    Stage::with(options).await
}

pub async fn documents() -> BTreeSet<String> {
    let host = DocumentServer::start().await;
    let mut stage = stage(&host).await;
    for (cause, client_id) in [
        ("client_document_url_invalid", "https://app.example"),
        ("client_document_host_not_allowed", "https://evil.example/x"),
        ("client_document_not_fetched", "https://127.0.0.2:1/x"),
    ] {
        stage.authorize(cause, &[("client_id", client_id)]).await;
    }
    let client_id = host.url(PATH);
    let good = document(&client_id);
    let with = |member: &str, value: Value| {
        let mut document = good.clone();
        document[member] = value;
        Reply::json(&document)
    };
    for (cause, reply) in [
        ("client_document_status", Reply::json(&good).status(404)),
        (
            "client_document_content_type",
            Reply::new("text/html", good.to_string()),
        ),
        (
            "client_document_of_another_client",
            with("client_id", json!("https://other.example/x")),
        ),
        (
            "client_document_with_secret",
            with("client_secret", json!("x")),
        ),
        (
            "client_document_without_name",
            with("client_name", json!("")),
        ),
        (
            "client_document_invalid",
            with("redirect_uris", json!(["x"])),
        ),
    ] {
        host.publish(PATH, reply);
        stage.authorize(cause, &[("client_id", &client_id)]).await;
    }
    // While one is being fetched.
    host.publish(PATH, Reply::json(&good).delay(Duration::from_secs(2)));
    let request = stage.request(&[("client_id", &client_id)]);
    let mut browser = stage.op.browser();
    let busy = async {
        while host.requests().len() < 7 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let other = host.url("/other");
        stage
            .authorize("client_document_fetches_busy", &[("client_id", &other)])
            .await;
    };
    tokio::join!(busy, browser.get_with("/authorize", &request));
    stage.met
}

/// A page of a client that changed while it was open.
pub async fn changed() -> BTreeSet<String> {
    let host = DocumentServer::start().await;
    let mut stage = stage(&host).await;
    let client_id = host.url(PATH);
    host.publish(PATH, Reply::json(&document(&client_id)));
    let request = stage.request(&[("client_id", &client_id)]);
    let mut browser = stage.op.browser();
    let login = browser.get_with("/authorize", &request).await;
    let page = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let mut changed = document(&client_id);
    changed["client_name"] = json!("Bank");
    host.publish(PATH, Reply::json(&changed));
    stage.op.clock.advance(301);
    stage.op.browser().get_with("/authorize", &request).await;
    stage.log.take();
    let answer = browser.submit(&page, &[("decision", "allow")]).await;
    stage.meets("interaction_client_changed", &answer);
    stage.met
}
