//! How documents are fetched and kept (Client ID Metadata Documents, sections 5, 8.6 and 8.7).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_fetch::resolver::{Resolution, Resolver};
use countersign_fetch::{AllowList, Outbound, Policy};
use countersign_testing::{DocumentServer, Options, Reply, TestProvider};
use serde_json::json;

use super::{CALLBACK, PATH, Stage, document, options};
use crate::expect;

fn reply(stage: &Stage) -> Reply {
    let mut document = document();
    document["client_id"] = json!(stage.client_id);
    Reply::json(&document)
}

#[tokio::test]
async fn mcp_13_cimd_fetch_takes_a_small_quick_200_and_keeps_nothing_else() {
    let stage = Stage::set(document(), |settings, _| {
        settings.client_documents.timeout_seconds = 1;
    })
    .await;
    let good = reply(&stage);
    let elsewhere = stage.host.url("/elsewhere");
    stage.host.publish("/elsewhere", good.clone());
    let mut large = document();
    large["client_id"] = json!(stage.client_id);
    large["filler"] = json!("x".repeat(6_000));
    let bad = [
        (
            "302",
            good.clone().status(302).header("location", &elsewhere),
        ),
        (
            "307",
            good.clone().status(307).header("location", &elsewhere),
        ),
        ("404", good.clone().status(404)),
        ("201", good.clone().status(201)),
        ("203", good.clone().status(203)),
        ("500", good.clone().status(500)),
        ("6 KB", Reply::json(&large)),
        ("stalled", good.clone().delay(Duration::from_secs(60))),
        ("HTML", Reply::new("text/html", good.body.clone())),
        ("text", Reply::new("text/plain", good.body.clone())),
        ("not JSON", Reply::new("application/json", "{")),
        ("nothing", Reply::new("application/json", "")),
    ];
    let mut asked = 0;
    for (name, reply) in bad {
        stage.host.publish(PATH, reply);
        for _ in 0..2 {
            let begun = Instant::now();
            let answer = stage.authorize(&mut stage.op.browser(), CALLBACK).await;
            expect::page(&answer);
            assert!(begun.elapsed() < Duration::from_secs(5), "{name}");
            // It was not kept.
            asked += 1;
            assert_eq!(stage.host.requests().len(), asked, "{name}");
        }
    }
    assert!(!stage.host.requests().contains(&"/elsewhere".to_owned()));
    // Any JSON type will do, and then it is kept.
    let body = good.body.clone();
    stage.host.publish(
        PATH,
        Reply::new("application/oauth-client+json; charset=utf-8", body),
    );
    for _ in 0..3 {
        let answer = stage.authorize(&mut stage.op.browser(), CALLBACK).await;
        assert_eq!(answer.page_kind(), "login", "{answer:?}");
    }
    assert_eq!(stage.host.requests().len(), asked + 1);
}

/// RFC 9111, within the bounds of the settings.
#[tokio::test]
async fn mcp_13_cimd_fetch_is_repeated_when_the_response_is_no_longer_fresh() {
    for (control, fresh_seconds) in [
        (None, 300),
        (Some("max-age=0"), 300),
        (Some("no-store"), 300),
        (Some("max-age=3600"), 3_600),
        (Some("max-age=31536000"), 86_400),
    ] {
        let stage = Stage::with(document()).await;
        if let Some(control) = control {
            stage
                .host
                .publish(PATH, reply(&stage).header("cache-control", control));
        }
        stage.authorize(&mut stage.op.browser(), CALLBACK).await;
        stage.op.clock.advance(fresh_seconds - 1);
        stage.authorize(&mut stage.op.browser(), CALLBACK).await;
        assert_eq!(stage.host.requests().len(), 1, "{control:?}");
        stage.op.clock.advance(1);
        stage.authorize(&mut stage.op.browser(), CALLBACK).await;
        assert_eq!(stage.host.requests().len(), 2, "{control:?}");
        // What no longer can be fetched is no longer there for a new request.
        stage.host.withdraw(PATH);
        stage.a_day_passes();
        let answer = stage.authorize(&mut stage.op.browser(), CALLBACK).await;
        expect::page(&answer);
    }
}

#[tokio::test]
async fn requests_that_need_one_document_share_a_fetch_and_few_run_at_once() {
    let stage = Stage::set(document(), |settings, _| {
        settings.client_documents.max_parallel_per_host = 2;
    })
    .await;
    let slow = reply(&stage).delay(Duration::from_millis(300));
    stage.host.publish(PATH, slow);
    let mut browsers: Vec<_> = (0..5).map(|_| stage.op.browser()).collect();
    let pages = browsers
        .iter_mut()
        .map(|browser| stage.authorize(browser, CALLBACK));
    for page in futures_util::future::join_all(pages).await {
        assert_eq!(page.page_kind(), "login", "{page:?}");
    }
    assert_eq!(stage.host.requests().len(), 1);
    // Three others at the same host: the third is put off.
    let others = ["/a", "/b", "/c"].map(|path| {
        let client_id = stage.host.publish_document(path, document());
        let mut published = document();
        published["client_id"] = json!(client_id);
        let slow = Reply::json(&published).delay(Duration::from_millis(300));
        stage.host.publish(path, slow);
        client_id
    });
    let asked = others.iter().map(async |client_id: &String| {
        let request = stage.op.authorization(client_id, CALLBACK, "openid");
        stage.op.browser().get_with("/authorize", &request).await
    });
    let answers = futures_util::future::join_all(asked).await;
    let statuses: Vec<u16> = answers.iter().map(|page| page.status.as_u16()).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        2,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 503).count(),
        1,
        "{statuses:?}"
    );
}

/// Every name is at this address.
struct Everywhere(IpAddr);

impl Resolver for Everywhere {
    fn resolve(&self, _host: &str) -> Resolution {
        Box::pin(std::future::ready(Ok(vec![self.0])))
    }
}

/// Client ID Metadata Documents, section 8.6: each address that a name has is checked, and the one
/// that was checked is connected to.
#[tokio::test]
async fn mcp_14_cimd_ssrf_reaches_nothing_inside() {
    let host = DocumentServer::start().await;
    let port = host.port();
    let strict = |resolver: Option<&str>| {
        let mut policy = Policy {
            allow: AllowList::default(),
            ..host.policy()
        };
        if let Some(address) = resolver {
            policy.resolver = Arc::new(Everywhere(address.parse().expect("an address")));
        }
        let mut options: Options = options(&host, |_| {});
        options.outbound = Outbound::new(policy);
        options
    };
    let op = TestProvider::start_with(strict(None)).await;
    for name in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "0.0.0.0",
        "127.1",
        "2130706433",
    ] {
        let client_id = format!("https://{name}:{port}{PATH}");
        let request = op.authorization(&client_id, CALLBACK, "openid");
        expect::page(&op.browser().get_with("/authorize", &request).await);
    }
    for address in ["127.0.0.1", "::1", "169.254.169.254", "10.0.0.1", "fd00::1"] {
        let op = TestProvider::start_with(strict(Some(address))).await;
        let client_id = format!("https://documents.example:{port}{PATH}");
        host.publish(PATH, Reply::json(&document()));
        let request = op.authorization(&client_id, CALLBACK, "openid");
        expect::page(&op.browser().get_with("/authorize", &request).await);
    }
    assert_eq!(host.requests().len(), 0);
}
