//! RFC 8705, sections 2 and 3.1; RFC 9440, section 2; RFC 4514.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign_jose::{base64url, digest};
use countersign_oauth::client_certificate::{
    CertificateName, Chain, ClientCertificate, DistinguishedName,
};
use proptest::prelude::*;
use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DnType, KeyPair, SanType};

/// A certificate with a name of each kind.
fn certificate() -> rcgen::Certificate {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let name = &mut params.distinguished_name;
    name.push(DnType::CountryName, "DE");
    name.push(DnType::OrganizationName, "Bank  Example, Inc.");
    name.push(DnType::CommonName, "client.example");
    let text = |text: &str| Ia5String::try_from(text).unwrap();
    params.subject_alt_names = vec![
        SanType::DnsName(text("client.example")),
        SanType::DnsName(text("*.wild.example")),
        SanType::URI(text("https://client.example/me")),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
        SanType::IpAddress("2001:db8::7".parse().unwrap()),
        SanType::Rfc822Name(text("Robot@client.example")),
    ];
    params.self_signed(&KeyPair::generate().unwrap()).unwrap()
}

fn read(certificate: &rcgen::Certificate) -> ClientCertificate {
    ClientCertificate::from_der(certificate.der(), Chain::Verified).unwrap()
}

fn escaped(pem: &str) -> String {
    let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let escape = |byte: u8| match unreserved(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    pem.bytes().map(escape).collect()
}

#[test]
fn a_proxy_passes_it_on_in_either_of_two_forms() {
    let certificate = certificate();
    // RFC 9440, section 2.1: the byte sequence of a structured field (RFC 8941, section 3.3.5).
    let byte_sequence = format!(":{}:", STANDARD.encode(certificate.der()));
    // nginx: $ssl_client_escaped_cert.
    let pem = escaped(&certificate.pem());
    for header in [byte_sequence.as_str(), &format!("  {byte_sequence} "), &pem] {
        for chain in [Chain::Verified, Chain::NotVerified] {
            let read = ClientCertificate::from_header(header, chain).unwrap();
            assert_eq!(read.der(), &certificate.der()[..]);
            assert_eq!(read.is_verified(), chain == Chain::Verified);
        }
    }
}

#[test]
fn anything_else_is_no_certificate() {
    let certificate = certificate();
    let der = certificate.der();
    let sequence = |bytes: &[u8]| format!(":{}:", STANDARD.encode(bytes));
    let twice = certificate.pem().repeat(2);
    let key = KeyPair::generate().unwrap().serialize_pem();
    let trailing = [&der[..], b"x"].concat();
    for header in [
        String::new(),
        "::".to_owned(),
        ":".to_owned(),
        ":!:".to_owned(),
        sequence(b"x"),
        sequence(&der[..der.len() - 1]),
        sequence(&trailing),
        format!("{}, {}", sequence(der), sequence(der)),
        format!("{};a=1", sequence(der)),
        STANDARD.encode(der),
        escaped(&twice),
        escaped(&key),
        "-----BEGIN%20CERTIFICATE-----".to_owned(),
        "%".to_owned(),
        "%00".to_owned(),
        "%FF".to_owned(),
    ] {
        let read = ClientCertificate::from_header(&header, Chain::Verified);
        assert!(read.is_err(), "{header}");
    }
}

#[test]
fn its_thumbprint_is_that_of_its_der() {
    // RFC 8705, section 3.1: "the base64url-encoded SHA-256 hash of the DER encoding".
    let certificate = certificate();
    let expected = base64url::encode(digest::sha256(certificate.der()));
    assert_eq!(read(&certificate).thumbprint_sha256(), expected);
}

#[test]
fn a_subject_compares_as_a_distinguished_name() {
    // RFC 4514, sections 2.1 and 3: the last relative name comes first, and special characters are
    // escaped. RFC 5280, section 7.1: without regard to case and to runs of spaces.
    let certificate = read(&certificate());
    for (dn, fits) in [
        (r"CN=client.example,O=Bank  Example\, Inc.,C=DE", true),
        (r"cn=CLIENT.example,o=bank example\, inc.,c=de", true),
        (r"CN=client.example, O=Bank Example\2C Inc., C=DE", true),
        (
            r"2.5.4.3=client.example,2.5.4.10=Bank Example\, Inc.,2.5.4.6=DE",
            true,
        ),
        (
            r"CN=#0C0E636C69656E742E6578616D706C65,O=Bank Example\, Inc.,C=DE",
            true,
        ),
        (r"CN=client.example,O=Bank Example\, Inc.", false),
        (r"O=Bank Example\, Inc.,C=DE", false),
        (r"C=DE,O=Bank Example\, Inc.,CN=client.example", false),
        (r"CN=client.example+O=Bank Example\, Inc.,C=DE", false),
        (r"CN=client.examplf,O=Bank Example\, Inc.,C=DE", false),
        (r"CN=client.example,O=BankExample\, Inc.,C=DE", false),
        (r"CN=client.example,OU=Bank Example\, Inc.,C=DE", false),
    ] {
        let name = CertificateName::SubjectDn(DistinguishedName::parse(dn).expect(dn));
        assert_eq!(certificate.bears(&name), fits, "{dn}");
    }
}

#[test]
fn what_is_no_distinguished_name_is_refused() {
    // RFC 4514, section 3.
    for text in [
        "",
        " ",
        "client.example",
        "=x",
        "CN",
        "CN=a,",
        ",CN=a",
        "CN=a,,O=b",
        "CN=a+",
        "NOSUCH=a",
        "2.5.=a",
        "CN=#",
        "CN=#0",
        "CN=#zz",
        "CN=#0C05",
        "CN=a\\",
        "CN=a\\x",
        "CN=a\"b",
        "CN=a;O=b",
        "CN=a<b",
        "/C=DE/CN=client.example",
        "CN=\\ff",
    ] {
        assert!(DistinguishedName::parse(text).is_none(), "{text:?}");
    }
    // Section 4: examples.
    for text in [
        "UID=jsmith,DC=example,DC=net",
        r"OU=Sales+CN=J.  Smith,DC=example,DC=net",
        r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#,
        r"CN=Before\0dAfter,DC=example,DC=net",
        "1.3.6.1.4.1.1466.0=#04024869",
        r"CN=Lu\C4\8Di\C4\87",
        r"CN=\ leading and trailing\ ",
        "CN=a=b",
    ] {
        assert!(DistinguishedName::parse(text).is_some(), "{text}");
    }
}

#[test]
fn the_parts_of_a_relative_name_have_no_order() {
    let parse = |text| DistinguishedName::parse(text).unwrap();
    assert_eq!(
        parse("OU=Sales+CN=Smith,DC=net"),
        parse("CN=smith+OU=sales,DC=net")
    );
    assert_ne!(
        parse("OU=Sales,CN=Smith,DC=net"),
        parse("CN=Smith,OU=Sales,DC=net")
    );
    assert_eq!(parse(r"CN=Lu\C4\8Di\C4\87"), parse("CN=Lučić"));
}

#[test]
fn an_alternative_name_is_one_of_its_own_kind() {
    // RFC 8705, section 2.1.2.
    let certificate = read(&certificate());
    let dns = |name: &str| CertificateName::SanDns(name.to_owned());
    let uri = |name: &str| CertificateName::SanUri(name.to_owned());
    let ip = |name: &str| CertificateName::SanIp(name.parse().unwrap());
    let email = |name: &str| CertificateName::SanEmail(name.to_owned());
    for (name, fits) in [
        (dns("client.example"), true),
        (dns("CLIENT.example"), true),
        (dns("client.example."), false),
        (dns("other.example"), false),
        // There are no wildcards: the expected name is compared, not matched.
        (dns("a.wild.example"), false),
        (dns("*.wild.example"), true),
        (uri("https://client.example/me"), true),
        (uri("https://client.example/ME"), false),
        (uri("https://client.example/"), false),
        // "comparison ... of the binary form".
        (ip("192.0.2.7"), true),
        (ip("192.0.2.8"), false),
        (ip("2001:0DB8:0:0::7"), true),
        (ip("::ffff:192.0.2.7"), false),
        // RFC 5280, section 7.5: the host without regard to case, the rest with.
        (email("Robot@CLIENT.example"), true),
        (email("robot@client.example"), false),
        (email("client.example"), false),
        (dns("https://client.example/me"), false),
        (dns("192.0.2.7"), false),
        (uri("client.example"), false),
    ] {
        assert_eq!(certificate.bears(&name), fits, "{name:?}");
    }
}

#[test]
fn a_certificate_without_names_bears_none() {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let bare = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let bare = read(&bare);
    for name in [
        CertificateName::SanDns(String::new()),
        CertificateName::SanUri(String::new()),
        CertificateName::SanEmail(String::new()),
        CertificateName::SubjectDn(DistinguishedName::parse("CN=a").unwrap()),
    ] {
        assert!(!bare.bears(&name), "{name:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = DistinguishedName::parse(&text);
        prop_assert!(ClientCertificate::from_header(&text, Chain::Verified).is_err());
    }

    #[test]
    fn an_escaped_value_reads_back(value in "[ -~]{1,20}") {
        prop_assume!(!value.trim().is_empty());
        let hex: String = value.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        let escaped: String = value
            .chars()
            .map(|c| match c.is_ascii_alphanumeric() { true => c.to_string(), false => format!("\\{:02X}", c as u32) })
            .collect();
        prop_assert_eq!(
            DistinguishedName::parse(&format!("CN={hex}")),
            DistinguishedName::parse(&format!("CN={escaped}"))
        );
    }
}
