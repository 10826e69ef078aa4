//! What clients of the Model Context Protocol need of an authorization server, by the numbers of
//! this project's list. Those of resource servers and gateways are elsewhere.

mod authorization_server;
mod changes;
mod documents;
mod fetching;
mod operator;
mod registered;

use countersign_provider::settings::Settings;
use countersign_testing::{
    ALICE, Answer, Browser, DocumentServer, Options, Person, TestProvider, Tokens, VERIFIER,
};
use serde_json::{Value, json};

/// A provider, and a host with a client's document.
struct Stage {
    host: DocumentServer,
    op: TestProvider,
    client_id: String,
}

const PATH: &str = "/oauth/client.json";

/// A program on the person's own machine, whose port varies.
const CALLBACK: &str = "http://localhost:51000/callback";

/// The document of such a program, as Claude Code's is.
fn document() -> Value {
    json!({
        "client_name": "Code Assistant",
        "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/other"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    })
}

/// The document of a website, as ChatGPT's is.
fn site() -> Value {
    json!({
        "client_name": "Assistant",
        "redirect_uris": [SITE],
        "grant_types": ["authorization_code", "refresh_token"],
    })
}

const SITE: &str = "https://assistant.example/callback";

fn options(host: &DocumentServer, change: impl FnOnce(&mut Settings)) -> Options {
    let mut options = Options::with(|settings| {
        settings.client_documents.enabled = true;
        change(settings);
    });
    options.outbound = host.outbound();
    options
}

impl Stage {
    async fn with(document: Value) -> Stage {
        Stage::set(document, |_, _| {}).await
    }

    /// With further settings, which may depend on the client_id.
    async fn set(document: Value, change: impl FnOnce(&mut Settings, &str)) -> Stage {
        let host = DocumentServer::start().await;
        let client_id = host.publish_document(PATH, document);
        let options = options(&host, |settings| change(settings, &client_id));
        let op = TestProvider::start_with(options).await;
        Stage {
            host,
            op,
            client_id,
        }
    }

    fn publish(&self, document: Value) {
        self.host.publish_document(PATH, document);
    }

    /// Long enough for every document to be fetched again.
    fn a_day_passes(&self) {
        self.op.clock.advance(86_401);
    }

    async fn authorize(&self, browser: &mut Browser, redirect_uri: &str) -> Answer {
        self.authorize_with(browser, redirect_uri, &[]).await
    }

    async fn authorize_with(
        &self,
        browser: &mut Browser,
        redirect_uri: &str,
        more: &[(&'static str, &str)],
    ) -> Answer {
        let scope = "openid offline_access";
        let mut request = self.op.authorization(&self.client_id, redirect_uri, scope);
        for (name, value) in more {
            request.retain(|(known, _)| known != name);
            request.push((name, (*value).to_owned()));
        }
        browser.get_with("/authorize", &request).await
    }

    /// The consent page, with a sign-in before it where that is needed.
    async fn consent(&self, browser: &mut Browser, person: &Person, redirect_uri: &str) -> Answer {
        let mut page = self.authorize(browser, redirect_uri).await;
        if page.page_kind() == "login" {
            page = browser
                .sign_in(&page, person.username, person.password)
                .await;
        }
        assert_eq!(page.page_kind(), "consent", "{page:?}");
        page
    }

    /// Signs Alice in and lets her allow whatever she is asked.
    async fn code(&self, browser: &mut Browser, redirect_uri: &str) -> String {
        let mut answer = self.authorize(browser, redirect_uri).await;
        for _ in 0..2 {
            answer = match answer.page_kind() {
                "login" => {
                    browser
                        .sign_in(&answer, ALICE.username, ALICE.password)
                        .await
                }
                "consent" => browser.submit(&answer, &[("decision", "allow")]).await,
                _ => break,
            };
        }
        let code = answer.location_parameter("code");
        code.unwrap_or_else(|| panic!("no code: {answer:?}"))
    }

    async fn token(&self, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        form.push(("client_id", &self.client_id));
        self.op.browser().post("/token", &form).await
    }

    async fn redeem(&self, code: &str, redirect_uri: &str) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    async fn tokens(&self, redirect_uri: &str) -> Tokens {
        let code = self.code(&mut self.op.browser(), redirect_uri).await;
        let answer = self.redeem(&code, redirect_uri).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.tokens()
    }

    async fn refresh(&self, tokens: &Tokens) -> Answer {
        let refresh_token = tokens.refresh_token.as_deref().expect("a refresh token");
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ])
        .await
    }
}
