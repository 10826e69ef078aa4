//! Attack cases 5, 14 and 17 while a page is open: what an operator takes from a client is gone
//! with the next form that comes back, not only with the next request (RFC 6749, sections 3.3 and
//! 4.1.2.1, RFC 9700, section 2.1.1).

use countersign_testing::{ALICE, Answer, Browser, TestProvider, callback};
use http::StatusCode;

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;

/// A page of the confidential client, whose operator then registers it again.
struct Standing {
    op: TestProvider,
    browser: Browser,
    page: Answer,
}

impl Standing {
    async fn at_sign_in(changes: &[(&str, &str)]) -> Standing {
        let op = TestProvider::start().await;
        let mut request = op.authorization("confidential", CALLBACK, "openid email offline_access");
        for (name, value) in changes {
            request.retain(|(known, _)| known != name);
            if !value.is_empty() {
                request.push((name, (*value).to_owned()));
            }
        }
        let mut browser = op.browser();
        let page = browser.get_with("/authorize", &request).await;
        assert_eq!(page.page_kind(), "login", "{page:?}");
        Standing { op, browser, page }
    }

    async fn at_consent(changes: &[(&str, &str)]) -> Standing {
        let mut standing = Standing::at_sign_in(changes).await;
        standing.page = standing.signed_in().await;
        assert_eq!(standing.page.page_kind(), "consent", "{:?}", standing.page);
        standing
    }

    async fn registered_anew(&self, members: &str) {
        let metadata = format!(r#"{{"redirect_uris": ["{CALLBACK}"], {members}}}"#);
        self.op.update_client("confidential", &metadata).await;
    }

    async fn signed_in(&mut self) -> Answer {
        self.browser
            .sign_in(&self.page, ALICE.username, ALICE.password)
            .await
    }

    async fn allowed(&mut self) -> Answer {
        self.browser
            .submit(&self.page, &[("decision", "allow")])
            .await
    }
}

const WITHOUT_PKCE: &[(&str, &str)] = &[("code_challenge", ""), ("code_challenge_method", "")];
const BOTH_GRANTS: &str = r#""grant_types": ["authorization_code", "refresh_token"]"#;

async fn granted_scope(standing: &Standing, back: &Answer) -> String {
    let code = back.location_parameter("code").expect("a code");
    let answer = standing.op.redeem("confidential", CALLBACK, &code).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["scope"].as_str().expect("a scope").to_owned()
}

#[tokio::test]
async fn attack_5_a_scope_taken_away_while_the_consent_page_was_open_is_not_granted() {
    let mut standing = Standing::at_consent(&[]).await;
    standing
        .registered_anew(&format!(r#""scope": "openid", {BOTH_GRANTS}"#))
        .await;
    let back = standing.allowed().await;
    assert_eq!(granted_scope(&standing, &back).await, "openid");
}

#[tokio::test]
async fn attack_5_a_scope_taken_away_while_the_sign_in_page_was_open_is_not_asked_for() {
    let mut standing = Standing::at_sign_in(&[]).await;
    assert!(standing.page.body.contains("Confidential App"));
    standing
        .registered_anew(&format!(r#""scope": "openid email", {BOTH_GRANTS}"#))
        .await;
    let consent = standing.signed_in().await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    assert!(
        !consent.body.contains("Keep this access"),
        "offline_access: {consent:?}"
    );
    standing.page = consent;
    let back = standing.allowed().await;
    assert_eq!(granted_scope(&standing, &back).await, "openid email");
}

#[tokio::test]
async fn attack_5_offline_access_ends_with_the_grant_type_that_it_needs() {
    // OpenID Connect Core, section 11: without refresh tokens there is nothing that outlives the
    // session.
    let mut standing = Standing::at_consent(&[]).await;
    standing
        .registered_anew(r#""grant_types": ["authorization_code"]"#)
        .await;
    let back = standing.allowed().await;
    assert_eq!(granted_scope(&standing, &back).await, "openid email");
}

#[tokio::test]
async fn attack_5_a_form_of_which_no_scope_is_left_is_refused() {
    // RFC 6749, section 4.1.2.1: invalid_scope, as the authorization endpoint returns it.
    let mut standing = Standing::at_consent(&[]).await;
    standing
        .registered_anew(&format!(r#""scope": "profile", {BOTH_GRANTS}"#))
        .await;
    let back = standing.allowed().await;
    expect::sent_back(&back, CALLBACK, "invalid_scope");
}

#[tokio::test]
async fn attack_14_a_form_without_pkce_is_refused_if_pkce_has_become_required() {
    let demands = [
        r#""require_pkce": true"#,
        r#""token_endpoint_auth_method": "none""#,
    ];
    for demand in demands {
        let mut standing = Standing::at_consent(WITHOUT_PKCE).await;
        standing
            .registered_anew(&format!("{demand}, {BOTH_GRANTS}"))
            .await;
        let back = standing.allowed().await;
        expect::sent_back(&back, CALLBACK, "invalid_request");

        let mut standing = Standing::at_sign_in(WITHOUT_PKCE).await;
        standing
            .registered_anew(&format!("{demand}, {BOTH_GRANTS}"))
            .await;
        let back = standing.signed_in().await;
        expect::sent_back(&back, CALLBACK, "invalid_request");
    }
    // With a challenge nothing is missing.
    let mut standing = Standing::at_consent(&[]).await;
    standing
        .registered_anew(&format!(r#""require_pkce": true, {BOTH_GRANTS}"#))
        .await;
    let back = standing.allowed().await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
}

#[tokio::test]
async fn attack_17_a_form_ends_where_its_flow_was_taken_away() {
    let flows = [
        r#""response_types": ["none"], "grant_types": ["authorization_code"]"#,
        r#""grant_types": ["client_credentials"]"#,
    ];
    for flow in flows {
        let mut standing = Standing::at_consent(&[]).await;
        standing.registered_anew(flow).await;
        let back = standing.allowed().await;
        expect::sent_back(&back, CALLBACK, "unauthorized_client");
    }
}
