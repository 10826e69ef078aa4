//! A provider whose people may make API tokens, with two resources.

use countersign_management::Actor;
use countersign_management::personal_tokens::{NewPersonalToken, PersonalTokens};
use countersign_oauth::client_metadata::AccessTokenFormat;
use countersign_oauth::scope::Scope;
use countersign_provider::personal_tokens::offered_scopes;
use countersign_provider::settings::{OperatorResource, Settings};
use countersign_store::GrantId;
use countersign_testing::{Options, Person, TestProvider};

pub const A: &str = "https://a.example/api";
pub const B: &str = "https://b.example/api";
pub const DAY: i64 = 86_400;

pub fn settings(settings: &mut Settings) {
    settings.personal_tokens.enabled = true;
    let resource = |scopes: &[&str], format| OperatorResource {
        scopes: scopes.iter().map(|name| (*name).to_owned()).collect(),
        access_token_format: Some(format),
        ..OperatorResource::default()
    };
    let resources = &mut settings.operator.resources;
    let jwt = resource(&["a:read", "a:write"], AccessTokenFormat::Jwt);
    resources.insert(A.to_owned(), jwt);
    let opaque = resource(&["b:read"], AccessTokenFormat::Opaque);
    resources.insert(B.to_owned(), opaque);
}

pub async fn start() -> TestProvider {
    TestProvider::start_with(Options::with(settings)).await
}

pub fn tokens(op: &TestProvider) -> PersonalTokens {
    let settings = op.provider.settings.personal_tokens.clone();
    PersonalTokens::new(op.provider.context(Actor::User), settings)
}

/// Makes a token that is valid for a day.
pub async fn create(
    op: &TestProvider,
    person: &Person,
    name: &str,
    scope: &str,
) -> (GrantId, String) {
    let provider = &op.provider;
    let scope = Scope::parse(scope).expect("a scope");
    let tokens = tokens(op);
    let owner = tokens.owner(person.sub).await.expect("an owner");
    let declared = provider.declared_resources().await.expect("resources");
    let new = NewPersonalToken {
        name: name.to_owned(),
        resources: declared.of_scope(&scope),
        scope,
        lifetime_seconds: DAY,
    };
    let offered = offered_scopes(&provider.settings, &declared);
    let made = tokens.create(&owner, new, &offered, provider.now()).await;
    let (view, token) = made.expect("is made");
    (view.grant.id, token.to_string())
}
