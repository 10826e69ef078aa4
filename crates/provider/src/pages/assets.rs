//! Stylesheet and mark. Their addresses contain a hash of their bytes, so that browsers keep them for a year and never
//! show an old one.

use std::sync::LazyLock;

use countersign_jose::{base64url, digest::sha256};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue};

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    /// Below the base path, such as `/assets/1a2b3c.css`.
    pub path: String,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// A strong entity tag, quotes included.
    pub etag: String,
    /// The bytes.
    pub body: &'static [u8],
}

impl Asset {
    /// `Cache-Control` of every asset: what changes, changes its address.
    pub const CACHE_CONTROL: &'static str = "public, max-age=31536000, immutable";

    /// The headers to answer with, for 200 as well as 304.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        super::headers::set_guards(&mut headers);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(Self::CACHE_CONTROL));
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            headers.insert(ETAG, etag);
        }
        // An SVG that is opened by itself is a document.
        headers.insert(
            http::header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        );
        headers
    }

    fn new(extension: &str, content_type: &'static str, body: &'static [u8]) -> Asset {
        let mut hash = base64url::encode(sha256(body));
        hash.truncate(22);
        Asset {
            path: format!("/assets/{hash}.{extension}"),
            content_type,
            etag: format!("\"{hash}\""),
            body,
        }
    }
}

/// All assets, to be served under their paths below the base path.
pub fn assets() -> &'static [Asset] {
    &ASSETS.all
}

/// The stylesheet's path below the base path.
pub(super) fn stylesheet_path() -> &'static str {
    &ASSETS.all[STYLESHEET].path
}

/// The mark's path below the base path.
pub(super) fn mark_path() -> &'static str {
    &ASSETS.all[MARK].path
}

/// The script that submits a page's form at once. It goes into the page itself, allowed by its hash: one request less
/// on the way back to a client.
pub(super) const SUBMIT_SCRIPT: &str = include_str!("assets/submit.js");

/// `sha256-...` of [`SUBMIT_SCRIPT`], as a policy names it (CSP Level 3, section 2.3.1: padded base64).
pub(super) fn submit_script_hash() -> &'static str {
    &ASSETS.submit_script_hash
}

struct Assets {
    all: [Asset; 2],
    submit_script_hash: String,
}

const STYLESHEET: usize = 0;
const MARK: usize = 1;

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    all: [
        Asset::new(
            "css",
            "text/css; charset=utf-8",
            include_bytes!("assets/style.css"),
        ),
        Asset::new("svg", "image/svg+xml", include_bytes!("assets/mark.svg")),
    ],
    submit_script_hash: {
        let hash = base64url::encode(sha256(SUBMIT_SCRIPT.as_bytes()));
        format!("sha256-{}=", hash.replace('-', "+").replace('_', "/"))
    },
});
