//! What an operator can do about clients that are documents (Client ID Metadata Documents, sections
//! 7.2 and 8.9).

use countersign_management::Actor;
use countersign_management::clients::{ClientError, Clients, NewClient};
use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};
use countersign_provider::offered;
use countersign_testing::ALICE;
use serde_json::{Map, json};

use super::{CALLBACK, PATH, SITE, Stage, document, site};
use crate::expect;

async fn clients(stage: &Stage) -> Clients {
    let provider = &stage.op.provider;
    let declared = provider.declared_resources().await.expect("resources");
    let policy = ClientPolicy::operator(offered::to_clients(&provider.settings, &declared));
    let context = provider.context(Actor::Server);
    Clients::new(context, provider.sealing.clone(), policy)
}

#[tokio::test]
async fn a_client_is_listed_by_its_address_and_ended_like_any_other() {
    let stage = Stage::with(document()).await;
    let clients = clients(&stage).await;
    let tokens = stage.tokens(CALLBACK).await;
    let now = stage.op.provider.now();
    let listed = clients.list().await.expect("lists");
    let ids: Vec<&str> = listed
        .iter()
        .map(|client| client.client_id.as_str())
        .collect();
    assert!(ids.contains(&stage.client_id.as_str()), "{ids:?}");
    assert!(expect::is_accepted(&stage.op, &tokens.access_token).await);
    clients
        .revoke_grants(&stage.client_id, now)
        .await
        .expect("ends");
    assert!(!expect::is_accepted(&stage.op, &tokens.access_token).await);
    expect::refused(&stage.refresh(&tokens).await, "invalid_grant");
    // It can come back, until it is disabled.
    let tokens = stage.tokens(CALLBACK).await;
    clients
        .disable(&stage.client_id, now)
        .await
        .expect("disables");
    expect::refused(&stage.refresh(&tokens).await, "invalid_client");
    assert!(!expect::is_accepted(&stage.op, &tokens.access_token).await);
    let requests = stage.host.requests().len();
    expect::page(&stage.authorize(&mut stage.op.browser(), CALLBACK).await);
    assert_eq!(stage.host.requests().len(), requests, "it is not asked");
    clients
        .enable(&stage.client_id, now)
        .await
        .expect("enables");
    expect::refused(&stage.refresh(&tokens).await, "invalid_grant");
    stage.tokens(CALLBACK).await;
}

#[tokio::test]
async fn a_client_can_be_disabled_before_anyone_used_it() {
    let stage = Stage::with(site()).await;
    let clients = clients(&stage).await;
    let now = stage.op.provider.now();
    clients
        .disable(&stage.client_id, now)
        .await
        .expect("disables");
    expect::page(&stage.authorize(&mut stage.op.browser(), SITE).await);
    assert_eq!(stage.host.requests().len(), 0);
    clients
        .enable(&stage.client_id, now)
        .await
        .expect("enables");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "cs_rt_x"),
    ];
    stage.host.withdraw(PATH);
    expect::refused(&stage.token(&form).await, "invalid_client");
    stage.publish(site());
    stage.op.clock.advance(61);
    stage.tokens(SITE).await;
    for unknown in [
        "https://no-path.example",
        "https://a@b.example/c",
        "unknown",
    ] {
        let refused = clients.disable(unknown, now).await;
        assert!(matches!(refused, Err(ClientError::Unknown(_))), "{unknown}");
    }
}

#[tokio::test]
async fn only_its_document_changes_a_client_and_nothing_deletes_it() {
    let stage = Stage::with(site()).await;
    let clients = clients(&stage).await;
    stage.tokens(SITE).await;
    let now = stage.op.provider.now();
    let id = stage.client_id.as_str();
    let mut members = Map::new();
    members.insert("insecure_skip_consent".to_owned(), json!(true));
    for refused in [
        clients.update(id, members, &[], now).await.err(),
        clients.delete(id, now).await.err(),
    ] {
        assert!(
            matches!(refused, Some(ClientError::IsADocument(_))),
            "{refused:?}"
        );
    }
    let refused = clients.rotate_secret(id, 0, now).await.err();
    assert!(
        matches!(refused, Some(ClientError::NoSecret(_))),
        "{refused:?}"
    );
    let refused = clients.create(
        NewClient {
            metadata: ClientMetadata::default(),
            client_id: Some("https://app.example/x".to_owned()),
            owner: None,
        },
        now,
    );
    assert!(refused.await.is_err());
}

#[tokio::test]
async fn hosts_are_allowed_and_denied() {
    for (allowed, denied, accepted) in [
        (&["localhost"][..], &[][..], true),
        (&["claude.ai", "*.example.com"], &[], false),
        (&[], &["localhost"], false),
        (&["localhost"], &["localhost"], false),
        (&[], &["*.localhost"], true),
    ] {
        let stage = Stage::set(document(), |settings, _| {
            let parse = |names: &[&str]| {
                let names = names.iter().map(|name| name.parse().expect("a host"));
                names.collect()
            };
            settings.client_documents.allowed_hosts = parse(allowed);
            settings.client_documents.denied_hosts = parse(denied);
        })
        .await;
        let answer = stage.authorize(&mut stage.op.browser(), CALLBACK).await;
        match accepted {
            true => assert_eq!(answer.page_kind(), "login", "{answer:?}"),
            false => {
                expect::page(&answer);
                assert_eq!(stage.host.requests().len(), 0);
            }
        }
    }
}

/// An operator who names the exact address vouches for the document, and keeps its last state.
#[tokio::test]
async fn a_vouched_document_is_as_a_registered_client() {
    let stage = Stage::set(site(), |settings, client_id| {
        let address = client_id.parse().expect("an address");
        settings.client_documents.vouched.push(address);
    })
    .await;
    let answer = stage
        .authorize_with(&mut stage.op.browser(), SITE, &[("prompt", "none")])
        .await;
    expect::sent_back(&answer, SITE, "login_required");
    let mut browser = stage.op.browser();
    let page = stage.consent(&mut browser, &ALICE, SITE).await;
    assert!(!page.body.contains("consent-document"), "{page:?}");
    // Its last state survives a host that is down, and a restart.
    stage.host.withdraw(PATH);
    stage.a_day_passes();
    let answer = stage.authorize(&mut stage.op.browser(), SITE).await;
    assert_eq!(answer.page_kind(), "login", "{answer:?}");
    // Another document of that host is still a stranger's.
    let mut other = site();
    let client_id = stage.host.url("/other");
    other["client_id"] = json!(client_id);
    stage.host.publish_document("/other", other);
    let mut request = stage.op.authorization(&client_id, SITE, "openid");
    request.push(("prompt", "none".to_owned()));
    let answer = stage.op.browser().get_with("/authorize", &request).await;
    expect::page(&answer);
}

#[tokio::test]
async fn consent_is_skipped_only_by_the_exact_address_and_only_if_it_is_vouched_for() {
    for vouched in [true, false] {
        let stage = Stage::set(site(), |settings, client_id| {
            let address = || client_id.parse().expect("an address");
            settings
                .client_documents
                .insecure_skip_consent
                .push(address());
            if vouched {
                settings.client_documents.vouched.push(address());
            }
        })
        .await;
        let mut browser = stage.op.browser();
        let login = stage.authorize(&mut browser, SITE).await;
        let answer = browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        match vouched {
            true => {
                let code = answer.location_parameter("code").expect("a code");
                assert_eq!(stage.redeem(&code, SITE).await.status, 200);
            }
            false => assert_eq!(answer.page_kind(), "consent", "{answer:?}"),
        }
    }
}
