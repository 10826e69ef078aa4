//! Values that we handed out and that come back: tokens of each kind, and cookies.

#![no_main]

use countersign_store::{Token, TokenKind};
use countersign_web::cookies::sent_cookies;
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;

const KINDS: [TokenKind; 9] = [
    TokenKind::AuthorizationCode,
    TokenKind::RefreshToken,
    TokenKind::AccessToken,
    TokenKind::ClientAccessToken,
    TokenKind::BrowserSession,
    TokenKind::DeviceCode,
    TokenKind::SetupLink,
    TokenKind::InitialAccess,
    TokenKind::RegistrationAccess,
];

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        token(text);
    }
    cookies(input);
});

fn token(text: &str) {
    let read: Vec<Token> = KINDS
        .into_iter()
        .filter_map(|kind| Token::parse(kind, text))
        .collect();
    assert!(read.len() <= 1, "a value of two kinds");
    let Some(token) = read.first() else {
        return;
    };
    // One value has one spelling.
    assert_eq!(token.expose(), text);
    assert!(!format!("{token:?}").contains(&text[6..]));
    let again = Token::parse(token.kind, text).expect("again");
    assert!(again.hash().matches(&token.hash()));
}

/// What is read of a header is in it, and nothing hides what is behind it.
fn cookies(input: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::COOKIE, value);
        }
    }
    let before: Vec<(String, String)> = owned(&headers);
    for (name, value) in &before {
        assert!(!name.contains(['=', ';']) && !value.contains(';'));
    }
    headers.append(
        header::COOKIE,
        HeaderValue::from_static("__Host-cs_a_session=v"),
    );
    let after = owned(&headers);
    assert_eq!(after[..before.len()], before);
    assert_eq!(after.len(), before.len() + 1);
    let (name, value) = after.last().expect("ours");
    assert_eq!(
        (name.as_str(), value.as_str()),
        ("__Host-cs_a_session", "v")
    );
}

fn owned(headers: &HeaderMap) -> Vec<(String, String)> {
    sent_cookies(headers)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
