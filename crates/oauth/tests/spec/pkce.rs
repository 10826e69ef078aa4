use countersign_jose::random::{SeededRandom, SystemRandom};
use countersign_oauth::error_code::ErrorCode;
use countersign_oauth::pkce::{
    CodeChallenge, CodeChallengeMethod, CodeVerifier, PkceFault, verify_code_verifier,
};
use proptest::prelude::*;

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn challenge(value: &str, method: Option<&str>, plain: bool) -> Option<CodeChallenge> {
    CodeChallenge::from_request(Some(value), method, plain).unwrap()
}

#[test]
fn the_example_of_rfc_7636_appendix_b_holds() {
    assert_eq!(
        CodeVerifier::parse(VERIFIER).unwrap().challenge_s256(),
        CHALLENGE
    );
    let sent = challenge(CHALLENGE, Some("S256"), false);
    assert_eq!(verify_code_verifier(sent.as_ref(), Some(VERIFIER)), Ok(()));
}

#[test]
fn an_authorization_request_is_held_to_4_3() {
    let padded = format!("{CHALLENGE}=");
    let short = &CHALLENGE[1..];
    type Row<'a> = (&'a str, Option<&'a str>, Option<&'a str>, bool, Answer);
    type Answer = Result<Option<CodeChallengeMethod>, &'static str>;
    let rows: [Row<'_>; 15] = [
        (
            "4.3",
            Some(CHALLENGE),
            Some("S256"),
            false,
            Ok(Some(CodeChallengeMethod::S256)),
        ),
        ("4.3", None, None, false, Ok(None)),
        (
            "4.3: no method is plain",
            Some(CHALLENGE),
            None,
            false,
            Err("pkce_challenge_without_method"),
        ),
        (
            "4.3: no method is plain",
            Some(VERIFIER),
            None,
            true,
            Ok(Some(CodeChallengeMethod::Plain)),
        ),
        (
            "RFC 9700 2.1.1",
            Some(VERIFIER),
            Some("plain"),
            false,
            Err("pkce_plain_not_allowed"),
        ),
        (
            "4.2",
            Some(VERIFIER),
            Some("plain"),
            true,
            Ok(Some(CodeChallengeMethod::Plain)),
        ),
        (
            "4.4.1",
            Some(CHALLENGE),
            Some("s256"),
            true,
            Err("pkce_unknown_method"),
        ),
        (
            "4.4.1",
            Some(CHALLENGE),
            Some("S512"),
            true,
            Err("pkce_unknown_method"),
        ),
        (
            "4.3",
            None,
            Some("S256"),
            false,
            Err("pkce_method_without_challenge"),
        ),
        (
            "4.2",
            Some(&padded),
            Some("S256"),
            false,
            Err("pkce_challenge_not_base64url"),
        ),
        (
            "4.2",
            Some("a+b/c"),
            Some("S256"),
            false,
            Err("pkce_challenge_not_base64url"),
        ),
        (
            "4.2",
            Some(short),
            Some("S256"),
            false,
            Err("pkce_challenge_length"),
        ),
        (
            "4.2",
            Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMM"),
            Some("S256"),
            false,
            Err("pkce_challenge_length"),
        ),
        (
            "4.2",
            Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c~"),
            Some("S256"),
            false,
            Err("pkce_challenge_not_base64url"),
        ),
        (
            "4.2",
            Some("short"),
            Some("plain"),
            true,
            Err("pkce_plain_challenge_malformed"),
        ),
    ];
    for (section, value, method, plain, expected) in rows {
        let read = CodeChallenge::from_request(value, method, plain)
            .map(|challenge| challenge.map(|challenge| challenge.method()))
            .map_err(|fault| {
                assert_eq!(fault.error_code(), ErrorCode::InvalidRequest, "{section}");
                fault.code()
            });
        assert_eq!(read, expected, "{section} {value:?} {method:?}");
    }
}

#[test]
fn a_token_request_is_held_to_4_5_and_4_6() {
    let s256 = challenge(CHALLENGE, Some("S256"), false);
    let plain = challenge(VERIFIER, Some("plain"), true);
    let other = "a".repeat(43);
    let (short, long) = ("a".repeat(42), "a".repeat(129));
    let odd = format!("{}+", "a".repeat(43));
    let rows = [
        ("4.6", &s256, Some(VERIFIER), Ok(())),
        ("4.6", &plain, Some(VERIFIER), Ok(())),
        ("4.6", &None, None, Ok(())),
        (
            "4.6",
            &s256,
            Some(other.as_str()),
            Err(PkceFault::VerifierMismatch),
        ),
        (
            "4.6",
            &plain,
            Some(other.as_str()),
            Err(PkceFault::VerifierMismatch),
        ),
        // S256 is not plain: the challenge itself is no verifier.
        (
            "4.6",
            &s256,
            Some(CHALLENGE),
            Err(PkceFault::VerifierMismatch),
        ),
        ("4.5", &s256, None, Err(PkceFault::VerifierMissing)),
        (
            "RFC 9700 4.8.2 (case 14)",
            &None,
            Some(VERIFIER),
            Err(PkceFault::VerifierWithoutChallenge),
        ),
        (
            "4.1",
            &s256,
            Some(short.as_str()),
            Err(PkceFault::VerifierTooShort { received: 42 }),
        ),
        (
            "4.1",
            &s256,
            Some(long.as_str()),
            Err(PkceFault::VerifierTooLong { received: 129 }),
        ),
        (
            "4.1",
            &s256,
            Some(odd.as_str()),
            Err(PkceFault::VerifierForbiddenCharacter),
        ),
    ];
    for (section, challenge, verifier, expected) in rows {
        assert_eq!(
            verify_code_verifier(challenge.as_ref(), verifier),
            expected,
            "{section}"
        );
    }
    // 4.6: a value that doesn't fit is invalid_grant.
    assert_eq!(
        PkceFault::VerifierMismatch.error_code(),
        ErrorCode::InvalidGrant
    );
    assert_eq!(
        PkceFault::VerifierWithoutChallenge.error_code(),
        ErrorCode::InvalidGrant
    );
}

#[test]
fn a_shell_recipe_that_deletes_characters_is_told_what_it_did() {
    // base64 of 32 octets with + / = deleted instead of replaced: 40 characters, and no method.
    let verifier = "q7vQ2pQn0m9k3Zt1uYw8r5xSaLc4bNdEfGhJiKoP";
    let fault = CodeVerifier::parse(verifier).unwrap_err();
    assert_eq!(fault, PkceFault::VerifierTooShort { received: 40 });
    assert!(fault.to_string().contains("replaced, not deleted"));
    let fault = CodeChallenge::from_request(Some(verifier), None, false).unwrap_err();
    assert!(fault.to_string().contains("code_challenge_method=S256"));
    let fault = CodeChallenge::from_request(Some(verifier), Some("S256"), false).unwrap_err();
    assert!(fault.to_string().contains("40 characters instead of 43"));
}

#[test]
fn a_generated_verifier_is_43_characters_and_never_printed() {
    let verifier = CodeVerifier::generate(&SeededRandom::new(1));
    assert_eq!(verifier.as_str().len(), 43);
    assert!(CodeVerifier::parse(verifier.as_str()).is_ok());
    assert_eq!(format!("{verifier:?}"), "CodeVerifier(redacted)");
    let other = CodeVerifier::generate(&SystemRandom);
    assert_ne!(verifier.as_str(), other.as_str());
}

#[test]
fn a_challenge_is_stored_with_its_method() {
    let challenge = challenge(CHALLENGE, Some("S256"), false).unwrap();
    let json = serde_json::to_string(&challenge).unwrap();
    assert_eq!(
        json,
        format!(r#"{{"value":"{CHALLENGE}","method":"S256"}}"#)
    );
    assert_eq!(
        serde_json::from_str::<CodeChallenge>(&json).unwrap(),
        challenge
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,140}", method in "(S256|plain|\\PC{0,5})") {
        let _ = CodeVerifier::parse(&text);
        let _ = CodeChallenge::from_request(Some(&text), Some(&method), true);
    }

    #[test]
    fn only_the_verifier_itself_fits(one in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{43,128}") {
        let sent = CodeVerifier::parse(&one).unwrap().challenge_s256();
        let sent = challenge(&sent, Some("S256"), false);
        prop_assert_eq!(verify_code_verifier(sent.as_ref(), Some(&one)), Ok(()));
        let fits = verify_code_verifier(sent.as_ref(), Some(&other)).is_ok();
        prop_assert_eq!(fits, one == other);
    }
}
