//! The values of `Authorization`: Basic and Bearer, and the challenge that a bad one gets.

#![no_main]

use countersign_oauth::basic_auth::BasicCredentials;
use countersign_oauth::bearer::{BearerChallenge, BearerToken};
use countersign_oauth::client_id::is_client_id;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|header: &str| {
    let basic = BasicCredentials::parse(header);
    let bearer = BearerToken::parse(header);
    assert!(
        basic.is_err() || bearer.is_err(),
        "two schemes in one header"
    );
    if let Ok(credentials) = basic {
        assert!(BasicCredentials::is_basic(header));
        assert!(is_client_id(&credentials.client_id));
        assert!(!credentials.client_secret.chars().any(char::is_control));
        let written = credentials.to_header();
        if written.len() <= 4_096 {
            let again = BasicCredentials::parse(&written).expect("what we write we read");
            assert!(again == credentials);
        }
        // Debug output is the same whatever the secret is.
        let other = BasicCredentials {
            client_secret: String::from("x").into(),
            ..credentials.clone()
        };
        assert_eq!(format!("{credentials:?}"), format!("{other:?}"));
    }
    if let Ok(token) = bearer {
        let again = BearerToken::from_token(token.as_str()).expect("it is one");
        assert!(again == token);
        assert!(header.contains(token.as_str()));
        assert!(token.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let challenge = BearerChallenge {
        realm: Some(header),
        error: None,
        error_description: Some(header),
        scope: None,
        further: &[("resource_metadata", header)],
    };
    let challenge = challenge.to_header();
    assert!(
        challenge.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
        "{challenge:?}"
    );
    assert_eq!(challenge.matches('"').count() % 2, 0, "{challenge:?}");
});
