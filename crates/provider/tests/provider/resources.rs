//! Resource indicators (RFC 8707): what an access token is for.

use std::collections::BTreeMap;

use countersign_oauth::client_metadata::AccessTokenFormat;
use countersign_provider::settings::{OperatorResource, SigningAlgorithm};
use countersign_testing::{
    ALICE, Answer, Browser, ClientPersona, ISSUER, Options, TestProvider, Tokens, VERIFIER,
    callback, claims_of, header_of,
};
use http::StatusCode;
use serde_json::json;

use crate::expect;

pub const API: &str = "https://api.example";
pub const MCP: &str = "https://mcp.example/a/mcp";
const VAULT: &str = "https://vault.example/";
pub const OLD: &str = "https://old.example";
const CALLBACK: &str = callback::CONFIDENTIAL;

fn resource(scopes: &[&str]) -> OperatorResource {
    OperatorResource {
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        ..OperatorResource::default()
    }
}

/// A provider with these.
pub fn options() -> Options {
    let resources = BTreeMap::from([
        (API.to_owned(), resource(&["api:read", "shared"])),
        (
            MCP.to_owned(),
            OperatorResource {
                access_token_lifetime_seconds: Some(60),
                access_token_algorithm: Some(SigningAlgorithm::EDDSA),
                userinfo: true,
                ..resource(&["mcp:tools", "shared"])
            },
        ),
        (
            OLD.to_owned(),
            OperatorResource {
                access_token_algorithm: Some(SigningAlgorithm::RS256),
                ..resource(&[])
            },
        ),
        (
            VAULT.to_owned(),
            OperatorResource {
                access_token_format: Some(AccessTokenFormat::Opaque),
                introspecting_clients: vec!["posting".to_owned()],
                ..resource(&["vault:open"])
            },
        ),
    ]);
    Options::with(|settings| settings.operator.resources = resources)
}

async fn start() -> TestProvider {
    TestProvider::start_with(options()).await
}

const SCOPE: &str = "openid profile reports api:read mcp:tools shared vault:open";

/// The answer to an authorization request for these resources, after every page.
async fn authorized(op: &TestProvider, client_id: &str, scope: &str, resources: &[&str]) -> Answer {
    let mut browser = op.browser();
    authorized_in(op, &mut browser, client_id, scope, resources).await
}

async fn authorized_in(
    op: &TestProvider,
    browser: &mut Browser,
    client_id: &str,
    scope: &str,
    resources: &[&str],
) -> Answer {
    let redirect_uri = match client_id {
        "public" => callback::PUBLIC,
        _ => CALLBACK,
    };
    let mut request = op.authorization(client_id, redirect_uri, scope);
    request.extend(
        resources
            .iter()
            .map(|name| ("resource", (*name).to_owned())),
    );
    let mut answer = browser.get_with("/authorize", &request).await;
    for _ in 0..3 {
        answer = match answer.page_kind() {
            "login" => {
                browser
                    .sign_in(&answer, ALICE.username, ALICE.password)
                    .await
            }
            "consent" => browser.submit(&answer, &[("decision", "allow")]).await,
            _ => break,
        };
    }
    answer
}

async fn code(op: &TestProvider, scope: &str, resources: &[&str]) -> String {
    let answer = authorized(op, "confidential", scope, resources).await;
    answer
        .location_parameter("code")
        .unwrap_or_else(|| panic!("no code: {answer:?}"))
}

async fn redeem(op: &TestProvider, code: &str, resources: &[&str]) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    form.extend(resources.iter().map(|name| ("resource", *name)));
    op.token("confidential", &form).await
}

async fn refresh(op: &TestProvider, tokens: &Tokens, more: &[(&str, &str)]) -> Answer {
    let refresh_token = tokens.refresh_token.clone().expect("a refresh token");
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    form.extend(more);
    op.token("confidential", &form).await
}

fn audience(tokens: &Tokens) -> serde_json::Value {
    claims_of(&tokens.access_token)["aud"].clone()
}

fn scope(tokens: &Tokens) -> Vec<String> {
    let text = tokens.body["scope"].as_str().expect("a scope").to_owned();
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    words.sort();
    words
}

/// RFC 8707, section 2: the audience is what was asked for; without it, the issuer.
#[tokio::test]
async fn a_token_is_for_the_resources_that_were_asked_for() {
    let op = start().await;
    for (resources, expected, scopes) in [
        (
            &[][..],
            json!(ISSUER),
            &["openid", "profile", "reports"][..],
        ),
        (
            &[API],
            json!(API),
            &["api:read", "openid", "profile", "shared"],
        ),
        (
            &["https://api.example/"],
            json!(API),
            &["api:read", "openid", "profile", "shared"],
        ),
        (
            &[MCP],
            json!(MCP),
            &["mcp:tools", "openid", "profile", "shared"],
        ),
        (&[ISSUER], json!(ISSUER), &["openid", "profile", "reports"]),
        (
            &[API, API],
            json!(API),
            &["api:read", "openid", "profile", "shared"],
        ),
        (
            &[API, ISSUER],
            json!([API, ISSUER]),
            &["api:read", "openid", "profile", "reports", "shared"],
        ),
    ] {
        let code = code(&op, SCOPE, resources).await;
        let answer = redeem(&op, &code, resources).await;
        assert_eq!(answer.status, StatusCode::OK, "{resources:?}: {answer:?}");
        let tokens = answer.tokens();
        assert_eq!(audience(&tokens), expected, "{resources:?}");
        assert_eq!(scope(&tokens), scopes, "{resources:?}");
        let id_token = tokens.id_token.expect("an ID token");
        assert_eq!(claims_of(&id_token)["aud"], json!("confidential"));
    }
}

/// RFC 6749, section 3.3: a request without a scope is processed with a pre-defined default, which
/// is what belongs to the resources that it names; or it fails.
#[tokio::test]
async fn without_a_scope_a_request_is_for_all_that_its_resources_have() {
    let op = start().await;
    for (resources, scopes) in [
        (&[API][..], &["api:read", "shared"][..]),
        (&[MCP], &["mcp:tools", "shared"]),
    ] {
        let code = code(&op, "", resources).await;
        let answer = redeem(&op, &code, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert!(
            answer.json()["id_token"].is_null(),
            "no one asked for openid"
        );
        let tokens = answer.tokens();
        assert_eq!(scope(&tokens), scopes, "{resources:?}");
    }
    for resources in [&[][..], &[ISSUER], &[OLD]] {
        let answer = authorized(&op, "confidential", "", resources).await;
        let error = answer.location_parameter("error");
        assert_eq!(error.as_deref(), Some("invalid_scope"), "{answer:?}");
    }
}

/// RFC 8707, section 2: `invalid_target`.
#[tokio::test]
async fn an_unknown_resource_is_an_invalid_target() {
    let op = start().await;
    for unknown in [
        "https://other.example",
        "https://api.example/x",
        "https://api.example:443",
        "https://API.example",
        "https://api.example/#fragment",
        "https://mcp.example/a/mcp/",
        "https://mcp.example/a",
        "not-a-uri",
    ] {
        for resources in [&[unknown][..], &[API, unknown]] {
            let answer = authorized(&op, "confidential", SCOPE, resources).await;
            expect::sent_back(&answer, CALLBACK, "invalid_target");
        }
        let form = [("grant_type", "client_credentials"), ("resource", unknown)];
        expect::refused(&op.token("confidential", &form).await, "invalid_target");
    }
}

/// RFC 8707, section 2.2: a token request narrows, and never widens. A refused one costs nothing.
#[tokio::test]
async fn a_token_request_narrows_the_resources_and_never_widens_them() {
    let op = start().await;
    let code = code(&op, SCOPE, &[API, ISSUER]).await;
    for wider in [&[MCP][..], &[API, MCP], &["https://other.example"]] {
        expect::refused(&redeem(&op, &code, wider).await, "invalid_target");
    }
    let tokens = redeem(&op, &code, &[API]).await.tokens();
    assert_eq!(audience(&tokens), json!(API));
    // The grant has both still.
    let both = refresh(&op, &tokens, &[]).await.tokens();
    assert_eq!(audience(&both), json!([API, ISSUER]));
    let issuer = refresh(&op, &both, &[("resource", ISSUER)]).await.tokens();
    assert_eq!(audience(&issuer), json!(ISSUER));
    assert_eq!(scope(&issuer), ["openid", "profile", "reports"]);
    let refused = refresh(&op, &issuer, &[("resource", MCP)]).await;
    expect::refused(&refused, "invalid_target");
    let api = [("resource", API), ("scope", "api:read")];
    let narrowed = refresh(&op, &issuer, &api).await.tokens();
    assert_eq!(audience(&narrowed), json!(API));
    assert_eq!(scope(&narrowed), ["api:read"]);
}

#[tokio::test]
async fn without_a_resource_a_scope_of_one_is_not_granted() {
    let op = start().await;
    let answer = authorized(&op, "confidential", "api:read", &[]).await;
    expect::sent_back(&answer, CALLBACK, "invalid_scope");
    let form = [("grant_type", "client_credentials"), ("scope", "api:read")];
    expect::refused(&op.token("confidential", &form).await, "invalid_scope");
    let with = [form[0], form[1], ("resource", API)];
    let tokens = op.token("confidential", &with).await.tokens();
    assert_eq!(audience(&tokens), json!(API));
    assert_eq!(scope(&tokens), ["api:read"]);
}

#[tokio::test]
async fn a_resource_says_how_its_tokens_are_made() {
    let op = start().await;
    let mcp = redeem(&op, &code(&op, SCOPE, &[MCP]).await, &[])
        .await
        .tokens();
    assert_eq!(mcp.body["expires_in"], 60);
    assert_eq!(header_of(&mcp.access_token)["alg"], "EdDSA");
    let vault = redeem(&op, &code(&op, SCOPE, &[VAULT]).await, &[])
        .await
        .tokens();
    assert!(vault.access_token.starts_with("cs_at_"), "{vault:?}");
    assert_eq!(scope(&vault), ["openid", "profile", "vault:open"]);
    // One token has one signature.
    for (resources, algorithm) in [
        ([API, MCP], Some("EdDSA")),
        ([API, OLD], Some("RS256")),
        ([MCP, OLD], None),
    ] {
        let form = [
            ("grant_type", "client_credentials"),
            ("resource", resources[0]),
            ("resource", resources[1]),
        ];
        let answer = op.token("confidential", &form).await;
        match algorithm {
            None => expect::refused(&answer, "invalid_target"),
            Some(algorithm) => {
                let token = answer.tokens().access_token;
                assert_eq!(header_of(&token)["alg"], algorithm, "{resources:?}");
            }
        }
    }
}

/// RFC 9068, section 4: userinfo is the issuer's, unless a resource is declared otherwise.
#[tokio::test]
async fn userinfo_takes_tokens_for_the_issuer() {
    let op = start().await;
    for (resources, opens) in [
        (&[][..], true),
        (&[ISSUER], true),
        (&[API, ISSUER], true),
        (&[MCP], true),
        (&[API], false),
        (&[VAULT], false),
    ] {
        let tokens = redeem(&op, &code(&op, SCOPE, resources).await, &[])
            .await
            .tokens();
        let answer = op.userinfo(&tokens.access_token).await;
        match opens {
            true => assert_eq!(answer.status, StatusCode::OK, "{resources:?}: {answer:?}"),
            false => expect::token_refused(&answer),
        }
    }
}

#[tokio::test]
async fn another_clients_code_tells_nothing_of_its_resources() {
    let op = start().await;
    let code = code(&op, SCOPE, &[API]).await;
    let secret = ClientPersona::secret_of("posting");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "posting"),
        ("client_secret", secret),
        ("resource", MCP),
    ];
    expect::refused(&op.browser().post("/token", &form).await, "invalid_grant");
    let own = redeem(&op, &code, &[]).await;
    assert_eq!(own.status, StatusCode::OK, "{own:?}");
}

#[tokio::test]
async fn a_client_has_default_resources() {
    let op = start().await;
    let client = op.provider.store.client("confidential").await;
    let client = client.expect("the store responds").expect("is registered");
    let mut metadata: serde_json::Value = serde_json::from_str(&client.metadata).expect("metadata");
    metadata["default_resources"] = json!([MCP]);
    op.update_client("confidential", &metadata.to_string())
        .await;
    let tokens = redeem(&op, &code(&op, "openid mcp:tools", &[]).await, &[])
        .await
        .tokens();
    assert_eq!(audience(&tokens), json!(MCP));
    let form = [("grant_type", "client_credentials"), ("scope", "mcp:tools")];
    let tokens = op.token("confidential", &form).await.tokens();
    assert_eq!(audience(&tokens), json!(MCP));
}

/// RFC 9728, section 4.
#[tokio::test]
async fn the_metadata_lists_the_resources_and_their_scopes() {
    let op = start().await;
    let path = "/.well-known/oauth-authorization-server";
    let metadata = op.browser().get(path).await.json();
    assert_eq!(
        metadata["protected_resources"],
        json!([API, MCP, OLD, VAULT])
    );
    let scopes = metadata["scopes_supported"].as_array().expect("scopes");
    assert!(scopes.contains(&json!("mcp:tools")));
    let shared = scopes.iter().filter(|scope| **scope == json!("shared"));
    assert_eq!(shared.count(), 1);
}

/// RFC 7662, section 2.2: `aud`, also of a token that holds none. Who may ask is the operator's to
/// say for each resource.
#[tokio::test]
async fn introspection_tells_the_audience_to_those_who_may_ask() {
    let op = start().await;
    let form = [("grant_type", "client_credentials"), ("resource", VAULT)];
    let vault = op.token("confidential", &form).await.tokens().access_token;
    let form = [("grant_type", "client_credentials"), ("resource", API)];
    let api = op.token("confidential", &form).await.tokens().access_token;
    for (caller, token, audience) in [
        ("confidential", &vault, Some(VAULT)),
        ("confidential", &api, Some(API)),
        ("posting", &vault, Some(VAULT)),
        ("posting", &api, None),
    ] {
        let told = op.introspect(caller, token).await.json();
        assert_eq!(told["active"], audience.is_some(), "{caller}: {told}");
        assert_eq!(told["aud"], json!(audience), "{caller}: {told}");
    }
    // An API can't ask in the name of the client whose token it was sent.
    let bearer = [("authorization", format!("Bearer {api}"))];
    let form = [("token", api.as_str())];
    let answer = op.browser().post_with("/introspect", &form, &bearer).await;
    expect::token_refused(&answer);
}
