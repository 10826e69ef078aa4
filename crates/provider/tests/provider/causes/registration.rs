//! Causes of the registration of clients by themselves.

use std::collections::BTreeSet;

use countersign_testing::Options;
use http::Method;
use serde_json::{Value, json};

use super::Stage;
use crate::asserting::{KEYS, signed};

pub async fn registrations() -> BTreeSet<String> {
    let mut met = closed().await;
    let mut stage = Stage::with(Options::with(|settings| {
        settings.registration.open = true;
        settings.registration.clients_per_network = 1;
        let issuers = &mut settings.registration.software_statement_issuers;
        issuers.insert("https://keyless.example".to_owned(), Default::default());
    }))
    .await;
    let good = json!({"redirect_uris": ["https://shop.example/callback"]});
    let mut refused_uri = good.clone();
    refused_uri["redirect_uris"] = json!(["https://shop.example/#x"]);
    let mut refused = good.clone();
    refused["token_endpoint_auth_method"] = json!("magic");
    let mut of_no_sector = good.clone();
    of_no_sector["sector_identifier_uri"] = json!("https://127.0.0.1/uris");
    let stating = |claims: Value| {
        let mut body = good.clone();
        body["software_statement"] = json!(signed(&KEYS[0], &claims));
        body.to_string()
    };
    for (cause, body) in [
        ("registration_sector_refused", of_no_sector.to_string()),
        (
            "software_statement_unapproved",
            stating(json!({"iss": "https://other.example"})),
        ),
        ("software_statement_invalid", stating(json!({}))),
        (
            "software_statement_keys_unavailable",
            stating(json!({"iss": "https://keyless.example"})),
        ),
        ("registration_not_json", "[]".to_owned()),
        ("registration_redirect_uri_refused", refused_uri.to_string()),
        ("registration_metadata_refused", refused.to_string()),
    ] {
        send(&mut stage, cause, (Method::POST, "/register"), None, body).await;
    }
    let mut browser = stage.op.browser();
    browser.address = Some("192.0.2.7:1".parse().expect("an address"));
    let json = [("content-type", "application/json".to_owned())];
    let body = Some(good.to_string());
    let registered = browser
        .send(Method::POST, "/register", &json, body.clone())
        .await
        .json();
    stage.log.take();
    let answer = browser.send(Method::POST, "/register", &json, body).await;
    stage.meets("registrations_used_up", &answer);

    let text = |member: &str| registered[member].as_str().expect("a text").to_owned();
    let (client_id, token) = (text("client_id"), text("registration_access_token"));
    let path = format!("/register/{client_id}");
    let put = (Method::PUT, path.as_str());
    let other = good.to_string();
    send(
        &mut stage,
        "registration_of_other_client",
        put,
        Some(&token),
        other,
    )
    .await;
    let get = (Method::GET, "/register/confidential");
    let cause = "registration_access_token_refused";
    send(&mut stage, cause, get, Some(&token), String::new()).await;
    let members = json!({"grant_types": ["client_credentials"]}).to_string();
    stage.op.update_client(&client_id, &members).await;
    let form = [("grant_type", "client_credentials")];
    let basic = countersign_testing::basic(&client_id, &text("client_secret"));
    let headers = [("authorization", basic)];
    stage.log.take();
    let answer = stage
        .op
        .browser()
        .post_with("/token", &form, &headers)
        .await;
    stage.meets("client_credentials_unvouched", &answer);
    met.extend(stage.met);
    met
}

async fn closed() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let (post, body) = ((Method::POST, "/register"), Value::Null.to_string());
    let wrong = Some("cs_ia_wrong");
    send(
        &mut stage,
        "registration_not_allowed",
        post.clone(),
        None,
        body,
    )
    .await;
    let body = json!({"redirect_uris": ["https://shop.example/callback"]}).to_string();
    send(
        &mut stage,
        "initial_access_token_refused",
        post,
        wrong,
        body,
    )
    .await;
    stage.met
}

async fn send(
    stage: &mut Stage,
    cause: &str,
    (method, path): (Method, &str),
    token: Option<&str>,
    body: String,
) {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    headers.extend(token.map(|token| ("authorization", format!("Bearer {token}"))));
    stage.log.take();
    let answer = stage
        .op
        .browser()
        .send(method, path, &headers, Some(body))
        .await;
    stage.meets(cause, &answer);
}
