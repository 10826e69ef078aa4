//! Causes that any endpoint can meet in a request.

use std::collections::BTreeSet;
use std::convert::Infallible;

use axum::body::{Body, Bytes};
use countersign_testing::{Answer, Options};
use futures_util::stream;
use http::{Method, Request};
use tower::ServiceExt;

use super::Stage;

pub async fn requests() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    stage.get("parameter_duplicate", "/authorize?a=1&a=2").await;
    stage.get("parameter_malformed", "/authorize?a=%zz").await;
    stage
        .get("parameter_control_character", "/authorize?a=%00")
        .await;
    let many: Vec<String> = (0..100).map(|number| format!("p{number}=1")).collect();
    stage
        .get(
            "parameter_too_many",
            &format!("/authorize?{}", many.join("&")),
        )
        .await;
    stage
        .get(
            "parameter_too_large",
            &format!("/authorize?a={}", "x".repeat(40_000)),
        )
        .await;
    stage.token("parameter_missing", "confidential", &[]).await;
    stage.get("not_found", "/nowhere").await;
    stage.get("method_not_allowed", "/token").await;
    stage
        .post_token("body_too_large", None, &[("a", &"x".repeat(70_000))])
        .await;

    let mut browser = stage.op.browser();
    let answer = browser
        .send(Method::POST, "/token", &[], Some("a=b".to_owned()))
        .await;
    stage.meets("content_type_not_form", &answer);
    let secret = countersign_testing::ClientPersona::secret_of("confidential");
    let own = [(
        "authorization",
        countersign_testing::basic("confidential", secret),
    )];
    let form = [(
        "content-type",
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let grant = [("grant_type", "client_credentials")];
    let answer = browser.post_with("/token?code=b", &grant, &own).await;
    stage.meets("query_not_allowed", &answer);

    let broken = Body::from_stream(stream::iter([
        Ok(Bytes::from_static(b"grant_type=")),
        Err(std::io::Error::other("the connection is gone")),
    ]));
    let request = Request::post("/token")
        .header(form[0].0, &form[0].1)
        .body(broken);
    let response: Result<_, Infallible> = stage
        .op
        .router
        .clone()
        .oneshot(request.expect("a request"))
        .await;
    let status = response.expect("infallible").status();
    assert_eq!(status.as_u16(), 400);
    stage.meets("body_unreadable", &browser_answer(status));

    let mut loopback = Stage::with(Options::at("http://localhost:8080")).await;
    let rebound = [("host", "evil.example:8080".to_owned())];
    let answer = loopback
        .op
        .browser()
        .get_with_headers("/jwks", &rebound)
        .await;
    assert_eq!(answer.status.as_u16(), 421, "{answer:?}");
    loopback.meets("host_not_allowed", &answer);
    stage.met.extend(loopback.met);
    stage.met
}

fn browser_answer(status: http::StatusCode) -> Answer {
    Answer {
        status,
        headers: http::HeaderMap::new(),
        body: String::new(),
    }
}
