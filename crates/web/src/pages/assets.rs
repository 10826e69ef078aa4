//! Stylesheet and mark. Their addresses contain a hash of their bytes, so that browsers keep them
//! for a year and never show an old one.

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

    /// The headers of a response, for 200 as well as 304.
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

struct Assets {
    all: [Asset; 2],
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
});

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    const STYLE: &str = include_str!("assets/style.css");

    #[test]
    fn colours_keep_the_contrast_of_wcag_2_2_aa_in_light_and_dark() {
        // 1.4.3 (text: 4.5 to 1) and 1.4.11 (controls and focus: 3 to 1).
        const TEXT: f64 = 4.5;
        const CONTROL: f64 = 3.0;
        let pairs = [
            ("text", "card", TEXT),
            ("text", "fill", TEXT),
            ("soft", "card", TEXT),
            ("soft", "ground", TEXT),
            ("soft", "fill", TEXT),
            ("link", "card", TEXT),
            ("link", "fill", TEXT),
            ("on-accent", "accent", TEXT),
            ("on-accent", "accent-strong", TEXT),
            ("on-badge", "badge", TEXT),
            ("problem", "card", TEXT),
            ("problem", "problem-fill", TEXT),
            ("note", "note-fill", TEXT),
            ("control", "card", CONTROL),
            ("control", "fill", CONTROL),
            ("accent", "card", CONTROL),
            ("problem", "card", CONTROL),
        ];
        let (light, rest) = STYLE.split_once("@media").expect("a dark part");
        let dark = rest.split("\n}\n").next().expect("its end");
        for (scheme, source) in [("light", light), ("dark", dark)] {
            let colours = colours(source);
            for (over, under, least) in pairs {
                let (over_light, under_light) = (colours[over], colours[under]);
                let (bright, dim) = (over_light.max(under_light), over_light.min(under_light));
                let ratio = (bright + 0.05) / (dim + 0.05);
                assert!(
                    ratio >= least,
                    "{scheme}: {over} on {under} is {ratio:.2} to 1"
                );
            }
        }
    }

    /// Relative luminance (WCAG 2.2, definitions) by the property's name.
    fn colours(source: &str) -> HashMap<&str, f64> {
        source
            .lines()
            .filter_map(|line| {
                let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
                let value = u32::from_str_radix(value.trim_end_matches(';'), 16).ok()?;
                let channel = |shift: u32| {
                    let part = f64::from((value >> shift) & 0xff) / 255.0;
                    if part <= 0.04045 {
                        part / 12.92
                    } else {
                        ((part + 0.055) / 1.055).powf(2.4)
                    }
                };
                Some((
                    name,
                    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0),
                ))
            })
            .collect()
    }

    #[test]
    fn the_stylesheet_asks_nothing_of_other_hosts() {
        for word in ["url(", "@import", "@font-face", "http:", "https:"] {
            assert!(!STYLE.contains(word), "{word}");
        }
    }
}
