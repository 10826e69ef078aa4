//! Front-channel logout (OpenID Connect Front-Channel Logout 1.0): the page after a sign-out has a
//! frame of each application that was opened in the session.
//!
//! It reaches only the browser that signs out, and only while that page is open, and browsers
//! withhold cookies from frames of other sites more and more. The back channel has none of these
//! limits.

use countersign_store::StoreError;
use countersign_store::sessions::ClientSession;
use url::Url;

use crate::Provider;

/// How long the browser stays on the page with the frames before it goes back to a client.
pub(super) const WAIT_SECONDS: u32 = 2;

/// The frames of the applications whose sessions have just ended. The sign-out has happened: an
/// application that can't be read is logged and left out.
pub(super) async fn frames(provider: &Provider, ended: &[ClientSession]) -> Vec<Url> {
    let mut frames = Vec::new();
    for session in ended {
        match frame(provider, session).await {
            Ok(frame) => frames.extend(frame),
            Err(error) => {
                let client_id = &session.client_id;
                tracing::error!(%error, client_id, "no frame: the application can't be read");
            }
        }
        if frames.len() >= MAX_FRAMES {
            tracing::warn!(
                frames = MAX_FRAMES,
                "more applications than frames on the page"
            );
            break;
        }
    }
    frames
}

/// Section 2: `iss` and `sid` are both added, or neither; a query that is there is kept.
async fn frame(provider: &Provider, session: &ClientSession) -> Result<Option<Url>, StoreError> {
    let store = &*provider.store;
    let client = provider.clients.find(store, &session.client_id).await?;
    let Some(client) = client else {
        return Ok(None);
    };
    let metadata = &client.metadata;
    let registered = metadata.frontchannel_logout_uri.as_deref();
    let mut frame = match registered.map(Url::parse) {
        None => return Ok(None),
        // A record may be older than the rules of registration: what is no web address would run
        // in our page instead of being fetched.
        Some(Ok(frame)) if !matches!(frame.scheme(), "http" | "https") => {
            let why = format!("frontchannel_logout_uri: the scheme {}", frame.scheme());
            return Err(StoreError::corrupt("client", &session.client_id, why));
        }
        Some(Ok(frame)) => frame,
        Some(Err(error)) => {
            let why = format!("frontchannel_logout_uri: {error}");
            return Err(StoreError::corrupt("client", &session.client_id, why));
        }
    };
    if metadata.frontchannel_logout_session_required == Some(true) {
        frame
            .query_pairs_mut()
            .append_pair("iss", provider.issuer.as_str())
            .append_pair("sid", &session.sid.to_string());
    }
    Ok(Some(frame))
}

/// The page's policy names each frame's origin, and a header may be only so long.
const MAX_FRAMES: usize = 50;
