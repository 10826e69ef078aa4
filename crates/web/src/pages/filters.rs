//! What templates may do to a value beside printing it: `{{ fix | code_marks }}`,
//! `{{ command | command_line }}`, `{{ name | initial }}`.

use minijinja::value::Value;

use super::escape::escape;

/// A text in which `` `...` `` marks what is typed as it is: escaped, with `<code>` for the marks.
/// A mark that is not closed stays a character.
pub(super) fn code_marks(text: &Value) -> Value {
    let source = text.as_str().unwrap_or_default();
    let html = match text.is_safe() {
        true => source.to_owned(),
        false => escape(source),
    };
    let mut marked = String::with_capacity(html.len() + 32);
    let mut rest = html.as_str();
    while let Some((before, code, after)) = first_mark(rest) {
        marked.push_str(before);
        marked.push_str("<code>");
        marked.push_str(&with_whole_options(code));
        marked.push_str("</code>");
        rest = after;
    }
    marked.push_str(rest);
    Value::from_safe_string(marked)
}

/// A command line, escaped, that is broken between its words.
pub(super) fn command_line(command: &str) -> Value {
    Value::from_safe_string(with_whole_options(&escape(command)))
}

/// Browsers also break a line behind a hyphen, so a word with one is kept together by a `<span>`.
fn with_whole_options(html: &str) -> String {
    let words = html.split(' ').map(|word| match word.contains('-') {
        true => format!("<span>{word}</span>"),
        false => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What is before, inside and after the first pair of marks.
fn first_mark(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    Some((before, code, after))
}

/// The letter or digit that represents a name in a circle.
pub(super) fn initial(name: &str) -> String {
    let first = name.chars().find(|character| character.is_alphanumeric());
    match first {
        Some(character) => character.to_uppercase().take(1).collect(),
        None => "\u{2022}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_code_and_everything_else_stays_text() {
        for (text, html) in [
            (
                "Run `a b` or `c`.",
                "Run <code>a b</code> or <code>c</code>.",
            ),
            ("No mark", "No mark"),
            ("One ` alone", "One ` alone"),
            ("`<b>` & `x", "<code>&lt;b&gt;</code> &amp; `x"),
            ("`a --b-c d`", "<code>a <span>--b-c</span> d</code>"),
            ("", ""),
        ] {
            let marked = code_marks(&Value::from(text));
            assert_eq!(marked.as_str(), Some(html), "{text}");
            assert!(marked.is_safe());
        }
        let own = Value::from_safe_string("&amp; `x`".to_owned());
        assert_eq!(code_marks(&own).as_str(), Some("&amp; <code>x</code>"));
    }

    #[test]
    fn the_initial_is_the_first_letter_or_digit_of_a_name() {
        for (name, letter) in [
            ("alice", "A"),
            ("  <b>shop", "B"),
            ("\u{202e}éva", "É"),
            ("ßeta", "S"),
            ("7-Eleven", "7"),
            ("日本", "日"),
            ("", "\u{2022}"),
            ("!!", "\u{2022}"),
        ] {
            assert_eq!(initial(name), letter, "{name:?}");
        }
    }
}
