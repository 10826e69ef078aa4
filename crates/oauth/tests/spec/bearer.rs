use countersign_oauth::bearer::{BearerChallenge, BearerFault, BearerToken};
use countersign_oauth::error_code::ErrorCode;
use countersign_oauth::scope::Scope;
use proptest::prelude::*;

#[test]
fn a_bearer_token_has_the_grammar_of_rfc_6750_2_1() {
    let long = format!("Bearer {}", "a".repeat(16_385));
    let rows = [
        ("Bearer mF_9.B5f-4.1JqM", Ok("mF_9.B5f-4.1JqM")),
        ("bearer abc", Ok("abc")),
        ("BEARER abc", Ok("abc")),
        ("Bearer   abc", Ok("abc")),
        ("Bearer a~+/b==", Ok("a~+/b==")),
        ("Basic abc", Err(BearerFault::OtherScheme)),
        ("Bearerabc", Err(BearerFault::OtherScheme)),
        ("", Err(BearerFault::OtherScheme)),
        ("Bearer", Err(BearerFault::Empty)),
        ("Bearer ", Err(BearerFault::Empty)),
        ("Bearer ===", Err(BearerFault::Empty)),
        ("Bearer a b", Err(BearerFault::ForbiddenCharacter)),
        ("Bearer a=b", Err(BearerFault::ForbiddenCharacter)),
        ("Bearer a,b", Err(BearerFault::ForbiddenCharacter)),
        ("Bearer \"a\"", Err(BearerFault::ForbiddenCharacter)),
        ("Bearer ä", Err(BearerFault::ForbiddenCharacter)),
        (long.as_str(), Err(BearerFault::TooLong)),
    ];
    for (header, expected) in rows {
        let read = BearerToken::parse(header).map(|token| token.as_str().to_owned());
        assert_eq!(read, expected.map(str::to_owned), "{header}");
    }
    let token = BearerToken::from_token("abc").unwrap();
    assert_eq!(format!("{token:?}"), "BearerToken(redacted)");
    assert_eq!(BearerFault::Empty.code(), "bearer_empty");
}

#[test]
fn a_challenge_is_written_as_rfc_6750_3_shows() {
    let scope = Scope::parse("openid email").unwrap();
    assert_eq!(BearerChallenge::default().to_header(), "Bearer");
    let plain = BearerChallenge {
        realm: Some("example"),
        ..Default::default()
    };
    assert_eq!(plain.to_header(), "Bearer realm=\"example\"");
    let expired = BearerChallenge {
        realm: Some("example"),
        error: Some(ErrorCode::InvalidToken),
        error_description: Some("The access token expired"),
        ..Default::default()
    };
    assert_eq!(
        expired.to_header(),
        "Bearer realm=\"example\", error=\"invalid_token\", \
         error_description=\"The access token expired\""
    );
    let insufficient = BearerChallenge {
        error: Some(ErrorCode::InsufficientScope),
        scope: Some(&scope),
        further: &[(
            "resource_metadata",
            "https://api.example/.well-known/oauth-protected-resource",
        )],
        ..Default::default()
    };
    assert_eq!(
        insufficient.to_header(),
        "Bearer error=\"insufficient_scope\", scope=\"openid email\", \
         resource_metadata=\"https://api.example/.well-known/oauth-protected-resource\""
    );
}

proptest! {
    #[test]
    fn no_value_breaks_out_of_its_quotes(realm in any::<String>(), text in any::<String>()) {
        let header = BearerChallenge {
            realm: Some(&realm),
            error_description: Some(&text),
            further: &[("x", &text)],
            ..Default::default()
        }
        .to_header();
        prop_assert!(header.bytes().all(|byte| matches!(byte, 0x20..=0x7E)));
        prop_assert_eq!(header.matches('"').count(), 6);
        prop_assert!(!header.contains('\\'));
    }

    #[test]
    fn any_header_is_read_or_refused(text in "(Bearer )?\\PC{0,60}") {
        let _ = BearerToken::parse(&text);
    }
}
