//! What is told of a redirect URI that is not registered: to the log without what may be secret,
//! and to the page only if errors are explained.

use countersign_testing::{Options, TestProvider};

use super::asked;
use crate::log::Log;

const REFUSED: &str = "https://user:pass@evil.example/cb?token=s3cret&x=1#part";

#[tokio::test]
async fn the_log_names_it_and_the_client_without_query_fragment_and_user_information() {
    let op = TestProvider::start().await;
    let log = Log::start();
    let answer = asked(&op, &mut op.browser(), &[("redirect_uri", REFUSED)]).await;
    assert!(!answer.body.contains("evil.example"), "{answer:?}");
    let line = log.take();
    for part in [
        "authorize_redirect_uri_not_registered",
        "confidential",
        "https://evil.example/cb",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    for part in ["s3cret", "pass@", "#part"] {
        assert!(!line.contains(part), "{part}: {line}");
    }
}

#[tokio::test]
async fn a_page_that_explains_shows_it_as_it_came_with_the_command_that_registers_it() {
    let explaining = Options::with_site(|settings| settings.errors.explain_errors = true);
    let op = TestProvider::start_with(explaining).await;
    let refused = "https://new.example/cb?a=1&b='2'";
    let answer = asked(&op, &mut op.browser(), &[("redirect_uri", refused)]).await;
    for part in [
        "id=\"error-value\"><bdi>https://new.example/cb?a=1&amp;b=&#39;2&#39;</bdi></code>",
        "countersign client update confidential <span>--add-redirect-uri</span> &#39;https://new.example/cb?a=1&amp;b=&#39;\\&#39;&#39;2&#39;\\&#39;&#39;&#39;</code>",
    ] {
        assert!(answer.body.contains(part), "{part}: {answer:?}");
    }
    // What could not be registered has no command.
    let answer = asked(
        &op,
        &mut op.browser(),
        &[("redirect_uri", "https://new.example/#x")],
    )
    .await;
    assert!(!answer.body.contains("id=\"error-command\""), "{answer:?}");
}
