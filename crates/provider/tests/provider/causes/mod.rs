//! Every cause, met once: a request that must be logged under that name. What no request can bring
//! about is listed at the end with its reason, and nothing is missing.

mod authorization;
mod client_documents;
mod device;
mod introspection;
mod logout_and_setup;
mod our_own;
mod registration;
mod requests;
mod token_endpoint;
mod userinfo;

use std::collections::BTreeSet;

use countersign_testing::{ALICE, Answer, Browser, Options, TestProvider, callback};
use countersign_web::catalogue::Catalogue;

use crate::log::Log;

const CALLBACK: &str = callback::CONFIDENTIAL;

/// Causes that no request brings about.
const UNREACHED: [(&str, &str); 4] = [
    (
        "registration_changed_meanwhile",
        "needs another change between a read and a write: a race",
    ),
    (
        "response_failed",
        "every answer is strings, numbers and lists, which JSON can always hold",
    ),
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

#[tokio::test]
async fn every_cause_can_be_met_or_says_why_not() {
    let mut met = BTreeSet::new();
    met.extend(requests::requests().await);
    met.extend(authorization::authorizations().await);
    met.extend(authorization::signed_and_returning_tokens().await);
    met.extend(authorization::interactions().await);
    met.extend(authorization::sign_ins().await);
    met.extend(client_documents::documents().await);
    met.extend(client_documents::changed().await);
    met.extend(token_endpoint::client_authentication().await);
    met.extend(token_endpoint::client_assertions().await);
    met.extend(token_endpoint::client_certificates().await);
    met.extend(token_endpoint::codes().await);
    met.extend(token_endpoint::refresh_tokens().await);
    met.extend(token_endpoint::other_tokens().await);
    met.extend(token_endpoint::resources().await);
    met.extend(device::pages().await);
    met.extend(device::polls().await);
    met.extend(userinfo::access_tokens().await);
    met.extend(introspection::introspections_and_revocations().await);
    met.extend(logout_and_setup::logouts().await);
    met.extend(logout_and_setup::setups().await);
    met.extend(registration::registrations().await);
    met.extend(crate::logout::backchannel::causes::met().await);
    met.extend(our_own::our_own_faults().await);
    for (cause, _) in UNREACHED {
        assert!(met.insert(cause.to_owned()), "{cause} is met after all");
    }
    let catalogue = Catalogue::new().with(countersign_provider::catalogue::areas());
    let all: BTreeSet<String> = catalogue
        .causes()
        .map(|cause| cause.name.to_owned())
        .collect();
    let missing: Vec<_> = all.difference(&met).collect();
    assert!(missing.is_empty(), "never met: {missing:?}");
    let unknown: Vec<_> = met.difference(&all).collect();
    assert!(unknown.is_empty(), "met without being a cause: {unknown:?}");
}
