//! Userinfo (OpenID Connect Core, section 5.3) and the bearer token that opens it (RFC 6750).

use countersign_testing::{ALICE, Answer, TestProvider, Tokens, callback};
use http::{HeaderValue, Method, Request, StatusCode};

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn tokens(op: &TestProvider, scope: &str) -> Tokens {
    op.tokens(&ALICE, "confidential", CALLBACK, scope).await
}

async fn authorized(op: &TestProvider, method: Method, authorization: &str) -> Answer {
    let headers = [("authorization", authorization.to_owned())];
    op.browser().send(method, "/userinfo", &headers, None).await
}

#[tokio::test]
async fn get_and_post_are_both_taken_with_the_token_in_the_header_or_in_a_form() {
    // OpenID Connect Core, section 5.3.1; RFC 6750, sections 2.1 and 2.2.
    let op = TestProvider::start().await;
    let token = tokens(&op, "openid").await.access_token;
    let bearer = format!("Bearer {token}");
    let got = authorized(&op, Method::GET, &bearer).await;
    let posted = authorized(&op, Method::POST, &bearer).await;
    let in_form = op
        .browser()
        .post("/userinfo", &[("access_token", &token)])
        .await;
    for answer in [got, posted, in_form] {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.header("cache-control").contains("no-store"));
        assert_eq!(answer.json()["sub"], ALICE.sub);
    }
}

#[tokio::test]
async fn the_scheme_is_compared_without_regard_to_case() {
    // RFC 9110, section 11.1.
    let op = TestProvider::start().await;
    let token = tokens(&op, "openid").await.access_token;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let answer = authorized(&op, Method::GET, &format!("{scheme} {token}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{scheme}: {answer:?}");
    }
}

#[tokio::test]
async fn a_request_without_a_token_is_challenged_without_an_error() {
    // RFC 6750, section 3.1: "SHOULD NOT include an error code or other error information", nor if
    // the client "attempted using an unsupported authentication method".
    let op = TestProvider::start().await;
    let bare = op.browser().get("/userinfo").await;
    let empty_form = op.browser().post("/userinfo", &[("x", "y")]).await;
    let basic = authorized(&op, Method::GET, "Basic Y29uZmlkZW50aWFsOng=").await;
    let dpop = authorized(&op, Method::GET, "DPoP x.y.z").await;
    for answer in [bare, empty_form, basic, dpop] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"https://op.example\""
        );
    }
}

#[tokio::test]
async fn each_refusal_has_the_status_and_the_challenge_of_rfc_6750() {
    let op = TestProvider::start().await;
    let token = tokens(&op, "openid").await.access_token;
    let plain = tokens(&op, "reports").await.access_token;
    for (authorization, status, error) in [
        ("Bearer".to_owned(), 400, "invalid_request"),
        ("Bearer ".to_owned(), 400, "invalid_request"),
        (format!("Bearer \"{token}\""), 400, "invalid_request"),
        (format!("Bearer {token} {token}"), 400, "invalid_request"),
        ("Bearer x".to_owned(), 401, "invalid_token"),
        (format!("Bearer {token}x"), 401, "invalid_token"),
        (format!("Bearer {plain}"), 403, "insufficient_scope"),
    ] {
        let answer = authorized(&op, Method::GET, &authorization).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{authorization}: {answer:?}"
        );
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer realm=\"https://op.example\", "),
            "{challenge}"
        );
        assert!(
            challenge.contains(&format!("error=\"{error}\"")),
            "{challenge}"
        );
        assert_eq!(
            challenge.contains("scope=\"openid\""),
            status == 403,
            "{challenge}"
        );
        assert_eq!(answer.error(), error);
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_refused_though_it_is_good() {
    // RFC 9700, section 4.3.2; OAuth 2.1 5.2.
    let op = TestProvider::start().await;
    let token = tokens(&op, "openid").await.access_token;
    let path = format!("/userinfo?access_token={token}");
    let in_query = op.browser().get(&path).await;
    let headers = [("authorization", format!("Bearer {token}"))];
    let in_both = op.browser().send(Method::GET, &path, &headers, None).await;
    let headers = [(FORM.0, FORM.1.to_owned())];
    let posted = op.browser().send(Method::POST, &path, &headers, None).await;
    for answer in [in_query, in_both, posted] {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        assert_eq!(answer.error(), "invalid_request");
    }
    // However the name is written, it opens nothing.
    let answer = op
        .browser()
        .get(&format!("/userinfo?access%5Ftoken={token}"))
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_that_is_sent_twice_is_refused() {
    // RFC 6750, section 2: "MUST NOT use more than one method to transmit the token in each
    // request".
    let op = TestProvider::start().await;
    let token = tokens(&op, "openid").await.access_token;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.clone())];
    let form = [("access_token", token.as_str())];
    let header_and_form = op.browser().post_with("/userinfo", &form, &headers).await;
    let form = [
        ("access_token", token.as_str()),
        ("access_token", token.as_str()),
    ];
    let form_twice = op.browser().post("/userinfo", &form).await;
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = "/userinfo".parse().expect("a path");
    for value in [&bearer, &bearer] {
        let value = HeaderValue::from_str(value).expect("a header");
        request.headers_mut().append("authorization", value);
    }
    let header_twice = op.browser().send_request(request).await;
    for answer in [header_and_form, form_twice, header_twice] {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        assert_eq!(answer.error(), "invalid_request");
    }
}

#[tokio::test]
async fn each_scope_releases_its_claims_and_no_others() {
    // OpenID Connect Core, section 5.4.
    let op = TestProvider::start().await;
    for (scope, released) in [
        ("openid", vec!["sub"]),
        ("openid email", vec!["email", "email_verified", "sub"]),
        (
            "openid profile",
            vec![
                "given_name",
                "name",
                "preferred_username",
                "sub",
                "updated_at",
            ],
        ),
        ("openid phone address", vec!["sub"]), // alice has neither
        ("openid reports", vec!["department", "sub"]), // the operator's own
    ] {
        let token = tokens(&op, scope).await.access_token;
        let claims = op.userinfo(&token).await.json();
        let mut names: Vec<&String> = claims.as_object().expect("an object").keys().collect();
        names.sort();
        assert_eq!(names, released, "{scope}");
    }
    let token = tokens(&op, "openid profile email reports")
        .await
        .access_token;
    let claims = op.userinfo(&token).await.json();
    assert_eq!(claims["name"], ALICE.name);
    assert_eq!(claims["given_name"], "Alice");
    assert_eq!(claims["preferred_username"], ALICE.username);
    assert_eq!(claims["email"], ALICE.email);
    assert_eq!(claims["email_verified"], true);
    assert_eq!(
        claims["updated_at"].as_i64(),
        Some(countersign_testing::FixedClock::START)
    );
    assert_eq!(claims["department"], "Research");
}

#[tokio::test]
async fn the_sub_is_the_id_tokens() {
    // OpenID Connect Core, section 5.3.2: "The sub Claim in the UserInfo Response MUST be verified
    // to exactly match".
    let op = TestProvider::start().await;
    let tokens = tokens(&op, "openid").await;
    let id_token = countersign_testing::claims_of(tokens.id_token.as_deref().expect("one"));
    assert_eq!(
        op.userinfo(&tokens.access_token).await.json()["sub"],
        id_token["sub"]
    );
}

#[tokio::test]
async fn what_changed_meanwhile_is_told_as_it_is_now() {
    let op = TestProvider::start().await;
    let token = tokens(&op, "openid").await.access_token;
    assert!(expect::is_accepted(&op, &token).await);
    op.delete_person(&ALICE).await;
    expect::token_refused(&op.userinfo(&token).await);
}

#[tokio::test]
async fn to_a_request_without_a_token_the_answer_is_the_challenge_alone() {
    // RFC 6750, section 3.1: "If the request lacks any authentication information (e.g., the client
    // was unaware that authentication is necessary or attempted using an unsupported authentication
    // method), the resource server SHOULD NOT include an error code or other error information."
    let op = TestProvider::start().await;
    let basic = countersign_testing::basic("confidential", "secret");
    for headers in [vec![], vec![("authorization", basic)]] {
        let answer = op.browser().get_with_headers("/userinfo", &headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, r#"Bearer realm="https://op.example""#);
        assert_eq!(answer.body, "", "{answer:?}");
    }
}

#[tokio::test]
async fn a_refused_method_is_readable_to_scripts_too() {
    // Fetch, CORS protocol: without Access-Control-Allow-Origin a script sees no status at all.
    // RFC 9110, section 15.5.6: "The origin server MUST generate an Allow header field in a 405
    // response".
    let op = TestProvider::start().await;
    for (path, method, allowed) in [
        ("/userinfo", http::Method::DELETE, "GET"),
        ("/token", http::Method::GET, "POST"),
        ("/jwks", http::Method::POST, "GET"),
    ] {
        let answer = op.browser().send(method, path, &[], None).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let allow = answer.header("allow");
        assert!(allow.contains(allowed), "{path}: {allow}");
    }
}
