use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign_oauth::basic_auth::{BasicAuthFault, BasicCredentials};
use countersign_oauth::client_id::is_client_id;
use proptest::prelude::*;
use zeroize::Zeroizing;

fn header(joined: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(joined))
}

fn read(value: &str) -> Result<(String, String), BasicAuthFault> {
    BasicCredentials::parse(value).map(|read| (read.client_id, read.client_secret.to_string()))
}

#[test]
fn credentials_are_form_encoded_within_base64() {
    // RFC 6749, section 2.3.1 with its own example; RFC 7617, section 2 for the colon; RFC 9110,
    // section 11.1 for the scheme's case.
    let rows = [
        (
            "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3".to_owned(),
            "s6BhdRkqt3",
            "7Fjfp0ZBr1KtDRbnfVdmIw",
        ),
        (
            "basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3".to_owned(),
            "s6BhdRkqt3",
            "7Fjfp0ZBr1KtDRbnfVdmIw",
        ),
        (header(b"a:b:c"), "a", "b:c"),
        (header(b"a%2Fb:c%2Bd+e%25"), "a/b", "c+d e%"),
        // A client that doesn't form-encode: every character of an id but `%` and `+` survives.
        (
            header(b"grafana.example.com:s3cret"),
            "grafana.example.com",
            "s3cret",
        ),
        (
            header(b" !\"#$&'()*,-./;<=>?@[\\]^_`{|}~:s"),
            " !\"#$&'()*,-./;<=>?@[\\]^_`{|}~",
            "s",
        ),
        (header(b"app:"), "app", ""),
        (header("app:grün".as_bytes()), "app", "grün"),
        (header(b"app:gr%C3%BCn"), "app", "grün"),
    ];
    for (value, id, secret) in rows {
        assert_eq!(
            read(&value),
            Ok((id.to_owned(), secret.to_owned())),
            "{value}"
        );
    }
}

#[test]
fn what_is_no_credential_has_its_cause() {
    let rows = [
        ("Bearer abc".to_owned(), BasicAuthFault::OtherScheme),
        ("Basicabc".to_owned(), BasicAuthFault::OtherScheme),
        (String::new(), BasicAuthFault::OtherScheme),
        ("Basic !!!".to_owned(), BasicAuthFault::NotBase64),
        ("Basic YTpi YTpi".to_owned(), BasicAuthFault::NotBase64),
        ("Basic".to_owned(), BasicAuthFault::NoColon),
        (header(b"abc"), BasicAuthFault::NoColon),
        (header(b":secret"), BasicAuthFault::NoClientId),
        (header(b"a:%zz"), BasicAuthFault::NotFormEncoded),
        (header(b"a%:b"), BasicAuthFault::NotFormEncoded),
        (header(b"a:\xff"), BasicAuthFault::NotFormEncoded),
        (header(b"a:b%0d%0a"), BasicAuthFault::ControlCharacter),
        (header(b"a\0:b"), BasicAuthFault::NotAClientId),
        (header("grün:b".as_bytes()), BasicAuthFault::NotAClientId),
        // RFC 7617, section 2: a user id has no colon, encoded or not.
        (header(b"a%3Ab:c"), BasicAuthFault::NotAClientId),
        (header(&[b'a'; 5_000]), BasicAuthFault::TooLong),
    ];
    for (value, expected) in rows {
        assert_eq!(read(&value), Err(expected), "{value}");
        assert!(expected.code().starts_with("basic_auth_"));
    }
}

#[test]
fn a_secret_is_not_printed() {
    let credentials = BasicCredentials::parse(&header(b"app:hunter2")).unwrap();
    let printed = format!("{credentials:?}");
    assert!(
        printed.contains("app") && !printed.contains("hunter2"),
        "{printed}"
    );
}

proptest! {
    #[test]
    fn what_a_client_sends_is_what_a_server_reads(id in "[ -9;-~]{1,255}", secret in "[^\\p{Cc}]{0,60}") {
        prop_assert!(is_client_id(&id));
        let sent = BasicCredentials { client_id: id, client_secret: Zeroizing::new(secret) };
        prop_assert_eq!(BasicCredentials::parse(&sent.to_header()).unwrap(), sent);
    }

    #[test]
    fn any_header_is_read_or_refused(text in "(Basic )?\\PC{0,60}", bytes in any::<Vec<u8>>()) {
        let _ = BasicCredentials::parse(&text);
        let _ = BasicCredentials::parse(&header(&bytes));
    }
}
