//! PEM (RFC 7468): the first block whose label we know.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::KeyError;

/// What a PEM block contains, by its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// `PRIVATE KEY`: PKCS#8 (RFC 5208).
    Pkcs8,
    /// `RSA PRIVATE KEY`: PKCS#1 (RFC 8017, appendix A.1.2).
    Pkcs1,
    /// `EC PRIVATE KEY`: SEC 1 (RFC 5915).
    Sec1,
    /// `PUBLIC KEY`: SubjectPublicKeyInfo (RFC 5280).
    Spki,
    /// `RSA PUBLIC KEY`: PKCS#1 (RFC 8017, appendix A.1.1).
    Pkcs1Public,
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// The first block of a known kind; others (such as `EC PARAMETERS`, which openssl writes in front)
/// are passed over.
pub(super) fn first_block(text: &str) -> Result<(Label, Zeroizing<Vec<u8>>), KeyError> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (name, body) = after.split_once(DASHES).ok_or(KeyError::NotPem)?;
        let end = format!("-----END {name}-----");
        let (body, after) = body.split_once(&end).ok_or(KeyError::NotPem)?;
        rest = after;
        let label = match name {
            "PRIVATE KEY" => Label::Pkcs8,
            "RSA PRIVATE KEY" => Label::Pkcs1,
            "EC PRIVATE KEY" => Label::Sec1,
            "PUBLIC KEY" => Label::Spki,
            "RSA PUBLIC KEY" => Label::Pkcs1Public,
            "ENCRYPTED PRIVATE KEY" => return Err(KeyError::EncryptedPem),
            _ => continue,
        };
        if body.contains("Proc-Type:") {
            return Err(KeyError::EncryptedPem);
        }
        let body: Zeroizing<String> =
            Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect());
        let der = STANDARD
            .decode(body.as_bytes())
            .map_err(|_| KeyError::NotPem)?;
        return Ok((label, Zeroizing::new(der)));
    }
    Err(KeyError::NotPem)
}

#[cfg(test)]
mod tests {
    use super::{KeyError, Label, first_block};

    #[test]
    fn the_first_known_block_is_taken() {
        let text = "-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n\
                    -----BEGIN EC PRIVATE KEY-----\r\nAAEC\r\nAw==\r\n-----END EC PRIVATE KEY-----\r\n";
        let (label, der) = first_block(text).unwrap();
        assert_eq!((label, der.as_slice()), (Label::Sec1, &[0, 1, 2, 3][..]));
    }

    #[test]
    fn what_is_no_readable_block_is_named() {
        for (text, error) in [
            ("", KeyError::NotPem),
            ("-----BEGIN PRIVATE KEY-----\nAAEC\n", KeyError::NotPem),
            ("-----BEGIN PRIVATE KEY", KeyError::NotPem),
            (
                "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----",
                KeyError::NotPem,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nA*EC\n-----END PRIVATE KEY-----",
                KeyError::NotPem,
            ),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAEC\n-----END ENCRYPTED PRIVATE KEY-----",
                KeyError::EncryptedPem,
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAEC\n-----END RSA PRIVATE KEY-----",
                KeyError::EncryptedPem,
            ),
        ] {
            assert_eq!(first_block(text).unwrap_err(), error, "{text}");
        }
    }
}
