//! The signals that end the server.

use tokio::signal::unix::{SignalKind, signal};

/// Completes at the first SIGTERM or SIGINT. A second one ends the process at once.
pub async fn termination_signal() {
    one().await;
    tracing::info!(
        "shutting down: accepting no new connections; send the signal again to stop at once"
    );
    tokio::spawn(async {
        one().await;
        tracing::warn!("stopped at once by a second signal");
        std::process::exit(130);
    });
}

async fn one() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::error!("can't listen for signals; the process has to be killed");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
