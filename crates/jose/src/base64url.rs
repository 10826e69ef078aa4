//! Base64url without padding, the only encoding that JOSE uses (RFC 7515, section 2; RFC 4648,
//! section 5).
//!
//! One byte string has exactly one encoding here: padding, line breaks, the standard alphabet and
//! non-zero trailing bits are refused, so that a token can't be altered and still decode to the
//! same bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends the encoding of `bytes` to `target`.
pub fn encode_into(bytes: impl AsRef<[u8]>, target: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, target);
}

/// Decodes the one canonical encoding.
///
/// # Errors
/// Returns a [`NotBase64Url`] for any other text.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
}

/// Length in characters of the encoding of `bytes` bytes.
#[must_use]
pub const fn encoded_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// The text is not the canonical unpadded base64url encoding of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not canonical unpadded base64url")]
pub struct NotBase64Url;

#[cfg(test)]
mod tests {
    use super::{NotBase64Url, decode, encode, encoded_len};

    #[test]
    fn the_example_of_rfc_7515_appendix_c_encodes_as_printed() {
        assert_eq!(encode([3, 236, 255, 224, 193]), "A-z_4ME");
        assert_eq!(decode("A-z_4ME"), Ok(vec![3, 236, 255, 224, 193]));
    }

    #[test]
    fn only_the_canonical_form_decodes() {
        for text in [
            "A-z_4ME=",  // padding
            "A+z/4ME",   // the standard alphabet
            "A-z_4MF",   // trailing bits that are not zero
            "QR",        // the same, two characters
            "A-z_4ME\n", // a line break
            " A-z_4ME",
            "A",
            "A-z_4",
            "A-z\u{0}",
            "Ä-z_",
        ] {
            assert_eq!(decode(text), Err(NotBase64Url), "{text:?}");
        }
    }

    #[test]
    fn the_length_of_an_encoding_is_known_beforehand() {
        for length in 0..100 {
            assert_eq!(encode(vec![7; length]).len(), encoded_len(length));
        }
    }
}
