//! `Accept-Language`, `ui_locales` and `Accept`: whatever they contain, there is an answer.

#![no_main]

use countersign_web::pages::Language;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (ui_locales, header) = input.split_once('\n').unwrap_or((input, ""));
    let chosen = Language::negotiate(Some(ui_locales), Some(header));
    assert!(Language::ALL.contains(&chosen));
    // What the request itself asks for comes before the browser's setting.
    let asked = Language::negotiate(Some(ui_locales), None);
    if asked != Language::default() {
        assert_eq!(chosen, asked);
    }
    let behind = format!("{ui_locales} de en");
    if ui_locales.split_ascii_whitespace().count() < 16 {
        let alone = Language::negotiate(Some(&behind), Some(header));
        let first = ui_locales.split_ascii_whitespace().find_map(|tag| {
            let primary = tag.split(['-', '_']).next().unwrap_or_default();
            Language::ALL
                .into_iter()
                .find(|known| known.tag().eq_ignore_ascii_case(primary))
        });
        assert_eq!(alone, first.unwrap_or(Language::German));
    }
    // A weight of zero takes a language out (RFC 9110, section 12.4.2).
    let none = Language::negotiate(None, Some("de;q=0"));
    assert_eq!(none, Language::English);
});
