//! Escaping for HTML text and quoted attributes (WHATWG HTML, section 13.3).

/// Appends `text` to `html` so that it is text and nothing else, in element content and between
/// either quote.
pub(super) fn escape_into(html: &mut String, text: &str) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(entity) = entity(byte) {
            html.push_str(text.get(copied..at).unwrap_or_default());
            html.push_str(entity);
            copied = at + 1;
        }
    }
    html.push_str(text.get(copied..).unwrap_or_default());
}

/// `text`, escaped.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    escape_into(&mut html, text);
    html
}

/// Whether nothing in `text` needs to be escaped.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| entity(byte).is_none())
}

fn entity(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\'' => Some("&#39;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            escape(r#"<a href='x' b="y">ä & 日本</a>"#),
            "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;ä &amp; 日本&lt;/a&gt;"
        );
        assert_eq!(escape(""), "");
        assert_eq!(escape("&"), "&amp;");
    }
}
