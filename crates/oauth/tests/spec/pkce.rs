use countersign_jose::random::{SeededRandom, SystemRandom};
use countersign_oauth::pkce::{CodeChallenge, CodeVerifier, PkceFault};
use proptest::prelude::*;

/// RFC 7636, appendix B.
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
    assert_eq!(CodeChallenge::proven_by(Some(VERIFIER)).unwrap(), sent);
    assert_eq!(sent.unwrap().into_string(), CHALLENGE);
}

#[test]
fn an_authorization_request_is_held_to_section_4_3() {
    let padded = format!("{CHALLENGE}=");
    let short = &CHALLENGE[1..];
    type Row<'a> = (&'a str, Option<&'a str>, Option<&'a str>, bool, Read);
    type Read = Result<Option<&'static str>, &'static str>;
    let rows: [Row<'_>; 15] = [
        (
            "4.3",
            Some(CHALLENGE),
            Some("S256"),
            false,
            Ok(Some(CHALLENGE)),
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
            Ok(Some(CHALLENGE)),
        ),
        (
            "RFC 9700, section 2.1.1",
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
            Ok(Some(CHALLENGE)),
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
            .map(|challenge| challenge.map(CodeChallenge::into_string))
            .map_err(|fault| fault.code());
        let expected = expected.map(|challenge| challenge.map(str::to_owned));
        assert_eq!(read, expected, "{section} {value:?} {method:?}");
    }
}

#[test]
fn a_token_request_proves_the_challenge_that_its_verifier_made() {
    // RFC 7636, section 4.6; RFC 9700, section 4.8.2 (case 14).
    let s256 = challenge(CHALLENGE, Some("S256"), false);
    let plain = challenge(VERIFIER, Some("plain"), true);
    let other = "a".repeat(43);
    let rows = [
        (&s256, Some(VERIFIER), true),
        (&plain, Some(VERIFIER), true),
        (&None, None, true),
        (&s256, Some(other.as_str()), false),
        (&plain, Some(other.as_str()), false),
        // S256 is not plain: the challenge itself is no verifier.
        (&s256, Some(CHALLENGE), false),
        (&s256, None, false),
        (&None, Some(VERIFIER), false),
    ];
    for (kept, verifier, proven) in rows {
        let presented = CodeChallenge::proven_by(verifier).unwrap();
        assert_eq!(presented == *kept, proven, "{kept:?} {verifier:?}");
    }
    let (short, long) = ("a".repeat(42), "a".repeat(129));
    let odd = format!("{}+", "a".repeat(43));
    let rows = [
        (short, PkceFault::VerifierTooShort { received: 42 }),
        (long, PkceFault::VerifierTooLong { received: 129 }),
        (odd, PkceFault::VerifierForbiddenCharacter),
        (String::new(), PkceFault::VerifierTooShort { received: 0 }),
    ];
    for (verifier, expected) in rows {
        assert_eq!(CodeChallenge::proven_by(Some(&verifier)), Err(expected));
    }
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
        prop_assert_eq!(&CodeChallenge::proven_by(Some(&one)).unwrap(), &sent);
        let fits = CodeChallenge::proven_by(Some(&other)).unwrap() == sent;
        prop_assert_eq!(fits, one == other);
    }
}
