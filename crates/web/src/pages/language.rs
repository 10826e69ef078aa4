//! Which language a page is shown in.
//!
//! First `ui_locales` (OpenID Connect Core, section 3.1.2.1: BCP 47 tags in order of preference,
//! and never an error), then `Accept-Language` (RFC 9110, section 12.5.4), then English. Tags are
//! compared by their primary subtag (RFC 4647, section 3.4: `de-CH` finds `de`).

use serde::{Deserialize, Serialize};

/// A language that the pages exist in. Its wire name is its BCP 47 tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// `en`
    #[default]
    #[serde(rename = "en")]
    English,
    /// `de`
    #[serde(rename = "de")]
    German,
}

impl Language {
    /// Every language, for `ui_locales_supported`.
    pub const ALL: [Language; 2] = [Language::English, Language::German];

    /// Chooses from the request's `ui_locales` and the browser's `Accept-Language`. Whatever they
    /// contain, a language is returned.
    pub fn negotiate(ui_locales: Option<&str>, accept_language: Option<&str>) -> Language {
        ui_locales
            .and_then(first_known)
            .or_else(|| accept_language.and_then(most_wanted))
            .unwrap_or_default()
    }

    /// The BCP 47 tag, for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
        }
    }

    fn of_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next()?;
        Language::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

fn first_known(ui_locales: &str) -> Option<Language> {
    ui_locales
        .split_ascii_whitespace()
        .take(MAX_TAGS)
        .find_map(Language::of_tag)
}

fn most_wanted(accept_language: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for range in accept_language.split(',').take(MAX_TAGS) {
        let mut parts = range.split(';');
        let Some(language) = parts.next().and_then(|tag| Language::of_tag(tag.trim())) else {
            continue;
        };
        let weight = match parts.next() {
            None => 1000,
            Some(parameter) => thousandths(parameter.trim()).unwrap_or(0),
        };
        if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// `q=0.8` as 800 (RFC 9110, section 12.4.2).
fn thousandths(parameter: &str) -> Option<u16> {
    let value = parameter
        .strip_prefix("q=")
        .or_else(|| parameter.strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

/// More tags than anyone speaks; what follows is not read.
const MAX_TAGS: usize = 32;

#[cfg(test)]
mod tests {
    use super::Language::{English, German};
    use super::*;

    #[test]
    fn the_first_known_tag_of_ui_locales_wins_and_unknown_ones_never_fail() {
        // OpenID Connect Core, section 3.1.2.1
        for (ui_locales, expected) in [
            ("de", German),
            ("de-CH de en", German),
            ("fr-CA fr en de", English),
            ("DE-at", German),
            ("se", English),
            ("", English),
            ("\u{0}<script> ,,; de", German),
            ("deutsch", English),
        ] {
            assert_eq!(
                Language::negotiate(Some(ui_locales), None),
                expected,
                "{ui_locales:?}"
            );
        }
        assert_eq!(Language::negotiate(Some("se"), Some("de")), German);
        assert_eq!(Language::negotiate(Some("en"), Some("de")), English);
    }

    #[test]
    fn accept_language_is_read_with_its_weights() {
        // RFC 9110, sections 12.4.2 and 12.5.4
        for (header, expected) in [
            ("de-DE,de;q=0.9,en;q=0.8", German),
            ("en-GB, en;q=0.9, de;q=0.8", English),
            ("en;q=0.5, de;q=0.7", German),
            ("de;q=0, en;q=0.1", English),
            ("de;q=0", English),
            ("da, en-gb;q=0.8, de;q=0.801", German),
            ("*", English),
            ("de;q=1.001", English),
            ("de;q=0.8888", English),
            ("de ; q=1.000", German),
            ("fr", English),
            (";;;,,,q=1", English),
        ] {
            assert_eq!(
                Language::negotiate(None, Some(header)),
                expected,
                "{header:?}"
            );
        }
        assert_eq!(Language::negotiate(None, None), English);
    }
}
