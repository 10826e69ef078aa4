//! Names in any direction of writing: none can reorder the sentence around it (Unicode TR 9).

use super::escape::escape_into;

/// Overrides and isolates of direction are set by us alone (Unicode TR 9, sections 2.1 to 2.5): in
/// a name they could make the text after it read differently from what it says.
pub(super) fn without_direction_controls(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

/// The text as HTML, each isolate as `<bdi>`.
pub(super) fn isolates_to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    for part in text.split_inclusive([FIRST_STRONG_ISOLATE, POP_ISOLATE]) {
        if let Some(before) = part.strip_suffix(FIRST_STRONG_ISOLATE) {
            escape_into(&mut html, before);
            html.push_str("<bdi>");
        } else if let Some(before) = part.strip_suffix(POP_ISOLATE) {
            escape_into(&mut html, before);
            html.push_str("</bdi>");
        } else {
            escape_into(&mut html, part);
        }
    }
    html
}

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';
