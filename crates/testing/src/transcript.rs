//! A whole response as text for snapshots: status, headers in order, body; what changes from run to
//! run is masked, and of a page the words remain.

use http::header;

use crate::Answer;
use crate::answer::unescape;

impl Answer {
    /// The response as a snapshot contains it.
    pub fn transcript(&self) -> String {
        let mut lines = vec![self.status.to_string()];
        let mut headers: Vec<String> = self
            .headers
            .iter()
            // A page's length changes with the length of what is masked.
            .filter(|(name, _)| *name != header::CONTENT_LENGTH)
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        headers.sort();
        lines.extend(headers);
        lines.push(String::new());
        lines.push(self.body_text());
        mask(&lines.join("\n"), self.header("x-request-id"))
    }

    fn body_text(&self) -> String {
        let content_type = self.header(header::CONTENT_TYPE.as_str());
        if content_type.starts_with("text/html") {
            return words_of(&self.body);
        }
        if content_type.starts_with("application/json") {
            return serde_json::to_string_pretty(&self.json()).expect("JSON");
        }
        self.body.clone()
    }
}

/// The text of a page's `main`, a line per element that has any.
fn words_of(html: &str) -> String {
    let main = html.split_once("<main").map_or(html, |(_, rest)| rest);
    let main = main.split_once("</main>").map_or(main, |(main, _)| main);
    let words: Vec<String> = main
        .split('<')
        .filter_map(|piece| Some(piece.split_once('>')?.1.trim()))
        .filter(|text| !text.is_empty())
        .map(unescape)
        .collect();
    words.join("\n")
}

fn mask(text: &str, request_id: &str) -> String {
    let text = match request_id.is_empty() {
        true => text.to_owned(),
        false => text.replace(request_id, "[request id]"),
    };
    let text = mask_after(&text, "cs_ac_", is_base64url, "[code]");
    let text = mask_after(&text, "cs_bs_", is_base64url, "[session]");
    let text = mask_after(&text, "'sha256-", |c| c != '\'', "[hash]");
    mask_instance(&text)
}

/// Masks what follows each `prefix` for as long as it `belongs`.
fn mask_after(text: &str, prefix: &str, belongs: impl Fn(char) -> bool, mask: &str) -> String {
    let mut pieces = text.split(prefix);
    let mut masked = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        masked.push_str(prefix);
        masked.push_str(mask);
        masked.push_str(piece.trim_start_matches(&belongs));
    }
    masked
}

/// Cookie names carry the instance; the browser cookie has a random value.
fn mask_instance(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let Some((start, rest)) = line.split_once("cs_") else {
            return line.to_owned();
        };
        match (line.starts_with("set-cookie: "), rest.split_once('_')) {
            (true, Some((_, rest))) => {
                let rest = mask_after(rest, "browser=", is_base64url, "[random]");
                format!("{start}cs_[instance]_{rest}")
            }
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}
