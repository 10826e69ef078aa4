//! Registered clients, as MCP clients register and use them.

use countersign_management::Actor;
use countersign_management::clients::Clients;
use countersign_oauth::client_metadata::ClientPolicy;
use countersign_provider::offered;
use countersign_testing::{ALICE, TestProvider, callback};
use serde_json::{Value, json};

use crate::expect;
use crate::register::{open, register};

/// Cursor registers three kinds of address together, and none may be missing.
#[tokio::test]
async fn mcp_18_dcr_cursor_registers_its_three_addresses() {
    let op = open().await;
    let native = "cursor://anysphere.cursor-mcp/oauth/callback";
    let metadata = json!({
        "client_name": "Cursor",
        "redirect_uris": [
            native,
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "http://localhost:8787/callback",
        ],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let answer = register(&op, None, &metadata).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let registered = answer.json();
    assert_eq!(registered["redirect_uris"], metadata["redirect_uris"]);
    for (member, value) in registered.as_object().expect("an object") {
        let is_empty = *value == Value::Null || *value == json!("") || *value == json!([]);
        assert!(!is_empty, "{member}");
    }
    let client_id = registered["client_id"].as_str().expect("an id");
    for redirect_uri in [native, "http://localhost:51234/callback"] {
        let request = op.authorization(client_id, redirect_uri, "openid");
        let mut browser = op.browser();
        let login = browser.get_with("/authorize", &request).await;
        let consent = browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    }
}

/// Claude registers again after a 401 with `invalid_client`, and after nothing else (RFC 6749,
/// section 5.2).
#[tokio::test]
async fn mcp_19_deleted_client_is_told_so_when_it_refreshes() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "public", callback::PUBLIC, "openid")
        .await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let declared = op.provider.declared_resources().await.expect("resources");
    let policy = ClientPolicy::operator(offered::to_clients(&op.provider.settings, &declared));
    let clients = Clients::new(
        op.provider.context(Actor::Server),
        op.provider.sealing.clone(),
        policy,
    );
    let deleted = clients.delete("public", op.provider.now()).await;
    deleted.expect("it is deleted");
    let answer = op.refresh("public", &refresh_token).await;
    expect::refused(&answer, "invalid_client");
}

/// Claude Code refreshes in parallel.
#[tokio::test]
async fn mcp_20_refresh_race_both_get_the_same_successor_within_the_grace() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "public", callback::PUBLIC, "openid")
        .await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let refresh = || op.refresh("public", &refresh_token);
    let (one, other) = tokio::join!(refresh(), refresh());
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200));
    let (one, other) = (one.tokens(), other.tokens());
    assert!(one.refresh_token.is_some());
    assert_eq!(one.refresh_token, other.refresh_token);
    assert_ne!(one.access_token, other.access_token);
}
