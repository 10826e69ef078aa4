//! Resources that an operator declares and deletes while the server runs.

use countersign_management::resources::{OperatorResource, ResourceError};
use countersign_oauth::client_metadata::AccessTokenFormat;
use countersign_provider::settings::SigningAlgorithm;
use countersign_store::ActId;
use countersign_store::resources::ChangeResource;
use countersign_testing::{
    ALICE, Answer, ISSUER, Options, TestProvider, Tokens, callback, claims_of, header_of,
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::expect;

const API: &str = "https://api.example";
const VAULT: &str = "https://vault.example/v1";

fn with_scope(scope: &str) -> OperatorResource {
    OperatorResource {
        scopes: vec![scope.to_owned()],
        ..OperatorResource::default()
    }
}

fn opaque() -> OperatorResource {
    OperatorResource {
        access_token_format: Some(AccessTokenFormat::Opaque),
        introspecting_clients: vec!["posting".to_owned()],
        ..with_scope("vault:open")
    }
}

/// The code of a request for these resources, which Alice allows.
async fn code(op: &TestProvider, resources: &[&str]) -> String {
    let scope = "openid api:read vault:open";
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, scope);
    request.extend(
        resources
            .iter()
            .map(|name| ("resource", (*name).to_owned())),
    );
    let mut browser = op.browser();
    let login = browser.get_with("/authorize", &request).await;
    let mut answer = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    if answer.page_kind() == "consent" {
        answer = browser.submit(&answer, &[("decision", "allow")]).await;
    }
    answer.location_parameter("code").expect("a code")
}

async fn redeemed(op: &TestProvider, code: &str) -> Answer {
    op.redeem("confidential", callback::CONFIDENTIAL, code)
        .await
}

async fn tokens(op: &TestProvider, resources: &[&str]) -> Tokens {
    redeemed(op, &code(op, resources).await).await.tokens()
}

async fn own_token(op: &TestProvider, resource: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("resource", resource)];
    op.token("confidential", &form).await
}

async fn is_active(op: &TestProvider, client_id: &str, token: &str) -> bool {
    let answer = op.introspect(client_id, token).await;
    answer.json()["active"] == true
}

async fn metadata(op: &TestProvider) -> Value {
    let answer = op.browser().get("/.well-known/openid-configuration").await;
    answer.json()
}

async fn refresh(op: &TestProvider, tokens: &Tokens) -> Answer {
    let token = tokens.refresh_token.clone().expect("a refresh token");
    op.refresh("confidential", &token).await
}

fn aud(tokens: &Tokens) -> Value {
    claims_of(&tokens.access_token)["aud"].clone()
}

/// RFC 8707, section 2; RFC 9728, section 4.
#[tokio::test]
async fn a_resource_counts_within_a_second_of_its_declaration() {
    let op = TestProvider::start().await;
    expect::refused(&own_token(&op, API).await, "invalid_target");
    assert_eq!(metadata(&op).await.get("protected_resources"), None);

    op.declare(API, &with_scope("api:read")).await;
    let tokens = own_token(&op, &format!("{API}/")).await.tokens();
    assert_eq!(
        aud(&tokens),
        json!(API),
        "in the form in which it is declared"
    );
    let now = metadata(&op).await;
    assert_eq!(now["protected_resources"], json!([API]));
    let scopes = now["scopes_supported"].as_array().expect("scopes");
    assert!(scopes.contains(&json!("api:read")), "{scopes:?}");

    let change = |resource: &mut OperatorResource| resource.scopes = vec!["api:all".to_owned()];
    let updated = op.resources().update(API, change, op.provider.now()).await;
    updated.expect("updates");
    op.clock.advance(1);
    let scopes = metadata(&op).await["scopes_supported"].clone();
    assert!(scopes.to_string().contains("api:all") && !scopes.to_string().contains("api:read"));
}

/// What the configuration can say of a resource, the store can.
#[tokio::test]
async fn a_stored_resource_says_how_its_tokens_are_made_and_who_may_ask() {
    let op = TestProvider::start().await;
    let resource = OperatorResource {
        access_token_algorithm: Some(SigningAlgorithm::EDDSA),
        access_token_lifetime_seconds: Some(60),
        userinfo: true,
        ..with_scope("api:read")
    };
    op.declare(API, &resource).await;
    op.declare(VAULT, &opaque()).await;

    let api = tokens(&op, &[API]).await;
    assert_eq!(header_of(&api.access_token)["alg"], "EdDSA");
    assert_eq!(api.body["expires_in"], 60);
    assert_eq!(api.body["scope"], "openid api:read");
    let userinfo = op.userinfo(&api.access_token).await;
    assert_eq!(userinfo.status, StatusCode::OK);
    assert!(!is_active(&op, "posting", &api.access_token).await);

    let vault = tokens(&op, &[VAULT]).await;
    assert!(
        vault.access_token.starts_with("cs_at_"),
        "{}",
        vault.access_token
    );
    assert!(is_active(&op, "posting", &vault.access_token).await);
    let userinfo = op.userinfo(&vault.access_token).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
}

/// What was issued for a resource is of no use once that is gone, and is never turned into
/// something for the issuer.
#[tokio::test]
async fn nothing_is_accepted_or_issued_for_a_deleted_resource() {
    let op = TestProvider::start().await;
    op.declare(API, &with_scope("api:read")).await;
    op.declare(VAULT, &opaque()).await;
    let (api, vault) = (tokens(&op, &[API]).await, tokens(&op, &[VAULT]).await);
    let unused = code(&op, &[API]).await;
    for tokens in [&api, &vault] {
        assert!(is_active(&op, "confidential", &tokens.access_token).await);
    }

    op.undeclare(API).await;
    op.undeclare(VAULT).await;
    for tokens in [&api, &vault] {
        assert!(!is_active(&op, "confidential", &tokens.access_token).await);
        assert!(!is_active(&op, "posting", &tokens.access_token).await);
        let refused = refresh(&op, tokens).await;
        expect::refused(&refused, "invalid_target");
    }
    let refused = redeemed(&op, &unused).await;
    expect::refused(&refused, "invalid_target");
    assert_eq!(metadata(&op).await.get("protected_resources"), None);

    // A refusal has cost no refresh token.
    op.declare(API, &with_scope("api:read")).await;
    let again = refresh(&op, &api).await.tokens();
    assert_eq!(aud(&again), json!(API));
}

/// RFC 8707, section 2.2: what is left of the grant.
#[tokio::test]
async fn a_grant_of_two_resources_goes_on_with_the_one_that_is_left() {
    let op = TestProvider::start().await;
    op.declare(API, &with_scope("api:read")).await;
    op.declare(VAULT, &with_scope("vault:open")).await;
    let both = tokens(&op, &[API, VAULT]).await;
    assert_eq!(aud(&both), json!([API, VAULT]));
    op.undeclare(VAULT).await;
    let left = refresh(&op, &both).await.tokens();
    assert_eq!(aud(&left), json!(API));
    assert_eq!(left.body["scope"], "openid api:read");
}

/// A form may be open while a resource is deleted.
#[tokio::test]
async fn a_request_for_a_resource_that_is_deleted_meanwhile_is_refused() {
    let op = TestProvider::start().await;
    op.declare(API, &with_scope("api:read")).await;
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid api:read");
    request.push(("resource", API.to_owned()));
    let mut browser = op.browser();
    let login = browser.get_with("/authorize", &request).await;
    op.undeclare(API).await;
    let answer = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let error = answer.location_parameter("error");
    assert_eq!(error.as_deref(), Some("invalid_target"), "{answer:?}");
}

#[tokio::test]
async fn what_breaks_a_rule_or_is_declared_already_is_refused() {
    let configured = "https://configured.example";
    let options = Options::with(|settings| {
        let resources = &mut settings.operator.resources;
        resources.insert(configured.to_owned(), OperatorResource::default());
    });
    let op = TestProvider::start_with(options).await;
    op.declare(API, &with_scope("api:read")).await;
    let (resources, now) = (op.resources(), op.provider.now());
    let refused = async |identifier: &str, resource: &OperatorResource| {
        let created = resources.create(identifier, resource, now).await;
        created.expect_err(identifier)
    };
    let plain = OperatorResource::default();
    for same in [API, "https://api.example/"] {
        let error = refused(same, &plain).await;
        assert!(matches!(error, ResourceError::Taken { by } if by == API));
    }
    let error = refused("https://configured.example/", &plain).await;
    assert!(matches!(error, ResourceError::Configured(by) if by == configured));
    let unset = |resource: &mut OperatorResource| resource.userinfo = true;
    let error = resources.update(configured, unset, now).await;
    assert!(matches!(error, Err(ResourceError::Configured(_))));
    let error = resources.delete(configured, now).await;
    assert!(matches!(error, Err(ResourceError::Configured(_))));
    let error = resources.delete("https://unknown.example", now).await;
    assert!(matches!(error, Err(ResourceError::Unknown(_))));

    let lifetime = |seconds| OperatorResource {
        access_token_lifetime_seconds: Some(seconds),
        ..OperatorResource::default()
    };
    let unoffered = OperatorResource {
        access_token_algorithm: Some("ES512".parse().expect("an algorithm")),
        ..OperatorResource::default()
    };
    for (identifier, resource, said) in [
        (ISSUER, plain.clone(), "this is the issuer"),
        ("api.example", plain.clone(), "not an absolute URI"),
        ("https://b.example/#a", plain, "fragment"),
        (
            "https://b.example",
            with_scope("openid"),
            "the issuer's own",
        ),
        ("https://b.example", with_scope("a b"), "can't be a scope"),
        ("https://b.example", lifetime(0), "from 1 to"),
        ("https://b.example", lifetime(172_741), "at most 172740"),
        ("https://b.example", unoffered, "keys.algorithms"),
    ] {
        let error = refused(identifier, &resource).await;
        let message = error.to_string();
        assert!(
            matches!(error, ResourceError::Refused { .. }) && message.contains(said),
            "{identifier}: {message}"
        );
    }
    let all = resources.list().await.expect("lists");
    assert_eq!(all.len(), 2, "{all:?}");
}

/// The configuration changes while the store stays.
#[tokio::test]
async fn a_stored_resource_that_the_configuration_does_not_allow_is_not_served() {
    let options = Options::with(|settings| {
        let resources = &mut settings.operator.resources;
        resources.insert(API.to_owned(), with_scope("configured"));
    });
    let op = TestProvider::start_with(options).await;
    for (identifier, attributes) in [
        ("https://api.example/", r#"{"scopes":["stored"]}"#),
        (VAULT, r#"{"access_token_algorithm":"ES512"}"#),
    ] {
        let act = ChangeResource::Create {
            act: ActId::generate(&*op.provider.random),
            identifier: identifier.to_owned(),
            attributes: attributes.to_owned(),
        };
        let store = &op.provider.store;
        store
            .change_resource(&act, op.provider.now())
            .await
            .expect("writes");
    }
    op.clock.advance(1);
    let metadata = metadata(&op).await;
    assert_eq!(metadata["protected_resources"], json!([API]));
    let scopes = metadata["scopes_supported"].to_string();
    assert!(
        scopes.contains("configured") && !scopes.contains("stored"),
        "{scopes}"
    );
    expect::refused(&own_token(&op, VAULT).await, "invalid_target");

    let all = op.resources().list().await.expect("lists");
    let why = all.iter().filter_map(|one| one.not_served.as_ref());
    let why: Vec<String> = why.map(ToString::to_string).collect();
    assert!(
        why.len() == 2 && why[0].contains("takes precedence") && why[1].contains("ES512"),
        "{why:?}"
    );
}
