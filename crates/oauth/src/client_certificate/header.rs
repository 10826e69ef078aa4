//! The two forms in which a proxy writes a certificate into a header. They begin differently, so
//! neither is taken for the other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_parser::pem::parse_x509_pem;

use super::CertificateFault;

/// The DER of the certificate.
pub(super) fn decode(value: &str) -> Result<Vec<u8>, CertificateFault> {
    let value = value.trim_matches([' ', '\t']);
    match value.strip_prefix(':') {
        Some(rest) => byte_sequence(rest),
        None => escaped_pem(value),
    }
}

/// RFC 9440, section 2.1; RFC 8941, section 3.3.5: base64 between colons.
fn byte_sequence(rest: &str) -> Result<Vec<u8>, CertificateFault> {
    let text = rest.strip_suffix(':').ok_or(CertificateFault::Encoding)?;
    STANDARD
        .decode(text)
        .map_err(|_| CertificateFault::Encoding)
}

/// RFC 3986, section 2.1; RFC 7468, section 5. One certificate: of several it would not be said
/// which one is the client's.
fn escaped_pem(value: &str) -> Result<Vec<u8>, CertificateFault> {
    let pem = percent_decoded(value).ok_or(CertificateFault::Encoding)?;
    let (rest, block) = parse_x509_pem(&pem).map_err(|_| CertificateFault::Encoding)?;
    match block.label == "CERTIFICATE" && rest.trim_ascii().is_empty() {
        true => Ok(block.contents),
        false => Err(CertificateFault::Encoding),
    }
}

/// A `+` stays what it is: it belongs to base64.
fn percent_decoded(value: &str) -> Option<Vec<u8>> {
    let mut bytes = value.bytes();
    let mut decoded = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits =
                    [bytes.next()?, bytes.next()?].map(|digit| (digit as char).to_digit(16));
                let [Some(high), Some(low)] = digits else {
                    return None;
                };
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    Some(decoded)
}
