//! Every cause, met once: a request that must be logged under that name. What no request can bring about
//! stands at the end with its reason, and nothing is missing.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, Bytes};
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::random::SeededRandom;
use countersign_provider::accounts::{Account, Accounts, Proof};
use countersign_provider::error::Failure;
use countersign_provider::pages::Pages;
use countersign_provider::passwords::{HashingError, PasswordHasher};
use countersign_provider::settings::PasswordSettings;
use countersign_store::memory::Memory;
use countersign_store::{Epoch, SecretHash};
use countersign_testing::{
    ALICE, Answer, BOB, Breakage, Browser, ClientPersona, Forger, ObservedStore, Options,
    TestProvider, VERIFIER, basic, callback, claims_of,
};
use futures_util::stream;
use http::{Method, Request};
use serde_json::json;
use tower::ServiceExt;

use crate::log::Log;

const CALLBACK: &str = callback::CONFIDENTIAL;

/// Causes that no request brings about.
const UNREACHED: [(&str, &str); 2] = [
    (
        "signing_failed",
        "the cryptographic library signs with every key that it could parse",
    ),
    (
        "hashing_busy",
        "needs a queue that is full at that very moment: a race",
    ),
];

struct Stage {
    op: TestProvider,
    log: Log,
    met: BTreeSet<String>,
}

impl Stage {
    async fn with(options: Options) -> Stage {
        Stage::of(TestProvider::start_with(options).await)
    }

    fn of(op: TestProvider) -> Stage {
        Stage {
            op,
            log: Log::start(),
            met: BTreeSet::new(),
        }
    }

    /// The last request must have been logged under this cause, and under no other.
    #[track_caller]
    fn meets(&mut self, cause: &str, answer: &Answer) {
        let written = self.log.take();
        let expected = format!("cause=\"{cause}\"");
        assert!(
            written.contains(&expected),
            "{cause} is not in the log:\n{written}\n{answer:?}"
        );
        assert_eq!(
            written.matches("cause=").count(),
            1,
            "{cause}: logged once\n{written}"
        );
        self.met.insert(cause.to_owned());
    }

    fn request(&self, changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        let mut request = self.op.authorization("confidential", CALLBACK, "openid");
        for (name, value) in changes {
            request.retain(|(known, _)| known != name);
            request.push((name, (*value).to_owned()));
        }
        request
    }

    async fn authorize(&mut self, cause: &str, changes: &[(&'static str, &str)]) {
        let request = self.request(changes);
        self.log.take();
        let answer = self.op.browser().get_with("/authorize", &request).await;
        self.meets(cause, &answer);
    }

    async fn token(&mut self, cause: &str, client_id: &str, form: &[(&str, &str)]) {
        self.log.take();
        let answer = self.op.token(client_id, form).await;
        self.meets(cause, &answer);
    }

    async fn post_token(
        &mut self,
        cause: &str,
        authorization: Option<String>,
        form: &[(&str, &str)],
    ) {
        self.log.take();
        let headers: Vec<_> = authorization
            .into_iter()
            .map(|a| ("authorization", a))
            .collect();
        let answer = self.op.browser().post_with("/token", form, &headers).await;
        self.meets(cause, &answer);
    }

    async fn redeem(&mut self, cause: &str, client_id: &str, redirect_uri: &str, code: &str) {
        self.log.take();
        let answer = self.op.redeem(client_id, redirect_uri, code).await;
        self.meets(cause, &answer);
    }

    async fn userinfo(&mut self, cause: &str, access_token: &str) {
        self.log.take();
        let answer = self.op.userinfo(access_token).await;
        self.meets(cause, &answer);
    }

    async fn get(&mut self, cause: &str, path: &str) {
        self.log.take();
        let answer = self.op.browser().get(path).await;
        self.meets(cause, &answer);
    }

    async fn code(&self, browser: &mut Browser, scope: &str) -> String {
        self.op
            .code(browser, &ALICE, "confidential", CALLBACK, scope)
            .await
    }
}

/// Accounts elsewhere: one of them vanished, and nobody has time to verify a password.
struct Elsewhere;

#[async_trait]
impl Accounts for Elsewhere {
    async fn verify_password(&self, _: &str, _: &str) -> Result<Proof, Failure> {
        Err(HashingError::Busy.into())
    }

    async fn account(&self, _: &str) -> Result<Option<Account>, Failure> {
        Ok(None)
    }
}

#[tokio::test]
async fn every_cause_can_be_met_or_says_why_not() {
    let mut met = BTreeSet::new();
    met.extend(requests().await);
    met.extend(authorizations().await);
    met.extend(interactions().await);
    met.extend(sign_ins().await);
    met.extend(client_authentication().await);
    met.extend(codes().await);
    met.extend(refresh_tokens().await);
    met.extend(other_tokens().await);
    met.extend(access_tokens().await);
    met.extend(logouts().await);
    met.extend(setups().await);
    met.extend(our_own_faults().await);
    for (cause, _) in UNREACHED {
        assert!(met.insert(cause.to_owned()), "{cause} is met after all");
    }
    let all = countersign_provider::error::all()
        .into_iter()
        .flat_map(|(_, causes)| causes);
    let all: BTreeSet<String> = all.map(|cause| cause.name.to_owned()).collect();
    let missing: Vec<_> = all.difference(&met).collect();
    assert!(missing.is_empty(), "never met: {missing:?}");
    let unknown: Vec<_> = met.difference(&all).collect();
    assert!(unknown.is_empty(), "met without being a cause: {unknown:?}");
}

async fn requests() -> BTreeSet<String> {
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
    let form = [(
        "content-type",
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let answer = browser.send(Method::POST, "/token?a=b", &form, None).await;
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

async fn authorizations() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let machine =
        r#"{"redirect_uris": ["https://m.example/"], "grant_types": ["client_credentials"]}"#;
    stage
        .op
        .add_client_with("machine", Some("secret"), machine)
        .await;
    stage
        .authorize("authorize_client_id_missing", &[("client_id", "")])
        .await;
    stage
        .authorize("authorize_client_unknown", &[("client_id", "nobody")])
        .await;
    stage
        .authorize("authorize_redirect_uri_missing", &[("redirect_uri", "")])
        .await;
    let other = [("redirect_uri", "https://evil.example/")];
    stage
        .authorize("authorize_redirect_uri_not_registered", &other)
        .await;
    stage
        .authorize("response_type_missing", &[("response_type", "")])
        .await;
    stage
        .authorize("response_type_unsupported", &[("response_type", "token")])
        .await;
    let machine = [
        ("client_id", "machine"),
        ("redirect_uri", "https://m.example/"),
    ];
    stage
        .authorize("response_type_not_registered", &machine)
        .await;
    stage
        .authorize(
            "response_mode_unsupported",
            &[("response_mode", "fragment")],
        )
        .await;
    let both = [("request", "x"), ("request_uri", "y")];
    stage.authorize("request_and_request_uri", &both).await;
    stage
        .authorize("request_object_not_supported", &both[..1])
        .await;
    stage
        .authorize("request_uri_not_supported", &both[1..])
        .await;
    stage
        .authorize("registration_not_supported", &[("registration", "{}")])
        .await;
    stage
        .authorize("authorize_scope_malformed", &[("scope", "a  b")])
        .await;
    stage
        .authorize("authorize_scope_empty", &[("scope", "unknown")])
        .await;
    let public = [
        ("client_id", "public"),
        ("redirect_uri", callback::PUBLIC),
        ("code_challenge", ""),
    ];
    let without = [
        public[0],
        public[1],
        public[2],
        ("code_challenge_method", ""),
    ];
    stage.authorize("pkce_required", &without).await;
    stage
        .authorize("pkce_malformed", &[("code_challenge", "x")])
        .await;
    stage.authorize("prompt_invalid", &[("prompt", "x")]).await;
    stage
        .authorize("max_age_invalid", &[("max_age", "x")])
        .await;
    stage
        .authorize(
            "authorize_parameter_too_long",
            &[("nonce", &"n".repeat(20_000))],
        )
        .await;
    stage
        .authorize("id_token_hint_invalid", &[("id_token_hint", "x")])
        .await;
    stage
        .authorize("login_required", &[("prompt", "none")])
        .await;

    let mut browser = stage.op.signed_in(&ALICE).await;
    stage.log.take();
    let request = stage.request(&[("prompt", "none"), ("scope", "openid email")]);
    let answer = browser.get_with("/authorize", &request).await;
    stage.meets("consent_required", &answer);

    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "openid")
        .await;
    let hint = tokens.id_token.expect("an ID token");
    let mut bobs = stage.op.browser();
    let login = bobs
        .get_with("/authorize", &stage.request(&[("id_token_hint", &hint)]))
        .await;
    stage.log.take();
    let answer = bobs.sign_in(&login, BOB.username, BOB.password).await;
    stage.meets("other_user_than_hinted", &answer);
    let answer = bobs.submit(&login, &[("decision", "cancel")]).await;
    stage.meets("sign_in_cancelled", &answer);

    let consent = browser
        .get_with("/authorize", &stage.request(&[("prompt", "consent")]))
        .await;
    let answer = browser.submit(&consent, &[("decision", "deny")]).await;
    stage.meets("consent_denied", &answer);
    let answer = browser.submit(&consent, &[]).await;
    stage.meets("consent_decision_missing", &answer);
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    stage
        .op
        .redeem("confidential", CALLBACK, &code)
        .await
        .tokens();
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    stage.meets("authorization_already_done", &answer);
    stage.met
}

async fn interactions() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    stage.get("interaction_missing", "/login").await;
    let answer = stage
        .op
        .browser()
        .post("/login", &[("interaction", "x")])
        .await;
    stage.meets("interaction_unreadable", &answer);

    let mut browser = stage.op.browser();
    let request = stage.request(&[]);
    let login = browser.get_with("/authorize", &request).await;
    let answer = stage
        .op
        .browser()
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    stage.meets("interaction_other_browser", &answer);

    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let page = browser.get("/logout").await;
    browser.submit(&page, &[("decision", "confirm")]).await;
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    stage.meets("interaction_other_user", &answer);
    stage.op.clock.advance(3_600);
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    stage.meets("interaction_expired", &answer);
    stage.met
}

async fn sign_ins() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let mut browser = stage.op.browser();
    let login = browser.get_with("/authorize", &stage.request(&[])).await;
    let answer = browser.sign_in(&login, "nobody", "x").await;
    stage.meets("login_name_unknown", &answer);
    let answer = browser.sign_in(&login, "alice", "x").await;
    stage.meets("login_password_wrong", &answer);
    let answer = browser.sign_in(&login, "alice", &"x".repeat(2_000)).await;
    stage.meets("login_password_too_long", &answer);
    stage.op.disable_person(&ALICE).await;
    let answer = browser.sign_in(&login, "alice", ALICE.password).await;
    stage.meets("login_account_disabled", &answer);
    for _ in 0..10 {
        browser.sign_in(&login, "bob", "x").await;
    }
    stage.log.take();
    let answer = browser.sign_in(&login, "bob", "x").await;
    stage.meets("login_throttled", &answer);
    stage.met
}

async fn client_authentication() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let secret = ClientPersona::secret_of("confidential");
    let good = || Some(basic("confidential", secret));
    let form = [("client_secret", "x")];
    stage
        .post_token("client_auth_methods_combined", good(), &form)
        .await;
    stage
        .post_token("client_ids_differ", good(), &[("client_id", "posting")])
        .await;
    let malformed = Some("Basic x".to_owned());
    stage
        .post_token("client_auth_header_malformed", malformed, &[])
        .await;
    stage.post_token("client_auth_missing", None, &[]).await;
    let assertion = [("client_assertion", "x")];
    stage
        .post_token("client_assertion_not_supported", None, &assertion)
        .await;
    stage
        .post_token("client_unknown", Some(basic("nobody", "x")), &[])
        .await;
    let form = [("client_id", "confidential")];
    stage
        .post_token("client_auth_method_not_registered", None, &form)
        .await;
    stage
        .post_token("client_secret_wrong", Some(basic("confidential", "x")), &[])
        .await;
    stage.met
}

async fn codes() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let mut browser = stage.op.browser();
    let code = stage.code(&mut browser, "openid").await;
    let mut unknown = code.clone();
    unknown.replace_range(40..44, "AAAA");
    stage
        .redeem("code_malformed", "confidential", CALLBACK, "x")
        .await;
    stage
        .redeem("code_unknown", "confidential", CALLBACK, &unknown)
        .await;
    stage
        .redeem("code_of_another_client", "posting", CALLBACK, &code)
        .await;
    stage
        .redeem(
            "code_burnt_redirect_uri",
            "confidential",
            "https://x.example",
            &code,
        )
        .await;
    stage
        .redeem("grant_ended", "confidential", CALLBACK, &code)
        .await;

    let code = stage.code(&mut browser, "openid").await;
    let form = |verifier| {
        [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ]
    };
    stage
        .token("code_verifier_malformed", "confidential", &form("short"))
        .await;
    let wrong = VERIFIER.replace("the", "any");
    stage
        .token("code_burnt_verifier", "confidential", &form(&wrong))
        .await;

    let code = stage.code(&mut browser, "openid").await;
    stage
        .op
        .redeem("confidential", CALLBACK, &code)
        .await
        .tokens();
    stage
        .redeem("code_used", "confidential", "https://x.example", &code)
        .await;
    stage
        .redeem("code_replayed", "confidential", CALLBACK, &code)
        .await;
    let code = stage.code(&mut browser, "openid").await;
    stage.op.clock.advance(60);
    stage
        .redeem("code_expired", "confidential", CALLBACK, &code)
        .await;
    stage.met
}

async fn refresh_tokens() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let scope = "openid offline_access";
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, scope)
        .await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let mut unknown = refresh_token.clone();
    unknown.replace_range(40..44, "AAAA");
    let form = |token| [("grant_type", "refresh_token"), ("refresh_token", token)];
    stage
        .token("refresh_token_malformed", "confidential", &form("x"))
        .await;
    stage
        .token("refresh_token_unknown", "confidential", &form(&unknown))
        .await;
    stage
        .token(
            "refresh_token_of_another_client",
            "posting",
            &form(&refresh_token),
        )
        .await;
    let wide = [
        form(&refresh_token)[0],
        form(&refresh_token)[1],
        ("scope", "openid email"),
    ];
    stage.token("scope_too_wide", "confidential", &wide).await;
    let successor = stage
        .op
        .refresh("confidential", &refresh_token)
        .await
        .tokens();
    let successor = successor.refresh_token.expect("a successor");
    stage.op.clock.advance(14 * 86_400);
    stage
        .token("refresh_token_expired", "confidential", &form(&successor))
        .await;
    stage
        .token(
            "refresh_token_reused",
            "confidential",
            &form(&refresh_token),
        )
        .await;
    stage.met
}

async fn other_tokens() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let careless =
        r#"{"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}"#;
    stage.op.add_client_with("careless", None, careless).await;
    let own = ("grant_type", "client_credentials");
    stage
        .token("grant_type_unknown", "confidential", &[("grant_type", "x")])
        .await;
    stage
        .token("grant_type_not_registered", "public", &[own])
        .await;
    stage
        .token(
            "resource_unknown",
            "confidential",
            &[own, ("resource", "https://x.example")],
        )
        .await;
    stage
        .token("scope_malformed", "confidential", &[own, ("scope", "a  b")])
        .await;
    stage
        .token(
            "scope_not_allowed",
            "confidential",
            &[own, ("scope", "openid")],
        )
        .await;
    let form = [own, ("client_id", "careless")];
    stage
        .post_token("client_credentials_public_client", None, &form)
        .await;
    let json = [("content-type", "application/json".to_owned())];
    let body = Some("{}".to_owned());
    let answer = stage
        .op
        .browser()
        .send(Method::POST, "/token", &json, body)
        .await;
    stage.meets("token_request_json", &answer);
    stage.met
}

async fn access_tokens() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "openid")
        .await;
    let plain = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "reports")
        .await;
    let own = stage
        .op
        .token("confidential", &[("grant_type", "client_credentials")])
        .await
        .tokens();
    let forger = Forger::of(&stage.op, SignatureAlgorithm::ES256).await;
    let mut claims = claims_of(&tokens.access_token);
    claims["aud"] = json!("https://api.example");
    stage.get("access_token_missing", "/userinfo").await;
    stage
        .get("access_token_in_query", "/userinfo?access_token=x")
        .await;
    for (authorization, cause) in [
        ("Basic x", "access_token_other_scheme"),
        ("Bearer", "access_token_malformed"),
    ] {
        let headers = [("authorization", authorization.to_owned())];
        let answer = stage
            .op
            .browser()
            .get_with_headers("/userinfo", &headers)
            .await;
        stage.meets(cause, &answer);
    }
    let headers = [("authorization", "Bearer x".to_owned())];
    let form = [("access_token", "x")];
    let answer = stage
        .op
        .browser()
        .post_with("/userinfo", &form, &headers)
        .await;
    stage.meets("access_token_sent_twice", &answer);
    stage
        .userinfo("access_token_not_ours", &forger.sign("at+jwt", &claims))
        .await;
    let opaque = format!("cs_at_{}", "A".repeat(65));
    stage.userinfo("access_token_unknown", &opaque).await;
    stage
        .userinfo("access_token_without_user", &own.access_token)
        .await;
    stage
        .userinfo("access_token_without_openid", &plain.access_token)
        .await;
    let claims = claims_of(&plain.access_token);
    let jti = SecretHash::of(claims["jti"].as_str().expect("a jti").as_bytes());
    let now = stage.op.provider.now();
    stage
        .op
        .provider
        .store
        .deny_access_token(&jti, now + 600, now)
        .await
        .expect("denies");
    stage
        .userinfo("access_token_revoked", &plain.access_token)
        .await;
    let epoch = Epoch::from_bytes([7; 16]);
    let active = countersign_store::subjects::Status::Active;
    stage
        .op
        .provider
        .store
        .end_subject(ALICE.sub, epoch, active, now)
        .await
        .expect("ends");
    stage
        .userinfo("access_token_ended", &tokens.access_token)
        .await;
    stage.op.clock.advance(600);
    stage
        .userinfo("access_token_expired", &tokens.access_token)
        .await;
    stage.met
}

async fn logouts() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "openid")
        .await;
    let hint = (
        "id_token_hint",
        tokens.id_token.as_deref().expect("an ID token"),
    );
    let cases: [(&str, Vec<(&str, &str)>); 4] = [
        ("logout_hint_invalid", vec![("id_token_hint", "x")]),
        (
            "logout_hint_of_another_client",
            vec![hint, ("client_id", "posting")],
        ),
        (
            "logout_redirect_without_hint",
            vec![("post_logout_redirect_uri", "https://x.example")],
        ),
        (
            "logout_redirect_not_registered",
            vec![hint, ("post_logout_redirect_uri", "https://x.example")],
        ),
    ];
    for (cause, request) in cases {
        stage.log.take();
        let answer = stage.op.browser().get_with("/logout", &request).await;
        stage.meets(cause, &answer);
    }
    let answer = stage
        .op
        .browser()
        .post("/logout", &[("decision", "confirm")])
        .await;
    stage.meets("logout_confirmation_invalid", &answer);
    stage.met
}

async fn setups() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    stage.get("setup_link_unknown", "/setup?token=x").await;
    let link = stage.op.setup_link(900).await;
    let path = format!("/setup?token={link}");
    stage.op.clock.advance(900);
    stage.get("setup_link_expired", &path).await;
    let link = stage.op.setup_link(900).await;
    let form = [
        ("token", link.as_str()),
        ("name", "Root"),
        ("email", "root@example.org"),
        ("username", "root"),
        ("password", "a long password"),
        ("password_again", "a long password"),
    ];
    stage.op.browser().post("/setup", &form).await;
    stage.get("setup_closed", &path).await;
    stage.met
}

async fn our_own_faults() -> BTreeSet<String> {
    let memory = Arc::new(Memory::new());
    let store = Arc::new(ObservedStore::new(memory));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    let mut stage = Stage::with(options).await;
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "openid")
        .await;
    store.break_act("check_access_token", Breakage::Unavailable);
    stage
        .userinfo("store_unavailable", &tokens.access_token)
        .await;
    store.break_act("check_access_token", Breakage::Corrupt);
    stage.userinfo("record_corrupt", &tokens.access_token).await;
    store.mend();

    let metadata = r#"{"redirect_uris": ["https://es.example/"], "token_endpoint_auth_method": "none",
        "id_token_signed_response_alg": "ES512"}"#;
    stage.op.add_client_with("es512", None, metadata).await;
    let mut browser = stage.op.browser();
    let code = stage
        .op
        .code(
            &mut browser,
            &ALICE,
            "es512",
            "https://es.example/",
            "openid",
        )
        .await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "es512"),
        ("code", code.as_str()),
        ("redirect_uri", "https://es.example/"),
        ("code_verifier", VERIFIER),
    ];
    stage.post_token("signing_key_missing", None, &form).await;

    let elsewhere = Options {
        store: store.clone(),
        accounts: Some(Arc::new(Elsewhere)),
        ..Options::default()
    };
    let mut elsewhere = Stage::of(TestProvider::joining(elsewhere).await);
    elsewhere
        .userinfo("record_missing", &tokens.access_token)
        .await;
    let mut browser = elsewhere.op.browser();
    let login = browser
        .get_with("/authorize", &elsewhere.request(&[]))
        .await;
    let answer = browser.sign_in(&login, "alice", ALICE.password).await;
    assert_eq!(answer.page_kind(), "login", "the page stays: {answer:?}");
    elsewhere.meets("login_busy", &answer);

    // Every page is rendered once at the start; this one fails on just this name.
    let template = r#"{% if username == "trap" %}{{ no_such_function() }}{% endif %}"#;
    let templates = [("login.html".to_owned(), template.to_owned())];
    let pages = Pages::new(Some(templates.into())).expect("compiles");
    let mut overridden = Stage::with(Options {
        pages: Some(pages),
        ..Options::default()
    })
    .await;
    let request = overridden.request(&[("login_hint", "trap")]);
    overridden.log.take();
    let answer = overridden
        .op
        .browser()
        .get_with("/authorize", &request)
        .await;
    assert_eq!(answer.status.as_u16(), 500, "{answer:?}");
    overridden.meets("page_failed", &answer);

    stage.met.extend(elsewhere.met);
    stage.met.extend(overridden.met);
    stage.met
}

/// The hasher's own refusal, for the cause that stands in [`UNREACHED`].
#[tokio::test]
async fn a_hasher_that_is_gone_or_full_answers_busy() {
    let settings = PasswordSettings {
        argon2_memory_kib: 0,
        ..PasswordSettings::default()
    };
    let started = PasswordHasher::start(&settings, Arc::new(SeededRandom::new(1)));
    assert!(matches!(started, Err(HashingError::Parameters)));
    let failure = Failure::from(HashingError::Busy);
    assert_eq!(failure.cause.name, "hashing_busy");
    assert_eq!(failure.retry_after_seconds, Some(1));
}
