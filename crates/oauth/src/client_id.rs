//! The grammar of `client_id`: printable ASCII ([RFC 6749 A.1]), of a length that storage can index.
//!
//! What we generate is narrower (letters, digits, `-` and `_`), because many clients don't form-encode
//! their Basic credentials; imported clients keep their names.
//!
//! [RFC 6749 A.1]: https://www.rfc-editor.org/rfc/rfc6749#appendix-A.1

/// The longest client_id, in bytes.
pub const MAX_CLIENT_ID_BYTES: usize = 255;

/// `client-id = *VSCHAR`, not empty here and at most [`MAX_CLIENT_ID_BYTES`] long.
pub fn is_client_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_CLIENT_ID_BYTES
        && text.bytes().all(|byte| matches!(byte, 0x20..=0x7E))
}

/// Whether form-encoding leaves the text as it is: letters, digits, `-` and `_`.
pub fn survives_form_encoding(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
