//! Attack case 16: a parameter that is sent twice (RFC 6749, sections 3.1 and 3.2; RFC 8707,
//! section 2).

use countersign_testing::{ALICE, Answer, ClientPersona, TestProvider, callback, form};
use http::StatusCode;

use crate::device_flow;
use crate::expect;

/// An ordinary request of the confidential client with more parameters.
async fn asked(op: &TestProvider, with: &[(&str, &str)]) -> Answer {
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.extend(
        with.iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    op.browser().get_with("/authorize", &request).await
}

#[tokio::test]
async fn attack_16_a_parameter_that_is_sent_twice_is_refused() {
    let op = TestProvider::start().await;
    let once = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    for (name, value) in &once {
        for second in [value.as_str(), "another", ""] {
            let mut request = once.clone();
            request.push((name, second.to_owned()));
            let answer = op.browser().get_with("/authorize", &request).await;
            is_refused_for(&answer, name);
        }
    }
    // Once in the query and once in the body.
    let mut browser = op.signed_in(&ALICE).await;
    for (name, value) in &once {
        let path = format!("/authorize?{}", form(&[(*name, value)]));
        is_refused_for(&browser.post(&path, &once).await, name);
    }
    // Unknown parameters may not repeat either (RFC 6749, section 3.1).
    let unknown = [("unknown", "1"), ("unknown", "2")];
    is_refused_for(&asked(&op, &unknown).await, "unknown");
}

/// RFC 6749, section 4.1.2.1: the client is told, unless it or its redirect URI is what can't be
/// believed.
fn is_refused_for(answer: &Answer, doubled: &str) {
    match doubled {
        "client_id" | "redirect_uri" => expect::page(answer),
        "state" => {
            let sent = |name: &str| answer.location_parameter(name);
            assert_eq!(sent("error").as_deref(), Some("invalid_request"));
            assert_eq!((sent("state"), sent("code")), (None, None), "{answer:?}");
        }
        _ => expect::sent_back(answer, callback::CONFIDENTIAL, "invalid_request"),
    }
}

#[tokio::test]
async fn attack_16_at_the_token_endpoint_a_parameter_that_is_sent_twice_is_refused() {
    let op = TestProvider::start().await;
    let twice: [&[(&str, &str)]; 4] = [
        &[
            ("grant_type", "client_credentials"),
            ("grant_type", "client_credentials"),
        ],
        &[
            ("grant_type", "client_credentials"),
            ("scope", "reports"),
            ("scope", "reports"),
        ],
        &[
            ("grant_type", "client_credentials"),
            ("scope", ""),
            ("scope", "reports"),
        ],
        &[("grant_type", "client_credentials"), ("x", "1"), ("x", "2")],
    ];
    for fields in twice {
        expect::refused(&op.token("confidential", fields).await, "invalid_request");
    }
    let secret = ClientPersona::secret_of("posting");
    for double in ["client_id", "client_secret"] {
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", "posting"),
            ("client_secret", secret),
        ];
        let again = fields.iter().find(|(name, _)| *name == double).copied();
        fields.extend(again);
        expect::refused(
            &op.browser().post("/token", &fields).await,
            "invalid_request",
        );
    }
}

#[tokio::test]
async fn attack_16_resource_alone_may_repeat() {
    // RFC 8707, section 2. It is not refused for being repeated; that none is known is another
    // matter.
    let op = TestProvider::start().await;
    let resources = [
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
    ];
    // Read twice without complaint, and refused for what it asks for: no resource is known here.
    let answer = asked(&op, &resources).await;
    expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_target");
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(resources);
    expect::refused(&op.token("confidential", &fields).await, "invalid_target");
}

#[tokio::test]
async fn attack_16_no_other_endpoint_takes_a_parameter_twice() {
    let op = device_flow::start().await;
    let twice = |name: &'static str, value: &'static str| [(name, value), (name, value)];
    for path in ["/introspect", "/revoke"] {
        for fields in [
            twice("token", "x"),
            twice("token_type_hint", "access_token"),
        ] {
            let mut form = fields.to_vec();
            if fields[0].0 != "token" {
                form.push(("token", "x"));
            }
            let answer = op.post_as("confidential", path, &form).await;
            expect::refused(&answer, "invalid_request");
        }
    }
    for fields in [twice("scope", "openid"), twice("client_id", "television")] {
        let answer = device_flow::request(&mut op.browser(), &fields).await;
        expect::refused(&answer, "invalid_request");
    }
    for name in [
        "id_token_hint",
        "post_logout_redirect_uri",
        "state",
        "client_id",
    ] {
        let page = op.browser().get_with("/logout", &twice(name, "x")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{name}: {page:?}");
        expect::sign_out_page(&page, "could not be read");
    }
    // An access token in the header and in the body (RFC 6750, section 2).
    let tokens = op
        .tokens(&ALICE, "confidential", callback::CONFIDENTIAL, "openid")
        .await;
    let bearer = [("authorization", format!("Bearer {}", tokens.access_token))];
    let form = [("access_token", tokens.access_token.as_str())];
    let answer = op.browser().post_with("/userinfo", &form, &bearer).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
}
