//! What goes over the wire, and what is made of the response.

use countersign_fetch::{FetchError, Request};
use http::header::{ACCEPT, AUTHORIZATION};
use serde_json::json;

use crate::listener::{Reply, fetcher, listen, loopback_policy, url};

#[tokio::test]
async fn a_form_is_sent_urlencoded_in_the_order_given() {
    let (port, seen) = listen(Reply::ok(r#"{"a":1}"#)).await;
    let target = url(&format!("http://127.0.0.1:{port}/token?x=y"));
    let request = Request::post_form(
        target,
        [("grant_type", "refresh_token"), ("scope", "a b&é")],
    )
    .header(ACCEPT, "application/json")
    .header(AUTHORIZATION, "Bearer canary");
    assert!(!format!("{request:?}").contains("canary"));
    assert!(!format!("{request:?}").contains("x=y"));
    let response = fetcher(loopback_policy())
        .send(request)
        .await
        .expect("there is a response");
    assert_eq!(response.media_type().as_deref(), Some("application/json"));
    assert_eq!(response.json().expect("it is JSON"), json!({"a": 1}));

    let sent = seen.last_request().await;
    let (head, body) = sent.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("POST /token?x=y HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("content-type: application/x-www-form-urlencoded"),
        "{head}"
    );
    assert!(head.contains("accept: application/json"), "{head}");
    assert!(head.contains("authorization: bearer canary"), "{head}");
    assert_eq!(body, "grant_type=refresh_token&scope=a+b%26%C3%A9");
}

#[tokio::test]
async fn json_is_sent_as_json() {
    let (port, seen) = listen(Reply::ok("not json")).await;
    let target = url(&format!("http://127.0.0.1:{port}/"));
    let request = Request::post_json(target, &json!({"client_name": "x"}));
    let response = fetcher(loopback_policy())
        .send(request)
        .await
        .expect("there is a response");
    assert!(response.json().is_err());
    let sent = seen.last_request().await;
    assert!(
        sent.to_ascii_lowercase()
            .contains("content-type: application/json"),
        "{sent}"
    );
    assert!(sent.ends_with(r#"{"client_name":"x"}"#), "{sent}");
}

#[tokio::test]
async fn a_header_value_with_a_line_break_is_not_sent() {
    let (port, seen) = listen(Reply::ok("{}")).await;
    let target = url(&format!("http://127.0.0.1:{port}/"));
    let request = Request::get(target).header(AUTHORIZATION, "Bearer a\r\nX-Evil: b");
    let error = fetcher(loopback_policy())
        .send(request)
        .await
        .expect_err("it splits the head");
    assert_eq!(
        error,
        FetchError::InvalidHeader {
            name: AUTHORIZATION
        }
    );
    assert_eq!(seen.connections(), 0);
}
