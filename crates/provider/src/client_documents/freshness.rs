//! How long a response may be used (RFC 9111, section 4.2), within the bounds of the settings.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::{HeaderMap, header};
use jiff::fmt::rfc2822;

/// How many seconds a response is used from its arrival. A response without such information, or
/// one that must not be stored, is used for the shortest time: if every request fetched the
/// document, any stranger could make this server call its host at will.
pub(super) fn lifetime_seconds(headers: &HeaderMap, bounds: RangeInclusive<u64>) -> u64 {
    let own = said(headers).unwrap_or(Duration::ZERO).as_secs();
    own.clamp(*bounds.start(), *bounds.end())
}

/// The lifetime in the response itself, minus its age; `None` if there is none.
fn said(headers: &HeaderMap) -> Option<Duration> {
    let control = CacheControl::of(headers);
    if control.is_not_to_be_reused {
        return None;
    }
    // s-maxage takes precedence in a shared cache (section 5.2.2.10).
    let lifetime = control
        .s_maxage
        .or(control.max_age)
        .or_else(|| expires_after(headers))?;
    let age = text(headers, &header::AGE).and_then(|age| age.trim().parse().ok());
    Some(Duration::from_secs(
        lifetime.saturating_sub(age.unwrap_or(0)),
    ))
}

/// `Expires`, relative to `Date` (section 4.2.1). A date that can't be parsed counts as past
/// (section 5.3).
fn expires_after(headers: &HeaderMap) -> Option<u64> {
    let expires = date(text(headers, &header::EXPIRES)?).unwrap_or(0);
    let date = date(text(headers, &header::DATE)?)?;
    Some(u64::try_from(expires.saturating_sub(date)).unwrap_or(0))
}

fn date(text: &str) -> Option<i64> {
    let read = rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
    Some(read.timestamp().as_second())
}

fn text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The directives that matter here (section 5.2.2).
#[derive(Default)]
struct CacheControl {
    max_age: Option<u64>,
    s_maxage: Option<u64>,
    is_not_to_be_reused: bool,
}

impl CacheControl {
    fn of(headers: &HeaderMap) -> CacheControl {
        let mut control = CacheControl::default();
        let lines = headers.get_all(header::CACHE_CONTROL).into_iter();
        for directive in lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
        {
            let (name, value) = match directive.split_once('=') {
                Some((name, value)) => (name.trim(), value.trim().trim_matches('"')),
                None => (directive.trim(), ""),
            };
            let seconds = || value.parse().ok();
            match name.to_ascii_lowercase().as_str() {
                "max-age" => control.max_age = control.max_age.or_else(seconds),
                "s-maxage" => control.s_maxage = control.s_maxage.or_else(seconds),
                "no-store" | "no-cache" | "private" => control.is_not_to_be_reused = true,
                _ => {}
            }
        }
        control
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn lifetime(fields: &[(&'static str, &'static str)]) -> u64 {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        lifetime_seconds(&headers, 300..=86_400)
    }

    #[test]
    fn a_response_says_for_how_long_it_may_be_used_within_bounds() {
        let date = ("date", "Thu, 01 Jan 2026 00:00:00 GMT");
        for (fields, expected) in [
            (&[][..], 300),
            (&[("cache-control", "max-age=3600")], 3_600),
            (&[("cache-control", "public, Max-Age=\"3600\"")], 3_600),
            (&[("cache-control", "max-age=3600, s-maxage=7200")], 7_200),
            (&[("cache-control", "max-age=3600"), ("age", "600")], 3_000),
            (&[("cache-control", "max-age=3600"), ("age", "9999")], 300),
            (&[("cache-control", "max-age=1")], 300),
            (&[("cache-control", "max-age=99999999")], 86_400),
            (&[("cache-control", "max-age=-1")], 300),
            (&[("cache-control", "max-age=99999999999999999999")], 300),
            (&[("cache-control", "no-store, max-age=3600")], 300),
            (
                &[
                    ("cache-control", "max-age=3600"),
                    ("cache-control", "no-cache"),
                ],
                300,
            ),
            (&[date, ("expires", "Thu, 01 Jan 2026 01:00:00 GMT")], 3_600),
            (&[date, ("expires", "Wed, 31 Dec 2025 01:00:00 GMT")], 300),
            (&[date, ("expires", "0")], 300),
            (&[("expires", "Thu, 01 Jan 2026 01:00:00 GMT")], 300),
        ] {
            assert_eq!(lifetime(fields), expected, "{fields:?}");
        }
    }
}
