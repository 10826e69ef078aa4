use countersign_oauth::error_code::{ErrorCode, is_description, sanitize_description};
use countersign_oauth::prompt::{Prompt, PromptFault};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn prompt_is_a_set_in_which_none_excludes_the_others() {
    // OpenID Connect Core, section 3.1.2.1.
    let rows = [
        (None, Ok("")),
        (Some("none"), Ok("none")),
        (Some("login"), Ok("login")),
        (Some("consent login"), Ok("login consent")),
        (
            Some("select_account consent login"),
            Ok("login consent select_account"),
        ),
        (Some("login login"), Ok("login")),
        (Some("none none"), Ok("none")),
        (Some("none login"), Err(PromptFault::NoneWithOthers)),
        (
            Some("select_account none"),
            Err(PromptFault::NoneWithOthers),
        ),
        (Some("Login"), Err(PromptFault::UnknownValue)),
        // Initiating User Registration via OpenID Connect, section 4.
        (Some("create"), Ok("create")),
        (Some("create none"), Err(PromptFault::NoneWithOthers)),
        (Some("register"), Err(PromptFault::UnknownValue)),
    ];
    for (sent, expected) in rows {
        let read = Prompt::parse(sent).map(|prompt| prompt.words().collect::<Vec<_>>().join(" "));
        assert_eq!(read, expected.map(str::to_owned), "{sent:?}");
    }
    assert!(Prompt::parse(None).unwrap().is_empty());
    assert!(!Prompt::parse(Some("login")).unwrap().is_empty());
    assert_eq!(
        PromptFault::NoneWithOthers.code(),
        "prompt_none_with_others"
    );
    assert_eq!(PromptFault::UnknownValue.code(), "prompt_unknown_value");
}

#[test]
fn codes_have_the_status_of_their_section() {
    let rows = [
        (
            "RFC 6749, section 5.2",
            ErrorCode::InvalidRequest,
            "invalid_request",
            400,
        ),
        (
            "RFC 6749, section 5.2",
            ErrorCode::InvalidClient,
            "invalid_client",
            401,
        ),
        (
            "RFC 6749, section 5.2",
            ErrorCode::InvalidGrant,
            "invalid_grant",
            400,
        ),
        (
            "RFC 6749, section 5.2",
            ErrorCode::UnauthorizedClient,
            "unauthorized_client",
            400,
        ),
        (
            "RFC 6749, section 5.2",
            ErrorCode::UnsupportedGrantType,
            "unsupported_grant_type",
            400,
        ),
        (
            "RFC 6749, section 5.2",
            ErrorCode::InvalidScope,
            "invalid_scope",
            400,
        ),
        (
            "RFC 6750, section 3.1",
            ErrorCode::InvalidToken,
            "invalid_token",
            401,
        ),
        (
            "RFC 6750, section 3.1",
            ErrorCode::InsufficientScope,
            "insufficient_scope",
            403,
        ),
        (
            "RFC 6749, section 4.1.2.1",
            ErrorCode::ServerError,
            "server_error",
            500,
        ),
        (
            "RFC 6749, section 4.1.2.1",
            ErrorCode::TemporarilyUnavailable,
            "temporarily_unavailable",
            503,
        ),
        (
            "OpenID Connect Core, section 3.1.2.6",
            ErrorCode::LoginRequired,
            "login_required",
            400,
        ),
        (
            "RFC 8628, section 3.5",
            ErrorCode::SlowDown,
            "slow_down",
            400,
        ),
        (
            "RFC 8707, section 2",
            ErrorCode::InvalidTarget,
            "invalid_target",
            400,
        ),
        (
            "RFC 7591, section 3.2.2",
            ErrorCode::InvalidRedirectUri,
            "invalid_redirect_uri",
            400,
        ),
    ];
    for (section, code, wire, status) in rows {
        assert_eq!(code.as_str(), wire, "{section}");
        assert_eq!(code.http_status(), status, "{section}");
        let (document, number) = section.rsplit_once(' ').unwrap();
        assert!(code.section().starts_with(document), "{wire}");
        assert!(code.section().ends_with(number), "{wire}");
    }
    for code in ErrorCode::ALL {
        assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
        assert_eq!(serde_json::to_value(code).unwrap(), json!(code.to_string()));
        assert!(is_description(code.as_str()));
    }
    assert_eq!(ErrorCode::parse("INVALID_GRANT"), None);
}

#[test]
fn a_description_has_the_alphabet_of_rfc_6749() {
    // 4.1.2.1 and 5.2: %x20-21 / %x23-5B / %x5D-7E.
    let rows = [
        ("the code was used", "the code was used"),
        ("a \"quote\" and a \\", "a 'quote' and a /"),
        ("line\r\nSet-Cookie: a", "line  Set-Cookie: a"),
        ("tab\there", "tab here"),
        ("Grüße\0", "Gr??e?"),
    ];
    for (text, expected) in rows {
        assert_eq!(sanitize_description(text), expected);
        assert!(is_description(expected));
        assert_eq!(is_description(text), text == expected);
    }
}

proptest! {
    #[test]
    fn every_text_becomes_a_description(text in any::<String>()) {
        let clean = sanitize_description(&text);
        prop_assert!(is_description(&clean));
        prop_assert_eq!(sanitize_description(&clean), clean.clone());
        let _ = Prompt::parse(Some(&text));
    }
}
