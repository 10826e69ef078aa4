//! The causes in the log of calls that did not succeed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::stage::{Stage, a_while, memory};
use crate::log::Log;

/// Each cause of a call, met once.
pub async fn met() -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    for (status, attempts, cause) in [
        (500, 500, "logout_call_failed"),
        (400, 500, "logout_call_refused"),
        (500, 1, "logout_call_given_up"),
    ] {
        let log = Log::start();
        let stage = Stage::with(memory(), |settings| {
            settings.logout.backchannel_max_attempts = attempts;
        })
        .await;
        let app = stage.receiver("app").await;
        app.responds(status, Duration::ZERO);
        stage.signed_out("app").await;
        app.wait_for(1).await;
        a_while().await;
        let written = log.take();
        assert!(
            written.contains(&format!("cause=\"{cause}\"")),
            "{cause}\n{written}"
        );
        met.insert(cause.to_owned());
    }
    met
}
